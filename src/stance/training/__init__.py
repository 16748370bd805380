"""Data set to model folders. The only room that loads torch, transformers and scikit-learn."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from stance.corpus import build, read_sources, read_split
from stance.corpus.held_out import FILE, read_held_out
from stance.errors import DataError
from stance.labels import ONE_OF, Axis
from stance.records import SECOND, Statement

__all__ = ["baseline_of", "run"]


def baseline_of(model: Path) -> Path:
    """Where the baseline of a model folder lies if nothing else is said: models/default-baseline for models/default."""
    whole = model if model.name else model.resolve()
    return whole.with_name(whole.name + "-baseline")


def _check_labels(statements: list[Statement], axes: tuple[Axis, ...]) -> None:
    """Raise DataError for a label that no training statement has, or that all have: it could not be learned."""
    for axis in axes:
        seen = {name for s in statements for name in ([s.labels[axis.name]] if axis.kind == ONE_OF else s.labels[axis.name])}
        absent = [name for name in axis.names if name not in seen]
        if absent:
            raise DataError(f"no training statement has {axis.name} {', '.join(absent)}; add some, or take the label out of the labels file")
        constant = [name for name in axis.names if axis.kind != ONE_OF and all(name in s.labels[axis.name] for s in statements)]
        if constant:
            raise DataError(f"every training statement has {axis.name} {', '.join(constant)}; add some without, or take the label out of the labels file")


def run(
    sources: Path,
    output: Path,
    axes: tuple[Axis, ...],
    splits: Path,
    baseline: Path,
    encoder: str | None = None,
    epochs: int | None = None,
    seed: int = 1,
    device: str = "cpu",
    second: str = SECOND,
) -> None:
    """Build the splits, then train the baseline and the encoder into their model folders.

    A folder of sources that holds train.jsonl and validation.jsonl is taken as split already.
    """
    from stance.training.baseline import train_baseline
    from stance.training.embedding import embedder
    from stance.training.encoder import recipe_for, train
    from stance.training.export import write_folder
    from stance.training.model import check_device, encoder_digest, find_encoder

    check_device(device)
    source = find_encoder(encoder)
    if (sources / "train.jsonl").is_file() and (sources / "validation.jsonl").is_file():
        splits = sources
    else:
        held_out = read_held_out(sources.parent / FILE)
        sizes = build(read_sources(sources, axes, second), splits, held_out, embedder(splits / "embeddings.safetensors"))
        sys.stderr.write("data set: " + ", ".join(f"{name} {size}" for name, size in sizes.items()) + "\n")
    learn, held = read_split(splits, "train", axes, second), read_split(splits, "validation", axes, second)
    _check_labels(learn, axes)
    if not held:
        raise DataError(f"{sources}: too few groups of statements to hold any back for validation; add more")
    train_baseline(learn, held, axes, baseline, seed, second)
    recipe = recipe_for(axes, seed, epochs)
    work = output.with_name(output.name + ".work")
    model = train(learn, axes, work, recipe, source, device).to("cpu")
    write_folder(model, work, source / "tokenizer.json", learn, held, recipe, second, {"name": encoder or "", "sha256": encoder_digest(source)})
    for checkpoint in (p for p in work.iterdir() if p.is_dir()):
        shutil.rmtree(checkpoint)
    before = output.with_name(output.name + ".before")
    shutil.rmtree(before, ignore_errors=True)
    if output.exists():
        output.rename(before)
    work.rename(output)
    shutil.rmtree(before, ignore_errors=True)
