"""`stance report`: tagged statements as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RosterOption = Annotated[Path | None, typer.Option(help="A roster file of your own, laid over the built-in one (extend = false at its top: instead of it).")]


def report(
    tagged: Annotated[list[str], typer.Argument(help="Tagged statements (.jsonl, .csv, .parquet), folders of them, or - for stdin.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The page to write.")] = Path("report.html"),
    title: Annotated[str, typer.Option(help="The page's heading; made from the axes if not given.")] = "",
    labels: Annotated[Path | None, typer.Option(help="The labels file they were tagged by; the model's, or those found in the statements, if not given.", show_default=False)] = None,
    model: Annotated[Path | None, typer.Option(help="The model folder that tagged them: adds the words that carried each label, and how often it errs.", show_default=False)] = None,
    explain: Annotated[int, typer.Option(min=0, help="With --model: for how many statements, the latest first, to find those words (a pass of the model a word).")] = 50,
    doubt: Annotated[float, typer.Option("--uncertain-below", min=0, max=1, help="Answers with a confidence below this are marked uncertain.")] = 0.7,
    column: Annotated[str, typer.Option(help="The field that holds the text.")] = "text",
    speaker_column: Annotated[str, typer.Option(help="The field that names the speaker; speaker_name or speaker if not given.", show_default=False)] = "",
    roster: RosterOption = None,
) -> None:
    """Make one page of charts and a table from tagged statements; it needs no network.

    Examples:

        stance classify --article news/ -o tagged.jsonl

        stance report tagged.jsonl -o report.html

        stance report tagged/ -o report.html --title "The strike of 2023" --model models/default

        stance report tweets.csv -o tweets.html --labels tweets.toml --speaker-column target
    """
    from rich.console import Console
    from rich.progress import track

    from stance.files import written_beside
    from stance.labels import load_axes
    from stance.results.report import page, read_tagged, reasons
    from stance.roster import load_roster
    from stance.tagging import load

    people = load_roster(roster)
    tagger = load(model, people) if model else None
    axes = load_axes(labels) if labels else tagger.axes if tagger else ()
    console = Console(stderr=True)
    with console.status("Reading the statements"):
        statements = read_tagged(tagged, axes, column, speaker_column)
    why = reasons(statements, tagger, explain, speaker_column, lambda rows: track(rows, "Finding the words", console=console)) if tagger and explain else {}
    with console.status("Writing the page"):
        written = page(statements, title=title, roster=people, speaker_column=speaker_column, manifest=tagger.manifest if tagger else None, reasons=why, doubt=doubt)
    with written_beside(output) as beside:
        beside.write_text(written, encoding="utf-8", errors="replace")  # file names may hold what is no text
    typer.echo(f"{len(statements.texts):,} statements in {output} ({len(written) / 1e6:.1f} MB); open it in a browser", err=True)
