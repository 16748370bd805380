"""How many labels does a good order save? Labels of the training pool are handed out in each order, and a model is trained at each step.

The model is quick: a logistic regression a label on the frozen encoder's embeddings. Each order
starts from the same random labels; at each step the model that has them so far orders the rest.
Scored on the restated validation statements (the order was chosen by them), by accuracy averaged over axes (of an any-of axis, macro-F1
of its core labels). The share is of labels that the order needs to reach what random order reaches
with all of its labels, read between steps; over seeds, with a 95% t interval.

    python benchmarks/active_learning.py --splits data/splits
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score

from stance.corpus import read_split
from stance.files import written_beside
from stance.labelling.order import ORDERS, order
from stance.labels import ONE_OF, Axis, load_axes
from stance.records import Statement
from stance.results.pictures import label_savings, save
from stance.training.embedding import embedder
from stance.training.encoder import targets

STEPS = (100, 200, 300, 400, 500, 600, 700, 800)
SEEDS = (1, 2, 3, 4, 5)
POOL = 2500


def chances(states: Any, gold: list[Any], rows: list[int], axes: tuple[Axis, ...], asked: Any) -> dict[str, Any]:
    """Probabilities (n, labels) of each axis for `asked`, by regressions on the labels of `rows`."""
    found = {}
    for axis, labels in zip(axes, gold, strict=True):
        if axis.kind == ONE_OF:
            found[axis.name] = _fit(states[rows], labels[rows], len(axis.labels), asked)
        else:
            found[axis.name] = np.stack([_fit(states[rows], labels[rows, k].astype(int), 2, asked)[:, 1] for k in range(len(axis.labels))], 1)
    return found


def _fit(states: Any, labels: Any, width: int, asked: Any) -> Any:
    found = np.zeros((len(asked), width), dtype=np.float32)
    if len(np.unique(labels)) == 1:
        found[:, labels[0]] = 1
        return found
    model = LogisticRegression(C=0.1, max_iter=100, tol=1e-3).fit(10 * states, labels)
    found[:, model.classes_] = model.predict_proba(10 * asked)
    return found


def score(found: dict[str, Any], gold: list[Any], axes: tuple[Axis, ...]) -> float:
    """Accuracy of each one-of axis, macro-F1 of the core labels of each any-of axis; their mean."""
    figures = []
    for axis, labels in zip(axes, gold, strict=True):
        if axis.kind == ONE_OF:
            figures.append(accuracy_score(labels, found[axis.name].argmax(1)))
        else:
            core = [axis.names.index(name) for name in axis.core or axis.names]
            figures.append(f1_score(labels[:, core], found[axis.name][:, core] >= 0.5, average="macro", zero_division=0))
    return float(np.mean(figures))


def run(how: str, seed: int, states: Any, gold: list[Any], test: tuple[Any, list[Any]], axes: tuple[Axis, ...]) -> list[float]:
    """The score after each step."""
    rows = [int(i) for i in np.random.default_rng(seed).permutation(len(states))[: STEPS[0]]]
    everything = np.concatenate([states, test[0]])
    scores = []
    for size, following in zip(STEPS, [*STEPS[1:], STEPS[-1]], strict=True):
        found = chances(states, gold, rows, axes, everything)
        scores.append(score({name: values[len(states) :] for name, values in found.items()}, test[1], axes))
        left = np.setdiff1d(np.arange(len(states)), rows)
        count = following - size
        picked = order(how, {name: values[left] for name, values in found.items()}, states[left], axes, seed, states[rows], count)
        rows += [int(left[i]) for i in picked[:count]]
    return scores


def share(scores: list[float], random: list[float]) -> float:
    """The labels needed to reach the last score of random order, as a share of those it had; 1 also stands for not reached."""
    return min(1.0, next((_between(k, scores, random[-1]) for k in range(len(STEPS)) if scores[k] >= random[-1]), STEPS[-1]) / STEPS[-1])


def _between(k: int, scores: list[float], goal: float) -> float:
    if k == 0:
        return STEPS[0]
    return STEPS[k - 1] + (STEPS[k] - STEPS[k - 1]) * (goal - scores[k - 1]) / (scores[k] - scores[k - 1])


def interval(values: list[float]) -> dict[str, float]:
    """Mean and 95% t interval."""
    mean, half = float(np.mean(values)), float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / len(values) ** 0.5)
    return {"mean": round(mean, 4), "low": round(mean - half, 4), "high": round(mean + half, 4)}


def pool_of(statements: list[Statement], seed: int) -> Any:
    """Which statements are the pool of a seed."""
    return np.random.default_rng(1000 + seed).permutation(len(statements))[:POOL]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=Path, default=Path("data/splits"))
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/active_learning.json"))
    parser.add_argument("--picture", type=Path, default=Path("data/active_learning.png"))
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="sklearn")  # a regression stopped early is good enough here
    axes, embed = load_axes(), embedder(options.splits / "embeddings.safetensors")
    everything = [s for s in read_split(options.splits, "train", axes) if s.origin == "restated"]
    held = [s for s in read_split(options.splits, "validation", axes) if s.origin == "restated"]
    test = (embed([s.text for s in held]), [g.numpy() for g in targets(held, axes)])
    scores: dict[str, list[list[float]]] = {how: [] for how in ORDERS}
    for seed in options.seeds:
        pool = [everything[i] for i in pool_of(everything, seed)]
        states, gold = embed([s.text for s in pool]), [g.numpy() for g in targets(pool, axes)]
        for how in ORDERS:
            scores[how].append(run(how, seed, states, gold, test, axes))
            print(seed, how, *(f"{value:.3f}" for value in scores[how][-1]))
    rows = [{"order": how, "labels": size, **interval([s[k] for s in found])} for how, found in scores.items() for k, size in enumerate(STEPS)]
    shares = {how: interval([share(s, r) for s, r in zip(found, scores["random"], strict=True)]) for how, found in scores.items() if how != "random"}
    of_mean = {how: round(share(list(np.mean(found, 0)), list(np.mean(scores["random"], 0))), 4) for how, found in scores.items() if how != "random"}
    found = {"pool": min(POOL, len(everything)), "tested on": len(held), "seeds": list(options.seeds), "share of labels": shares, "share, of the mean curves": of_mean, "curves": rows, "scores": scores}
    with written_beside(options.output) as beside:
        beside.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    save(label_savings(rows, len(held), len(options.seeds)), options.picture)
    print(json.dumps({"share of labels": shares, "of the mean curves": of_mean}))


if __name__ == "__main__":
    main()
