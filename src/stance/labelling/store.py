"""A reader's file: every answer a line, on disk before the next statement is shown."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from stance.errors import DataError, InputError
from stance.files import Record, dump_line, json_lines, mend_last_line, open_input
from stance.labelling.items import Labels
from stance.labels import Axis
from stance.records import SECOND, Statement

LABELLED, SKIPPED, CANNOT_TELL, UNDONE = "labelled", "skipped", "cannot tell", "undone"
ANSWERS = (LABELLED, SKIPPED, CANNOT_TELL, UNDONE)


@dataclass(frozen=True)
class Answer:
    """One line: the `statement` without labels, the `answer` (one of ANSWERS), `labels` where it is `labelled`.

    `at` is the time (ISO 8601), `seconds` how long the statement was on show, `suggested` what the
    model said if it was shown, `said` what other readers had said, when this one settles it.
    """

    statement: Record
    answer: str
    annotator: str
    at: str = ""
    seconds: float = 0.0
    labels: Labels = field(default_factory=dict)
    note: str = ""
    suggested: Labels = field(default_factory=dict)
    said: dict[str, Labels] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """Text and second text of the statement."""
        return self.statement["text"], self.statement.get(SECOND, "")

    def record(self) -> Record:
        """The line as a JSON object, without what is empty."""
        return {name: value for name, value in asdict(self).items() if value not in ("", {}) or name == "answer"}


class Store:
    """The answers of one reader, held open and locked; the last one on a statement counts.

    A last line torn by a kill is cut off. Raises InputError where another session writes the file.
    """

    def __init__(self, path: Path, axes: tuple[Axis, ...]) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror})") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mend_last_line(path, self._file)
            self.answers: dict[tuple[str, str], Answer] = dict(_last(path, axes))
        except BlockingIOError as error:
            self.close()
            raise InputError(f"{path}: another session is writing this file; close it, or take another --annotator") from error
        except BaseException:
            self.close()
            raise

    def add(self, answer: Answer) -> None:
        """Append an answer; it is on disk when this returns."""
        line = dump_line(answer.record()).encode()
        try:
            while line:
                line = line[os.write(self._file, line) :]
            os.fsync(self._file)
        except OSError as error:
            raise InputError(f"{self.path}: cannot be written ({error.strerror}); the last answer is not kept") from error
        self.answers.pop(answer.key, None)  # so that the order is that of the last answers
        if answer.answer != UNDONE:
            self.answers[answer.key] = answer

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


def _last(path: Path, axes: tuple[Axis, ...]) -> Iterator[tuple[tuple[str, str], Answer]]:
    found: dict[tuple[str, str], Answer] = {}
    with open_input(path) as handle:
        for number, record in json_lines(handle, str(path)):
            answer = _answer(record, axes, f"{path}, line {number}")
            found.pop(answer.key, None)
            if answer.answer != UNDONE:
                found[answer.key] = answer
    yield from found.items()


def _answer(record: Record, axes: tuple[Axis, ...], where: str) -> Answer:
    try:
        answer = Answer(**{"annotator": "", **record})
        if answer.answer not in ANSWERS or not isinstance(answer.statement["text"], str):
            raise DataError(f"answer {answer.answer!r} is unknown; allowed: {', '.join(ANSWERS)}")
        if answer.answer == LABELLED:
            for axis in axes:
                axis.check(answer.labels[axis.name])
    except KeyError as error:
        raise DataError(f"{where}: {error.args[0]} is missing; was it made with another labels file? name that with --labels") from error
    except (TypeError, AttributeError) as error:
        raise DataError(f"{where}: not an answer of `stance label` ({error}); name another file") from error
    except DataError as error:
        raise DataError(f"{where}: {error}") from error
    return answer


def read_labelled(path: Path | str, axes: tuple[Axis, ...], second: str = SECOND) -> list[Statement]:
    """The labelled statements of a reader's file, or of any file of statements; raises DataError at the first bad line."""
    # Here and not above: labelling needs none of the libraries that the data set's checks load.
    from stance.corpus import read_statements

    with open_input(path) as handle:
        first = next((record for _, record in json_lines(handle, str(path))), {})
    if "answer" not in first:
        return read_statements(path, axes, second)
    return [Statement.from_record({**a.statement, **a.labels}, axes) for _, a in _last(Path(path), axes) if a.answer == LABELLED]
