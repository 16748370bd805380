"""What any bytes at all may do to each reader: be read, or be refused with an error that names the mend. Anything else is a fault.

hypothesis (test_readers.py) and atheris (atheris_run.py) both draw the bytes.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from stance.articles import quotations, read_article, speaker_description
from stance.errors import DataError, StanceError
from stance.files import csv_rows, dump_line, json_lines, text_lines
from stance.labels import codebook, load_axes
from stance.records import Statement
from stance.roster import faults, load_roster, matches
from stance.tagging.folder import MANIFEST, read_manifest
from stance.tagging.streams import Inputs

AXES = load_axes()
ROSTER = load_roster()
SAMPLE = "“We will wait,” said Ann Lee of the Guild, who told the union. “They lied.”"
_MEMORY = Path("/dev/shm")  # noqa: S108
HERE = Path(tempfile.mkdtemp(prefix="stance-fuzz-", dir=_MEMORY if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) else None))


def _file(name: str, data: bytes) -> Path:
    path = HERE / name
    path.write_bytes(data)
    return path


def check_quotations(text: str) -> None:
    """Offsets cut the words out of the text, and every record can be written as UTF-8."""
    for record in quotations(text, ROSTER, every_kind=True, indirect=True):
        assert text[record["start"] : record["end"]] == record["text"] != ""
        if record["speaker_start"] is not None:
            assert text[record["speaker_start"] : record["speaker_end"]] == record["speaker"] != ""
        speaker_description(record, ROSTER)
        check_record(record)


def check_record(record: dict) -> None:
    """A record comes out as one line of UTF-8 that reads back as JSON."""
    line = dump_line(record)
    assert line.encode().count(b"\n") == 1
    json.loads(line, parse_constant=_no_constant)


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def article(data: bytes) -> None:
    check_quotations(read_article(_file("a.txt", data)))


def html(data: bytes) -> None:
    check_quotations(read_article(_file("a.html", data)))


def text(data: bytes) -> None:
    for _, line in text_lines(io.BytesIO(data), "a file"):
        check_record({"text": line})


def table(data: bytes) -> None:
    for _, record in csv_rows(io.BytesIO(data), "a file"):
        check_record(record)


def lines(data: bytes) -> None:
    for _, record in json_lines(io.BytesIO(data), "a file"):
        check_record(record)
        with contextlib.suppress(DataError):
            check_record(Statement.from_record(record, AXES).record())


def _statements(name: str, data: bytes) -> None:
    for _, record in Inputs([]).file(_file(name, data)):
        check_record(record)


def packed(data: bytes) -> None:
    _statements("s.jsonl.zst" if data[:1] == b"\x28" else "s.jsonl.gz", data)


def parquet(data: bytes) -> None:
    _statements("s.parquet", data)


def labels(data: bytes) -> None:
    path = _file("labels.toml", data)
    axes = load_axes(path)
    for axis in axes:
        assert axis.from_dict(axis.as_dict()).names == axis.names
    codebook(path).encode()


def roster(data: bytes) -> None:
    people = load_roster(_file("roster.toml", b"extend = false\n" + data))  # the built-in one takes too long to read each time
    faults(people)
    matches(people, "Ann Lee")
    for record in quotations(SAMPLE, people, indirect=True):
        speaker_description(record, people)
        check_record(record)


def manifest(data: bytes) -> None:
    _file(MANIFEST, data)
    found = read_manifest(HERE, ())
    for second in ("", "AMPTP"):
        calibration = found.calibration_of(second)
        for axis in found.axes:
            assert calibration.temperatures[axis.name] > 0
            if axis.kind == "any-of":
                assert len(calibration.thresholds[axis.name]) == len(axis.labels)


READERS: dict[str, Callable[[bytes], None]] = {
    reader.__name__: reader for reader in (article, html, text, table, lines, packed, parquet, labels, roster, manifest)
}


def read(name: str, data: bytes) -> bool:
    """Whether a reader takes these bytes; it may refuse them with a domain error of one line and nothing else."""
    try:
        READERS[name](data)
    except StanceError as error:
        said = str(error)
        assert said.strip() and "\n" not in said, f"not one line: {said!r}"
        said.encode()
        return False
    return True
