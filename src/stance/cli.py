"""The `stance` program: one thin command for each step. Data goes to stdout, talk to stderr."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from stance.errors import StanceError

app = typer.Typer(no_args_is_help=True, add_completion=True, rich_markup_mode="markdown", pretty_exceptions_enable=False)

RosterOption = Annotated[Path | None, typer.Option(help="A roster file of your own, instead of the built-in one.")]


@app.callback()
def stance() -> None:
    """Read what the two sides of a labour dispute say."""


@app.command()
def extract(
    files: Annotated[list[Path], typer.Argument(help="Articles: .txt, .html or .htm, UTF-8.", show_default=False)],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead of stdout.")] = None,
    date: Annotated[str, typer.Option(help="Date of the articles (YYYY, YYYY-MM or YYYY-MM-DD); decides which post a person held.")] = "",
    every_kind: Annotated[bool, typer.Option("--all", help="Also print titles of works and scare words.")] = False,
    roster: RosterOption = None,
) -> None:
    """Find quotations and their speakers in articles; prints JSON Lines.

    Examples:

        stance extract article.txt

        stance extract news/*.html --date 2023-10-02 -o quotations.jsonl
    """
    from stance.articles import quotations, read_article
    from stance.files import dump_line, write_json_lines
    from stance.roster import DEFAULT_ROSTER, load_roster

    people = load_roster(roster or DEFAULT_ROSTER)
    found = (record for file in files for record in quotations(read_article(file), people, file.name, date, every_kind))
    if output:
        count = write_json_lines(output, found)
        typer.echo(f"{count} quotations written to {output}", err=True)
    else:
        for record in found:
            sys.stdout.write(dump_line(record))


@app.command()
def codebook(labels: Annotated[Path | None, typer.Option(help="A labels file; the built-in one if not given.")] = None) -> None:
    """Print the codebook, as Markdown, from a labels file.

    Example:

        stance codebook > data/CODEBOOK.md
    """
    from stance.labels import DEFAULT_LABELS
    from stance.labels import codebook as page

    typer.echo(page(labels or DEFAULT_LABELS), nl=False)


def main() -> None:
    """Run the program; an error the user can mend is one line and exit code 2."""
    try:
        app()
    except StanceError as error:
        typer.echo(f"stance: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.stdout = None  # the reader went away; there is nobody left to flush to
        sys.exit(0)


