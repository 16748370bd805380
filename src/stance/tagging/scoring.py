"""Texts to logits and pooled states, through the ONNX graph of a model folder."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stance.errors import ModelError
from stance.files import one_line, whole_text
from stance.labels import ONE_OF, Axis
from stance.tagging.threads import free_threads

Array = npt.NDArray[np.float32]
GRAPHS = ("model.int8.onnx", "model.float32.onnx")
FAST_GRAPH = "fast.int8.onnx"
FUSED = (GRAPHS[0], FAST_GRAPH)  # written with their nodes fused already, which saves the work at each start
TOKENIZER = "tokenizer.json"
_TOKENS = 192  # in a batch: the widest states of so many fit a core's own cache
_ROWS = 32
# Fused, the residual's addition and the norm run without vector instructions: four times slower than apart.
LEFT_OUT = ("SkipLayerNormFusion",)


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


def feed(encoded: Sequence[Any]) -> dict[str, npt.NDArray[np.int64]]:
    """Inputs of a graph for tokenised texts, none of them padded: token ids, mask and segments, each (texts, longest)."""
    found = {name: np.zeros((len(encoded), max(map(len, encoded))), dtype=np.int64) for name in ("input_ids", "attention_mask", "token_type_ids")}
    for row, item in enumerate(encoded):
        found["input_ids"][row, : len(item)] = item.ids
        found["attention_mask"][row, : len(item)] = 1
        if item.n_sequences > 1:
            found["token_type_ids"][row, : len(item)] = item.type_ids
    return found


def batches(lengths: Sequence[int], tokens: int = _TOKENS, rows: int = _ROWS) -> list[list[int]]:
    """Texts by number, like lengths together, as many a batch as stay within `tokens` once padded, and at most `rows`."""
    found: list[list[int]] = []
    for number in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if found and len(found[-1]) < rows and (len(found[-1]) + 1) * lengths[number] <= tokens:
            found[-1].append(number)
        else:
            found.append([number])
    return found


@functools.cache
def sums_overflow() -> bool:
    """Whether int8 products are added in 16 bits here, where two of the largest do not fit, as on x86 without VNNI.

    onnxruntime does not tell, so it is asked for such a sum: of 64 products of 255 and 127
    (overflow.onnx, one MatMulInteger; tests/tagging/test_scoring.py shows how it is made).
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(Path(__file__).with_name("overflow.onnx")), options, ["CPUExecutionProvider"])
    (sums,) = session.run(None, {"bytes": np.full((4, 64), 255, dtype=np.uint8)})
    return bool((sums != 64 * 255 * 127).any())


def session_of(graph: Path) -> Any:
    """A session of one thread; raises what onnxruntime raises."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised, for the caller to tell
    if sums_overflow():
        # Unsigned weights, whose sums have 32 bits. Set everywhere it would cost VNNI and AMX, too.
        options.add_session_config_entry("session.x64quantprecision", "1")
    elif graph.name in FUSED:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return ort.InferenceSession(str(graph), options, ["CPUExecutionProvider"], disabled_optimizers=LEFT_OUT)


def _opened(folder: Path, graph: str) -> tuple[Any, Any]:
    """Tokenizer and session of a model folder; raise ModelError where one of the files is not what its name says."""
    from tokenizers import Tokenizer

    file = folder / TOKENIZER
    try:
        # The session opens while the tokenizer is read: half the wait of a single statement is loading.
        with ThreadPoolExecutor(1) as beside:
            opening = beside.submit(session_of, folder / graph)
            tokenizer = Tokenizer.from_file(str(file))
            tokenizer.no_truncation()
            tokenizer.no_padding()
            file = folder / graph
            session = opening.result()
        missing = {"logits", "pooled"} - {entry.name for entry in session.get_outputs()}
        if missing:
            raise ValueError(f"no output named {min(missing)}")
    except Exception as error:  # both libraries raise bare ones
        raise ModelError(f"{file}: cannot be used ({one_line(error)}); train or copy the model again") from error
    return tokenizer, session


def onnx_scorer(folder: Path, graph: str, max_length: int, threads: int = 0) -> Scorer:
    """Load a graph of the folder: a function from n texts and their speakers ("" for none) to `Scores`.

    Batches are shared out among `threads`, each of which computes alone; 0 for as many as are free.
    Equal pairs of text and speaker are scored once.
    """
    threads = threads or free_threads()
    tokenizer, session = _opened(folder, graph)
    wanted = {entry.name for entry in session.get_inputs()}
    pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def score(texts: Sequence[str], speakers: Sequence[str]) -> Scores:
        pairs = [(whole_text(t), whole_text(s)) if s.strip() else whole_text(t) for t, s in zip(texts, speakers, strict=True)]
        once = list(dict.fromkeys(pairs))
        encoded = tokenizer.encode_batch_fast(once)
        cut = {pair for pair, item in zip(once, encoded, strict=True) if len(item) > max_length}
        if cut:
            tokenizer.enable_truncation(max_length)
            encoded = tokenizer.encode_batch_fast(once)
            tokenizer.no_truncation()

        def run(batch: list[int]) -> Any:
            inputs = feed([encoded[i] for i in batch])
            return session.run(["logits", "pooled"], {name: inputs[name] for name in wanted})

        plan = batches([len(item) for item in encoded])
        found = list(pool.map(run, plan) if pool else map(run, plan))
        logits, pooled = (np.concatenate([part[k] for part in found]) for k in (0, 1))
        place = {once[i]: row for row, i in enumerate(i for batch in plan for i in batch)}
        rows = [place[pair] for pair in pairs]
        return Scores(logits[rows], pooled[rows], sum(pair in cut for pair in pairs))

    return score
