"""How many labels does a good order save? Labels of the training pool are handed out in each order, and a model is trained at each step.

The pool are all restated training statements with their speakers. The model is quick: a logistic
regression a label on what the frozen, packaged encoder makes of the text and of the speaker; the trained
encoder knows these statements already. Each order starts from the same random labels; at each step
the model that has them so far orders the rest. The orders were tuned with `--on validation`; the
figures are those on the restated test statements, which had no part in it. Scored by the mean over axes
of accuracy, or of the macro-F1 of the core labels for an any-of axis.

The share is of the labels that an order needs to reach what random order reaches on average with so
many labels: read between steps, from curves made monotone (isotonic regression), so that a lucky step does
not count; over seeds, with a 95% t interval. That of random order itself shows what is left of luck.

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
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score

from stance.corpus import read_split
from stance.corpus.splitting import Embed
from stance.files import written_beside
from stance.labelling.order import ORDERS, order
from stance.labels import ONE_OF, Axis, load_axes
from stance.records import Statement
from stance.results.pictures import label_savings, save
from stance.training.embedding import embedder
from stance.training.encoder import targets

STEPS = (100, 200, 300, 400, 500, 600, 800, 1000, 1300, 1600, 2000)
BUDGETS = (500, 1000, 1600)  # labels of random order that the others are measured by
SEEDS = (1, 2, 3, 4, 5)


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


def share(scores: list[float], goal: float, budget: int) -> float:
    """The labels needed to reach the goal, as a share of the budget; the last step also stands for later ones."""
    curve = IsotonicRegression().fit_transform(STEPS, scores)
    reached = next((k for k, score in enumerate(curve) if score >= goal), len(STEPS) - 1)
    labels = STEPS[reached]
    if reached and curve[reached] > goal:
        labels = STEPS[reached - 1] + (STEPS[reached] - STEPS[reached - 1]) * (goal - curve[reached - 1]) / (curve[reached] - curve[reached - 1])
    return float(labels / budget)


def interval(values: list[float]) -> dict[str, float]:
    """Mean and 95% t interval."""
    mean, half = float(np.mean(values)), float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / len(values) ** 0.5)
    return {"mean": round(mean, 4), "low": round(mean - half, 4), "high": round(mean + half, 4)}


def read_states(statements: list[Statement], embed: Embed) -> Any:
    """States of text and speaker side by side, (n, 2 * width); zeros where no speaker is given."""
    speakers = embed([s.speaker or "." for s in statements])
    return np.concatenate([embed([s.text for s in statements]), speakers * [[bool(s.speaker)] for s in statements]], axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=Path, default=Path("data/splits"))
    parser.add_argument("--on", choices=("validation", "test"), default="test")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/active_learning.json"))
    parser.add_argument("--picture", type=Path, default=Path("docs/active_learning.png"))
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="sklearn")  # a regression stopped early is good enough here
    axes, embed = load_axes(), embedder(options.splits / "embeddings.safetensors")
    pool, held = ([s for s in read_split(options.splits, split, axes) if s.origin == "restated"] for split in ("train", options.on))
    (states, gold), test = ((read_states(part, embed), [g.numpy() for g in targets(part, axes)]) for part in (pool, held))
    scores: dict[str, list[list[float]]] = {how: [] for how in ORDERS}
    for seed in options.seeds:
        for how in ORDERS:
            scores[how].append(run(how, seed, states, gold, test, axes))
            print(seed, how, *(f"{value:.3f}" for value in scores[how][-1]), flush=True)
    rows = [{"order": how, "labels": size, **interval([s[k] for s in found])} for how, found in scores.items() for k, size in enumerate(STEPS)]
    random = IsotonicRegression().fit_transform(STEPS, np.mean(scores["random"], axis=0))
    shares = [{"order": how, "against random with": budget, **interval([share(s, random[STEPS.index(budget)], budget) for s in found])} for budget in BUDGETS for how, found in scores.items()]
    found = {"pool": len(pool), "tested on": f"{len(held)} restated {options.on} statements", "seeds": list(options.seeds), "share of labels": shares, "curves": rows, "scores": scores}
    with written_beside(options.output) as beside:
        beside.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    save(label_savings(rows, f"{len(held):,} restated {options.on} statements", len(options.seeds)), options.picture)
    for row in shares:
        print(json.dumps(row))


if __name__ == "__main__":
    main()
