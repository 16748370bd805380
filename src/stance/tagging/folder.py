"""The model folder: plain files and a manifest with their digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stance.errors import DataError, ModelError
from stance.labels import Axis
from stance.records import SECOND

MANIFEST = "manifest.json"
FORMAT = 2


@dataclass(frozen=True)
class Manifest:
    """What a trained model carries: its axes, calibration, provenance and the digests of its files.

    `second` names the field of the second text; `thresholds` say from which probability a label of an any-of axis is given; `conformal` holds, for
    each coverage, the least probability with which a label of each axis stays in the set.
    """

    kind: str
    axes: tuple[Axis, ...]
    max_length: int
    temperatures: dict[str, float]
    thresholds: dict[str, list[float]]
    second: str = SECOND
    conformal: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a folder; the digests are those of the files that lie there now."""
    files = {p.name: digest(p) for p in sorted(folder.iterdir()) if p.is_file() and p.name not in (MANIFEST, "README.md")}
    raw = {**asdict(manifest), "axes": [axis.as_dict() for axis in manifest.axes], "files": files, "format": FORMAT}
    (folder / MANIFEST).write_text(json.dumps(raw, indent=2) + "\n", encoding="utf-8")


def read_manifest(folder: Path | str, used: Container[str] | None = None) -> Manifest:
    """Read and check a model folder; raise ModelError when it is missing, damaged or of another format.

    Only the digests of the files in `used` are checked (all if not given): tagging need not wait
    for those of the training weights, which it never opens.
    """
    folder = Path(folder)
    path = folder / MANIFEST
    if not path.is_file():
        raise ModelError(f"{folder}: no model there; train one first: make train (or name one with --model)")
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw.pop("format") != FORMAT:
            raise ModelError(f"{path}: made by another version of stance; train it again")
        manifest = Manifest(**{**raw, "axes": tuple(Axis.from_dict(axis) for axis in raw["axes"])})
    except (ValueError, TypeError, KeyError, AttributeError, DataError) as error:
        raise ModelError(f"{path}: not a model manifest ({error}); train the model again") from error
    for name, expected in manifest.files.items():
        file = folder / name
        if Path(name).name != name or file.is_symlink() or not file.is_file():
            raise ModelError(f"{file}: missing from the model folder; train or copy the model again")
        if (used is None or name in used) and digest(file) != expected:
            raise ModelError(f"{file}: does not match the manifest's digest; train or copy the model again")
    return manifest
