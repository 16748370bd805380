"""Intervals by the bootstrap of whole pages: statements of one page are not independent of one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stance.records import Statement

RESAMPLES = 1000
FEW = 10  # pages below which a bootstrap interval is too narrow to lean on
Floats = npt.NDArray[np.float64]


def page_of(statement: Statement, number: int) -> str:
    """What a statement is drawn together with: its contrast set, page or document; itself where it has none."""
    return statement.set or statement.url or statement.doc or f"statement {number}"


@dataclass(frozen=True)
class Resamples:
    """How often each of the pages is drawn, `weights` (1 + resamples, pages); the first row is the sample as it is.

    `page` (n,) is the number of each statement's page. All figures of one part share one draw, so
    that the differences between systems are paired.
    """

    page: npt.NDArray[np.int64]
    weights: Floats

    @property
    def pages(self) -> int:
        return int(self.weights.shape[1])

    def by_page(self, values: Any) -> Floats:
        """Sums of `values` (n, k) over the statements of each page: (pages, k)."""
        found: Floats = np.zeros((self.pages, np.shape(values)[1]))
        np.add.at(found, self.page, np.asarray(values, dtype=np.float64))
        return found

    def sums(self, values: Any) -> Floats:
        """Sums of `values` (n, k) over all statements, in the sample and in each resample: (1 + resamples, k)."""
        return np.asarray(self.weights @ self.by_page(values))


def resamples(statements: Sequence[Statement], seed: int = 1, count: int = RESAMPLES) -> Resamples:
    """Draw the pages of these statements `count` times with replacement; the same for the same seed."""
    names, page = np.unique([page_of(s, i) for i, s in enumerate(statements)], return_inverse=True)
    size = len(names)
    drawn = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=count)
    return Resamples(page, np.vstack([np.ones((1, size)), drawn]))


def ratio(above: Floats, below: Floats) -> Floats:
    """`above` / `below`; not a number where there is nothing below."""
    return np.asarray(np.divide(above, below, out=np.full(np.broadcast(above, below).shape, np.nan), where=below > 0))


def with_interval(series: Floats) -> dict[str, float | None]:
    """Value and 95% percentile interval of a figure (1 + resamples,) as a row's cells; None where it is not defined."""
    drawn = series[1:][~np.isnan(series[1:])]
    if np.isnan(series[0]) or not len(drawn):
        return {"value": None, "low": None, "high": None}
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {"value": round(float(series[0]), 3), "low": round(float(low), 3), "high": round(float(high), 3)}
