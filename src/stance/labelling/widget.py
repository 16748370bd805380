"""The screen in a notebook: the session of `stance label`, its keys and buttons. Wants the extra `notebooks`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakSet

import anywidget
import traitlets

from stance.errors import StanceError
from stance.labelling.items import in_words
from stance.labelling.opening import answers_of, open_session
from stance.labelling.session import COMMANDS, Session
from stance.labels import ONE_OF, SECOND


# The base is untyped to mypy, which is told to skip the library.
class LabelWidget(anywidget.AnyWidget):  # type: ignore[misc]
    """Shows a session and hands it the keys. `shown` is all that the page knows."""

    _esm = Path(__file__).with_name("widget.js")
    _css = Path(__file__).with_name("widget.css")
    _open: ClassVar[WeakSet[LabelWidget]] = WeakSet()
    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._open.add(self)
        self.on_msg(self._on_key)
        self.shown = as_shown(session)

    @classmethod
    def close_on(cls, path: Path) -> None:
        """Close the sittings of this process that write the file, so that a cell can be run again."""
        for widget in [widget for widget in cls._open if widget.session.path.resolve() == path.resolve()]:
            widget.leave("closed; this file is open in another cell")

    def leave(self, message: str = "") -> None:
        """Close the reader's file; nothing more is taken."""
        if self in self._open:
            self._open.discard(self)
            self.session.close()
            self.shown = {**as_shown(self.session), **({"message": message} if message else {})}

    def _on_key(self, _widget: Any, content: Any, _buffers: Any) -> None:
        key = content.get("key") if isinstance(content, dict) else None
        if self.session.is_over or not isinstance(key, str):
            return
        try:
            self.session.press(key)
        except StanceError as error:  # the disk is full, say: a notebook would put it where nobody looks
            self.leave(str(error))
            return
        if self.session.is_over:
            self.leave()
        else:
            self.shown = as_shown(self.session)


def label(
    file: Path | str,
    annotator: str = "",
    output: Path | str | None = None,
    model: Path | str | None = None,
    blind: bool = False,
    order: str = "",
    column: str = "text",
    labels: Path | str | None = None,
    second: str = SECOND,
    seed: int = 1,
) -> LabelWidget:
    """Label the statements of a file in the notebook; the options are those of `stance label`, and so is the file of answers.

        from stance.labelling.widget import label
        label("statements.jsonl", annotator="anna", model="models/default")

    A cell that is run again goes on where the last sitting stopped.
    """
    LabelWidget.close_on(answers_of(output, annotator))
    return LabelWidget(open_session(file, annotator, output, model, blind, order, column, labels, second, seed))


def as_shown(session: Session) -> dict[str, Any]:
    """What the page draws, as plain JSON."""
    view = session.view()
    item = view.item
    lines = []
    if item:
        lines += [["doubt", doubt] for doubt in item.doubts if session.shows_given]
        lines += [["said", f"{name}: {in_words(labels)}"] for name, labels in item.said.items()]
        lines += [["model", f"model: {in_words(view.suggested)}"]] if view.suggested else []
    return {
        "progress": view.progress,
        "statement": item and {"text": item.text, "speaker": item.speaker or "speaker not given", "source": item.source},
        "axes": [{"name": axis.name, "labels": [{"key": key, "name": name, "on": _is_chosen(view.chosen.get(axis.name), name, axis.kind)} for key, (owner, name) in session.keys.items() if owner is axis]} for axis in session.axes],
        "lines": lines,
        "note": view.note,
        "mode": view.mode,
        "codebook": session.codebook() if view.mode == "help" else [],
        "message": view.message,
        "commands": [[key, what] for key, what in COMMANDS.items()],
        "over": session.is_over,
    }


def _is_chosen(chosen: Any, name: str, kind: str) -> bool:
    return bool(name == chosen if kind == ONE_OF else name in (chosen or []))
