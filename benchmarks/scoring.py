"""What the training benchmarks score a model by, and the digest that ties a row to its data and recipe."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from sklearn.metrics import accuracy_score, f1_score

from stance.labels import load_axes
from stance.records import Statement
from stance.tagging.scoring import by_axis
from stance.training.encoder import Recipe, logits_of, targets
from stance.training.model import StanceModel, packaged_encoder

FIGURES = ("tone, macro-F1", "side, words alone, accuracy", "side, speaker described, accuracy", "core topics, macro-F1")


def figures(model: StanceModel, held: list[Statement], recipe: Recipe) -> dict[str, float]:
    """`FIGURES` on held-out statements; tone and topics from the words alone, thresholds at one half."""
    texts = [s.text for s in held]
    bare = by_axis(logits_of(model, packaged_encoder(), texts, [""] * len(held), recipe), model.axes)
    described = by_axis(logits_of(model, packaged_encoder(), texts, [s.speaker for s in held], recipe), model.axes)
    side, tone, topics = (t.numpy() for t in targets(held, model.axes))
    axis = load_axes()[2]
    core = [axis.names.index(name) for name in axis.core]
    values = (
        f1_score(tone, bare["tone"].argmax(1), average="macro"),
        accuracy_score(side, bare["side"].argmax(1)),
        accuracy_score(side, described["side"].argmax(1)),
        f1_score(topics[:, core], bare["topics"][:, core] > 0, average="macro"),
    )
    return {name: round(float(value), 4) for name, value in zip(FIGURES, values, strict=True)}


def digest(splits: Path, recipe: Recipe) -> str:
    """Of the split data set and the recipe without its seed: rows with another digest cannot be compared."""
    found = hashlib.sha256(json.dumps({**asdict(recipe), "seed": 0}, sort_keys=True).encode())
    for split in ("train", "validation", "test"):
        found.update((splits / f"{split}.jsonl").read_bytes())
    return found.hexdigest()[:16]
