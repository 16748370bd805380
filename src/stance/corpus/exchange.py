"""Statements in the forms of other labelling programs: Label Studio, doccano, CSV, a `datasets` folder."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from stance.errors import DataError, InputError
from stance.files import (
    Record,
    csv_rows,
    json_lines,
    open_input,
    partial_of,
    read_text,
    write_json_lines,
    written_beside,
)
from stance.labels import ANY_OF, Axis
from stance.records import Statement

SEPARATOR = "; "  # between the labels of an any-of axis in a cell
MARK = ":"  # doccano has one list of labels: axis:label


def read_as(form: str, path: Path, axes: tuple[Axis, ...]) -> list[Statement]:
    """The statements of a file, or folder, of this form; raises DataError naming the first bad one."""
    found = []
    for where, record in READERS[_known(form)](path, axes):
        try:
            found.append(Statement.from_record(record, axes))
        except DataError as error:
            raise DataError(f"{where}: {error}") from error
    return found


def write_as(form: str, path: Path, statements: Sequence[Statement], axes: tuple[Axis, ...]) -> None:
    """Write statements in this form, beside `path` first."""
    WRITERS[_known(form)](path, [s.record() for s in statements], axes)


def _known(form: str) -> str:
    if form not in READERS:
        raise InputError(f"form {form!r} is unknown; allowed: {', '.join(READERS)}")
    return form


def _read_csv(path: Path, axes: tuple[Axis, ...]) -> Iterator[tuple[str, Record]]:
    several = {axis.name for axis in axes if axis.kind == ANY_OF}
    with open_input(path) as handle:
        for number, row in csv_rows(handle, str(path)):
            kept = {name: value for name, value in row.items() if value not in ("", None) or name in several}
            lists = {name: [part.strip() for part in str(kept[name] or "").split(SEPARATOR.strip()) if part.strip()] for name in several & kept.keys()}
            yield f"{path}, line {number}", {**kept, **lists}


def _write_csv(path: Path, records: list[Record], axes: tuple[Axis, ...]) -> None:
    # Cells are left as they are, so that the file reads back as it was: it is for programs, not for spreadsheets.
    names = list(dict.fromkeys(name for record in records for name in record))
    with written_beside(path) as beside, beside.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: SEPARATOR.join(value) if isinstance(value, list) else value for name, value in record.items()} for record in records)


def _read_doccano(path: Path, axes: tuple[Axis, ...]) -> Iterator[tuple[str, Record]]:
    with open_input(path) as handle:
        for number, raw in json_lines(handle, str(path)):
            record: Record = {axis.name: [] for axis in axes if axis.kind == ANY_OF}
            given = raw.get("label", raw.get("labels", []))
            for mark in given if isinstance(given, list) else [given]:
                name, _, label = str(mark).partition(MARK)
                axis = next((axis for axis in axes if axis.name == name), None)
                if axis is None:
                    raise DataError(f"{path}, line {number}: label {mark!r} names no axis; wanted: axis{MARK}label, with one of {', '.join(a.name for a in axes)}")
                if axis.kind == ANY_OF:
                    record[name].append(label)
                elif name in record:
                    raise DataError(f"{path}, line {number}: {name} is given twice; it takes one label")
                else:
                    record[name] = label
            rest = {key: value for key, value in raw.items() if key in Statement.model_fields and key != "labels"}
            yield f"{path}, line {number}", {**rest, **record}


def _write_doccano(path: Path, records: list[Record], axes: tuple[Axis, ...]) -> None:
    def rows() -> Iterator[Record]:
        for record in records:
            labels = [f"{axis.name}{MARK}{label}" for axis in axes for label in (record[axis.name] if axis.kind == ANY_OF else [record[axis.name]])]
            yield {**{name: value for name, value in record.items() if name not in {axis.name for axis in axes}}, "label": labels}

    write_json_lines(path, rows())


def _read_label_studio(path: Path, axes: tuple[Axis, ...]) -> Iterator[tuple[str, Record]]:
    try:
        tasks = json.loads(read_text(path))
        for number, task in enumerate(tasks, 1):
            done = [a for a in task["annotations"] if not a.get("was_cancelled")]
            if len(done) > 1:
                raise DataError(f"{path}, task {number}: {len(done)} annotations; export one reader at a time, and settle them with stance adjudicate")
            record: Record = {axis.name: [] for axis in axes if axis.kind == ANY_OF}
            for result in done[0]["result"] if done else []:
                chosen = result["value"]["choices"]
                is_many = any(axis.name == result["from_name"] and axis.kind == ANY_OF for axis in axes)
                record[result["from_name"]] = chosen if is_many or len(chosen) != 1 else chosen[0]
            rest = {key: value for key, value in task["data"].items() if key in Statement.model_fields and key != "labels"}
            yield f"{path}, task {number}", {**rest, **record}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: not an export of Label Studio in its JSON form ({error})") from error


def _write_label_studio(path: Path, records: list[Record], axes: tuple[Axis, ...]) -> None:
    def choices(axis: Axis, value: Any) -> Record:
        return {"from_name": axis.name, "to_name": "text", "type": "choices", "value": {"choices": value if isinstance(value, list) else [value]}}

    names = {axis.name for axis in axes}
    tasks = [
        {"data": {name: value for name, value in record.items() if name not in names}, "annotations": [{"result": [choices(axis, record[axis.name]) for axis in axes if record[axis.name]]}]}
        for record in records
    ]
    with written_beside(path) as beside:
        beside.write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _read_datasets(path: Path, axes: tuple[Axis, ...]) -> Iterator[tuple[str, Record]]:
    from datasets import load_from_disk

    try:
        rows = load_from_disk(str(path)).to_list()
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: not a folder of one data set, as save_to_disk writes it ({error})") from error
    for number, row in enumerate(rows, 1):
        yield f"{path}, row {number}", {name: value for name, value in row.items() if value is not None}


def _write_datasets(path: Path, records: list[Record], axes: tuple[Axis, ...]) -> None:
    from datasets import Dataset

    if path.exists():
        raise InputError(f"{path}: is there already; remove it, or name another folder")
    names = list(dict.fromkeys(name for record in records for name in record))
    beside = partial_of(path)
    Dataset.from_list([{name: record.get(name) for name in names} for record in records]).save_to_disk(str(beside))
    beside.rename(path)


READERS: dict[str, Callable[[Path, tuple[Axis, ...]], Iterator[tuple[str, Record]]]] = {"csv": _read_csv, "doccano": _read_doccano, "label-studio": _read_label_studio, "datasets": _read_datasets}
WRITERS: dict[str, Callable[[Path, list[Record], tuple[Axis, ...]], None]] = {"csv": _write_csv, "doccano": _write_doccano, "label-studio": _write_label_studio, "datasets": _write_datasets}
