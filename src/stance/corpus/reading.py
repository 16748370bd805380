"""Reading labelled statements from JSON Lines, with the file and line of what is wrong."""

from __future__ import annotations

from pathlib import Path

from stance.errors import DataError
from stance.files import json_lines, open_input
from stance.labels import Axis
from stance.records import SECOND, Statement


def read_statements(path: Path | str, axes: tuple[Axis, ...], second: str = SECOND) -> list[Statement]:
    """All statements of a file; raise DataError naming file, line and value at the first bad one."""
    found = []
    with open_input(path) as handle:
        for number, record in json_lines(handle, str(path)):
            try:
                found.append(Statement.from_record(record, axes, second))
            except DataError as error:
                raise DataError(f"{path}, line {number}: {error}") from error
    if second != SECOND and found and not any(s.speaker for s in found):
        raise DataError(f"{path}: no statement has a {second!r}; name the field of the second text with --second, or leave that out")
    return found


def read_sources(folder: Path | str, axes: tuple[Axis, ...], second: str = SECOND) -> list[Statement]:
    """The statements of every .jsonl file of a folder; raises DataError when there are none."""
    found = [s for path in sorted(Path(folder).glob("*.jsonl")) for s in read_statements(path, axes, second)]
    if not found:
        raise DataError(f"{folder}: no statements there (.jsonl files); name the folder with --data")
    return found


def read_split(folder: Path | str, split: str, axes: tuple[Axis, ...], second: str = SECOND) -> list[Statement]:
    """The statements of one split of a built data set."""
    path = Path(folder) / f"{split}.jsonl"
    if not path.exists():
        raise DataError(f"{path}: no such split; make it first: make train")
    return read_statements(path, axes, second)
