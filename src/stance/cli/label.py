"""`stance label` and `stance adjudicate`: the labelling screen."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stance.errors import InputError

if TYPE_CHECKING:
    from stance.labelling.items import Item
    from stance.labelling.session import Suggest
    from stance.labels import Axis

LabelsOption = Annotated[Path | None, typer.Option(help="A labels file of your own.")]
SecondOption = Annotated[str, typer.Option(help="The field that holds a second text, such as the speaker or a target.")]


def label(
    file: Annotated[Path, typer.Argument(help="Statements (.jsonl, .csv, .parquet, .txt a line each); also what `stance data suspects` writes.", show_default=False)],
    annotator: Annotated[str, typer.Option(help="Who labels; your login name if not given.", show_default=False)] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Your file of answers; labels/ANNOTATOR.jsonl if not given.", show_default=False)] = None,
    model: Annotated[Path | None, typer.Option(help="A model folder: its suggestions are shown, and decide what comes first.", show_default=False)] = None,
    blind: Annotated[bool, typer.Option("--blind", help="Show neither suggestions nor labels that the file holds; a model still decides the order.")] = False,
    order: Annotated[str, typer.Option(help="uncertain, diverse, mixed or random; mixed with a model and the file's own order without if not given.", show_default=False)] = "",
    column: Annotated[str, typer.Option(help="The field that holds the text.")] = "text",
    labels: LabelsOption = None,
    second: SecondOption = "speaker",
    seed: Annotated[int, typer.Option(help="Of the random order.")] = 1,
) -> None:
    """Label statements, one at a time, on the terminal. Every answer is on disk at once; the next start goes on where you left.

    Examples:

        stance label statements.jsonl --annotator anna

        stance label statements.jsonl --model models/default --order mixed

        stance label suspects.jsonl --annotator anna -o labels/review.jsonl
    """
    from stance.labelling import Session, Store, read_items
    from stance.labelling.order import ORDERS
    from stance.labelling.screen import ask
    from stance.labels import DEFAULT_LABELS, load_axes

    if order and order not in ORDERS:
        raise InputError(f"--order {order!r} is unknown; allowed: {', '.join(ORDERS)}")
    if order and order != "random" and not model:
        raise InputError(f"--order {order} asks a model; name one with --model")
    name = annotator or getpass.getuser()
    if not output and (name in (".", "..") or not all(c.isalnum() or c in "-_." for c in name)):
        raise InputError(f"--annotator {name!r} cannot name a file; use letters, digits, - and _")
    axes = load_axes(labels or DEFAULT_LABELS)
    items = read_items(file, axes, column, second)
    store = Store(output or Path("labels") / f"{name}.jsonl", axes)
    items, suggest = _in_order(items, axes, model, order, seed, set(store.answers))
    ask(Session(items, axes, store, name, suggest, blind))
    store.close()


def _in_order(items: list[Item], axes: tuple[Axis, ...], model: Path | None, how: str, seed: int, answered: set[tuple[str, str]]) -> tuple[list[Item], Suggest | None]:
    """The items in the order to ask for them, and the model's labels of each."""
    import numpy as np

    from stance.labelling.items import suggestion
    from stance.labelling.order import order
    from stance.tagging import load

    if model is None:
        shuffled = [items[i] for i in np.random.default_rng(seed).permutation(len(items))] if how == "random" else items
        return shuffled, None
    tagger = load(model)
    if [axis.as_dict() for axis in tagger.axes] != [axis.as_dict() for axis in axes]:
        raise InputError(f"{model} was trained for other labels ({', '.join(axis.name for axis in tagger.axes)}); name their file with --labels, or another model")
    typer.echo(f"the model reads {len(items)} statements", err=True)
    texts, speakers = [item.text for item in items], [item.speaker for item in items]
    chances, states = tagger.predict(texts, speakers), tagger.score(texts, speakers).pooled
    tags = tagger.classify(texts, speakers)
    known = {item.key: suggestion(found, axes) for item, found in zip(items, tags, strict=True)}
    done = np.array([item.key in answered for item in items])
    left = np.flatnonzero(~done)
    rows = order(how or "mixed", {name: values[left] for name, values in chances.items()}, states[left], axes, seed, states[done]) if len(left) else []
    return [*(items[i] for i in np.flatnonzero(done)), *(items[left[i]] for i in rows)], lambda item: known[item.key]


def adjudicate(
    files: Annotated[list[Path], typer.Argument(help="Labelled statements, one file a reader, as for `stance agree`.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The agreed file; what each reader said is kept in it.")] = Path("labels/agreed.jsonl"),
    annotator: Annotated[str, typer.Option(help="Who settles; your login name if not given.", show_default=False)] = "",
    labels: LabelsOption = None,
    second: SecondOption = "speaker",
) -> None:
    """Settle where readers differ, in the labelling screen. What they agree on is taken as it is.

    Example:

        stance adjudicate labels/anna.jsonl labels/ben.jsonl -o labels/agreed.jsonl
    """
    from stance.labelling import Session, Store
    from stance.labelling.screen import ask
    from stance.labels import DEFAULT_LABELS, load_axes
    from stance.results.adjudication import to_settle
    from stance.results.agreement import read_readers, unmatched

    if len(files) < 2:
        raise InputError("adjudication needs the files of two readers or more")
    if output.resolve() in {file.resolve() for file in files}:
        raise InputError(f"{output}: is a reader's own file; name another with --output")
    axes = load_axes(labels or DEFAULT_LABELS)
    readers = read_readers(files, axes, second)
    store = Store(output, axes)
    items = to_settle(readers, axes, store)
    left = unmatched(readers)
    if left:
        typer.echo(f"{left} statements that not all of them labelled are left out", err=True)
    if items:
        ask(Session(items, axes, store, annotator or getpass.getuser()))
    else:
        typer.echo("the readers agree on every statement", err=True)
    store.close()
