"""A progress bar on stderr: rate, and time left where the size is known."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def progress(total: int | None, noun: str = "statements", whole: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A function to be told what was done since the last call: things, and bytes of `total`. With `whole` the total counts things.

    Nothing is shown where stderr is no terminal.
    """
    if not sys.stderr.isatty():
        yield lambda count, read: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.fields[said]}"), BarColumn(), TextColumn("{task.percentage:.0f}%" if total else ""), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(noun, total=total, said=noun)
        counted, begun = 0, time.monotonic()

        def report(count: int, read: int) -> None:
            nonlocal counted
            counted += count
            rate = counted / max(time.monotonic() - begun, 1e-9)
            bar.update(task, advance=count if whole else read, said=f"{counted:,} {noun}, {rate:,.0f} a second")

        yield report
