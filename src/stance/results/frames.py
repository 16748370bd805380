"""Tables from a caller: pandas or polars frames, or rows already."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from stance.errors import InputError
from stance.records import Statement

Rows = list[dict[str, Any]]


def rows_of(table: Any) -> Rows:
    """The rows of a pandas or polars frame, of statements, or of a sequence of mappings; a missing value is None."""
    if hasattr(table, "to_dicts"):
        return list(table.to_dicts())
    if hasattr(table, "to_dict"):
        return [{str(key): None if _is_missing(value) else value for key, value in row.items()} for row in table.to_dict("records")]
    if isinstance(table, Iterable) and not isinstance(table, str | Mapping):
        rows = [row.row() if isinstance(row, Statement) else row for row in table]
        if all(isinstance(row, Mapping) for row in rows):
            return [dict(row) for row in rows]
    raise InputError(f"a table is wanted: a pandas or polars frame, or a list of rows, not {type(table).__name__}")


def columns_of(rows: Rows, *names: str) -> None:
    """Raise InputError where a column that is needed is not there."""
    for name in names:
        if rows and name not in rows[0]:
            raise InputError(f"the table has no column {name!r}; there are: {', '.join(rows[0])}")


def _is_missing(value: Any) -> bool:
    return type(value).__name__ in ("NaTType", "NAType") or (isinstance(value, float) and math.isnan(value))
