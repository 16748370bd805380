"""A sitting on a file: the statements in the order to ask for them, the reader's file, the model's suggestions."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import numpy as np

from stance.errors import InputError
from stance.labelling.items import Item, read_items, suggestion
from stance.labelling.order import ORDERS, order
from stance.labelling.session import Session, Suggest
from stance.labelling.store import Store
from stance.labels import DEFAULT_LABELS, SECOND, Axis, load_axes


def open_session(
    file: Path | str,
    annotator: str = "",
    output: Path | str | None = None,
    model: Path | str | None = None,
    blind: bool = False,
    how: str = "",
    column: str = "text",
    labels: Path | str | None = None,
    second: str = SECOND,
    seed: int = 1,
) -> Session:
    """The session of `stance label`, whose options these are; `how` is the order, one of ORDERS.

    Raises InputError for options that do not go together, and where another session writes the reader's file.
    """
    if how and how not in ORDERS:
        raise InputError(f"order {how!r} is unknown; allowed: {', '.join(ORDERS)}")
    if how and how != "random" and not model:
        raise InputError(f"order {how} asks a model; name one with --model")
    axes = load_axes(labels or DEFAULT_LABELS)
    items = read_items(file, axes, column, second)
    store = Store(answers_of(output, annotator), axes)
    try:
        ordered, suggest = in_order(items, axes, model, how, seed, set(store.answers))
        return Session(ordered, axes, store, annotator or getpass.getuser(), suggest, blind)
    except BaseException:
        store.close()
        raise


def answers_of(output: Path | str | None, annotator: str) -> Path:
    """Where a reader's answers lie: labels/ANNOTATOR.jsonl if nothing else is said; raises InputError for a name that is no file's."""
    name = annotator or getpass.getuser()
    if not output and (name in (".", "..") or not all(c.isalnum() or c in "-_." for c in name)):
        raise InputError(f"annotator {name!r} cannot name a file; use letters, digits, - and _")
    return Path(output) if output else Path("labels") / f"{name}.jsonl"


def in_order(items: list[Item], axes: tuple[Axis, ...], model: Path | str | None, how: str, seed: int, answered: set[tuple[str, str]]) -> tuple[list[Item], Suggest | None]:
    """The items in the order to ask for them, and the model's labels of each."""
    from stance.tagging import Tagger, load

    if model is None:
        shuffled = [items[i] for i in np.random.default_rng(seed).permutation(len(items))] if how == "random" else items
        return shuffled, None
    tagger = load(model)
    if [axis.as_dict() for axis in tagger.axes] != [axis.as_dict() for axis in axes]:
        raise InputError(f"{model} was trained for other labels ({', '.join(axis.name for axis in tagger.axes)}); name their file with --labels, or another model")
    sys.stderr.write(f"the model reads {len(items)} statements\n")
    texts, speakers = [item.text for item in items], [item.speaker for item in items]
    scores = tagger.score(texts, speakers)
    told = Tagger(tagger.manifest, lambda *_: scores, tagger.roster)  # read once, asked twice
    chances, tags = told.predict(texts, speakers), told.classify(texts, speakers)
    known = {item.key: suggestion(found, axes) for item, found in zip(items, tags, strict=True)}
    done = np.array([item.key in answered for item in items])
    left = np.flatnonzero(~done)
    rows = order(how or "mixed", {name: values[left] for name, values in chances.items()}, scores.pooled[left], axes, seed, scores.pooled[done]) if len(left) else []
    return [*(items[i] for i in np.flatnonzero(done)), *(items[left[i]] for i in rows)], lambda item: known[item.key]
