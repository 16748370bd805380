"""Data set to model folders. The only room that loads torch, transformers and scikit-learn."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from stance.corpus import build, read_split
from stance.labels import Axis

__all__ = ["run"]


def run(
    sources: Path, output: Path, axes: tuple[Axis, ...], splits: Path, baseline: Path, encoder: Path | None = None, epochs: int = 4, seed: int = 1, device: str = "cpu"
) -> None:
    """Build the splits, then train the baseline and the encoder into their model folders."""
    from stance.training.baseline import train_baseline
    from stance.training.encoder import Recipe, packaged_encoder, train
    from stance.training.export import write_folder

    sizes = build(sorted(sources.glob("*.jsonl")), splits, axes)
    sys.stderr.write("data set: " + ", ".join(f"{name} {size}" for name, size in sizes.items()) + "\n")
    learn, held = read_split(splits, "train", axes), read_split(splits, "validation", axes)
    train_baseline(learn, held, axes, baseline, seed)
    source = encoder or packaged_encoder()
    recipe = Recipe(epochs=epochs, seed=seed)
    work = output.with_name(output.name + ".work")
    model = train(learn, axes, work, recipe, source, device).to("cpu")
    write_folder(model, axes, work, source / "tokenizer.json", learn, held, recipe)
    shutil.rmtree(work / "checkpoint")
    shutil.rmtree(output, ignore_errors=True)
    work.rename(output)
