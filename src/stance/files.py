"""Reading and writing text, JSON Lines and tables, so that bad input is named and no output is half-written."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, cast

from stance.errors import InputError

Record = dict[str, Any]
PACKED = {".gz": "gzip", ".zst": "zstd"}


def read_text(path: Path | str) -> str:
    """Read a UTF-8 text file; raise InputError for what is missing, binary or in another encoding."""
    path = Path(path)
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    return decode(raw, str(path))


def decode(raw: bytes, name: str) -> str:
    """Decode UTF-8 bytes; raise InputError that names the first bad byte and how to convert."""
    if b"\0" in raw:
        raise InputError(f"{name}: a binary file (NUL at byte {raw.index(0)}), not text")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: not UTF-8 (byte 0x{raw[error.start]:02x} at {error.start}); "
            "convert it first, e.g. iconv -f WINDOWS-1252 -t UTF-8"
        ) from error
    return text.replace("\r\n", "\n")


def text_lines(handle: Iterable[bytes], name: str) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, text without newline) of a binary stream, a line at a time."""
    for number, raw in enumerate(handle, 1):
        yield number, decode(raw, f"{name}, line {number}").rstrip("\r\n")


def json_lines(handle: Iterable[bytes], name: str) -> Iterator[tuple[int, Record]]:
    """Yield (line number, object) of a JSON Lines stream; blank lines are passed over."""
    for number, line in text_lines(handle, name):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{name}, line {number}: not JSON ({error}); one object a line is wanted") from error
        if not isinstance(record, dict):
            raise InputError(f"{name}, line {number}: a JSON object is wanted, not {type(record).__name__}")
        yield number, record


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
    import pyarrow as pa

    class Unpacked(io.RawIOBase):
        source = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), form)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            try:
                found = self.source.read(len(buffer))
            except OSError as error:
                raise InputError(f"{path}: damaged, or not {form} at all ({str(error).splitlines()[0]})") from error
            buffer[: len(found)] = found
            return len(found)

    return cast(IO[bytes], io.BufferedReader(Unpacked(), 1 << 16))


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


@contextlib.contextmanager
def written_beside(path: Path | str) -> Iterator[Path]:
    """Give a path beside `path` to write to; rename it over `path` when the block ends well."""
    path = Path(path)
    beside = path.with_name(path.name + ".partial")
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
    """One record as a line of JSON, newline included."""
    return json.dumps(record, ensure_ascii=False, default=str) + "\n"


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
    except ValueError:
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
    except OSError:
        return False


def is_file(name: str | Path) -> bool:
    """Whether there is a file of this name; any text can be asked about."""
    try:
        return Path(name).is_file()
    except OSError:
        return False


def safe_cell(value: Any) -> Any:
    """A value for a CSV cell; text a spreadsheet would run as a formula gets an apostrophe in front."""
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and (value[:1] in ("\t", "\r") or value.lstrip()[:1] in ("=", "+", "-", "@")):
        return "'" + value
    return value


