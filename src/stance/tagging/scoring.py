"""Texts to logits and pooled states, through the ONNX graph of a model folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stance.labels import ONE_OF, Axis

Array = npt.NDArray[np.float32]
GRAPHS = ("model.int8.onnx", "model.float32.onnx")
TOKENIZER = "tokenizer.json"
_BATCH = 32


@dataclass(frozen=True)
class Scores:
    """`logits` (n, all labels, axes side by side), `pooled` states (n, hidden), and how many texts were `cut` to fit."""

    logits: Array
    pooled: Array
    cut: int = 0


Scorer = Callable[[Sequence[str], Sequence[str]], Scores]


def probabilities(logits: Array, axis: Axis, temperature: Any = 1.0) -> Array:
    """Softmax of a one-of axis, sigmoid of an any-of axis; logits and result are (n, labels), temperature one or (n, 1)."""
    scaled = logits / temperature
    if axis.kind == ONE_OF:
        raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)
    return np.asarray(1 / (1 + np.exp(-scaled)), dtype=np.float32)


def by_axis(logits: Any, axes: Sequence[Axis]) -> dict[str, Any]:
    """The columns (n, its labels) of each axis of an array or a tensor (n, all labels)."""
    edges = np.cumsum([0] + [len(axis.labels) for axis in axes])
    return {axis.name: logits[:, low:high] for axis, low, high in zip(axes, edges, edges[1:], strict=False)}


def onnx_scorer(folder: Path, graph: str, max_length: int) -> Scorer:
    """Load a graph of the folder: a function from n texts and their speakers ("" for none) to `Scores`, one thread unless STANCE_THREADS says more."""
    import onnxruntime as ort
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    options = ort.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("STANCE_THREADS", "0")) or 1
    options.log_severity_level = 3
    session = ort.InferenceSession(str(folder / graph), options, providers=["CPUExecutionProvider"])
    wanted = {entry.name for entry in session.get_inputs()}
    limit = max_length

    def score(texts: Sequence[str], speakers: Sequence[str]) -> Scores:
        pairs = [(t, s) if s.strip() else t for t, s in zip(texts, speakers, strict=True)]
        encoded = tokenizer.encode_batch(pairs)
        cut = sum(len(e) > limit for e in encoded)
        if cut:
            tokenizer.enable_truncation(limit)
            encoded = tokenizer.encode_batch(pairs)
            tokenizer.no_truncation()
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
        logits: list[Any] = [None] * len(encoded)
        pooled: list[Any] = [None] * len(encoded)
        for low in range(0, len(order), _BATCH):
            batch = order[low : low + _BATCH]
            width = len(encoded[batch[-1]])
            feed = {name: np.zeros((len(batch), width), dtype=np.int64) for name in ("input_ids", "attention_mask", "token_type_ids")}
            for r, i in enumerate(batch):
                item = encoded[i]
                feed["input_ids"][r, : len(item)] = item.ids
                feed["attention_mask"][r, : len(item)] = item.attention_mask
                feed["token_type_ids"][r, : len(item)] = item.type_ids
            outputs = session.run(["logits", "pooled"], {name: feed[name] for name in wanted})
            for i, row, state in zip(batch, *outputs, strict=True):
                logits[i], pooled[i] = row, state
        return Scores(np.stack(logits), np.stack(pooled), cut)

    return score
