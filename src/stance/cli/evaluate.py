"""`stance evaluate`: held-out figures of a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stance.errors import InputError


def evaluate(
    model: Annotated[Path, typer.Option(help="A model folder.")] = Path("models/default"),
    baseline: Annotated[Path | None, typer.Option(help="Model folder of the baseline; the model's name and -baseline, where there is one, if not given.", show_default=False)] = None,
    against: Annotated[Path | None, typer.Option(help="Another model folder: adds a paired test of the two.", show_default=False)] = None,
    data: Annotated[Path, typer.Option(help="Folder of the split data set.")] = Path("data/splits"),
    full: Annotated[bool, typer.Option("--full", help="Print every table: confusions, calibration, risk-coverage, disputes, lengths, errors, behavioural tests.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Also write everything as JSON.")] = None,
    card: Annotated[bool, typer.Option("--card", help="Put the figures into the model's card, README.md of its folder.")] = False,
    picture: Annotated[Path | None, typer.Option(help="Draw the risk-coverage curves into this file (.png or .svg).")] = None,
    seed: Annotated[int, typer.Option(help="Of the resamples.")] = 1,
) -> None:
    """Figures on held-out statements: model, baseline and majority class, by axis, origin and speaker.

    Examples:

        stance evaluate --model models/default -o models/evaluation.json

        stance evaluate --full | less

        stance evaluate --model models/mine --against models/default
    """
    from stance.results.behaviour import behaviour
    from stance.results.evaluation import as_json, load_model
    from stance.results.evaluation import evaluate as figures
    from stance.results.evaluation_tables import show
    from stance.results.history import evaluated, note
    from stance.results.tables import show as show_table
    from stance.training import baseline_of

    beside = baseline or baseline_of(model)
    if not baseline and not beside.exists():
        typer.echo(f"no baseline at {beside}; name one with --baseline to see it beside the model", err=True)
    found = figures(model, beside if baseline or beside.exists() else None, data, against, seed)
    found["behaviour"] = behaviour(load_model(model))
    try:
        note(model, evaluated(model, data, found, against))
    except InputError as error:
        typer.echo(f"the history is not kept: {error}", err=True)
    show(found, full)
    if full:
        show_table("Behavioural tests", [{**{k: v for k, v in row.items() if k != "failures"}, "for example": (row["failures"] or [""])[0]} for row in found["behaviour"]])
    else:
        enough = sum(row["enough"] for row in found["behaviour"])
        about = f"Behavioural tests: {enough} of {len(found['behaviour'])} passed. " if found["behaviour"] else ""
        typer.echo(f"{about}All tables: --full; as JSON: --output FILE", err=True)
    if picture:
        from stance.results.evaluation_pictures import risk_curves
        from stance.results.pictures import save

        save(risk_curves(found), picture)
    if card:
        from stance.files import written_beside
        from stance.tagging import read_manifest
        from stance.training.card import card as page

        with written_beside(model / "README.md") as file:
            file.write_text(page(read_manifest(model), found["figures"]), encoding="utf-8")
    if output:
        from stance.files import written_beside

        with written_beside(output) as file:
            file.write_text(as_json(found), encoding="utf-8")
