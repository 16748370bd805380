"""The model folder: plain files and a manifest with their digests."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Container
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stance.errors import DataError, InputError, ModelError
from stance.files import is_file, one_line, read_text
from stance.labels import ONE_OF, SECOND, Axis

MANIFEST = "manifest.json"
FORMAT = 2
_LONGEST = 1 << 16  # tokens a model may read
_LARGEST = 2 << 30  # bytes of a file; an ONNX graph cannot be larger


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


def _check(manifest: Manifest) -> None:
    """Raise ValueError or TypeError where a manifest that reads well cannot be used."""
    least = 0 if manifest.kind == "baseline" else 4  # a baseline cuts nothing
    if type(manifest.max_length) is not int or not least <= manifest.max_length <= _LONGEST:
        raise ValueError(f"max_length {manifest.max_length!r:.100} must lie between {least} and {_LONGEST}")
    if not all(isinstance(text, str) for text in (manifest.kind, manifest.second, *manifest.files.values())):
        raise TypeError("kind, second and the digests of files must be texts")
    if not all(isinstance(table, dict) for table in (manifest.provenance, manifest.metrics)):
        raise TypeError("provenance and metrics must be objects")
    if not manifest.axes or len({axis.name for axis in manifest.axes}) < len(manifest.axes):
        raise ValueError("axes need names that differ")
    for used in (*manifest.calibration.values(), *(manifest.fast.calibration.values() if manifest.fast else ())):
        for axis in manifest.axes:
            lists = [used.thresholds[axis.name]] if axis.kind != ONE_OF else []
            lists += [limits[axis.name] for coverage, limits in used.conformal.items() if 0 < float(coverage) < 1]
            if any(len(numbers) != len(axis.labels) for numbers in lists):
                raise ValueError(f"{axis.name} has {len(axis.labels)} labels, and as many thresholds are wanted")
            if not all(_is_number(number) for number in (used.temperatures[axis.name], *(n for numbers in lists for n in numbers))) or used.temperatures[axis.name] <= 0:
                raise ValueError(f"temperature and thresholds of {axis.name} must be finite numbers, the temperature above 0")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def read_manifest(folder: Path | str, used: Container[str] | None = None) -> Manifest:
    """Read and check a model folder; raise ModelError when it is missing, damaged or of another format.

    Only the digests of the files in `used` are checked (all if not given): tagging need not wait
    for those of the training weights, which it never opens.
    """
    folder = Path(folder)
    path = folder / MANIFEST
    if path.is_symlink() or not path.is_file():
        raise ModelError(f"{folder}: no model there; train one first: make train (or name one with --model)")
    try:
        raw = json.loads(read_text(path))
        if not isinstance(raw, dict):
            raise TypeError("a JSON object is wanted")
        if raw.pop("format") != FORMAT:
            raise ModelError(f"{path}: made by another version of stance; train it again")
        fast = raw.get("fast")
        raw["fast"] = Fast(**{**fast, "calibration": _calibrations(fast)}) if fast else None
        manifest = Manifest(**{**raw, "axes": tuple(Axis.from_dict(axis) for axis in raw["axes"]), "calibration": _calibrations(raw)})
        _check(manifest)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, DataError) as error:
        raise ModelError(f"{path}: not a model manifest ({one_line(error)}); train the model again") from error
    except InputError as error:
        raise ModelError(f"{error}; train or copy the model again") from error
    for name, expected in manifest.files.items():
        if Path(name).name != name:
            raise ModelError(f"{path}: names {name!r:.200}, which is no file of this folder; train or copy the model again")
        file = folder / name
        if file.is_symlink() or not is_file(file):
            raise ModelError(f"{file}: missing from the model folder, or a link; train or copy the model again")
        if file.stat().st_size > _LARGEST:
            raise ModelError(f"{file}: larger than {_LARGEST >> 30} GiB, which no model of this kind is; train or copy the model again")
        if (used is None or name in used) and digest(file) != expected:
            raise ModelError(f"{file}: does not match the manifest's digest; train or copy the model again")
    return manifest
