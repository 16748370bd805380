"""A trained encoder to a model folder: float32 weights, int8 ONNX graph, tokenizer, manifest, card."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import shutil
import subprocess
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import save_file
from scipy.optimize import minimize_scalar
from sklearn.metrics import f1_score

from stance.labels import ONE_OF, Axis
from stance.records import Statement
from stance.tagging import Manifest, probabilities, write_manifest
from stance.tagging.tagger import GRAPH, TOKENIZER, Array, _onnx_scorer
from stance.training.encoder import MultiAxisEncoder, Recipe, targets


def export_onnx(model: MultiAxisEncoder, path: Path) -> None:
    """Write the float32 graph: three int64 inputs (batch, tokens), one output (batch, all labels)."""
    # Three tensors of their own: the exporter would take one object given twice for one input.
    sample = torch.ones((2, 8), dtype=torch.int64)
    batch, tokens = torch.export.Dim("batch"), torch.export.Dim("tokens", max=512)
    names = ("input_ids", "attention_mask", "token_type_ids")
    with warnings.catch_warnings(), quiet("torch.onnx"):
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model, (sample, sample.clone(), torch.zeros_like(sample)), str(path), input_names=list(names), output_names=["logits"],
            dynamic_shapes={key: {0: batch, 1: tokens} for key in names}, dynamo=True, external_data=False, verbose=False,
        )


@contextlib.contextmanager
def quiet(logger: str) -> Iterator[None]:
    """Keep a library's advice to its own developers off the user's screen; errors still show."""
    log = logging.getLogger(logger)
    was = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(was)


def calibrate(logits: Array, statements: Sequence[Statement], axes: tuple[Axis, ...]) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Temperature of each axis (least log loss) and threshold of each any-of label (best F1), on held-out logits."""
    temperatures: dict[str, float] = {}
    thresholds: dict[str, list[float]] = {}
    at = 0
    for axis, gold in zip(axes, (t.numpy() for t in targets(statements, axes)), strict=True):
        part = logits[:, at : at + len(axis.labels)]
        at += len(axis.labels)

        def log_loss(log_t: float, part: Array = part, gold: Any = gold, axis: Axis = axis) -> float:
            chance = np.clip(probabilities(part, axis, float(np.exp(log_t))), 1e-6, 1 - 1e-6)
            if axis.kind == ONE_OF:
                return float(-np.log(chance[np.arange(len(gold)), gold]).mean())
            return float(-(gold * np.log(chance) + (1 - gold) * np.log(1 - chance)).mean())

        best = minimize_scalar(log_loss, bounds=(-2.0, 2.0), method="bounded").x
        temperatures[axis.name] = round(float(np.exp(best)), 4)
        if axis.kind != ONE_OF:
            chance = probabilities(part, axis, temperatures[axis.name])
            thresholds[axis.name] = [_best_threshold(chance[:, i], gold[:, i]) for i in range(len(axis.labels))]
    return temperatures, thresholds


def _best_threshold(chance: Array, gold: Any) -> float:
    def f1(limit: float) -> float:
        said = chance >= limit
        both = float((said & (gold > 0)).sum())
        return 2 * both / max(1.0, float(said.sum() + gold.sum()))

    grid = [round(0.2 + 0.02 * i, 2) for i in range(31)]
    # The nearest to one half among the best, which small validation sets leave many of.
    return max(grid, key=lambda limit: (round(f1(limit), 3), -abs(limit - 0.5)))


def provenance(statements: Sequence[Statement], settings: dict[str, Any]) -> dict[str, Any]:
    """What made a model: versions, digest of the data, commit and settings."""
    data = hashlib.sha256("".join(json.dumps(s.record(), sort_keys=True) for s in statements).encode()).hexdigest()
    git = shutil.which("git")
    told = subprocess.run([git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip() if git else ""
    versions = {name: version(name) for name in ("torch", "transformers", "scikit-learn", "onnxruntime")}
    return {"data_sha256": data, "statements": len(statements), "commit": told, "settings": settings, "versions": versions}


def write_folder(
    model: MultiAxisEncoder, axes: tuple[Axis, ...], folder: Path, tokenizer: Path, trained_on: Sequence[Statement], validation: Sequence[Statement], recipe: Recipe
) -> None:
    """Write the model folder, calibrated on `validation` through the very graph that will tag."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "model.safetensors")
    model.encoder.config.save_pretrained(folder)
    shutil.copy(tokenizer, folder / TOKENIZER)
    full = folder / "model.onnx"
    export_onnx(model, full)
    with quiet(""):
        quantize_dynamic(full, folder / GRAPH, weight_type=QuantType.QInt8, per_channel=True)
    full.unlink()
    plain = Manifest("encoder", axes, recipe.max_length, {a.name: 1.0 for a in axes}, {a.name: [0.5] * len(a.labels) for a in axes})
    score = _onnx_scorer(folder, plain)
    # Half with the speaker, half without: the model is used both ways.
    logits, _ = score([s.text for s in validation], [s.speaker if i % 2 else "" for i, s in enumerate(validation)])
    temperatures, thresholds = calibrate(logits, validation, axes)
    found = replace(plain, temperatures=temperatures, thresholds=thresholds, provenance=provenance(trained_on, asdict(recipe)))
    found = replace(found, metrics=validation_metrics(logits, validation, found))
    (folder / "README.md").write_text(card(found, trained_on), encoding="utf-8")
    write_manifest(folder, found)


def validation_metrics(logits: Array, statements: Sequence[Statement], manifest: Manifest) -> dict[str, Any]:
    """Macro-F1 of each axis on the statements that calibrated the model, so a little flattering."""
    found: dict[str, Any] = {"validation statements": len(statements)}
    at = 0
    for axis, gold in zip(manifest.axes, (t.numpy() for t in targets(statements, manifest.axes)), strict=True):
        chance = probabilities(logits[:, at : at + len(axis.labels)], axis, manifest.temperatures[axis.name])
        at += len(axis.labels)
        said = chance.argmax(1) if axis.kind == ONE_OF else chance >= np.array(manifest.thresholds[axis.name])
        found[f"{axis.name} macro-F1"] = round(float(f1_score(gold, said, average="macro", zero_division=0)), 3)
    return found


def card(manifest: Manifest, trained_on: Sequence[Statement]) -> str:
    """The model card, as Markdown."""
    origins = Counter(s.origin for s in trained_on)
    lines = ["# Model card", "", "Tags public statements about labour disputes. Made by `stance train`; read by `stance classify`.", ""]
    lines += ["| axis | kind | labels |", "|---|---|---|", *(f"| {a.name} | {a.kind} | {', '.join(a.names)} |" for a in manifest.axes), ""]
    lines += ["Trained on " + ", ".join(f"{count:,} {origin}" for origin, count in sorted(origins.items())) + " statements; no real quotation.", ""]
    lines += ["| on the validation split, which also set the thresholds | |", "|---|---|", *(f"| {name} | {value} |" for name, value in manifest.metrics.items()), ""]
    lines += ["Figures on held-out statements, with intervals, the baseline beside them and real quotations apart: `stance evaluate`.", ""]
    lines += ["**Not for** deciding anything about a person, nor for statements outside labour disputes: the model gives every text some side and tone.", ""]
    return "\n".join(lines)
