"""The terminal: draws what a session shows, and hands it the keys."""

from __future__ import annotations

import contextlib
import select
import sys

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from stance.errors import InputError
from stance.labelling import session as keys
from stance.labelling.items import in_words
from stance.labelling.session import Session, View
from stance.labels import ONE_OF

COMMANDS = "   ".join(f"{'ctrl-c' if key == keys.LEAVE else key} {what}" for key, what in keys.COMMANDS.items())
ESCAPE_WAIT = 0.05  # seconds after which a lone escape byte is the key and not the start of a sequence


def ask(session: Session) -> None:
    """Run a session on the terminal until it is over; raises InputError where there is none."""
    from prompt_toolkit.input import create_input
    from prompt_toolkit.keys import Keys

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError("labelling needs a terminal; run it in one, not in a pipe")
    named = {Keys.Enter: keys.ENTER, Keys.ControlJ: keys.ENTER, Keys.Tab: keys.TAB, Keys.Backspace: keys.BACKSPACE, Keys.Escape: keys.ESCAPE, Keys.ControlC: keys.LEAVE, Keys.ControlD: keys.LEAVE}
    source, console = create_input(), Console()
    with contextlib.closing(source), source.raw_mode(), Live(draw(session, session.view()), console=console, screen=True, auto_refresh=False) as live:
        # One mode for the whole sitting: switching for each key would throw away keys typed ahead.
        while not session.is_over:
            ready, _, _ = select.select([source.fileno()], [], [], ESCAPE_WAIT)
            for press in source.read_keys() if ready else source.flush_keys():
                name = named.get(press.key) if isinstance(press.key, Keys) else press.key
                if name and not session.is_over:
                    session.press(name)
                    live.update(draw(session, session.view()), refresh=True)
            if source.closed:
                break
    view = session.view()
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write(f"{view.done} of {view.total} done\n")


def draw(session: Session, view: View) -> RenderableType:
    """The screen of a view."""
    head = Text(view.progress, style="bold")
    if view.item is None:
        return Group(head, Text("\nAll done. Enter leaves, backspace undoes the last answer."), Text(view.message, style="yellow"))
    if view.mode == "help":
        return Group(head, _codebook(session), Text("a label's key: that label alone; any other key: back", style="dim"))
    item = view.item
    about = Text(" · ".join(filter(None, (item.speaker or "speaker not given", item.source))), style="dim")
    parts: list[RenderableType] = [head, Panel(Group(Text(item.text), about)), _labels(session, view)]
    if session.shows_given:
        parts += [Text(doubt, style="yellow") for doubt in item.doubts]
    parts += [Text(f"{name}: {in_words(labels)}", style="cyan") for name, labels in item.said.items()]
    if view.suggested:
        parts.append(Text(f"model: {in_words(view.suggested)}", style="cyan"))
    if view.mode == "note" or view.note:
        parts.append(Text(f"note: {view.note}" + ("▏ (enter keeps it, escape drops it)" if view.mode == "note" else "")))
    return Group(*parts, Text(view.message, style="yellow"), Text(COMMANDS, style="dim"))


def _labels(session: Session, view: View) -> Table:
    table = Table.grid(padding=(0, 2))
    for axis in session.axes:
        chosen = view.chosen.get(axis.name, [])
        cells = Text()
        for key, (owner, name) in session.keys.items():
            if owner is axis:
                is_on = name == chosen if axis.kind == ONE_OF else name in chosen
                cells.append(f" {key} ", style="bold")
                cells.append(f"{name}", style="reverse" if is_on else "")
                cells.append("*" if is_on else " ")
        table.add_row(Text(axis.name, style="bold"), cells)
    return table


def _codebook(session: Session) -> Table:
    table = Table.grid(padding=(0, 2))
    for key, name, text in session.codebook():
        table.add_row(Text(key, style="bold"), Text(name, style="" if key else "dim"), Text(text))
    return table
