"""How often each label is given, by side and by time, with an interval that pages, not statements, make narrow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import sqrt
from typing import Any

from stance.results.frames import Rows, columns_of, rows_of

_Z = 1.959964  # of a normal distribution, 95%
_PAGES = ("url", "doc", "set")


def shares(table: Any, axis: str, by: Sequence[str] = ("side",)) -> Rows:
    """For each combination of the columns `by` and each label of the column `axis`: the share of statements that have it.

    Cells of `axis` are labels or lists of labels. `low` and `high` are the 95% interval of Wilson
    (1927) with the number of pages (url, else document, else contrast set, else the statement) as
    the sample size: wider than one that takes the statements of a page for independent. Rows where
    one of the columns `by` is empty are passed over.
    """
    rows = rows_of(table)
    columns_of(rows, axis, *by)
    groups: dict[tuple[Any, ...], list[tuple[set[str], str]]] = defaultdict(list)
    for number, row in enumerate(rows):
        key = tuple(row[name] for name in by)
        if all(part not in (None, "") for part in key) and row[axis] is not None:
            given = {row[axis]} if isinstance(row[axis], str) else set(row[axis])
            groups[key].append((given, next((str(row[name]) for name in _PAGES if row.get(name)), f"statement {number}")))
    labels = sorted({label for members in groups.values() for given, _ in members for label in given})
    found: Rows = []
    for key, members in sorted(groups.items()):
        pages = len({page for _, page in members})
        for label in labels:
            count = sum(label in given for given, _ in members)
            low, high = wilson(count / len(members), pages)
            found.append({**dict(zip(by, key, strict=True)), axis: label, "share": round(count / len(members), 3), "low": round(low, 3), "high": round(high, 3), "count": count, "n": len(members), "pages": pages})
    return found


def wilson(share: float, n: int) -> tuple[float, float]:
    """The 95% interval of Wilson (1927) of a share found among `n`."""
    middle, spread = share + _Z**2 / (2 * n), _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
    return max(0.0, (middle - spread) / (1 + _Z**2 / n)), min(1.0, (middle + spread) / (1 + _Z**2 / n))
