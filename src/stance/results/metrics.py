"""Figures of one system on one part of the held-out statements, as rows with 95% bootstrap intervals.

`gold` and `said` are (n, labels) of bool, `chance` (n, labels) the probabilities behind `said`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stance.labels import ONE_OF, Axis
from stance.results.resampling import Floats, Resamples, ratio, with_interval

BINS = 10
SUREST = 0.6  # share of the statements, the surest answers first
COVERAGES = tuple(round(0.05 * step, 2) for step in range(1, 21))
ACCURACY, MACRO, MICRO, CORE = "accuracy", "macro-F1", "micro-F1", "core macro-F1"
SURE, CALIBRATION = f"accuracy, surest {SUREST:.0%}", "calibration error"
Rows = list[dict[str, Any]]


def gold_matrix(values: list[Any], axis: Axis) -> Any:
    """Labels as (n, labels) of bool."""
    return np.array([[name == value if axis.kind == ONE_OF else name in value for name in axis.names] for value in values])


def figures(gold: Any, said: Any, axis: Axis, draws: Resamples) -> dict[str, Floats]:
    """The figures of an axis in the sample and in each resample, (1 + resamples,) each."""
    hits, total = (draws.sums(values) for values in hits_and_totals(gold, said))
    return figures_of(hits, total, draws.sums(np.ones((len(gold), 1)))[:, 0], gold.any(0), axis)


def hits_and_totals(gold: Any, said: Any) -> tuple[Any, Any]:
    """Of each statement and label (n, labels): 1 where it is rightly given; how often it is held plus how often given."""
    return gold & said, gold.astype(int) + said.astype(int)


def figures_of(hits: Floats, total: Floats, count: Floats, present: Any, axis: Axis) -> dict[str, Floats]:
    """Figures from sums over statements, `hits` and `total` (rows, labels) and their `count` (rows,).

    One-of axes are given accuracy and macro-F1, any-of axes micro-F1 and the macro-F1 of their core
    labels. A macro-F1 is the mean over the labels that the sample holds (`present`).
    """
    f1 = ratio(2 * hits, total)
    if axis.kind == ONE_OF:
        return {ACCURACY: ratio(hits.sum(1), count), MACRO: _mean(f1[:, present])}
    found = {MICRO: ratio(2 * hits.sum(1), total.sum(1))}
    core = np.array([name in axis.core for name in axis.names]) & present
    if core.any():
        found[CORE] = _mean(f1[:, core])
    return found


def _mean(columns: Floats) -> Floats:
    """Mean over the columns that are numbers: a resample may hold none of a rare label."""
    return ratio(np.nansum(columns, axis=1), (~np.isnan(columns)).sum(1).astype(np.float64))


def label_rows(gold: Any, said: Any, axis: Axis, draws: Resamples) -> Rows:
    """Precision, recall, F1 and support of each label. Precision is None where the label was never said, recall where nothing has it."""
    hits, wanted, given = draws.sums(gold & said), draws.sums(gold), draws.sums(said)
    series = {"precision": ratio(hits, given), "recall": ratio(hits, wanted), "F1": ratio(2 * hits, wanted + given)}
    rows: Rows = []
    for k, name in enumerate(axis.names):
        cells = {figure: with_interval(values[:, k]) for figure, values in series.items()}
        spread = {figure + suffix: cell[part] for figure, cell in cells.items() for part, suffix in (("value", ""), ("low", " low"), ("high", " high"))}
        rows.append({"label": name, **spread, "support": int(gold[:, k].sum()), "given": int(said[:, k].sum())})
    return rows


def confusion_rows(gold: Any, said: Any, axis: Axis) -> Rows:
    """One-of: a row for each pair of gold and given label. Any-of: whether each label was given, by whether the statement has it."""
    if axis.kind == ONE_OF:
        counts = gold.T.astype(int) @ said.astype(int)
        return [{"gold": a, "said": b, "count": int(counts[i, j])} for i, a in enumerate(axis.names) for j, b in enumerate(axis.names)]
    return [
        {"gold": name if has else f"not {name}", "said": name if is_given else f"not {name}", "count": int(((gold[:, k] == has) & (said[:, k] == is_given)).sum())}
        for k, name in enumerate(axis.names)
        for has in (True, False)
        for is_given in (True, False)
    ]


def _confidences(chance: Any, gold: Any, axis: Axis) -> tuple[Any, Any]:
    """How sure, and whether right, (n, answers): of a one-of axis its answers, of an any-of axis every label."""
    if axis.kind == ONE_OF:
        best = chance.argmax(1)[:, None]
        return np.take_along_axis(chance, best, 1), np.take_along_axis(gold, best, 1)
    return chance, gold


def reliability(chance: Any, gold: Any, axis: Axis, draws: Resamples) -> tuple[Rows, float]:
    """The reliability table, and the expected calibration error (Naeini et al. 2015).

    `BINS` bins of equal width, of a one-of axis over the confidence of its answers, of an any-of
    axis over the probability of every label; empty bins have no row. The error has no interval: a
    resample's error is greater than the sample's by its very making.
    """
    sure, right = _confidences(chance, gold, axis)
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    inside = [bins == b for b in range(BINS)]
    count, sums, hits = (draws.sums(np.stack([(values * within).sum(1) for within in inside], axis=1)) for values in (np.ones_like(sure), sure, right))
    meant, found = ratio(sums, count), ratio(hits, count)
    rows = [
        {"from": b / BINS, "to": (b + 1) / BINS, "confidence": round(float(meant[0, b]), 3), **with_interval(found[:, b]), "n": int(count[0, b])}
        for b in range(BINS)
        if count[0, b]
    ]
    return rows, float(np.abs(sums - hits)[0].sum() / count[0].sum())


def risk_coverage(chance: Any, gold: Any, draws: Resamples, coverages: tuple[float, ...] = COVERAGES) -> tuple[Any, Floats]:
    """Of a one-of axis, for each share of statements answered, the surest first: how many that is (k,), and the share of
    those answers that is wrong, in the sample and in each resample (1 + resamples, k)."""
    rank = np.empty(len(chance), dtype=int)
    rank[np.argsort(-chance.max(1), kind="stable")] = np.arange(len(chance))
    wrong = ~gold[np.arange(len(gold)), chance.argmax(1)]
    answered = np.array([max(1, round(share * len(chance))) for share in coverages])
    kept = rank[:, None] < answered
    return answered, ratio(draws.sums(kept & wrong[:, None]), draws.sums(kept))
