"""`stance history`: what was trained and measured in a folder of models."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def history(models: Annotated[Path, typer.Argument(help="The folder that the model folders lie in.")] = Path("models")) -> None:
    """The models of a folder in time: data, recipe, seed, and figures with n. A table on a terminal, JSON Lines in a pipe.

    Examples:

        stance history

        stance history models | jq 'select(.what == "evaluated") | .figures'
    """
    from stance.files import dump_line
    from stance.results.history import read, table
    from stance.results.tables import show

    lines = read(models)
    if sys.stdout.isatty():
        show(f"History of {models}", table(lines))
    else:
        sys.stdout.writelines(map(dump_line, lines))
