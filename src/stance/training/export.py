"""A trained encoder to a model folder: float32 weights, int8 ONNX graph, tokenizer, manifest, card."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import shutil
import subprocess
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from stance.errors import ModelError
from stance.files import partial_of
from stance.records import SECOND, Statement
from stance.tagging import Manifest, read_manifest, write_manifest
from stance.tagging.folder import uncalibrated
from stance.tagging.neighbours import read_neighbours, write_neighbours
from stance.tagging.scoring import GRAPHS, TOKENIZER, onnx_scorer
from stance.training.calibration import calibrated
from stance.training.card import card
from stance.training.encoder import Recipe
from stance.training.model import StanceModel, tokenizer_of
from stance.training.quantisation import calibration_feeds, quantise


def export_onnx(model: StanceModel, path: Path) -> None:
    """Write the float32 graph: three int64 inputs (batch, tokens), two outputs: logits (batch, all labels) and pooled states (batch, hidden)."""
    # Three tensors of their own: the exporter would take one object given twice for one input.
    sample = torch.ones((2, 8), dtype=torch.int64)
    batch, tokens = torch.export.Dim("batch"), torch.export.Dim("tokens", max=512)
    names = ("input_ids", "attention_mask", "token_type_ids")
    with warnings.catch_warnings(), quiet("torch.onnx"):
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model, (sample, sample.clone(), torch.zeros_like(sample)), str(path), input_names=list(names), output_names=["logits", "pooled"],
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


def provenance(statements: Sequence[Statement], settings: dict[str, Any], encoder: dict[str, str] | None = None) -> dict[str, Any]:
    """What made a model: versions, digest of the data, commit, settings, and the encoder begun with (name, if not the packaged one, and digest)."""
    data = hashlib.sha256("".join(json.dumps(s.record(), sort_keys=True) for s in statements).encode()).hexdigest()
    git = shutil.which("git")
    told = subprocess.run([git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip() if git else ""
    versions = {name: version(name) for name in ("torch", "transformers", "scikit-learn", "onnxruntime")}
    begun = {"encoder": encoder} if encoder else {}
    return {**begun, "data_sha256": data, "statements": len(statements), "origins": dict(sorted(Counter(s.origin for s in statements).items())), "commit": told, "settings": settings, "versions": versions}


def write_folder(
    model: StanceModel, folder: Path, tokenizer: Path, trained_on: Sequence[Statement], validation: Sequence[Statement], recipe: Recipe, second: str = SECOND, encoder: dict[str, str] | None = None
) -> None:
    """Write the model folder, calibrated on `validation` through the very graph that will tag; `encoder` is what was begun with, for the record."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(tokenizer, folder / TOKENIZER)
    shown = [s for s in trained_on if s.origin != "generated"] or list(trained_on)
    write_int8(model, folder / GRAPHS[0], shown, tokenizer_of(folder, recipe.max_length))
    model.save_pretrained(folder)
    plain = Manifest("encoder", model.axes, recipe.max_length, uncalibrated(model.axes), second)
    score = onnx_scorer(folder, GRAPHS[0], recipe.max_length)
    found = replace(calibrated(plain, score, validation), provenance=provenance(trained_on, asdict(recipe), encoder))
    write_neighbours(folder, shown, score)
    (folder / "README.md").write_text(card(found), encoding="utf-8")
    write_manifest(folder, found)


def write_int8(model: StanceModel, path: Path, statements: Sequence[Statement], tokenizer: Tokenizer) -> None:
    """Write the int8 graph of a model; `statements` it has learnt from show how wide its activations are.

    The model's weights become the very numbers that the graph's integers stand for, so that in float32
    and in int8 it differs by its activations alone.
    """
    with tempfile.TemporaryDirectory() as work, quiet(""):
        full = Path(work) / GRAPHS[1]
        export_onnx(model, full)
        rounded = quantise(full, path, calibration_feeds(statements, tokenizer))
    # The exporter names and turns weights as it likes; what is in them tells which is which.
    found = {before.tobytes(): after for before, after in rounded}
    with torch.no_grad():
        for parameter in model.parameters():
            for turned in (parameter, parameter.T) if parameter.dim() == 2 else ():
                after = found.get(turned.detach().contiguous().numpy().tobytes())
                if after is not None:
                    turned.copy_(torch.from_numpy(after))
                    break


def export(source: Path, output: Path, form: str) -> None:
    """Write a copy of a model folder in another form: "float32" or "int8" of an encoder's, "baseline" of a baseline's. Calibration is kept."""
    manifest = read_manifest(source)
    if (manifest.kind == "baseline") != (form == "baseline"):
        raise ModelError(f"{source}: a model of kind {manifest.kind!r} has no form {form!r}; name another folder with --model")
    if output.exists():
        raise ModelError(f"{output}: is there already; name another folder")
    work = partial_of(output)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for name in manifest.files:
        if name not in GRAPHS:
            shutil.copy(source / name, work / name)
    if manifest.kind != "baseline":
        shutil.copy(source / "README.md", work / "README.md")
        model = StanceModel.from_pretrained(source).eval()
        if form == "int8":
            records, _ = read_neighbours(source)
            write_int8(model, work / GRAPHS[0], [Statement.from_record(r, manifest.axes) for r in records], tokenizer_of(work, manifest.max_length))
        else:
            export_onnx(model, work / GRAPHS[1])
    write_manifest(work, manifest)
    work.rename(output)
