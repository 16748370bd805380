"""A trained encoder to a model folder: float32 weights, int8 ONNX graph, tokenizer, manifest, card."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import warnings
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import save_file
from scipy.optimize import minimize_scalar

from stance.labels import ONE_OF, Axis
from stance.records import Statement
from stance.tagging import Manifest, probabilities, write_manifest
from stance.tagging.tagger import GRAPH, Array, _onnx_scorer
from stance.training.encoder import MultiAxisEncoder, Recipe, targets


def export_onnx(model: MultiAxisEncoder, path: Path) -> None:
    """Write the float32 graph: three int64 inputs (batch, tokens), one output (batch, all labels)."""
    # Three tensors of their own: the exporter would take one object given twice for one input.
    sample = torch.ones((2, 8), dtype=torch.int64)
    batch, tokens = torch.export.Dim("batch"), torch.export.Dim("tokens", max=512)
    names = ("input_ids", "attention_mask", "token_type_ids")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model, (sample, sample.clone(), torch.zeros_like(sample)), str(path), input_names=list(names), output_names=["logits"],
            dynamic_shapes={key: {0: batch, 1: tokens} for key in names}, dynamo=True, external_data=False, verbose=False,
        )


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
    shutil.copy(tokenizer, folder / "tokenizer.json")
    full = folder / "model.onnx"
    export_onnx(model, full)
    quantize_dynamic(full, folder / GRAPH, weight_type=QuantType.QInt8, per_channel=True)
    full.unlink()
    plain = Manifest("encoder", axes, recipe.max_length, {a.name: 1.0 for a in axes}, {a.name: [0.5] * len(a.labels) for a in axes})
    score = _onnx_scorer(folder, plain)
    # Half with the speaker, half without: the model is used both ways.
    logits, _ = score([s.text for s in validation], [s.speaker if i % 2 else "" for i, s in enumerate(validation)])
    temperatures, thresholds = calibrate(logits, validation, axes)
    write_manifest(folder, replace(plain, temperatures=temperatures, thresholds=thresholds, provenance=provenance(trained_on, asdict(recipe))))
