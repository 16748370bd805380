"""`stance roster`: look people and organisations up, and check a roster file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

roster = typer.Typer(no_args_is_help=True, help="Look people and organisations up; check a roster file of your own.")

RosterOption = Annotated[Path | None, typer.Option("--roster", help="A roster file of your own, laid over the built-in one (extend = false at its top: instead of it).")]


@roster.command("find")
def roster_find(
    name: Annotated[str, typer.Argument(help="A name, an alias, an id, or part of one.", show_default=False)],
    own: RosterOption = None,
    date: Annotated[str, typer.Option(help="The day that decides post and side (YYYY, YYYY-MM or YYYY-MM-DD).")] = "",
) -> None:
    """Who goes by a name, and on which side: a table on a terminal, JSON Lines in a pipe.

    Examples:

        stance roster find AMPTP

        stance roster find drescher --date 2023-10

        stance roster find "Harbour Actors" --roster mine.toml
    """
    from stance.errors import InputError
    from stance.files import dump_line
    from stance.roster import load_roster, matches

    people = load_roster(own)
    found = matches(people, name)
    if not found:
        raise InputError(f"{name!r} is not in the roster; add it in a file of your own (--roster FILE)")
    rows: list[dict[str, Any]] = []
    for entry in found:
        role = entry.role_on(date)
        post = f"{role.title}, {role.organisation}".strip(", ") if role else entry.kind
        rows.append({"id": entry.id, "name": entry.name, "side": entry.side_on(date), "post": post, "aliases": [*entry.aliases, *entry.nouns]})
    if sys.stdout.isatty():
        from stance.results.tables import show

        show("", [{**row, "aliases": ", ".join(row["aliases"])} for row in rows])
    else:
        sys.stdout.writelines(dump_line(row) for row in rows)


@roster.command("check")
def roster_check(
    file: Annotated[Path | None, typer.Argument(help="A roster file of your own; the built-in one if not given.", show_default=False)] = None,
) -> None:
    """Look for faults: schema, sides, dates, names that two entries claim. Exit code 2 if there are any.

    Examples:

        stance roster check

        stance roster check mine.toml
    """
    from stance.errors import DataError
    from stance.roster import faults, load_roster

    people = load_roster(file)
    found = faults(people)
    for fault in found:
        typer.echo(fault)
    if found:
        raise DataError(f"{file or 'the built-in roster'}: {len(found)} faults, listed above")
    persons = sum(entry.is_person for entry in people.entries.values())
    typer.echo(f"no faults; {len(people.entries) - persons} organisations and {persons} people")
