"""Axes and labels, read from a labels file; the codebook page is printed from the same file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from stance.errors import DataError

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
        """Read back what `as_dict` wrote, or a table of a labels file."""
        kind = raw.get("kind")
        if kind not in (ONE_OF, ANY_OF):
            raise DataError(f"axis {raw.get('name')!r}: kind {kind!r} must be '{ONE_OF}' or '{ANY_OF}'")
        entries = raw.get("label") or [{"name": name} for name in raw.get("labels", [])]
        labels = tuple(Label(**entry) for entry in entries)
        axis = cls(raw["name"], kind, labels, raw.get("question", ""), raw.get("note", ""), tuple(raw.get("core", ())))
        if len(labels) < 2 - (kind == ANY_OF) or len(set(axis.names)) != len(labels):
            raise DataError(f"axis {axis.name!r} needs labels that differ, at least two for a one-of axis")
        return axis


def load_axes(path: Path | str = DEFAULT_LABELS) -> tuple[Axis, ...]:
    """Read a labels file (TOML, `[[axis]]` tables); raise DataError naming the file when it is not one."""
    path = Path(path)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        axes = tuple(Axis.from_dict(table) for table in raw["axis"])
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such labels file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise DataError(f"{path}: not a labels file ({error})") from error
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    names = [axis.name for axis in axes]
    if not names or len(set(names)) != len(names):
        raise DataError(f"{path}: axes need names that differ")
    return axes


def codebook(path: Path | str = DEFAULT_LABELS) -> str:
    """The codebook as a Markdown page."""
    unit = tomllib.loads(Path(path).read_text(encoding="utf-8")).get("unit", "")
    lines = ["# Codebook", "", "Printed from `labels.toml` by `stance codebook`; edit that file, not this page.", "", unit, ""]
    for axis in load_axes(path):
        how = "one label" if axis.kind == ONE_OF else "any number of labels"
        lines += [f"## {axis.name} ({how})", "", axis.question, "", "| label | means | example (made up) |", "|---|---|---|"]
        lines += [f"| `{label.name}` | {label.definition} | {label.example} |" for label in axis.labels]
        lines += ["", axis.note, ""]
    return "\n".join(lines).rstrip() + "\n"
