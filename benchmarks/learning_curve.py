"""Does more data still pay? The encoder trained on 500 to 4,000 restated statements, alone and after composed and generated ones.

Each run is scored on the restated test statements (thresholds at one half). Done runs of the
same data and recipe are kept in the output file and not run again; the picture is drawn from it.

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

import torch
from scoring import FIGURES, digest, figures
from sklearn.metrics import f1_score

from stance.corpus import read_split
from stance.labels import load_axes
from stance.results.agreement import aligned, read_readers
from stance.results.evaluation_pictures import learning_curve
from stance.results.pictures import save
from stance.training.encoder import PRIMER, Recipe, learn, targets
from stance.training.model import new_model, packaged_encoder, tokenizer_of

SIZES = (500, 1000, 2000, 4000)
SEEDS = (1, 2, 3)
EPOCHS = 3  # fewer than the recipe's: it is the slope that is looked for, in 24 runs
ARMS = {"restated alone": False, "after composed and generated": True}


def run(seed: int, splits: Path, wanted: set[tuple[str, int]]) -> Iterator[dict[str, object]]:
    """Rows of the runs `wanted` (arm, size); the sizes of a seed are nested, and its primer is learnt once."""
    axes = load_axes()
    everything = read_split(splits, "train", axes)
    restated = [s for s in everything if s.origin == "restated"]
    random.Random(seed).shuffle(restated)
    primer = [s for s in everything if s.origin in PRIMER]
    held = [s for s in read_split(splits, "test", axes) if s.origin == "restated"]
    recipe, encoder = Recipe(seed=seed, epochs=EPOCHS), packaged_encoder()
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
                yield {"arm": arm, "size": size, "seed": seed, "digest": digest(splits, recipe), "n": len(held), **figures(model, held, recipe)}


def reader(folder: Path) -> tuple[float, ...]:
    """What readers reach by the same figures: a fresh one against the shipped labels; for words alone the second one, who saw no speaker."""
    axes = load_axes()
    fresh = aligned(read_readers([folder / "shipped" / "fresh.jsonl", folder / "shipped" / "shipped.jsonl"], axes))
    blind = aligned(read_readers([folder / "writing" / "second.jsonl", folder / "writing" / "agreed.jsonl"], axes))
    side, tone, topics = zip(*(targets(found, axes) for found in fresh.values()), strict=True)
    blind_side = [targets(found, axes)[0] for found in blind.values()]
    core = [axes[2].names.index(name) for name in axes[2].core]
    return (
        f1_score(tone[1], tone[0], average="macro"),
        float((blind_side[0] == blind_side[1]).float().mean()),
        float((side[0] == side[1]).float().mean()),
        f1_score(topics[1][:, core], topics[0][:, core], average="macro"),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=Path, default=Path("data/splits"))
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/learning_curve.jsonl"))
    parser.add_argument("--picture", type=Path, default=Path("data/learning_curve.png"))
    parser.add_argument("--agreement", type=Path, default=Path("data/agreement"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--arms", nargs="+", choices=list(ARMS), default=list(ARMS))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    of = digest(options.splits, Recipe(epochs=EPOCHS))
    for seed in options.seeds:
        done = [json.loads(line) for line in options.output.read_text().splitlines()] if options.output.exists() else []
        wanted = {(arm, size) for arm in options.arms for size in SIZES} - {(r["arm"], r["size"]) for r in done if r["seed"] == seed and r["digest"] == of}
        for row in run(seed, options.splits, wanted):
            print(json.dumps(row), file=sys.stderr)
            with options.output.open("a") as handle:
                handle.write(json.dumps(row) + "\n")
    rows = [r for r in map(json.loads, options.output.read_text().splitlines()) if r["digest"] == of]
    save(learning_curve(rows, FIGURES, dict(zip(FIGURES, reader(options.agreement), strict=True))), options.picture)


if __name__ == "__main__":
    main()
