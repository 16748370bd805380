"""What each choice of the training recipe is worth: one thing changed at a time, scored on the restated validation statements.

The test set takes no part. Done runs of the same data and recipe are kept in the output file and not run again. Accuracy of side
with and without the speaker, macro-F1 of tone and of the core topics (thresholds at one half), words alone.

    python benchmarks/ablation.py --seeds 1 2 --only recipe "no primer" "2 epochs"
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from scoring import FIGURES, digest, figures

from stance.corpus import read_split
from stance.labels import load_axes
from stance.records import Statement
from stance.roster import load_roster
from stance.training.encoder import PRIMER, Recipe, train
from stance.training.model import packaged_encoder
from stance.training.names import Names

Change = Callable[[list[Statement]], list[Statement]]


@dataclass(frozen=True)
class Variant:
    """What differs from the recipe: its settings, the training statements, or the texts of all statements."""

    settings: dict[str, Any] = field(default_factory=dict)
    learnt: Change = list
    read: Change = list


def without_primer(statements: list[Statement]) -> list[Statement]:
    return [s for s in statements if s.origin not in PRIMER]


def without_composed(statements: list[Statement]) -> list[Statement]:
    return [s for s in statements if s.origin != "composed"]


def composed_among_restated(statements: list[Statement]) -> list[Statement]:
    return [s.model_copy(update={"origin": "restated"}) if s.origin == "composed" else s for s in statements]


def mixed(statements: list[Statement]) -> list[Statement]:
    return [s.model_copy(update={"origin": "restated"}) for s in statements]


def names_marked(statements: list[Statement]) -> list[Statement]:
    """Organisations of the roster followed by what they are: "SAG-AFTRA (union)"."""
    roster = load_roster()
    names = Names(roster)

    def marked(text: str) -> str:
        for one in reversed(names.find(text)):
            text = f"{text[: one.end]} ({roster.entries[one.id].side}){text[one.end :]}"
        return text

    return [s.model_copy(update={"text": marked(s.text), "speaker": marked(s.speaker)}) for s in statements]


def names_as_marks(statements: list[Statement]) -> list[Statement]:
    """Organisations of the roster replaced by what they are."""
    roster = load_roster()
    names = Names(roster)
    marks = {"union": "the union", "studio": "the company", "other": "the body"}

    def marked(text: str) -> str:
        for one in reversed(names.find(text)):
            text = text[: one.start - 4 * one.has_article] + marks[roster.entries[one.id].side] + text[one.end :]
        return text

    return [s.model_copy(update={"text": marked(s.text), "speaker": marked(s.speaker)}) for s in statements]


VARIANTS = {
    "recipe": Variant(),
    "no primer": Variant(learnt=without_primer),
    "primer of generated only": Variant(learnt=without_composed),
    "composed among the restated": Variant(learnt=composed_among_restated),
    "all origins mixed": Variant(learnt=mixed),
    "2 primer epochs": Variant({"primer_epochs": 2}),
    "2 epochs": Variant({"epochs": 2}),
    "5 epochs": Variant({"epochs": 5}),
    "all layers at 1e-4": Variant({"encoder_rate": 1e-4, "layer_decay": 1.0}),
    "last layer at 1e-4": Variant({"encoder_rate": 1e-4}),
    "last layer at 4e-4": Variant({"encoder_rate": 4e-4}),
    "layers nearer to each other (0.9)": Variant({"layer_decay": 0.9}),
    "topic loss as the others": Variant({"any_of_weight": 1.0}),
    "topic loss three times": Variant({"any_of_weight": 3.0}),
    "speaker always shown": Variant({"speaker_dropout": 0.0}),
    "speaker dropped 60%": Variant({"speaker_dropout": 0.6}),
    "attention dropout": Variant({"attention_dropout": 0.1}),
    "no dropout": Variant({"hidden_dropout": 0.0}),
    "no label smoothing": Variant({"smoothing": 0.0}),
    "names not swapped": Variant({"name_swap": 0.0}),
    "names marked": Variant({"name_swap": 0.0}, read=names_marked),
    "names as marks": Variant({"name_swap": 0.0}, read=names_as_marks),
}


def run(variant: Variant, seed: int, splits: Path) -> dict[str, float]:
    axes = load_axes()
    learn = variant.read(variant.learnt(read_split(splits, "train", axes)))
    held = variant.read([s for s in read_split(splits, "validation", axes) if s.origin == "restated"])
    recipe = Recipe(**{"seed": seed, **variant.settings})
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as work:
        model = train(learn, axes, Path(work), recipe, packaged_encoder())
    took = time.perf_counter() - begun
    return {"n": len(held), "seconds": round(took), **figures(model, held, recipe)}


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown: the mean of each variant's seeds, and how far it lies from the recipe on the same seeds."""
    base = {r["seed"]: r for r in rows if r["variant"] == "recipe"}
    lines = ["| variant | seeds | " + " | ".join(FIGURES) + " |", "|---|---|" + "---|" * len(FIGURES)]
    for name in VARIANTS:
        mine = [r for r in rows if r["variant"] == name and r["seed"] in base]
        if mine:
            cells = []
            for figure in FIGURES:
                mean = statistics.mean(r[figure] for r in mine)
                apart = statistics.mean(r[figure] - base[r["seed"]][figure] for r in mine)
                cells.append(f"{mean:.3f}" + (f" ({apart:+.3f})" if name != "recipe" else ""))
            lines.append(f"| {name} | {len(mine)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=Path, default=Path("data/splits"))
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/ablation.jsonl"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--only", nargs="+", choices=list(VARIANTS), default=list(VARIANTS), metavar="VARIANT")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    of = digest(options.splits, Recipe())
    for seed in options.seeds:
        for name in options.only:
            done = [json.loads(line) for line in options.output.read_text().splitlines()] if options.output.exists() else []
            if any((r["variant"], r["seed"], r["digest"]) == (name, seed, of) for r in done):
                continue
            row = {"variant": name, "seed": seed, "digest": of, **run(VARIANTS[name], seed, options.splits)}
            print(json.dumps(row), file=sys.stderr)
            with options.output.open("a") as handle:
                handle.write(json.dumps(row) + "\n")
    print(table([r for r in map(json.loads, options.output.read_text().splitlines()) if r["digest"] == of]))


if __name__ == "__main__":
    main()
