"""From several readers' labels to one: what they agree on is taken, the rest is asked."""

from __future__ import annotations

from stance.labelling.items import Item, Labels, from_statements
from stance.labelling.store import LABELLED, Answer, Store
from stance.labels import ONE_OF, Axis
from stance.records import Statement
from stance.results.agreement import Readers, aligned

AGREEMENT = "agreement"  # who answered, where the readers did


def to_settle(readers: Readers, axes: tuple[Axis, ...], store: Store) -> list[Item]:
    """The statements on which readers differ, with what each said; those on which they agree are put into `store`.

    Where a reader's labels have changed since a statement was settled, it is asked again.
    """
    same = aligned(readers)
    apart: list[Statement] = []
    said: dict[tuple[str, str], dict[str, Labels]] = {}
    given: dict[tuple[str, str], Labels] = {}
    for versions in zip(*same.values(), strict=True):
        first = versions[0]
        key = (first.text, first.speaker)
        said[key] = {name: s.labels for name, s in zip(same, versions, strict=True)}
        given[key] = _common(versions, axes)
        if any(s.labels != first.labels for s in versions):
            apart.append(first)
    items = from_statements(apart, said, given)
    is_apart = {item.key for item in items}
    for item in items:
        before = store.answers.get(item.key)
        if before and before.said != item.said:
            store.answers.pop(item.key)
    for s in next(iter(same.values())):
        key = (s.text, s.speaker)
        before = store.answers.get(key)
        if key not in is_apart and (before is None or before.said != said[key]):
            (item,) = from_statements([s], said, given)
            store.add(Answer(item.record({}), LABELLED, AGREEMENT, labels=s.labels, said=said[key]))
    return items


def _common(versions: tuple[Statement, ...], axes: tuple[Axis, ...]) -> Labels:
    """The labels all readers gave; an axis on which they differ is left open, of an any-of axis those in common stay."""
    found: Labels = {}
    for axis in axes:
        values = [s.labels[axis.name] for s in versions]
        if axis.kind != ONE_OF:
            found[axis.name] = [name for name in axis.names if all(name in value for value in values)]
        elif len(set(map(str, values))) == 1:
            found[axis.name] = values[0]
    return found
