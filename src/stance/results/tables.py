"""Tables on a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

WIDTH = 130  # characters where there is no terminal to ask


def show(title: str, rows: list[dict[str, Any]]) -> None:
    """Print rows that share their keys, a column a key."""
    if not rows:
        return
    table = Table(*rows[0], title=title)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    console = Console()
    Console(width=None if console.is_terminal else WIDTH).print(table)
