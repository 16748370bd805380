"""Does more data still pay? The encoder trained on 500 to 4,000 restated statements, alone and after composed and generated ones.

Each run is scored on the restated test statements (thresholds at one half). Done runs are kept in
the output file and not run again; the picture is drawn from that file.

    python benchmarks/learning_curve.py --threads 2
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import torch
from sklearn.metrics import accuracy_score, f1_score

matplotlib.use("Agg")
from matplotlib.figure import Figure

from stance.corpus import read_split
from stance.labels import load_axes
from stance.records import Statement
from stance.tagging.scoring import by_axis
from stance.training.encoder import PRIMER, Recipe, learn, logits_of, targets
from stance.training.model import StanceModel, new_model, packaged_encoder, tokenizer_of

SIZES = (500, 1000, 2000, 4000)
SEEDS = (1, 2, 3)
ARMS = {"restated alone": False, "after composed and generated": True}
FIGURES = ("tone, macro-F1", "side, words alone, accuracy", "side, speaker described, accuracy", "core topics, macro-F1")
CAREFUL_READER = (0.92, 0.96, 1.0, 0.98)


def run(seed: int, splits: Path, wanted: set[tuple[str, int]]) -> Iterator[dict[str, object]]:
    """Rows of the runs `wanted` (arm, size); the sizes of a seed are nested, and its primer is learnt once."""
    axes = load_axes()
    everything = read_split(splits, "train", axes)
    restated = [s for s in everything if s.origin == "restated"]
    random.Random(seed).shuffle(restated)
    primer = [s for s in everything if s.origin in PRIMER]
    held = [s for s in read_split(splits, "test", axes) if s.origin == "restated"]
    recipe, encoder = Recipe(seed=seed), packaged_encoder()
    tokenizer = tokenizer_of(encoder, recipe.max_length)
    for arm, is_primed in ARMS.items():
        sizes = [size for size in SIZES if (arm, size) in wanted]
        torch.manual_seed(seed)
        start = new_model(encoder, axes, recipe.attention_dropout, recipe.hidden_dropout)
        with tempfile.TemporaryDirectory() as work:
            if is_primed and sizes:
                learn(start, primer, recipe.primer_epochs, recipe, tokenizer, Path(work) / "primer")
            for size in sizes:
                model = copy.deepcopy(start)
                learn(model, restated[:size], recipe.epochs, recipe, tokenizer, Path(work) / str(size))
                yield {"arm": arm, "size": size, "seed": seed, "n": len(held), **figures(model, held, recipe)}


def figures(model: StanceModel, held: list[Statement], recipe: Recipe) -> dict[str, float]:
    texts = [s.text for s in held]
    bare = by_axis(logits_of(model, packaged_encoder(), texts, [""] * len(held), recipe), model.axes)
    described = by_axis(logits_of(model, packaged_encoder(), texts, [s.speaker for s in held], recipe), model.axes)
    side, tone, topics = (t.numpy() for t in targets(held, model.axes))
    core = [model.axes[2].names.index(name) for name in load_axes()[2].core]
    values = (
        f1_score(tone, bare["tone"].argmax(1), average="macro"),
        accuracy_score(side, bare["side"].argmax(1)),
        accuracy_score(side, described["side"].argmax(1)),
        f1_score(topics[:, core], bare["topics"][:, core] > 0, average="macro"),
    )
    return {name: round(float(value), 4) for name, value in zip(FIGURES, values, strict=True)}


def draw(rows: list[dict[str, object]], path: Path) -> None:
    figure = Figure(figsize=(13, 3.6), layout="constrained")
    panels = figure.subplots(1, len(FIGURES))
    for panel, name, reader in zip(panels, FIGURES, CAREFUL_READER, strict=True):
        for arm in ARMS:
            points = {size: [float(str(r[name])) for r in rows if r["arm"] == arm and r["size"] == size] for size in SIZES}
            points = {size: values for size, values in points.items() if values}
            means = [sum(values) / len(values) for values in points.values()]
            spread = [[m - min(v) for m, v in zip(means, points.values(), strict=True)], [max(v) - m for m, v in zip(means, points.values(), strict=True)]]
            panel.errorbar(list(points), means, yerr=spread, marker="o", capsize=3, label=arm)
        panel.axhline(reader, color="0.5", linestyle=":", label="a careful reader")
        panel.set(xscale="log", xlabel="restated training statements", title=name)
        panel.set_xticks(SIZES, [f"{size:,}" for size in SIZES])
        panel.minorticks_off()
    panels[0].set_ylabel(f"on {rows[0]['n']:,} restated test statements")
    panels[0].legend(fontsize=8)
    figure.suptitle(f"Learning curve; mean and range of {len({r['seed'] for r in rows})} seeds", fontsize=11)
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=Path, default=Path("data/splits"))
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/learning_curve.jsonl"))
    parser.add_argument("--picture", type=Path, default=Path("data/learning_curve.png"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--arms", nargs="+", choices=list(ARMS), default=list(ARMS))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    for seed in options.seeds:
        done = [json.loads(line) for line in options.output.read_text().splitlines()] if options.output.exists() else []
        wanted = {(arm, size) for arm in options.arms for size in SIZES} - {(r["arm"], r["size"]) for r in done if r["seed"] == seed}
        for row in run(seed, options.splits, wanted):
            print(json.dumps(row), file=sys.stderr)
            with options.output.open("a") as handle:
                handle.write(json.dumps(row) + "\n")
    draw([json.loads(line) for line in options.output.read_text().splitlines()], options.picture)


if __name__ == "__main__":
    main()
