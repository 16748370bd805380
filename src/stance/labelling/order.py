"""What to label next: where the model is least sure, and what is least like the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from stance.labels import ONE_OF, Axis

Array = npt.NDArray[np.float32]
ORDERS = ("uncertain", "diverse", "mixed", "random")
GREEDY = 2000  # statements picked one by one for being unlike; nobody labels more in one go, and the cost grows with the square

RARE = 0.01  # share of texts from which a label is no rarer
APART = 0.3  # cosine distance from which two statements are unlike enough for `mixed`


def doubt(chances: Mapping[str, Array], axes: Sequence[Axis]) -> Array:
    """How unsure the model is of each text, (n,), 0 to 1, from probabilities (n, labels) of each axis.

    Of a one-of axis it is one less the margin between the two likeliest labels (Scheffer et al. 2001);
    of an any-of axis the mean over its core labels of the variance p(1 - p), divided by that of a label
    so frequent, since of rare labels the unsure ones are the first to be found at all.
    Every axis counts alike: the texts are ranked on each, and the ranks averaged.
    """
    ranks = []
    for axis in axes:
        chance = chances[axis.name]
        if axis.kind == ONE_OF:
            top = np.sort(chance, axis=1)[:, -2:]
            unsure = 1 - (top[:, 1] - top[:, 0])
        else:
            core = chance[:, [axis.names.index(name) for name in axis.core or axis.names]]
            often = core.mean(0).clip(RARE, 1 - RARE)
            unsure = (core * (1 - core) / (often * (1 - often))).mean(1)
        steps, rank = np.unique(unsure, return_inverse=True)
        ranks.append(rank / max(1, len(steps) - 1))
    return np.asarray(np.mean(ranks, axis=0), dtype=np.float32)


def farthest_first(states: Array, weights: Array, known: Array | None = None, count: int = GREEDY, enough: float = 2.0) -> list[int]:
    """Rows of `states` (n, width), each the one whose cosine distance to those before it and to `known`, times its weight, is greatest.

    A distance above `enough` counts no more than that. With equal weights it is the greedy k-center order (Gonzalez 1985; Sener and Savarese 2018).
    Without `known` it starts with the greatest weight, and of equal ones the most central row.
    """
    unit = _unit(states)
    if known is not None and len(known):
        nearest = np.full(len(unit), np.inf, dtype=np.float32)
        for low in range(0, len(known), 512):
            nearest = np.minimum(nearest, 1 - (unit @ _unit(known[low : low + 512]).T).max(1))
        score = np.minimum(nearest, enough) * weights
    else:
        nearest = np.full(len(unit), 2.0, dtype=np.float32)
        score = weights.astype(np.float64) + 1e-6 * (unit @ unit.mean(0))
    found: list[int] = []
    left = np.ones(len(unit), dtype=bool)
    for _ in range(min(count, len(unit))):
        pick = int(np.where(left, score, -np.inf).argmax())
        found.append(pick)
        left[pick] = False
        nearest = np.minimum(nearest, 1 - unit @ unit[pick])
        score = np.minimum(nearest, enough) * weights
    return found


def order(how: str, chances: Mapping[str, Array], states: Array, axes: Sequence[Axis], seed: int = 1, known: Array | None = None, count: int = GREEDY) -> list[int]:
    """All rows in the order to label them; `how` is one of ORDERS, `known` the states (m, width) of what is labelled already.

    `mixed` takes what is unsure, is like much of the rest (information density, Settles and Craven
    2008) and is not nearly the same as what went before. After `count` rows the least sure come first.
    """
    unsure = doubt(chances, axes)
    if how == "random":
        return [int(i) for i in np.random.default_rng(seed).permutation(len(states))]
    by_doubt = [int(i) for i in np.argsort(-unsure, kind="stable")]
    if how == "uncertain":
        return by_doubt
    if how == "mixed":
        unit = _unit(states)
        first = farthest_first(states, unsure * np.maximum(unit @ unit.mean(0), 0), known, count, APART)
    else:
        first = farthest_first(states, np.ones_like(unsure), known, count)
    taken = set(first)
    return [*first, *(i for i in by_doubt if i not in taken)]


def _unit(states: Array) -> Array:
    return np.asarray(states / np.linalg.norm(states, axis=1, keepdims=True), dtype=np.float32)
