"""What there is to label: statements of a file, with what the file says of them already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stance.errors import DataError, InputError
from stance.files import Record
from stance.labels import Axis
from stance.records import SECOND, Statement
from stance.tagging.streams import Inputs

Labels = dict[str, str | list[str]]
_KEPT = tuple(name for name in Statement.model_fields if name not in ("text", "labels", SECOND))


@dataclass(frozen=True)
class Item:
    """A statement to label. `given` holds the labels it has, `doubts` why they are doubted, `said` each reader's labels."""

    text: str
    speaker: str = ""
    fields: Record = field(default_factory=dict)
    given: Labels = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    said: dict[str, Labels] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """What makes two statements the same: text and second text."""
        return self.text, self.speaker

    @property
    def source(self) -> str:
        """Where it comes from, in a line."""
        return ", ".join(str(self.fields[name]) for name in ("outlet", "doc", "url", "date", "dispute") if self.fields.get(name))

    def record(self, labels: Labels) -> Record:
        """The flat record of the labelled statement, as data sets keep it."""
        return {"text": self.text, **labels, SECOND: self.speaker, **self.fields}


def read_items(path: Path | str, axes: tuple[Axis, ...], column: str = "text", second: str = SECOND) -> list[Item]:
    """The statements of a file (.txt, .csv, .jsonl, .parquet), each once; raises InputError where one has no words.

    Labels that stand there are taken up where they are valid. Rows of `stance data suspects` on one
    statement become one item, with a doubt a row.
    """
    found: dict[tuple[str, str], Item] = {}
    for where, record in Inputs([], column).file(Path(path)):
        item = _item(where, record, axes, column, second)
        before = found.get(item.key)
        found[item.key] = item if before is None else Item(item.text, item.speaker, before.fields, before.given, before.doubts + item.doubts)
    if not found:
        raise InputError(f"{path}: no statements there")
    return list(found.values())


def from_statements(statements: Iterable[Statement], said: dict[tuple[str, str], dict[str, Labels]], given: dict[tuple[str, str], Labels]) -> list[Item]:
    """Items of statements that several readers have labelled."""
    return [Item(s.text, s.speaker, _fields(s.record()), given[s.text, s.speaker], (), said[s.text, s.speaker]) for s in statements]


def _item(where: str, record: Record, axes: tuple[Axis, ...], column: str, second: str) -> Item:
    text = record.get(column)
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{where}: {column} is missing or empty; there are: {', '.join(map(str, record))} (name one with --column)")
    speaker = str(record.get(second) or "").strip()
    stored = record.get("labels")
    labels = {**record, **stored} if isinstance(stored, dict) else record
    given: Labels = {}
    for axis in axes:
        try:
            given[axis.name] = axis.check(labels[axis.name])
        except (KeyError, DataError):  # not labelled, or as `stance extract` says of a side: unknown
            continue
    is_suspect = {"axis", "given", "suggested"} <= record.keys()
    doubts = (f"{record['axis']}: was {record['given']}, the model says {record['suggested']}",) if is_suspect else ()
    return Item(text.strip(), speaker, _fields(record), given, doubts)


def _fields(record: Record) -> Record:
    return {name: record[name] for name in _KEPT if record.get(name) not in (None, "")}


def in_words(labels: Labels) -> str:
    """Labels in a line."""
    return "  ".join(f"{axis} {', '.join(value) or 'none' if isinstance(value, list) else value}" for axis, value in labels.items())


def suggestion(tags: dict[str, Any], axes: tuple[Axis, ...]) -> Labels:
    """The labels of what `Tagger.classify` gives for a text."""
    return {axis.name: axis.check(tags[axis.name]) for axis in axes}
