"""The model folder: plain files and a manifest with their digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stance.errors import DataError, ModelError
from stance.labels import ONE_OF, SECOND, Axis

MANIFEST = "manifest.json"
FORMAT = 2


ALONE, DESCRIBED = "alone", "described"


@dataclass(frozen=True)
class Calibration:
    """How to read logits: `temperatures` of each axis, `thresholds` from which labels of an any-of axis are given.

    `conformal` holds, for each coverage, the least probability with which a label of each axis stays in the set.
    """

    temperatures: dict[str, float]
    thresholds: dict[str, list[float]]
    conformal: dict[str, dict[str, list[float]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Fast:
    """The distilled form of a model: its calibration, and what it gives up: `lost` is macro-F1 by figure, in points, on validation."""

    calibration: dict[str, Calibration]
    lost: dict[str, float]
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """What a trained model carries: its axes, calibration, provenance and the digests of its files.

    `second` names the field of the second text. There is one calibration for texts "alone" and one
    for those "described" by a second text: a model is far surer of the side when told who speaks.
    """

    kind: str
    axes: tuple[Axis, ...]
    max_length: int
    calibration: dict[str, Calibration]
    second: str = SECOND
    provenance: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    fast: Fast | None = None

    def calibration_of(self, second: str) -> Calibration:
        """The calibration for a text with this second text."""
        return self.calibration[DESCRIBED if second.strip() else ALONE]


def uncalibrated(axes: tuple[Axis, ...]) -> dict[str, Calibration]:
    """Calibration that leaves logits as they are."""
    plain = Calibration({a.name: 1.0 for a in axes}, {a.name: [0.5] * len(a.labels) for a in axes if a.kind != ONE_OF})
    return {ALONE: plain, DESCRIBED: plain}


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a folder; the digests are those of the files that lie there now."""
    files = {p.name: digest(p) for p in sorted(folder.iterdir()) if p.is_file() and p.name not in (MANIFEST, "README.md")}
    raw = {**asdict(manifest), "axes": [axis.as_dict() for axis in manifest.axes], "files": files, "format": FORMAT}
    (folder / MANIFEST).write_text(json.dumps(raw, indent=2) + "\n", encoding="utf-8")


def _calibrations(raw: dict[str, Any]) -> dict[str, Calibration]:
    return {name: Calibration(**raw["calibration"][name]) for name in (ALONE, DESCRIBED)}


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
        fast = raw.get("fast")
        raw["fast"] = Fast(**{**fast, "calibration": _calibrations(fast)}) if fast else None
        manifest = Manifest(**{**raw, "axes": tuple(Axis.from_dict(axis) for axis in raw["axes"]), "calibration": _calibrations(raw)})
    except (ValueError, TypeError, KeyError, AttributeError, DataError) as error:
        raise ModelError(f"{path}: not a model manifest ({error}); train the model again") from error
    for name, expected in manifest.files.items():
        file = folder / name
        if Path(name).name != name or file.is_symlink() or not file.is_file():
            raise ModelError(f"{file}: missing from the model folder; train or copy the model again")
        if (used is None or name in used) and digest(file) != expected:
            raise ModelError(f"{file}: does not match the manifest's digest; train or copy the model again")
    return manifest
