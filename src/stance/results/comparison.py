"""Two systems on the same statements: how large the difference is, and whether chance could have made it."""

from __future__ import annotations

from typing import Any

import numpy as np

from stance.labels import Axis
from stance.results.metrics import Rows, figures_of, hits_and_totals
from stance.results.resampling import Floats, Resamples

PERMUTATIONS = 4999


def compared(gold: Any, one: Any, other: Any, axis: Axis, draws: Resamples, seed: int = 1) -> Rows:
    """For each figure of the axis the difference of two systems' answers (n, labels), `one` minus `other`.

    The 95% interval is that of the paired bootstrap by page. `p` is that of the approximate
    randomization test (Noreen 1989), two-sided: the answers of the two are swapped on half of the
    pages, `PERMUTATIONS` times. `won` and `lost` count the statements that only one of them has
    wholly right. No p is corrected for the number of tests.
    """
    present = gold.any(0)
    pages = [np.hstack([draws.by_page(values) for values in hits_and_totals(gold, said)]) for said in (one, other)]
    count = draws.by_page(np.ones((len(gold), 1)))[:, 0]
    total = np.full(PERMUTATIONS, float(count.sum()))
    swaps = np.random.default_rng(seed).integers(0, 2, size=(PERMUTATIONS, draws.pages)).astype(np.float64)
    moved = swaps @ (pages[1] - pages[0])
    drawn = _differences([draws.weights @ page for page in pages], draws.weights @ count, present, axis)
    chance = _differences([pages[0].sum(0) + moved, pages[1].sum(0) - moved], total, present, axis)
    right = [(gold == said).all(1) for said in (one, other)]
    tally = {"won": int((right[0] & ~right[1]).sum()), "lost": int((right[1] & ~right[0]).sum())}
    rows: Rows = []
    for figure, series in drawn.items():
        low, high = np.nanpercentile(series[1:], [2.5, 97.5])
        as_far = int((np.abs(chance[figure]) >= abs(series[0]) - 1e-12).sum())
        rows.append({"figure": figure, "difference": round(float(series[0]), 3), "low": round(float(low), 3), "high": round(float(high), 3), "p": round((1 + as_far) / (1 + PERMUTATIONS), 4), **tally})
    return rows


def _differences(sums: list[Floats], count: Floats, present: Any, axis: Axis) -> dict[str, Floats]:
    one, other = (figures_of(both[:, : len(axis.labels)], both[:, len(axis.labels) :], count, present, axis) for both in sums)
    return {figure: one[figure] - other[figure] for figure in one}
