"""Held-out figures of a model beside the baseline and the majority class."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from stance.corpus import read_split
from stance.errors import DataError, ModelError
from stance.labels import ONE_OF, Axis
from stance.records import Statement
from stance.tagging import load
from stance.training.baseline import load_baseline

RESAMPLES = 1000
BINS = 15
SUREST = 0.6  # share of the statements, the surest answers first
CALIBRATION = "calibration error"
Rows = list[dict[str, Any]]


def evaluate(model: Path, baseline: Path, data: Path, seed: int = 1) -> Rows:
    """One row for each axis, origin, speaker use and system: figure, 95% bootstrap interval by group, n.

    One-of axes are given accuracy and macro-F1, any-of axes micro-F1 and the macro-F1 of their core
    labels, and both their calibration error. The roster takes no part: `side` here is what the model reads. Raises ModelError when the
    model's axes are not those of the data.
    """
    encoder, simple = load(model), load_baseline(baseline)
    if [a.as_dict() for a in encoder.axes] != [a.as_dict() for a in simple.axes]:
        raise ModelError(f"{model}: its axes differ from those of {baseline}; train both on one data set")
    axes = encoder.axes
    second = encoder.manifest.second
    if not (data / "test.jsonl").is_file():
        raise DataError(f"{data}: no test.jsonl there; name the folder of a split data set with --data, or put statements to test on there")
    try:
        learnt = read_split(data, "train", axes, second)
        held = read_split(data, "test", axes, second) + (read_split(data, "quoted", axes) if (data / "quoted.jsonl").is_file() else [])
    except DataError as error:
        raise ModelError(f"{model}: its axes ({', '.join(a.name for a in axes)}) do not fit the data: {error}; train it on this data") from error
    if not held:
        raise DataError(f"{data}: test.jsonl is empty; there is nothing to score")
    rows: Rows = []
    for origin in sorted({s.origin for s in held}):
        part = [s for s in held if s.origin == origin]
        groups = np.unique([s.set or s.url or s.doc or f"statement {i}" for i, s in enumerate(part)], return_inverse=True)[1]
        for with_speaker in (True, False):
            speakers = [s.speaker if with_speaker else "" for s in part]
            texts = [s.text for s in part]
            chances = {name: tagger.predict(texts, speakers) for name, tagger in (("encoder", encoder), ("baseline", simple))}
            systems: dict[str, Any] = {name: {axis.name: tagger.given(axis, chances[name][axis.name], speakers) for axis in axes} for name, tagger in (("encoder", encoder), ("baseline", simple))}
            systems["majority"] = _majority(learnt, axes, len(part))
            for axis in axes:
                gold = _matrix([s.labels[axis.name] for s in part], axis)
                about = {"axis": axis.name, "origin": origin, "speaker": with_speaker, "n": len(part)}
                for name, said in systems.items():
                    for figure, (value, low, high) in _figures(gold, said[axis.name], axis, groups, seed).items():
                        rows.append({**about, "system": name, "figure": figure, "value": value, "low": low, "high": high})
                for name, found in chances.items():
                    rows.append({**about, "system": name, "figure": CALIBRATION, "value": calibration_error(found[axis.name], gold, axis), "low": None, "high": None})
                    if axis.kind == ONE_OF:
                        kept = _surest(found[axis.name])
                        value, low, high = _figures(gold[kept], systems[name][axis.name][kept], axis, np.unique(groups[kept], return_inverse=True)[1], seed)["accuracy"]
                        rows.append({**about, "system": name, "figure": f"accuracy, surest {SUREST:.0%}", "value": value, "low": low, "high": high, "n": len(kept)})
    return rows


def calibration_error(chance: Any, gold: Any, axis: Axis) -> float:
    """Expected calibration error in `BINS` bins of equal width (Naeini et al. 2015).

    Of a one-of axis over the confidence of its answers, of an any-of axis over the probability of every label.
    """
    if axis.kind == ONE_OF:
        best = chance.argmax(1)
        sure, right = chance.max(1), gold[np.arange(len(gold)), best]
    else:
        sure, right = chance.ravel(), gold.ravel()
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [abs(float(sure[bins == b].mean()) - float(right[bins == b].mean())) * int((bins == b).sum()) for b in range(BINS) if (bins == b).any()]
    return round(sum(gaps) / len(sure), 3)


def risk_coverage(chance: Any, gold: Any) -> tuple[Any, Any]:
    """Of a one-of axis: the share answered when the surest answers are given first (n,), and the share of those that is wrong (n,)."""
    order = np.argsort(-chance.max(1), kind="stable")
    wrong = ~gold[np.arange(len(gold)), chance.argmax(1)]
    answered = np.arange(1, len(order) + 1)
    return answered / len(order), np.cumsum(wrong[order]) / answered


def curves(model: Path, data: Path) -> tuple[dict[str, tuple[Any, Any]], int]:
    """Risk-coverage curves of the one-of axes on restated test statements (all where none is), with and without the speaker; and n."""
    tagger = load(model)
    held = read_split(data, "test", tagger.axes, tagger.manifest.second)
    held = [s for s in held if s.origin == "restated"] or held
    found = {}
    for name, speakers in (("words alone", [""] * len(held)), ("speaker described", [s.speaker for s in held])):
        chance = tagger.predict([s.text for s in held], speakers)
        for axis in tagger.axes:
            if axis.kind == ONE_OF:
                found[f"{axis.name}, {name}"] = risk_coverage(chance[axis.name], _matrix([s.labels[axis.name] for s in held], axis))
    return found, len(held)


def _surest(chance: Any) -> Any:
    return np.argsort(-chance.max(1), kind="stable")[: round(SUREST * len(chance))]


def _matrix(values: list[Any], axis: Axis) -> Any:
    return np.array([[name == value if axis.kind == ONE_OF else name in value for name in axis.names] for value in values])


def _majority(learnt: list[Statement], axes: tuple[Axis, ...], n: int) -> dict[str, Any]:
    found = {}
    for axis in axes:
        gold = _matrix([s.labels[axis.name] for s in learnt], axis)
        row = gold.mean(0) >= 0.5 if axis.kind != ONE_OF else np.arange(len(axis.names)) == gold.sum(0).argmax()
        found[axis.name] = np.tile(row, (n, 1))
    return found


def _figures(gold: Any, said: Any, axis: Axis, groups: Any, seed: int) -> dict[str, tuple[float, float, float]]:
    """Value and 95% interval of each figure; whole groups are drawn, with replacement."""
    both, lone = gold & said, gold.astype(int) + said.astype(int)
    size = groups.max() + 1

    def sums(values: Any) -> Any:
        out = np.zeros((size, values.shape[1]))
        np.add.at(out, groups, values)
        return out

    hits, total, count = sums(both), sums(lone), sums(np.ones((len(gold), 1)))
    draws = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=RESAMPLES)
    weights = np.vstack([np.ones((1, size)), draws])
    h, t, c = weights @ hits, weights @ total, weights @ count
    f1 = np.divide(2 * h, t, out=np.zeros_like(h), where=t > 0)
    present = gold.any(0)
    if axis.kind == ONE_OF:
        series = {"accuracy": h.sum(1) / c[:, 0], "macro-F1": f1[:, present].mean(1)}
    else:
        series = {"micro-F1": 2 * h.sum(1) / np.maximum(t.sum(1), 1)}
        core = np.array([name in axis.core for name in axis.names]) & present
        if core.any():
            series["core macro-F1"] = f1[:, core].mean(1)
    found = {}
    for name, values in series.items():
        low, high = np.percentile(values[1:], [2.5, 97.5])
        found[name] = (round(float(values[0]), 3), round(float(low), 3), round(float(high), 3))
    return found


def show(rows: Rows) -> None:
    """Print the rows as a table: a line for each figure, a column for each system."""
    from rich.console import Console
    from rich.table import Table

    counts = Counter(row["system"] for row in rows)
    table = Table("axis", "figure", "origin", "n", "speaker", *counts, title="Held-out statements, 95% bootstrap intervals by group")
    lines: dict[tuple[Any, ...], dict[str, str]] = {}
    for row in rows:
        key = (row["axis"], row["figure"], row["origin"], str(row["n"]), "described" if row["speaker"] else "not given")
        interval = "" if row["low"] is None else f" [{row['low']:.2f}, {row['high']:.2f}]"
        lines.setdefault(key, {})[row["system"]] = (f"{row['value']:.2f}" if interval else f"{row['value']:.3f}") + interval
    for key, cells in sorted(lines.items()):
        table.add_row(*key, *(cells.get(name, "") for name in counts))
    Console(width=None if Console().is_terminal else 130).print(table)
