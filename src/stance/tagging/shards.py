"""Whole files and folders of them, tagged into files and folders of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stance.errors import InputError
from stance.files import PACKED, written_beside
from stance.sinks import FORMS, form_of, sink
from stance.tagging.folder import MANIFEST, digest
from stance.tagging.streams import Fields, Inputs, is_file_name, parquet_types, tag, windows
from stance.tagging.tagger import Tagger

_SETTINGS = "stance-settings.json"
Report = Callable[[int, int], None]  # statements answered and bytes read since the last call


def settings_of(model: Path, fields: Fields, roster: Path | None = None, fast: bool = False) -> dict[str, Any]:
    """What the answers hang on, apart from the inputs."""
    return {"model": digest(model / MANIFEST), "roster": digest(roster) if roster else "", "fast": fast, **asdict(fields)}


def tag_files(
    names: list[str], output: Path, form: str, tagger: Tagger, fields: Fields, settings: dict[str, Any], resume: bool = False, report: Report | None = None
) -> int:
    """Tag statements and files into one file, in constant memory; return how many statements it holds."""
    inputs = Inputs(names, fields.text)
    types = parquet_types(tagger, Path(names[0])) if form == "parquet" else None
    with sink(output, form, {"inputs": names, **settings}, resume, types) as out:
        was, read = out.done, 0
        if report:
            report(was, 0)
        for group in windows(inputs, skip=was):
            out.write(tag(group, tagger, fields), out.done + len(group))
            if report:
                report(len(group), inputs.read - read)
                read = inputs.read
        return out.done


def shards(folder: Path, output: Path, form: str = "") -> list[tuple[Path, Path]]:
    """Each file of a folder that can be tagged, and where its tags go: the same path below `output`, in its own form unless `form` is given."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    if output.exists() and not output.is_dir():
        raise InputError(f"{output}: is a file; a folder is tagged into a folder")
    if output.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{output}: lies in the folder that is read; name another")
    found = sorted(path for path in folder.rglob("*") if path.is_file() and is_file_name(path.name) and not path.name.startswith("."))
    if not found:
        raise InputError(f"{folder}: no statements in this folder (.txt, .csv, .jsonl or .parquet)")
    pairs = [(path, output / path.relative_to(folder).with_name(_name(path, form))) for path in found]
    if len({into for _, into in pairs}) < len(pairs):
        raise InputError(f"{folder}: two files there would be tagged into one; rename one of them")
    return pairs


def _name(path: Path, form: str) -> str:
    packed = path.suffix.lower() if path.suffix.lower() in PACKED else ""
    bare = Path(path.name.removesuffix(path.suffix) if packed else path.name)
    suffix = form or form_of(path) or FORMS[0]
    return f"{bare.stem}.{suffix}{'' if suffix == 'parquet' else packed}"


def unfinished(pairs: list[tuple[Path, Path]], output: Path, settings: dict[str, Any], resume: bool) -> list[tuple[Path, Path]]:
    """The shards still to be tagged; raise InputError where some are tagged already and it was not said to go on, or were with other settings."""
    left = [(source, into) for source, into in pairs if not into.exists()]
    note = output / _SETTINGS
    said = json.dumps(settings, sort_keys=True, indent=1, default=str) + "\n"
    if len(left) < len(pairs):
        if not resume:
            raise InputError(f"{output}: holds {len(pairs) - len(left)} finished shards of {len(pairs)}; go on with --resume, or name another folder")
        if not note.is_file() or note.read_text(encoding="utf-8") != said:
            raise InputError(f"{output}: its finished shards were tagged by another model or with other options; give the same, or name another folder")
    with written_beside(note) as beside:
        beside.write_text(said, encoding="utf-8")
    return left


def tag_folder(
    folder: Path, output: Path, form: str, tagger: Tagger, fields: Fields, settings: dict[str, Any], resume: bool, report: Callable[[int], Report]
) -> int:
    """Tag each file of a folder into a file of another; return how many statements were tagged. `report` is given the bytes there are to read."""
    pairs = unfinished(shards(folder, output, form), output, settings, resume)
    told = report(sum(source.stat().st_size for source, _ in pairs))
    return sum(tag_files([str(source)], into, form_of(into), tagger, fields, settings, resume, told) for source, into in pairs)
