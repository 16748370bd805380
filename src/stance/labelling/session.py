"""A sitting of one reader: keys in, what to show out. No terminal here, and no notebook."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from stance.labelling.items import Item, Labels
from stance.labelling.keys import label_keys
from stance.labelling.store import CANNOT_TELL, LABELLED, SKIPPED, UNDONE, Answer, Store
from stance.labels import ONE_OF, Axis

ENTER, TAB, BACKSPACE, ESCAPE, LEAVE = "enter", "tab", "backspace", "escape", "leave"
HELP, NOTE, TAKE, DONT_KNOW = "?", ";", "=", "-"
COMMANDS = {ENTER: "save", TAB: "skip", BACKSPACE: "undo", DONT_KNOW: "cannot tell", TAKE: "take the model's", NOTE: "note", HELP: "codebook", LEAVE: "leave"}
RECENT = 50  # answers that the pace is taken from
PAUSE = 120.0  # seconds; longer is not reading
Key = tuple[str, str]
Suggest = Callable[[Item], Labels]


@dataclass(frozen=True)
class View:
    """What the screen shows. `hour` is the pace in statements, `left` the seconds to the end at it; None before the first answer."""

    item: Item | None
    chosen: Labels
    suggested: Labels
    note: str
    mode: str
    looked_up: tuple[Axis, str] | None
    message: str
    done: int
    total: int
    hour: float | None
    left: float | None

    @property
    def progress(self) -> str:
        """How far it is, and from the second answer on how fast it goes."""
        found = f"{self.done} of {self.total}"
        if self.hour is None or self.left is None:
            return found
        hours, minutes = divmod(round(self.left / 60), 60)
        return f"{found}   {self.hour:.0f} an hour   {f'{hours} h ' if hours else ''}{minutes} min left"


class Session:
    """Asks for the `items` in order, those skipped last, and puts every answer into `store`.

    `press` takes a character or one of the named keys; `view` says what to show. `suggest` gives the
    model's labels of an item; with `blind` neither they nor what the file says are shown.
    """

    def __init__(self, items: Sequence[Item], axes: tuple[Axis, ...], store: Store, annotator: str, suggest: Suggest | None = None, blind: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.axes, self.keys = axes, label_keys(axes)
        self.is_over = False
        self.shows_given = not blind
        self._store, self._annotator, self._clock = store, annotator, clock
        self._suggest = None if blind else suggest
        by_key = {item.key: item for item in items}
        answers = [a for key, a in store.answers.items() if key in by_key]
        kept = {a.key for a in answers if a.answer != SKIPPED}
        put_off = [a.key for a in answers if a.answer == SKIPPED]
        fresh = [item for item in by_key.values() if item.key not in kept and item.key not in put_off]
        self._queue = fresh + [by_key[key] for key in put_off]
        self._items, self._answered = by_key, [a.key for a in answers if a.key in kept]
        self._seconds: list[float] = []
        self._chosen: Labels = {}
        self._suggested: Labels = {}
        self._mode, self._message = "", ""
        self._looked_up: tuple[Axis, str] | None = None
        self._show()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the reader's file."""
        self.is_over = True
        self._store.close()

    @property
    def path(self) -> Path:
        """The reader's file."""
        return self._store.path

    def codebook(self) -> list[tuple[str, str, str]]:
        """Rows of key, label and definition: of all labels, or of the one looked up with its example and notes."""
        rows = []
        for key, (axis, name) in sorted(self.keys.items(), key=lambda pair: self.axes.index(pair[1][0])):
            if self._looked_up in (None, (axis, name)):
                label = axis.labels[axis.names.index(name)]
                rows.append((key, name, label.definition or "(no definition)"))
                if self._looked_up:
                    rows += [("", word, text) for word, text in (("example", label.example), (axis.name, axis.question), ("note", axis.note)) if text]
        return rows

    def view(self) -> View:
        """What to show now."""
        seconds = self._seconds[-RECENT:]
        each = sum(seconds) / len(seconds) if seconds else None
        hour, left = (3600 / max(each, 0.1), each * len(self._queue)) if each is not None else (None, None)
        item = self._queue[0] if self._queue else None
        return View(item, dict(self._chosen), self._suggested, self._note, self._mode, self._looked_up, self._message, len(self._answered), len(self._items), hour, left)

    def press(self, key: str) -> None:
        """Do what a key says."""
        self._message = ""
        if key == LEAVE:
            self.is_over = True
        elif self._mode == "note":
            self._write(key)
        elif self._mode == "help":
            self._look_up(key)
        elif key == BACKSPACE:
            self._undo()
        elif not self._queue:
            self.is_over = key == ENTER
        elif key == HELP:
            self._mode, self._looked_up = "help", None
        elif key == NOTE:
            self._mode = "note"
        elif key == ENTER:
            self._save()
        elif key == TAB:
            item = self._queue[0]
            self._answer(SKIPPED, {})
            self._queue = [*self._queue[1:], item]
            self._show()
        elif key == DONT_KNOW:
            self._answer(CANNOT_TELL, {})
            self._next()
        elif key == TAKE:
            self._chosen |= self._suggested
            self._message = "" if self._suggested else "no suggestion is shown"
        elif key in self.keys:
            self._choose(*self.keys[key])
        else:
            self._message = f"{key!r} is no key here; ? shows the codebook"

    def _choose(self, axis: Axis, name: str) -> None:
        if axis.kind == ONE_OF:
            self._chosen[axis.name] = name
            return
        before = self._chosen.get(axis.name, [])
        self._chosen[axis.name] = [label for label in axis.names if (label in before) != (label == name)]

    def _save(self) -> None:
        missing = [axis.name for axis in self.axes if axis.kind == ONE_OF and axis.name not in self._chosen]
        if missing:
            self._message = f"still to say: {', '.join(missing)} ({DONT_KNOW} if you cannot tell)"
            return
        self._answer(LABELLED, {axis.name: self._chosen.get(axis.name, []) for axis in self.axes})
        self._next()

    def _next(self) -> None:
        self._answered.append(self._queue.pop(0).key)
        self._show()

    def _answer(self, answer: str, labels: Labels) -> None:
        item, seconds = self._queue[0], max(0.0, self._clock() - self._since)
        self._store.add(Answer(item.record({}), answer, self._annotator, _now(), round(seconds, 1), labels, self._note, self._suggested, item.said))
        self._seconds.append(min(seconds, PAUSE))

    def _undo(self) -> None:
        if not self._answered:
            self._message = "nothing to undo"
            return
        key = self._answered.pop()
        was, item = self._store.answers[key], self._items[key]
        self._store.add(Answer(item.record({}), UNDONE, self._annotator, _now()))
        self._queue.insert(0, item)
        self._seconds = self._seconds[:-1]
        self._show()
        self._chosen, self._note, self._message = dict(was.labels), was.note, "undone; the answer is open again"

    def _show(self) -> None:
        item = self._queue[0] if self._queue else None
        self._since, self._note = self._clock(), ""
        self._chosen = dict(item.given) if item and self.shows_given else {}
        self._suggested = self._suggest(item) if item and self._suggest else {}

    def _write(self, key: str) -> None:
        if key in (ENTER, ESCAPE):
            self._mode = ""
            self._note = "" if key == ESCAPE else self._note.strip()
        elif key == BACKSPACE:
            self._note = self._note[:-1]
        elif len(key) == 1:
            self._note += key

    def _look_up(self, key: str) -> None:
        if key in self.keys:
            self._looked_up = self.keys[key]
        else:
            self._mode, self._looked_up = "", None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
