"""A column of a data frame in, a data frame out; no frame library is loaded unless the caller has."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from stance.labels import ONE_OF, Axis


def library_of(texts: Any) -> str:
    """"pandas" or "polars" for a Series of theirs, "" for anything else."""
    name = type(texts).__module__.partition(".")[0]
    return name if name in ("pandas", "polars") and type(texts).__name__ == "Series" else ""


def as_list(column: Any) -> list[Any]:
    """The values of a Series; what is missing (None, NaN, NA) becomes the empty string."""
    missing = column.is_null() if library_of(column) == "polars" else column.isna()
    return ["" if gone else value for value, gone in zip(column.to_list(), missing.to_list(), strict=True)]


def as_frame(rows: list[dict[str, Any]], texts: Any, axes: Sequence[Axis]) -> Any:
    """The tags as a frame of the library, and for pandas with the index, that `texts` has."""
    library = sys.modules[library_of(texts)]
    if library_of(texts) == "pandas":
        return library.DataFrame(rows, index=texts.index)
    # A column of lists that are all empty would have no type.
    lists = {name: library.List(kind) for axis in axes if axis.kind != ONE_OF for name, kind in ((axis.name, library.String), (f"{axis.name}_confidence", library.Float64))}
    return library.DataFrame(rows, schema_overrides=lists, infer_schema_length=None)
