"""Statements in, tagged statements out, a chunk at a time: text lines, CSV, JSON Lines, Parquet."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from stance.errors import InputError
from stance.files import Record, json_lines, open_input, text_lines
from stance.tagging.tagger import Tagger

CHUNK = 512


def read_records(path: Path | str, column: str = "text") -> Iterator[tuple[str, Record]]:
    """Yield (where, record) of a file by its suffix, or of standard input for "-" (JSON Lines or plain lines)."""
    name = str(path)
    suffix = Path(name).suffix.lower()
    if name == "-":
        yield from _lines_or_json(sys.stdin.buffer, column)
    elif suffix == ".csv":
        with open_input(path) as handle:
            lines = (line + "\n" for _, line in text_lines(handle, name))
            table = csv.DictReader(lines, restkey="(surplus)")
            for row in table:
                yield f"{name}, line {table.line_num}", dict(row)
    elif suffix == ".jsonl":
        with open_input(path) as handle:
            for number, record in json_lines(handle, name):
                yield f"{name}, line {number}", record
    elif suffix == ".parquet":
        yield from _parquet(name)
    elif suffix == ".txt":
        with open_input(path) as handle:
            for number, line in text_lines(handle, name):
                if line.strip():
                    yield f"{name}, line {number}", {column: line}
    else:
        raise InputError(f"{name}: suffix {suffix!r} is not known; use .txt, .csv, .jsonl or .parquet")


def _lines_or_json(handle: Any, column: str) -> Iterator[tuple[str, Record]]:
    buffered = io.BufferedReader(handle) if not hasattr(handle, "peek") else handle
    if buffered.peek(1)[:1] == b"{":
        yield from ((f"standard input, line {n}", r) for n, r in json_lines(buffered, "standard input"))
    else:
        yield from ((f"standard input, line {n}", {column: t}) for n, t in text_lines(buffered, "standard input") if t.strip())


def _parquet(name: str) -> Iterator[tuple[str, Record]]:
    import pyarrow
    import pyarrow.parquet as pq

    try:
        row = 0
        for batch in pq.ParquetFile(name).iter_batches(CHUNK):
            for record in batch.to_pylist():
                row += 1
                yield f"{name}, row {row}", record
    except FileNotFoundError as error:
        raise InputError(f"{name}: no such file") from error
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"{name}: not a Parquet file ({str(error).splitlines()[0]})") from error


def tag(
    records: Iterable[tuple[str, Record]], tagger: Tagger, column: str = "text", speaker_column: str = "speaker", speaker: str = "", **options: Any
) -> Iterator[Record]:
    """Tags beside the fields of each record; raise InputError naming where a text is missing or empty."""
    chunk: list[Record] = []
    for where, record in records:
        if column not in record:
            raise InputError(f"{where}: no column {column!r}; there are: {', '.join(map(str, record))} (name one with --column)")
        if not isinstance(record[column], str) or not record[column].strip():
            raise InputError(f"{where}: {column} is empty; a statement needs words")
        chunk.append(record)
        if len(chunk) == CHUNK:
            yield from _tag_chunk(chunk, tagger, column, speaker_column, speaker, options)
            chunk = []
    if chunk:
        yield from _tag_chunk(chunk, tagger, column, speaker_column, speaker, options)


def _tag_chunk(chunk: list[Record], tagger: Tagger, column: str, speaker_column: str, speaker: str, options: dict[str, Any]) -> Iterator[Record]:
    speakers = [speaker or str(r.get(speaker_column) or "") for r in chunk]
    tags = tagger.classify([r[column] for r in chunk], speakers, **options)
    for record, found in zip(chunk, tags, strict=True):
        yield {**record, **found}
