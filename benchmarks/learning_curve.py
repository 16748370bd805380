"""Does more data still pay? The encoder trained on 500 to 4,000 restated statements, alone and after composed and generated ones.

Each run is scored on the restated test statements (thresholds at one half). Done runs are kept in
the output file and not run again; the picture is drawn from that file.

    python benchmarks/learning_curve.py --threads 2
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

import matplotlib
import torch
from sklearn.metrics import accuracy_score, f1_score

matplotlib.use("Agg")
from matplotlib.figure import Figure

from stance.corpus import read_split
from stance.labels import load_axes
from stance.training.encoder import PRIMER, Recipe, logits_of, targets, train
from stance.training.model import packaged_encoder

SIZES = (500, 1000, 2000, 4000)
SEEDS = (1, 2, 3)
ARMS = {"restated alone": False, "after composed and generated": True}
FIGURES = ("tone, macro-F1", "side, words alone, accuracy", "side, speaker described, accuracy", "core topics, macro-F1")
CAREFUL_READER = (0.92, 0.96, 1.0, 0.98)


def run(size: int, seed: int, is_primed: bool, splits: Path) -> dict[str, float]:
    axes = load_axes()
    learn = read_split(splits, "train", axes)
    restated = [s for s in learn if s.origin == "restated"]
    random.Random(seed).shuffle(restated)
    chosen = restated[:size] + ([s for s in learn if s.origin in PRIMER] if is_primed else [])
    recipe = Recipe(seed=seed)
    with tempfile.TemporaryDirectory() as work:
        model = train(chosen, axes, Path(work), recipe, packaged_encoder())
    held = [s for s in read_split(splits, "test", axes) if s.origin == "restated"]
    texts, speakers = [s.text for s in held], [s.speaker for s in held]
    bare = logits_of(model, packaged_encoder(), texts, [""] * len(held), recipe)
    described = logits_of(model, packaged_encoder(), texts, speakers, recipe)
    side, tone, topics = (t.numpy() for t in targets(held, axes))
    values = (
        f1_score(tone, bare[:, 3:8].argmax(1), average="macro"),
        accuracy_score(side, bare[:, :3].argmax(1)),
        accuracy_score(side, described[:, :3].argmax(1)),
        f1_score(topics[:, :3], bare[:, 8:11] > 0, average="macro"),
    )
    return {"n": len(held), **{name: round(float(value), 4) for name, value in zip(FIGURES, values, strict=True)}}


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
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    for seed in options.seeds:
        for size in SIZES:
            for arm, is_primed in ARMS.items():
                done = [json.loads(line) for line in options.output.read_text().splitlines()] if options.output.exists() else []
                if any((r["arm"], r["size"], r["seed"]) == (arm, size, seed) for r in done):
                    continue
                row = {"arm": arm, "size": size, "seed": seed, **run(size, seed, is_primed, options.splits)}
                print(json.dumps(row), file=sys.stderr)
                with options.output.open("a") as handle:
                    handle.write(json.dumps(row) + "\n")
    draw([json.loads(line) for line in options.output.read_text().splitlines()], options.picture)


if __name__ == "__main__":
    main()
