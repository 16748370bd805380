"""Axes and labels, read from a labels file; the codebook page is printed from the same file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from stance.errors import DataError, InputError
from stance.files import read_toml

DEFAULT_LABELS = Path(__file__).with_name("labels.toml")
SECOND = "speaker"  # the field of the second text a model may read
ONE_OF, ANY_OF = "one-of", "any-of"


@dataclass(frozen=True)
class Label:
    """One label of an axis, with the codebook's definition and an example of our own."""

    name: str
    definition: str = ""
    example: str = ""


@dataclass(frozen=True)
class Axis:
    """A question asked of every statement: `one-of` takes one label, `any-of` a list of them."""

    name: str
    kind: Literal["one-of", "any-of"]
    labels: tuple[Label, ...]
    question: str = ""
    note: str = ""
    core: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Label names in the order of the model's outputs."""
        return tuple(label.name for label in self.labels)

    def check(self, value: Any) -> str | list[str]:
        """Return `value` as this axis stores it; raise DataError naming what is not allowed."""
        given = [value] if self.kind == ONE_OF else value
        if not isinstance(given, list | tuple):
            raise DataError(f"{self.name} must be a list of labels, not {value!r}")
        for name in given:
            if name not in self.names:
                raise DataError(f"{self.name} {name!r} is unknown; allowed: {', '.join(self.names)}")
        if self.kind == ONE_OF:
            return str(value)
        return [name for name in self.names if name in given]

    def as_dict(self) -> dict[str, Any]:
        """What a model folder keeps of an axis."""
        return {"name": self.name, "kind": self.kind, "labels": list(self.names), "core": list(self.core)}

    @classmethod
    def from_dict(cls, raw: dict[str, Any]) -> Axis:
        """Read back what `as_dict` wrote, or a table of a labels file; raise DataError naming what is wrong."""
        if not isinstance(raw, dict):
            raise DataError("an axis must be a table, written as [[axis]]")
        name, kind = raw.get("name"), raw.get("kind")
        if not isinstance(name, str) or not name.strip():
            raise DataError(f"axis name {name!r:.100} must be a word in quotation marks")
        if kind not in (ONE_OF, ANY_OF):
            raise DataError(f"axis {name!r}: kind {kind!r:.100} must be '{ONE_OF}' or '{ANY_OF}'")
        entries = raw.get("label") or raw.get("labels") or []
        if not isinstance(entries, list):
            raise DataError(f"axis {name!r}: labels must be a list")
        labels = tuple(_label(entry, name) for entry in entries)
        core = raw.get("core", [])
        if not isinstance(core, list) or not all(one in [label.name for label in labels] for one in core):
            raise DataError(f"axis {name!r}: core {core!r:.100} must be a list of its labels")
        for key in ("question", "note"):
            if not isinstance(raw.get(key, ""), str):
                raise DataError(f"axis {name!r}: {key} must be text in quotation marks")
        axis = cls(name, kind, labels, raw.get("question", ""), raw.get("note", ""), tuple(core))
        if len(labels) < 2 - (kind == ANY_OF) or len(set(axis.names)) != len(labels):
            raise DataError(f"axis {axis.name!r} needs labels that differ, at least two for a one-of axis")
        return axis


def _label(entry: Any, axis: str) -> Label:
    table = {"name": entry} if isinstance(entry, str) else entry
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()) or not table.get("name", "").strip():
        raise DataError(f"axis {axis!r}: label {entry!r:.100} must have a name, and text in quotation marks")
    unknown = table.keys() - {"name", "definition", "example"}
    if unknown:
        raise DataError(f"axis {axis!r}: {min(unknown)!r} of label {table['name']!r} is unknown; allowed: name, definition, example")
    return Label(**table)


def load_axes(path: Path | str = DEFAULT_LABELS) -> tuple[Axis, ...]:
    """Read a labels file (TOML, `[[axis]]` tables); raise DataError naming the file when it is not one."""
    return _labels_file(Path(path))[1]


def _labels_file(path: Path) -> tuple[str, tuple[Axis, ...]]:
    """The unit that is labelled, in words, and the axes."""
    try:
        raw = read_toml(path)
    except InputError as error:
        raise DataError(f"{error} (a labels file was wanted)") from error
    tables, unit = raw.get("axis"), raw.get("unit", "")
    if not isinstance(tables, list) or not tables:
        raise DataError(f"{path}: not a labels file; it needs axes, each written as [[axis]]")
    if not isinstance(unit, str):
        raise DataError(f"{path}: unit must be text in quotation marks")
    try:
        axes = tuple(Axis.from_dict(table) for table in tables)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    if len({axis.name for axis in axes}) != len(axes):
        raise DataError(f"{path}: axes need names that differ")
    return unit, axes


def codebook(path: Path | str = DEFAULT_LABELS) -> str:
    """The codebook as a Markdown page."""
    unit, axes = _labels_file(Path(path))
    lines = ["# Codebook", "", "Printed from `labels.toml` by `stance codebook`; edit that file, not this page.", "", unit, ""]
    for axis in axes:
        how = "one label" if axis.kind == ONE_OF else "any number of labels"
        lines += [f"## {axis.name} ({how})", "", axis.question, "", "| label | means | example (made up) |", "|---|---|---|"]
        lines += [f"| `{label.name}` | {label.definition} | {label.example} |" for label in axis.labels]
        lines += ["", axis.note, ""]
    return "\n".join(lines).rstrip() + "\n"
