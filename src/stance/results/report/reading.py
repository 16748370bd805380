"""Tagged statements from files: which fields are tags, and whether they are what their axes allow."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stance.errors import DataError, InputError
from stance.files import Record, is_folder
from stance.labels import ANY_OF, ONE_OF, Axis, Label, load_axes
from stance.tagging.streams import Inputs, suffix_of
from stance.tagging.tagger import UNSURE

SUFFIXES = (".jsonl", ".csv", ".parquet")
_COMPANIONS = ("confidence", "basis", "set", "probabilities", UNSURE)
SPEAKERS = ("speaker_name", "speaker")
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?(?!\d)")
_MEND = "tag them first: stance classify FILE -o tagged.jsonl"


@dataclass(frozen=True)
class Answer:
    """What one axis says of one statement.

    `labels` holds the label of a one-of axis (none where the model was unsure), or those of an
    any-of axis; `confidence` one number a label, or none where the file gives none. `doubted` are
    labels of an any-of axis that the model would neither give nor rule out.
    """

    labels: tuple[str, ...]
    confidence: tuple[float, ...] = ()
    basis: str = ""
    doubted: tuple[str, ...] = ()
    unsure: bool = False


@dataclass(frozen=True)
class Tagged:
    """Tagged statements: for each its text, its answers (axis name to `Answer`) and the other fields it came with."""

    axes: tuple[Axis, ...]
    texts: list[str]
    answers: list[dict[str, Answer]]
    fields: list[Record]
    sources: tuple[str, ...]


def tagged_files(paths: Iterable[str]) -> list[str]:
    """The files to read: those named, and the .jsonl, .csv and .parquet of folders in sorted order. "-" is standard input."""
    found: list[str] = []
    for name in paths:
        path = Path(name)
        if name != "-" and is_folder(path):
            inside = sorted(str(p) for p in path.rglob("*") if suffix_of(p) in SUFFIXES and p.is_file())
            if not inside:
                raise InputError(f"{name}: no tagged statements in this folder ({', '.join(SUFFIXES)})")
            found += inside
        else:
            found.append(name)
    return found


def read_tagged(paths: Iterable[str], axes: Sequence[Axis] = (), column: str = "text", speaker_column: str = "") -> Tagged:
    """Read what `stance classify` wrote, or labelled statements; axes are found in the rows where none are given.

    Raises InputError naming file, line, field and value of a statement that is not tagged, or not as its axes allow.
    """
    files = tagged_files(paths)
    rows = [pair for name in files for pair in (Inputs([name], column).records() if name == "-" else Inputs([], column).file(Path(name)))]
    if not rows:
        raise InputError(f"{', '.join(files)}: no statements")
    axes = tuple(axes) or _axes_of(rows, column, speaker_column)
    taken = {column} | {axis.name for axis in axes} | {f"{axis.name}_{what}" for axis in axes for what in _COMPANIONS}
    known: dict[str, dict[Any, tuple[str, ...]]] = {axis.name: {} for axis in axes}
    texts, answers, fields = [], [], []
    for where, row in rows:
        text = row.get(column)
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"{where}: no {column!r}; a statement needs words (name its field with --column)")
        texts.append(text.strip())
        answers.append({axis.name: _answer(where, row, axis, known[axis.name]) for axis in axes})
        fields.append({str(k): v for k, v in row.items() if k not in taken and v not in (None, "", [], {})})
    return Tagged(axes, texts, answers, fields, tuple(dict.fromkeys(Path(name).name for name in files)))


def _axes_of(rows: list[tuple[str, Record]], column: str, speaker_column: str) -> tuple[Axis, ...]:
    """The built-in axes where the first row has them all; else every field that has a confidence beside it."""
    where, first = rows[0]
    built_in = load_axes()
    if all(axis.name in first for axis in built_in):
        return built_in
    names = [k for k in first if f"{k}_confidence" in first and k not in (column, speaker_column, "speaker")]
    if not names:
        missing = next(axis.name for axis in built_in if axis.name not in first)
        raise InputError(f"{where}: no {missing!r}, so this is not tagged; {_MEND} (labels of your own: --labels FILE)")
    return tuple(_found_axis(name, rows) for name in names)


def _found_axis(name: str, rows: list[tuple[str, Record]]) -> Axis:
    values = [_parsed(row.get(name)) for _, row in rows]
    many = any(isinstance(value, list) for value in values)
    counts = Counter(str(label) for value in values for label in (value if isinstance(value, list) else [value]) if label not in (None, "", UNSURE))
    return Axis(name, "any-of" if many else "one-of", tuple(Label(label) for label, _ in counts.most_common()))


def _parsed(value: Any) -> Any:
    """A cell's value: CSV holds lists as JSON, and everything else as text."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _answer(where: str, row: Record, axis: Axis, known: dict[Any, tuple[str, ...]]) -> Answer:
    """The answer of one row; `known` keeps what was checked already, since labels come again and again."""
    value = _parsed(row.get(axis.name))
    if value is None or value == "":
        raise InputError(f"{where}: no {axis.name!r}; this statement is not tagged, or tagged with other labels; {_MEND}")
    basis = str(row.get(f"{axis.name}_basis") or "")
    confidence = tuple(_confidences(where, row, f"{axis.name}_confidence"))
    if axis.kind == ONE_OF and value == UNSURE:
        return Answer((), confidence, basis, unsure=True)
    key = tuple(map(str, value)) if isinstance(value, list) else str(value)
    if key not in known:
        _check(where, axis, value)
        known[key] = key if isinstance(key, tuple) else (key,)
    labels, doubted = known[key], _parsed(row.get(f"{axis.name}_{UNSURE}")) if axis.kind == ANY_OF else None
    if doubted:
        _check(where, axis, doubted)
    if confidence and len(confidence) != len(labels):
        raise InputError(f"{where}: {axis.name}_confidence holds {len(confidence)} numbers for {len(labels)} labels; give one a label")
    return Answer(labels, confidence, basis, tuple(label for label in doubted or () if label not in labels))


def _check(where: str, axis: Axis, value: Any) -> None:
    try:
        axis.check(value)
    except DataError as error:
        raise InputError(f"{where}: {error} (labels of your own: --labels FILE)") from error


def _confidences(where: str, row: Record, field: str) -> Iterator[float]:
    value = _parsed(row.get(field))
    for number in value if isinstance(value, list) else [] if value in (None, "") else [value]:
        try:
            confidence = float(number)
        except (TypeError, ValueError):
            confidence = -1.0
        if not 0 <= confidence <= 1:
            raise InputError(f"{where}: {field} {number!r} is no confidence; a number from 0 to 1 is wanted")
        yield confidence


def plain(value: Any) -> str:
    """A field's value as text; lists and objects as JSON."""
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value).strip()


def first_of(row: Record, names: Iterable[str]) -> str:
    """The first of these fields that says something."""
    return next((text for name in names if (text := plain(row.get(name))) and text != "unknown"), "")


def speaker_of(row: Record, column: str = "") -> str:
    """Who speaks: the full name where a reader found one, else the words that stand for the speaker."""
    return first_of(row, (column,) if column else SPEAKERS)


def date_of(row: Record) -> str:
    """Year, month or day of a row's ISO date or time; nothing for what is not one."""
    found = _DATE.match(plain(row.get("date")))
    return found[0] if found else ""
