"""Labels that are likely wrong, by confident learning on out-of-fold predictions (Northcutt et al. 2021, cleanlab)."""

from __future__ import annotations

from typing import Any

import numpy as np
from cleanlab.filter import find_label_issues

from stance.labels import ONE_OF, Axis
from stance.records import Statement
from stance.tagging import probabilities
from stance.tagging.scoring import Array, by_axis
from stance.training.encoder import targets
from stance.training.export import quiet


def suspects(statements: list[Statement], axes: tuple[Axis, ...], logits: Array) -> list[dict[str, Any]]:
    """One row for each doubtful label, the most doubtful first: `row` in `statements`, axis, given, suggested, score.

    `logits` (n, all labels) are out of fold; rows of NaN are passed over. The score is the
    probability the model gives to the label as it stands. Of an any-of axis each label is judged alone.
    """
    judged = np.flatnonzero(~np.isnan(logits).any(1))
    found: list[dict[str, Any]] = []
    parts = by_axis(logits[judged], axes)
    for axis, gold in zip(axes, (t.numpy()[judged] for t in targets(statements, axes)), strict=True):
        chance = probabilities(parts[axis.name], axis).astype(np.float64)
        if axis.kind == ONE_OF:
            chance /= chance.sum(1, keepdims=True)
            for i in _issues(gold, chance):
                found.append({"row": int(judged[i]), "axis": axis.name, "given": axis.names[gold[i]], "suggested": axis.names[int(chance[i].argmax())], "score": round(float(chance[i, gold[i]]), 4)})
            continue
        for k, label in enumerate(axis.names):
            given = gold[:, k].astype(int)
            pair = np.stack([1 - chance[:, k], chance[:, k]], axis=1)
            for i in _issues(given, pair):
                marks = ("without " + label, "with " + label)
                found.append({"row": int(judged[i]), "axis": axis.name, "given": marks[given[i]], "suggested": marks[1 - given[i]], "score": round(float(pair[i, given[i]]), 4)})
    return sorted(found, key=lambda row: float(row["score"]))


def _issues(given: Any, chance: Any) -> Any:
    if len(np.unique(given)) < 2:
        return []
    with quiet("cleanlab"):
        doubtful = find_label_issues(given, chance, filter_by="prune_by_noise_rate", n_jobs=1)
    return np.flatnonzero(doubtful & (chance.argmax(1) != given))
