"""Tags for texts, through an int8 ONNX graph."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stance.errors import InputError, ModelError
from stance.labels import ONE_OF, Axis
from stance.roster import Roster, load_roster
from stance.tagging.folder import Manifest, read_manifest

Array = npt.NDArray[np.float32]
Scorer = Callable[[Sequence[str], Sequence[str]], tuple[Array, int]]
GRAPH = "model.int8.onnx"
TOKENIZER = "tokenizer.json"
_BATCH = 32


def probabilities(logits: Array, axis: Axis, temperature: float) -> Array:
    """Softmax of a one-of axis, sigmoid of an any-of axis; logits and result are (n, labels)."""
    scaled = logits / temperature
    if axis.kind == ONE_OF:
        raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)
    return np.asarray(1 / (1 + np.exp(-scaled)), dtype=np.float32)


class Tagger:
    """A loaded model. `score` gives logits (n, all labels, axes side by side) and how many texts were cut."""

    def __init__(self, manifest: Manifest, score: Scorer, roster: Roster | None = None) -> None:
        self.manifest = manifest
        self.axes = manifest.axes
        self._score = score
        self.roster = roster

    def predict(self, texts: Sequence[str], speakers: Sequence[str] | None = None) -> dict[str, Array]:
        """Calibrated probabilities of each axis, (n, labels), by the model alone."""
        speakers = [""] * len(texts) if speakers is None else speakers
        if len(speakers) != len(texts):
            raise InputError(f"{len(texts)} texts but {len(speakers)} speakers; give one speaker a text, or none")
        for number, text in enumerate(texts, 1):
            if not isinstance(text, str) or not text.strip():
                raise InputError(f"text {number} is empty; a statement needs words")
        logits, cut = self._score(texts, speakers)
        if cut:
            warnings.warn(f"{cut} of {len(texts)} texts were cut to {self.manifest.max_length} tokens", stacklevel=2)
        out, at = {}, 0
        for axis in self.axes:
            width = len(axis.labels)
            out[axis.name] = probabilities(logits[:, at : at + width], axis, self.manifest.temperatures[axis.name])
            at += width
        return out

    def classify(
        self, texts: Sequence[str], speakers: Sequence[str] | None = None, *, date: str = "", all_probabilities: bool = False
    ) -> list[dict[str, Any]]:
        """Tags of each text: label and confidence an axis; `side` by the roster where it knows the speaker."""
        if isinstance(texts, str):
            raise InputError('classify takes a list of texts: classify(["..."])')
        if not texts:
            return []
        scores = self.predict(texts, speakers)
        found = []
        for row in range(len(texts)):
            tags: dict[str, Any] = {}
            for axis in self.axes:
                chances = scores[axis.name][row]
                if axis.kind == ONE_OF:
                    best = int(chances.argmax())
                    tags[axis.name] = axis.names[best]
                    tags[f"{axis.name}_confidence"] = round(float(chances[best]), 4)
                else:
                    limits = self.manifest.thresholds[axis.name]
                    chosen = [i for i, chance in enumerate(chances) if chance >= limits[i]]
                    tags[axis.name] = [axis.names[i] for i in chosen]
                    tags[f"{axis.name}_confidence"] = [round(float(chances[i]), 4) for i in chosen]
                if axis.name == "side":
                    known = self.roster.side_of(speakers[row], date) if self.roster and speakers and speakers[row] else None
                    tags["side_basis"] = "roster" if known and known[0] in axis.names else "model"
                    if known and known[0] in axis.names:
                        tags |= {"side": known[0], "side_confidence": 1.0}
                if all_probabilities:
                    pairs = zip(axis.names, chances, strict=True)
                    tags[f"{axis.name}_probabilities"] = {name: round(float(chance), 4) for name, chance in pairs}
            found.append(tags)
        return found


def _onnx_scorer(folder: Path, manifest: Manifest) -> Scorer:
    import onnxruntime as ort
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    options = ort.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("STANCE_THREADS", "0")) or 1
    options.log_severity_level = 3
    session = ort.InferenceSession(str(folder / GRAPH), options, providers=["CPUExecutionProvider"])
    limit = manifest.max_length

    def score(texts: Sequence[str], speakers: Sequence[str]) -> tuple[Array, int]:
        pairs = [(t, s) if s.strip() else t for t, s in zip(texts, speakers, strict=True)]
        encoded = tokenizer.encode_batch(pairs)
        cut = sum(len(e) > limit for e in encoded)
        if cut:
            tokenizer.enable_truncation(limit)
            encoded = tokenizer.encode_batch(pairs)
            tokenizer.no_truncation()
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
        rows: list[Any] = [None] * len(encoded)
        for low in range(0, len(order), _BATCH):
            batch = order[low : low + _BATCH]
            width = len(encoded[batch[-1]])
            feed = {name: np.zeros((len(batch), width), dtype=np.int64) for name in ("input_ids", "attention_mask", "token_type_ids")}
            for r, i in enumerate(batch):
                item = encoded[i]
                feed["input_ids"][r, : len(item)] = item.ids
                feed["attention_mask"][r, : len(item)] = item.attention_mask
                feed["token_type_ids"][r, : len(item)] = item.type_ids
            for i, logits in zip(batch, session.run(None, feed)[0], strict=True):
                rows[i] = logits
        return np.stack(rows), cut

    return score


def load(folder: Path | str = "models/default", roster: Roster | None = None) -> Tagger:
    """Load an encoder's model folder for tagging; raise ModelError naming what is wrong with it."""
    folder = Path(folder)
    manifest = read_manifest(folder, (GRAPH, TOKENIZER))
    if GRAPH not in manifest.files:
        raise ModelError(f"{folder}: holds no {GRAPH}; a baseline is for comparison, tag with an encoder model")
    return Tagger(manifest, _onnx_scorer(folder, manifest), roster or load_roster())
