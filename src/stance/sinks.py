"""Where records go: JSON Lines, CSV or Parquet, plain or compressed, written beside and renamed, to be taken up again after a kill.

What is written so far lies in OUTPUT.partial and how far that is in OUTPUT.partial.json: the
place in the input up to which the partial file answers, and its size there. Bytes after that
place are cut off when the work goes on, so that the file comes out as if nothing had happened.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from stance.errors import InputError, Interrupted
from stance.files import (
    PACKED,
    Record,
    compress,
    dump_line,
    locked,
    one_line,
    partial_of,
    safe_cell,
)

_COMMIT = 1 << 18  # bytes of text that are written, and packed, at a time
_ROW_GROUP = 16_384
FORMS = ("jsonl", "csv", "parquet")


def form_of(path: Path) -> str:
    """jsonl, csv or parquet, by the suffix in front of .gz or .zst; empty for another suffix."""
    name = path.name.lower()
    for packed in PACKED:
        name = name.removesuffix(packed)
    form = name.rpartition(".")[2]
    return form if form in FORMS else ""


class Sink:
    """An output that grows. `done` counts the inputs that it answers already: the caller leaves them out and calls `write` with the rest. `written` counts its records."""

    def __init__(self, handle: IO[bytes], path: Path, form: str, schema: Mapping[str, Any], state: dict[str, Any]) -> None:
        self.path, self.form, self.schema, self.state = path, form, schema, state
        self.handle = handle
        self.done: int = state["done"]
        self.written: int = state["written"]
        self.is_to_stop = False
        self._text = io.StringIO(newline="")
        self._arrow: Any = None

    def write(self, records: Sequence[Record], done: int) -> None:
        """Add records; `done` inputs are answered with them. An input is answered by one call, never by two.

        Raises Interrupted, with everything written out, when the user has asked for an end meanwhile.
        """
        self._add(records, done)
        if self.is_to_stop:
            self.commit()
            raise Interrupted(f"{self.path}: interrupted after {self.written} records, which are kept; the same command with --resume goes on from there")

    def _add(self, records: Sequence[Record], done: int) -> None:
        self.done = done
        self.written += len(records)
        if self.form == "parquet":
            if records:
                self._write_batch(records)
                self.commit()
            return
        for record in records:
            if self.form == "jsonl":
                self._text.write(dump_line(record))
                continue
            header = not self.state["columns"]
            self.state["columns"] = self.state["columns"] or list(record)
            writer = csv.DictWriter(self._text, self.state["columns"], extrasaction="ignore")
            if header:
                writer.writeheader()
            writer.writerow({key: safe_cell(value) for key, value in record.items()})
        if self._text.tell() >= _COMMIT:
            self.commit()

    def commit(self) -> None:
        """Write out what is held back, and then how far that is."""
        text = self._text.getvalue()
        if text:
            self.handle.write(compress(text.encode(), self.path))
        self._text = io.StringIO(newline="")
        self.handle.flush()
        self.state |= {"done": self.done, "written": self.written, "bytes": self.handle.tell()}
        note = _state_file(self.path)
        beside = note.with_name(note.name + ".new")
        beside.write_text(json.dumps(self.state), encoding="utf-8")
        beside.replace(note)

    def _write_batch(self, records: Sequence[Record]) -> None:
        import pyarrow as pa

        if self._arrow is None and self.handle.tell():
            with partial_of(self.path).open("rb") as start:
                self._arrow = pa.ipc.read_schema(start)
        if self._arrow is None:
            try:
                found = pa.Table.from_pylist(list(records)).schema
            except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
                raise InputError(f"{self.path}: the records do not fit into columns ({one_line(error)}); write .jsonl instead") from error
            self._arrow = pa.schema([(field.name, self.schema.get(field.name, pa.string() if pa.types.is_null(field.type) else field.type)) for field in found])
            self.handle.write(self._arrow.serialize())
        try:
            batch = pa.RecordBatch.from_pylist(list(records), schema=self._arrow)
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            raise InputError(f"{self.path}: a record does not fit the columns of the first ones ({one_line(error)}); write .jsonl instead") from error
        self.handle.write(batch.serialize())


@contextmanager
def sink(path: Path, form: str, settings: Mapping[str, Any], resume: bool = False, schema: Mapping[str, Any] | None = None) -> Iterator[Sink]:
    """An output at `path`, renamed into place when the block ends well and kept as partial when it does not.

    `settings` are what the records hang on: with `resume` a partial file made with others is refused,
    without it the work begins anew. `schema` gives Parquet types of columns by name. Raises InputError
    for an output that another run is writing.
    """
    plan = hashlib.sha256(json.dumps({"form": form, **settings}, sort_keys=True, default=str).encode()).hexdigest()
    beside, note = partial_of(path), _state_file(path)
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path, beside) as handle:
            state = _read_state(path, plan, handle) if resume else None
            if state is None:
                note.unlink(missing_ok=True)
                state = {"plan": plan, "done": 0, "written": 0, "bytes": 0, "columns": []}
            handle.truncate(state["bytes"])
            handle.seek(state["bytes"])
            found = Sink(handle, path, form, schema or {}, state)
            try:
                with _stopping(found):
                    yield found
            except BaseException:
                if not found.state["done"]:
                    beside.unlink()  # nothing in it to go on from
                raise
            found.commit()
            if form == "parquet":
                _finish_parquet(path, found.schema)
            else:
                beside.replace(path)
            note.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from error


@contextmanager
def _stopping(out: Sink) -> Iterator[None]:
    """Let ctrl-C end the run after the batch at hand; a second one ends it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return

    def ask(*_: object) -> None:
        out.is_to_stop = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _state_file(path: Path) -> Path:
    return path.with_name(path.name + ".partial.json")


def _read_state(path: Path, plan: str, handle: IO[bytes]) -> dict[str, Any] | None:
    """How far an earlier run came; None where there was none, or less of its file is left than it says."""
    try:
        state: dict[str, Any] = json.loads(_state_file(path).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if state["plan"] != plan:
        raise InputError(f"{path}: was begun with another model, other options or inputs; give the same, or begin anew without --resume")
    return state if handle.seek(0, io.SEEK_END) >= state["bytes"] else None


def _finish_parquet(path: Path, schema: Mapping[str, Any]) -> None:
    """Turn the stream of record batches that was written so far into a Parquet file, some batches a row group."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    made = path.with_name(path.name + ".parquet.partial")
    with partial_of(path).open("rb") as raw:
        stream = pa.ipc.open_stream(raw) if raw.seek(0, io.SEEK_END) and raw.seek(0) == 0 else None
        wanted = stream.schema if stream else pa.schema(list(schema.items()))
        with pq.ParquetWriter(made, wanted, compression="zstd") as writer:
            group: list[Any] = []
            for batch in stream or ():
                group.append(batch)
                if sum(part.num_rows for part in group) >= _ROW_GROUP:
                    writer.write_table(pa.Table.from_batches(group))
                    group = []
            if group:
                writer.write_table(pa.Table.from_batches(group))
    made.replace(path)
    partial_of(path).unlink()
