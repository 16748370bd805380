"""Merging newly labelled statements into the sources of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stance.corpus.reading import read_statements
from stance.errors import DataError
from stance.files import write_json_lines
from stance.labels import Axis
from stance.records import SECOND, Statement


def add(statements: Sequence[Statement], target: Path, axes: tuple[Axis, ...], second: str = SECOND, replace: bool = False) -> tuple[int, int, int]:
    """Put statements into the file `target` of a folder of sources; return how many are new, replaced, and there already.

    A statement that the folder holds with other labels raises DataError, or with `replace` takes the
    new labels, in whichever file it stands. Every file is checked before one is written.
    """
    files = {path: read_statements(path, axes, second) for path in sorted({*target.parent.glob("*.jsonl"), *([target] if target.exists() else [])})}
    places = {(s.text, s.speaker): (path, row) for path, found in files.items() for row, s in enumerate(found)}
    changed: set[Path] = set()
    new = replaced = 0
    for s in statements:
        path, row = places.get((s.text, s.speaker), (target, -1))
        if row < 0:
            files.setdefault(target, []).append(s)
            places[s.text, s.speaker] = (target, len(files[target]) - 1)
            changed.add(target)
            new += 1
        elif files[path][row].labels != s.labels:
            if not replace:
                raise DataError(f"{path}, statement {row + 1}: {s.text[:60]!r} has other labels ({files[path][row].labels}); nothing is written; --replace takes the new ones")
            files[path][row] = files[path][row].model_copy(update={"labels": s.labels})
            changed.add(path)
            replaced += 1
    for path in sorted(changed):
        write_json_lines(path, ({(second if name == SECOND else name): value for name, value in s.record().items()} for s in files[path]))
    return new, replaced, len(statements) - new - replaced
