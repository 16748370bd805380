"""Statements in, tagged statements out, a window at a time: text lines, CSV, JSON Lines, Parquet, plain or compressed."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stance.errors import InputError
from stance.files import (
    LINE,
    PACKED,
    RATIO,
    Record,
    csv_rows,
    dump_line,
    is_file,
    json_lines,
    one_line,
    text_lines,
    unpacked,
    whole_text,
)
from stance.labels import ONE_OF
from stance.tagging.tagger import UNSURE, Tagger

WINDOW = 1024  # statements held at a time; sorted by length within
_HELD = 16 << 20  # characters of them
_CELLS = 1 << 20  # cells of a Parquet file that are unpacked at a time
_READ = 1 << 16  # bytes asked of a pipe at a time
_SUFFIXES = (".txt", ".csv", ".jsonl", ".parquet")
Found = tuple[str, Record]


def suffix_of(path: Path | str) -> str:
    """The suffix that says what a file holds: that in front of .gz or .zst."""
    path = Path(path)
    return Path(path.stem).suffix.lower() if path.suffix.lower() in PACKED else path.suffix.lower()


def is_file_name(text: str) -> bool:
    """Whether an argument is meant as a file, not as a statement."""
    return text == "-" or (suffix_of(text) in _SUFFIXES and (" " not in text or is_file(text)))


class Inputs:
    """Arguments of the command line, one after the other: statements, files, "-" for standard input.

    `size` is that of all files in bytes, None where it cannot be known; `read` grows towards it.
    `is_waiting` says that the next record has yet to come down a pipe.
    """

    def __init__(self, names: Sequence[str], column: str = "text") -> None:
        self.names, self.column = names, column
        files = [Path(name) for name in names if is_file_name(name) and name != "-"]
        self.size = None if "-" in names or not files else sum(file.stat().st_size for file in files if is_file(file))
        self.read = 0
        self.is_waiting = False

    def records(self) -> Iterator[Found]:
        """Yield (where, record); raise InputError naming the place of what cannot be read."""
        for name in self.names:
            if not is_file_name(name):
                yield "argument", {self.column: whole_text(name)}
            elif name == "-":
                yield from self._standard_input()
            else:
                yield from self.file(Path(name))

    def file(self, path: Path) -> Iterator[Found]:
        """Yield (where, record) of one file, whatever its name looks like."""
        before, suffix = self.read, suffix_of(path)
        if suffix not in _SUFFIXES or (suffix == ".parquet" and path.suffix.lower() != suffix):
            raise InputError(f"{path}: suffix {path.suffix!r} is not known; use .txt, .csv, .jsonl (or these with .gz or .zst) or .parquet")
        try:
            with path.open("rb") as raw:
                for where, record in _parquet(path) if suffix == ".parquet" else _RECORDS[suffix](unpacked(raw, path), str(path), self.column):
                    self.read = before + raw.tell()
                    yield where, record
        except FileNotFoundError as error:
            raise InputError(f"{path}: no such file") from error
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
        if self.size is not None:
            self.read = before + path.stat().st_size

    def _standard_input(self) -> Iterator[Found]:
        lines = self._lines_as_they_come()
        first = next(lines, b"")
        kind = ".jsonl" if first.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{" else ".txt"
        yield from _RECORDS[kind](itertools.chain([first], lines), "standard input", self.column)
        self.is_waiting = False

    def _lines_as_they_come(self) -> Iterator[bytes]:
        rest = b""
        read: Any = sys.stdin.buffer  # a BufferedReader, though typed as less
        while chunk := read.read1(_READ):
            *lines, rest = (rest + chunk).split(b"\n")
            last = max((number for number, line in enumerate(lines) if line.strip()), default=-1)
            for number, line in enumerate(lines):
                self.is_waiting = number == last
                yield line + b"\n"
            if len(rest) > LINE:
                break  # which is said where the line is read
        if rest:
            yield rest


def _json(handle: Iterable[bytes], name: str, column: str) -> Iterator[Found]:
    return ((f"{name}, line {number}", record) for number, record in json_lines(handle, name))


def _text(handle: Iterable[bytes], name: str, column: str) -> Iterator[Found]:
    return ((f"{name}, line {number}", {column: line}) for number, line in text_lines(handle, name) if line.strip())


def _csv(handle: Iterable[bytes], name: str, column: str) -> Iterator[Found]:
    return ((f"{name}, line {number}", record) for number, record in csv_rows(handle, name))


_RECORDS = {".txt": _text, ".csv": _csv, ".jsonl": _json}


def _parquet(path: Path) -> Iterator[Found]:
    import pyarrow
    import pyarrow.parquet as pq

    row = 0
    try:
        # Without buffering ahead, which would hold a whole row group; repeated texts once, as the file holds them.
        about = pq.read_metadata(path)
        texts = [about.schema.column(n).path for n in range(about.num_columns) if about.schema.column(n).physical_type == "BYTE_ARRAY" and about.schema.column(n).max_repetition_level == 0]
        file = pq.ParquetFile(path, pre_buffer=False, buffer_size=_READ, read_dictionary=texts)
        if len(set(file.schema_arrow.names)) < len(file.schema_arrow.names):
            raise InputError(f"{path}: two columns have one name; rename one")
        for batch in file.iter_batches(_rows_at_a_time(about, path)):
            step = _rows_of_a_slice(batch, f"{path}, after row {row}")
            for low in range(0, batch.num_rows, step):
                for record in batch.slice(low, step).to_pylist():
                    row += 1
                    yield f"{path}, row {row}", record
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError, RecursionError) as error:
        raise InputError(f"{path}: not a Parquet file that can be read, after row {row} ({one_line(error)})") from error


def _rows_at_a_time(about: Any, path: Path) -> int:
    """How many rows to unpack at a time, by what the file says of itself; raise InputError where it was made to fill memory."""
    is_flat = not any(about.schema.column(n).max_repetition_level for n in range(about.num_columns))
    is_small = all(about.row_group(n).total_byte_size <= _HELD for n in range(about.num_row_groups))
    most = about.num_columns if is_flat and is_small else _values_a_row(path)
    if most > _CELLS:
        raise InputError(f"{path}: rows of more than {_CELLS:,} values")
    return max(1, min(WINDOW, _CELLS // max(1, most)))


_ABOUT = """
import sys
import pyarrow.parquet as pq

path, held, ratio = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
about, most = pq.read_metadata(path), 1
for group in map(about.row_group, range(about.num_row_groups)):
    chunks = [group.column(n) for n in range(group.num_columns)]
    if any(c.total_uncompressed_size > max(held, ratio * c.total_compressed_size) for c in chunks):
        sys.exit("swells")
    most = max(most, sum(c.num_values for c in chunks) // max(1, group.num_rows))
print(most)
"""


def _values_a_row(path: Path) -> int:
    """The most values that a row has on average; raise InputError for columns that unpack to too much.

    Asked in a process of its own, for pyarrow ends the process over a damaged description of a column.
    """
    asked = subprocess.run([sys.executable, "-P", "-c", _ABOUT, str(path), str(_HELD), str(RATIO)], capture_output=True, text=True, check=False)
    if asked.returncode < 0:
        raise InputError(f"{path}: not a Parquet file that can be read (its description of the columns is damaged)")
    if asked.stderr.strip() == "swells":
        raise InputError(f"{path}: unpacks to more than {RATIO} times its size, which no text does")
    if asked.returncode:
        why = asked.stderr.strip().rsplit("\n", 1)[-1]
        raise InputError(f"{path}: its columns cannot be looked at ({why or asked.returncode})")
    return int(asked.stdout)


def _rows_of_a_slice(batch: Any, where: str) -> int:
    """How many rows of a batch to turn into Python's objects at a time: few where texts are long."""
    import pyarrow as pa
    import pyarrow.compute as pc

    longest = 1
    for column in batch.columns:
        texts = column.dictionary if pa.types.is_dictionary(column.type) else column
        if pa.types.is_string(texts.type) or pa.types.is_binary(texts.type):
            length = pc.max(pc.binary_length(texts)).as_py() or 0
            if length > LINE:
                raise InputError(f"{where}: a text longer than {LINE >> 20} MiB; a statement a row is wanted")
            longest += length
    return max(1, _HELD // longest)


@dataclass(frozen=True)
class Fields:
    """Where a record holds its text and its second text, a `speaker` for all, and what `Tagger.classify` is asked."""

    text: str = "text"
    second: str = "speaker"
    speaker: str = ""
    options: dict[str, Any] = field(default_factory=dict)


def windows(inputs: Inputs, skip: int = 0, soon: bool = False) -> Iterator[list[Found]]:
    """Records in groups of `WINDOW`, or fewer where they are large, the first `skip` left out; with `soon` a group ends where a pipe has no more for now."""
    group: list[Found] = []
    held = 0
    for found in itertools.islice(inputs.records(), skip, None):
        group.append(found)
        held += _size(found[1])
        if len(group) == WINDOW or held > _HELD or (soon and inputs.is_waiting):
            yield group
            group, held = [], 0
    if group:
        yield group


def _size(record: Record) -> int:
    """About how many characters a record holds; a field counts as 100, what is nested as ten times its JSON, for that is what they take in memory."""
    nested = [value for value in record.values() if isinstance(value, list | dict) and value]
    return 100 * len(record) + sum(len(value) for value in record.values() if isinstance(value, str)) + (10 * len(dump_line({"": nested})) if nested else 0)


def tag(group: Sequence[Found], tagger: Tagger, fields: Fields) -> list[Record]:
    """Tags beside the fields of each record; raise InputError naming where a text is missing or empty."""
    for where, record in group:
        if fields.text not in record:
            raise InputError(f"{where}: no column {fields.text!r}; there are: {', '.join(map(str, record))} (name one with --column)")
        if not isinstance(record[fields.text], str) or not record[fields.text].strip():
            raise InputError(f"{where}: {fields.text} is empty; a statement needs words")
    speakers = [fields.speaker or str(record.get(fields.second) or "") for _, record in group]
    tags = tagger.classify([record[fields.text] for _, record in group], speakers, **fields.options)
    return [{**record, **found} for (_, record), found in zip(group, tags, strict=True)]


def parquet_types(tagger: Tagger, source: Path | None = None) -> dict[str, Any]:
    """Types of the tags' columns, and of those of a Parquet source, for a Parquet output."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    found: dict[str, Any] = {}
    if source and suffix_of(source) == ".parquet" and is_file(source):
        try:
            found = {column.name: column.type for column in pq.read_schema(source)}
        except (pa.ArrowException, OSError, ValueError) as error:
            raise InputError(f"{source}: not a Parquet file ({one_line(error)})") from error
    names = pa.list_(pa.string())
    for axis in tagger.axes:
        one = axis.kind == ONE_OF
        found |= {axis.name: pa.string() if one else names, f"{axis.name}_confidence": pa.float64() if one else pa.list_(pa.float64())}
        found |= {f"{axis.name}_{UNSURE}": names, f"{axis.name}_set": names}
    return found
