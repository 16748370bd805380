"""The history of a folder of models: what was trained and what was measured, a line each, the oldest first."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stance.errors import InputError
from stance.files import Record, append_line, json_lines, open_input
from stance.results.evaluation import AGAINST, MODEL, Evaluation
from stance.results.metrics import CALIBRATION, MACRO, SURE, Rows
from stance.tagging import read_manifest
from stance.tagging.folder import MANIFEST, digest

FILE = "history.jsonl"
SHORT = 8  # digits of a digest in the table


def trained(model: Path) -> Record:
    """The line of a model just trained: its data, recipe, seed and figures on validation."""
    manifest = read_manifest(model, ())
    recipe = dict(manifest.provenance.get("settings", {}))
    seed = recipe.pop("seed", None)
    metrics = dict(manifest.metrics)
    n = metrics.pop("validation statements", None)
    figures = [{"figure": name, "value": value, "n": n} for name, value in metrics.items()]
    return {**_about("trained", model), "encoder": manifest.provenance.get("encoder", {}).get("name", ""), "statements": manifest.provenance.get("statements"), "recipe": recipe, "seed": seed, "on": "validation", "figures": figures}


def evaluated(model: Path, data: Path, found: Evaluation, against: Path | None = None) -> Record:
    """The line of an evaluation: the figures on the held-out statements nearest to life, and the paired test if there was one."""
    origin = found["about"]["statements"][0]["origin"]
    ours = {"origin": origin, "system": MODEL}
    figures = [
        {"figure": _name(row), **{key: row[key] for key in ("value", "low", "high", "n")}}
        for row in found["figures"]
        if {key: row[key] for key in ours} == ours and row["figure"] not in (CALIBRATION, SURE)
    ]
    record = {**_about("evaluated", model), "on": f"{origin} test statements".lstrip(), "test_sha256": digest(data / "test.jsonl"), "figures": figures}
    if against:
        record["against"] = str(against)
        record["differences"] = [
            {"figure": _name(row), **{key: row[key] for key in ("difference", "low", "high", "p", "n")}} for row in found["compared"] if row["other"] == AGAINST and row["origin"] == origin
        ]
    return record


def note(model: Path, record: Record) -> None:
    """Put a line into the history beside the model folder."""
    append_line(model.parent / FILE, record)


def read(models: Path) -> list[Record]:
    """The lines of the history of a folder of models; raises InputError where there is none."""
    path = models / FILE
    if not path.exists():
        raise InputError(f"{path}: no such file; `stance train` and `stance evaluate` write it beside the model folder")
    with open_input(path) as handle:
        lines = list(json_lines(handle, str(path)))
    for number, line in lines:
        recipe, figures = line.get("recipe", {}), line.get("figures", [])
        if not (isinstance(recipe, dict) and isinstance(figures, list) and all(isinstance(f, dict) and isinstance(f.get("figure"), str) and isinstance(f.get("value"), float) for f in figures)):
            raise InputError(f"{path}, line {number}: not a line of a history; take it out")
    return [line for _, line in lines]


def _begun(line: Record) -> str:
    """What a training went on from, where it was not the packaged encoder."""
    return f", from {line['encoder']}" if line.get("encoder") else ""


def table(lines: list[Record]) -> Rows:
    """The history in rows for a terminal: of the figures the macro-F1 alone, without intervals; the file has all."""
    return [
        {
            "date": str(line.get("at", ""))[:16].replace("T", " "),
            "what": line.get("what", ""),
            "model": line.get("model", ""),
            "digest": str(line.get("digest", ""))[:SHORT],
            "data": str(line.get("data_sha256", ""))[:SHORT],
            "learnt from": f"{line.get('statements')}, {line['recipe'].get('epochs', '?')} epochs, seed {line.get('seed')}{_begun(line)}" if "recipe" in line else "",
            "figures": "\n".join(f"{figure['figure']} {figure['value']:.3f} (n {figure.get('n', '?')}, {line.get('on', '')})" for figure in line.get("figures", []) if MACRO in figure["figure"]),
        }
        for line in lines
    ]


def _about(what: str, model: Path) -> Record:
    # The manifest holds the digest of every file of the folder, so that its own stands for the model.
    return {"at": datetime.now(UTC).isoformat(timespec="seconds"), "what": what, "model": model.name, "digest": digest(model / MANIFEST), "data_sha256": read_manifest(model, ()).provenance.get("data_sha256", "")}


def _name(row: dict[str, Any]) -> str:
    return f"{row['axis']} {row['figure']}, {'described' if row['speaker'] else 'alone'}"
