"""Reading and writing text, JSON Lines and tables, so that bad input is named and no output is half-written."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import io
import itertools
import json
import math
import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, cast

from stance.errors import InputError

Record = dict[str, Any]
PACKED = {".gz": "gzip", ".zst": "zstd"}
LINE = 4 << 20  # bytes of a line, or of a row: a longer one is no statement, and would fill memory
WHOLE = 64 << 20  # bytes of a file that is read at once
_UNPACKED = 4 << 20
RATIO = 100  # text packs to a third or a tenth; a large file that unpacks to so many times its size was made to fill memory
_DEEPEST = 100  # levels of JSON
_HALF = re.compile("[\ud800-\udfff]")
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_SIGNATURES = {b"\x1f\x8b": "gzip data", b"\x28\xb5\x2f\xfd": "zstd data", b"PK\x03\x04": "a zip file (or .xlsx, .docx)", b"PAR1": "a Parquet file", b"%PDF": "a PDF", b"\xff\xfe": "UTF-16 text (iconv -f UTF-16 -t UTF-8 converts it)", b"\xfe\xff": "UTF-16 text (iconv -f UTF-16 -t UTF-8 converts it)"}


def read_text(path: Path | str, limit: int = WHOLE) -> str:
    """Read a UTF-8 text file; raise InputError for what is missing, binary, in another encoding or of more than `limit` bytes."""
    path = Path(path)
    try:
        with path.open("rb") as handle:
            raw = handle.read(limit + 1)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    if len(raw) > limit:
        raise InputError(f"{path}: larger than {limit >> 20} MiB, which is too much to read at once; split it")
    return decode(raw, str(path))


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; raise InputError when it is missing or none."""
    try:
        return tomllib.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not TOML ({one_line(error)})") from error


def decode(raw: bytes, name: str) -> str:
    """Decode UTF-8 bytes; raise InputError that names the first bad byte and how to convert."""
    fault = ""
    if b"\0" in raw:
        fault = f"a binary file (NUL at byte {raw.index(0)}), not text"
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            fault = f"not UTF-8 (byte 0x{raw[error.start]:02x} at {error.start}); convert it first, e.g. iconv -f WINDOWS-1252 -t UTF-8"
    if fault:
        known = next((what for signature, what in _SIGNATURES.items() if raw.startswith(signature)), "")
        raise InputError(f"{name}: {f'not UTF-8 text but {known}' if known else fault}")
    return text.replace("\r\n", "\n")


def whole_text(text: str) -> str:
    """The text with each half of a surrogate pair, which no file and no model can hold, replaced by U+FFFD; lengths stay."""
    return _HALF.sub("\ufffd", text)


def one_line(error: BaseException) -> str:
    """What an error says, as far as it fits into a message of one line."""
    said = whole_text(" ".join(str(error).split())) or type(error).__name__
    return said if len(said) <= 300 else said[:300] + " ..."


def text_lines(handle: IO[bytes] | Iterable[bytes], name: str) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, text without newline) of a binary stream, a line at a time."""
    read = getattr(handle, "readline", None)
    for number, raw in enumerate(iter(lambda: read(LINE + 1), b"") if read else handle, 1):
        if len(raw) > LINE:
            raise InputError(f"{name}, line {number}: longer than {LINE >> 20} MiB; a statement a line is wanted")
        yield number, "" if raw == b"\n" else decode(raw, f"{name}, line {number}").rstrip("\r\n")


def json_lines(handle: IO[bytes] | Iterable[bytes], name: str) -> Iterator[tuple[int, Record]]:
    """Yield (line number, object) of a JSON Lines stream; blank lines are passed over."""
    for number, line in text_lines(handle, name):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            if line.count("[") + line.count("{") > _DEEPEST:
                _check_depth(record)
            if _ESCAPED_HALF.search(line):
                record = _plain(record)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{name}, line {number}: not JSON ({one_line(error)}); one object a line is wanted") from error
        if not isinstance(record, dict):
            raise InputError(f"{name}, line {number}: a JSON object is wanted, not {type(record).__name__}")
        yield number, record


def csv_rows(handle: IO[bytes] | Iterable[bytes], name: str) -> Iterator[tuple[int, Record]]:
    """Yield (number of its last line, fields by the header's names) of each row of a CSV stream; blank ones are passed over.

    Cells that a row lacks are None, those that the header lacks a list under "(surplus)"; a second
    column `x` is `x (2)`, so that neither is lost. Raises InputError where a row does not end.
    """
    length = 0

    def lines() -> Iterator[str]:
        nonlocal length
        for _, line in text_lines(handle, name):
            length += len(line) + 1
            if length > LINE:
                raise InputError(f"{name}, line {table.line_num}: a row longer than {LINE >> 20} MiB; is a quotation mark there not closed?")
            yield line + "\n"

    table = csv.reader(lines())
    names: list[str] = []
    try:
        for row in table:
            length = 0
            if row and not names:
                seen = Counter(row)
                for column in reversed(row):
                    names.insert(0, column if seen[column] == 1 else f"{column} ({seen[column]})")
                    seen[column] -= 1
            elif row:
                record: Record = dict(itertools.zip_longest(names, row[: len(names)]))
                yield table.line_num, {**record, "(surplus)": row[len(names) :]} if len(row) > len(names) else record
    except csv.Error as error:
        raise InputError(f"{name}, line {table.line_num}: not CSV ({error}); is a quotation mark there not closed?") from error


def _check_depth(value: Any) -> None:
    """Raise ValueError for JSON nested so deep that it could be read but not written again."""
    level, depth = [value], 0
    while level := [inner for outer in level for inner in (outer.values() if isinstance(outer, dict) else outer) if isinstance(inner, dict | list)]:
        depth += 1
        if depth > _DEEPEST:
            raise ValueError(f"nested more than {_DEEPEST} deep")


def _plain(value: Any) -> Any:
    """A JSON value without what only Python's JSON holds: halves of characters become U+FFFD, NaN and infinity null."""
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, dict):
        return {whole_text(str(key)): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def open_input(path: Path | str) -> IO[bytes]:
    """Open a file for reading bytes, unpacked if its name ends in .gz or .zst; raise InputError when that cannot be."""
    path = Path(path)
    try:
        raw = path.open("rb")
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    return unpacked(raw, path)


def unpacked(raw: IO[bytes], path: Path) -> IO[bytes]:
    """The stream of a file, unpacked if the file's name ends in .gz or .zst; a fault in it is an InputError."""
    form = PACKED.get(path.suffix.lower())
    if form is None:
        return raw
    return cast(IO[bytes], io.BufferedReader(_Unpacked(raw, path, form), 1 << 16))


class _Unpacked(io.RawIOBase):
    """What a packed stream holds. In no circle of references, so that its buffers go with it."""

    def __init__(self, raw: IO[bytes], path: Path, form: str) -> None:
        import pyarrow as pa

        super().__init__()
        self._raw, self._path, self._form, self._size = raw, path, form, 0
        self._source = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), form)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            found: int = self._source.readinto(buffer)  # `read` would leak its bytes on an error
        except OSError as error:
            raise InputError(f"{self._path}: damaged, or not {self._form} at all ({one_line(error)})") from error
        self._size += found
        if self._size > max(_UNPACKED, RATIO * self._raw.tell()):
            raise InputError(f"{self._path}: unpacks to more than {RATIO} times its size, which no text does; unpack it first if it is right")
        return found

    def close(self) -> None:
        super().close()
        self._raw.close()


def compress(data: bytes, path: Path) -> bytes:
    """Bytes as a file of this name holds them: packed, whole in themselves, if it ends in .gz or .zst."""
    form = PACKED.get(path.suffix.lower())
    if form is None:
        return data
    import pyarrow as pa

    packed = pa.BufferOutputStream()
    with pa.CompressedOutputStream(packed, form) as stream:
        stream.write(data)
    return bytes(packed.getvalue())


@contextlib.contextmanager
def locked(path: Path, beside: Path) -> Iterator[IO[bytes]]:
    """Open `beside`, the unfinished form of `path`, as the only one who does; raise InputError where another run has it open."""
    beside.touch()
    with beside.open("r+b") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A run that ended between the two steps has renamed the file: what is locked is the finished one.
            is_mine = os.fstat(handle.fileno()).st_ino == beside.stat().st_ino
        except (BlockingIOError, FileNotFoundError):
            is_mine = False
        if not is_mine:
            raise InputError(f"{path}: another run is writing it; wait for that one, or name another file")
        yield handle


def partial_of(path: Path) -> Path:
    """Where a file lies while it is written; raise InputError for a path that names no file."""
    if not path.name:
        raise InputError(f"{str(path)!r} is a folder; name a file in it to write to")
    return path.with_name(path.name + ".partial")


@contextlib.contextmanager
def written_beside(path: Path | str) -> Iterator[Path]:
    """Give a path beside `path` to write to; rename it over `path` when the block ends well."""
    path = Path(path)
    beside = partial_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path, beside):
            try:
                yield beside
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from error


def dump_line(record: Record) -> str:
    """One record as a line of JSON, newline included. NaN and infinity, which JSON lacks, become null."""
    try:
        line = json.dumps(record, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:
        line = json.dumps(_plain(record), ensure_ascii=False, default=str, allow_nan=False)
    return (line if line.isascii() else whole_text(line)) + "\n"


def write_json_lines(path: Path | str, records: Iterable[Record]) -> int:
    """Write records, one a line, and return how many."""
    count = 0
    with written_beside(path) as beside, beside.open("w", encoding="utf-8") as handle:
        for record in records:
            handle.write(dump_line(record))
            count += 1
    return count


def mend_last_line(path: Path, file: int) -> None:
    """Cut off the last line of JSON Lines if a kill tore it; end it if only its newline is missing. `file` is open for appending."""
    raw = path.read_bytes()
    tail = raw[raw.rfind(b"\n") + 1 :]
    if not tail:
        return
    try:
        is_whole = isinstance(json.loads(tail), dict)  # an editor may have left the newline out
    except (ValueError, RecursionError):
        is_whole = False
    if is_whole:
        os.write(file, b"\n")
    else:
        os.ftruncate(file, len(raw) - len(tail))
    os.fsync(file)


def append_line(path: Path, record: Record) -> None:
    """Append a record to a file that other runs may append to; it is on disk when this returns. Raises InputError where that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab", buffering=0) as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            mend_last_line(path, handle.fileno())
            line = dump_line(record).encode()
            while line:
                line = line[handle.write(line) :]
            os.fsync(handle.fileno())
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from error


def is_folder(name: str | Path) -> bool:
    """Whether there is a folder of this name; any text can be asked about, also one too long for a name."""
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):
        return False


def is_file(name: str | Path) -> bool:
    """Whether there is a file of this name; any text can be asked about."""
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False


def safe_cell(value: Any) -> Any:
    """A value for a CSV cell; text a spreadsheet would run as a formula gets an apostrophe in front."""
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and not value.isascii():
        value = whole_text(value)
    if isinstance(value, str) and (value[:1] in ("\t", "\r") or value.lstrip()[:1] in ("=", "+", "-", "@")):
        return "'" + value
    return value


