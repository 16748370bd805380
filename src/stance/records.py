"""The records that rooms hand to one another as JSON Lines."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stance.errors import DataError
from stance.labels import SECOND as SECOND
from stance.labels import Axis

Origin = Literal["quoted", "restated", "composed", "generated", ""]


class Statement(BaseModel):
    """A labelled statement. `labels` maps an axis name to its label, or to a list for an any-of axis.

    `speaker` is the second text a model may read; `origin` is empty for data that is not ours.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    text: str = Field(min_length=1)
    speaker: str = ""
    origin: Origin = ""
    dispute: str = ""
    set: str = ""
    date: str = Field(default="", pattern=r"^(\d{4}(-\d\d){0,2})?$")
    url: str = ""
    outlet: str = ""
    doc: str = ""
    start: int | None = Field(default=None, ge=0)
    end: int | None = Field(default=None, ge=0)
    labels: dict[str, str | list[str]]

    @classmethod
    def from_record(cls, record: dict[str, Any], axes: tuple[Axis, ...], second: str = SECOND) -> Statement:
        """Read a flat JSON object, one key an axis; raise DataError saying what is wrong with it.

        `second` names the field that holds the second text.
        """
        rest = dict(record)
        if second != SECOND and second in rest:
            if SECOND in rest:
                raise DataError(f"both {SECOND!r} and {second!r} are given; a statement has one second text")
            rest[SECOND] = rest.pop(second)
        labels: dict[str, str | list[str]] = {}
        for axis in axes:
            if axis.name not in rest:
                raise DataError(f"{axis.name} is missing")
            labels[axis.name] = axis.check(rest.pop(axis.name))
        try:
            return cls(**rest, labels=labels)
        except (ValidationError, TypeError) as error:
            first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": str(error), "type": ""}
            where = ".".join(str(part) for part in first["loc"]) or "record"
            if first["type"] == "extra_forbidden":
                allowed = ", ".join([*(axis.name for axis in axes), *(name for name in cls.model_fields if name != "labels")])
                raise DataError(f"field {where!r} is not known; allowed: {allowed} (a second text of another name: --second {where})") from error
            raise DataError(f"{where}: {first['msg']}") from error

    def record(self) -> dict[str, Any]:
        """The flat JSON object again, without empty fields; `speaker` always stays."""
        flat = self.model_dump(exclude={"labels"})
        kept = {key: value for key, value in flat.items() if value not in ("", None) or key == "speaker"}
        return {"text": kept.pop("text"), **self.labels, **kept}

    def row(self) -> dict[str, Any]:
        """The same with every field, so that all files of a split data set have the same columns."""
        flat = self.model_dump(exclude={"labels", "start", "end"})
        return {"text": flat.pop("text"), **self.labels, **flat}
