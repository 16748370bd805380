"""From held-out logits: temperatures, thresholds, and the limits of conformal sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.metrics import f1_score

from stance.labels import ONE_OF, Axis
from stance.records import Statement
from stance.tagging import Calibration, Manifest, probabilities
from stance.tagging.folder import ALONE, DESCRIBED
from stance.tagging.scoring import Array, Scorer, by_axis
from stance.training.encoder import PRIMER, targets

COVERAGES = (0.8, 0.9, 0.95)
FEWEST = 30  # statements with a second text from which they are calibrated apart


def calibrated(manifest: Manifest, score: Scorer, validation: Sequence[Statement]) -> Manifest:
    """The manifest with what a scorer's logits of held-out statements say about its confidence, and their macro-F1 as `metrics`.

    Made-up statements are too clean to calibrate on and are passed over where there are others.
    Texts alone and texts with a second text are calibrated apart (as one where too few have one).
    """
    real = [s for s in validation if s.origin not in PRIMER] or list(validation)
    second = [s for s in real if s.speaker]
    metrics: dict[str, Any] = {}
    found = {}
    for name, members in ((ALONE, real), (DESCRIBED, second if len(second) >= FEWEST else real)):
        logits = score([s.text for s in members], [s.speaker if name == DESCRIBED else "" for s in members]).logits
        found[name], figures = calibration(logits, members, manifest.axes)
        metrics |= {f"{figure}, {name}": value for figure, value in figures.items()}
    return replace(manifest, calibration=found, metrics={"validation statements": len(real), **metrics})


def calibration(logits: Array, statements: Sequence[Statement], axes: tuple[Axis, ...]) -> tuple[Calibration, dict[str, float]]:
    """Calibration by the logits (n, all labels) of held-out statements, and macro-F1 of each axis with it.

    Of each axis the temperature with the least log loss (Guo et al. 2017); of each any-of label the
    threshold with the best F1; and, for each coverage, the least probability that keeps a label in a
    split-conformal set (Sadinle, Lei & Wasserman 2019): of a one-of axis over all answers, of an
    any-of label over the statements that have it.
    """
    parts = by_axis(logits, axes)
    temperatures: dict[str, float] = {}
    thresholds: dict[str, list[float]] = {}
    conformal: dict[str, dict[str, list[float]]] = {str(coverage): {} for coverage in COVERAGES}
    figures: dict[str, float] = {}
    for axis, gold in zip(axes, (t.numpy() for t in targets(statements, axes)), strict=True):
        temperatures[axis.name] = _temperature(parts[axis.name], gold, axis)
        chance = probabilities(parts[axis.name], axis, temperatures[axis.name])
        if axis.kind == ONE_OF:
            said: Any = chance.argmax(1)
        else:
            thresholds[axis.name] = [_best_threshold(chance[:, i], gold[:, i]) for i in range(len(axis.labels))]
            said = chance >= np.array(thresholds[axis.name])
        for coverage in COVERAGES:
            if axis.kind == ONE_OF:
                limit = _limit(chance[np.arange(len(gold)), gold], coverage)
                conformal[str(coverage)][axis.name] = [limit] * len(axis.labels)
            else:
                conformal[str(coverage)][axis.name] = [_limit(chance[gold[:, i] > 0, i], coverage) for i in range(len(axis.labels))]
        figures[f"{axis.name} macro-F1"] = round(float(f1_score(gold, said, average="macro", zero_division=0)), 3)
    return Calibration(temperatures, thresholds, conformal), figures


def _temperature(logits: Array, gold: Any, axis: Axis) -> float:
    def log_loss(log_t: float) -> float:
        chance = np.clip(probabilities(logits, axis, float(np.exp(log_t))), 1e-6, 1 - 1e-6)
        if axis.kind == ONE_OF:
            return float(-np.log(chance[np.arange(len(gold)), gold]).mean())
        return float(-(gold * np.log(chance) + (1 - gold) * np.log(1 - chance)).mean())

    return round(float(np.exp(minimize_scalar(log_loss, bounds=(-2.0, 2.0), method="bounded").x)), 4)


def _best_threshold(chance: Array, gold: Any) -> float:
    def f1(limit: float) -> float:
        said = chance >= limit
        both = float((said & (gold > 0)).sum())
        return 2 * both / max(1.0, float(said.sum() + gold.sum()))

    grid = [round(0.2 + 0.02 * i, 2) for i in range(31)]
    # The nearest to one half among the best, which small validation sets leave many of.
    return max(grid, key=lambda limit: (round(f1(limit), 3), -abs(limit - 0.5)))


def _limit(chance_of_truth: Array, coverage: float) -> float:
    """Keeps the truth in at least `coverage` of new cases; 0, which keeps everything, where the cases are too few to tell."""
    n = len(chance_of_truth)
    rank = int(np.ceil((n + 1) * coverage))
    if rank > n:
        return 0.0
    return float(np.sort(chance_of_truth)[n - rank])
