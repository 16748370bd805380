"""`stance label` and `stance adjudicate`: the labelling screen."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from stance.errors import InputError

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
    from stance.labelling import open_session
    from stance.labelling.screen import ask

    with open_session(file, annotator, output, model, blind, order, column, labels, second, seed) as session:
        ask(session)


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
    with Session(items, axes, store, annotator or getpass.getuser()) as session:
        if items:
            ask(session)
        else:
            typer.echo("the readers agree on every statement", err=True)
