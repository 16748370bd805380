"""Reading and writing text, JSON Lines and tables, so that bad input is named and no output is half-written."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from stance.errors import InputError

Record = dict[str, Any]


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


def text_lines(handle: IO[bytes], name: str) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, text without newline) of a binary stream, a line at a time."""
    for number, raw in enumerate(handle, 1):
        yield number, decode(raw, f"{name}, line {number}").rstrip("\r\n")


def json_lines(handle: IO[bytes], name: str) -> Iterator[tuple[int, Record]]:
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
    """Open a file for reading bytes; raise InputError when that cannot be."""
    try:
        return Path(path).open("rb")
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error


@contextlib.contextmanager
def written_beside(path: Path | str) -> Iterator[Path]:
    """Give a path beside `path` to write to; rename it over `path` when the block ends well."""
    path = Path(path)
    beside = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield beside
        beside.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        beside.unlink(missing_ok=True)


def dump_line(record: Record) -> str:
    """One record as a line of JSON, newline included."""
    return json.dumps(record, ensure_ascii=False) + "\n"


def write_json_lines(path: Path | str, records: Iterable[Record]) -> int:
    """Write records, one a line, and return how many."""
    count = 0
    with written_beside(path) as beside, beside.open("w", encoding="utf-8") as handle:
        for record in records:
            handle.write(dump_line(record))
            count += 1
    return count


def safe_cell(value: Any) -> Any:
    """A value for a CSV cell; text a spreadsheet would run as a formula gets an apostrophe in front."""
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.lstrip()[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


