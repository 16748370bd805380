"""The labelled statements that a model was shown, to be looked up by likeness."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from stance.errors import ModelError
from stance.files import json_lines, open_input, write_json_lines
from stance.records import Statement
from stance.tagging.folder import read_manifest
from stance.tagging.scoring import Array, Scorer

TEXTS, VECTORS = "neighbours.jsonl", "neighbours.safetensors"
_CHUNK = 512


def write_neighbours(folder: Path, statements: Sequence[Statement], score: Scorer) -> None:
    """Store statements and their pooled states, unit vectors (n, hidden) in half precision, in a model folder."""
    rows = [score([s.text for s in statements[low : low + _CHUNK]], [""] * len(statements[low : low + _CHUNK])).pooled for low in range(0, len(statements), _CHUNK)]
    save_file({"vectors": _unit(np.concatenate(rows)).astype(np.float16)}, folder / VECTORS)
    write_json_lines(folder / TEXTS, (s.record() for s in statements))


def read_neighbours(folder: Path) -> tuple[list[dict[str, Any]], Array]:
    """The stored records and their vectors (n, hidden); raises ModelError where they are missing or not those of the manifest."""
    if not {TEXTS, VECTORS} <= read_manifest(folder, (TEXTS, VECTORS)).files.keys():
        raise ModelError(f"{folder}: holds no labelled statements to look up; ask for none with --similar 0")
    with open_input(folder / TEXTS) as handle:
        records = [record for _, record in json_lines(handle, str(folder / TEXTS))]
    vectors = load_file(folder / VECTORS)["vectors"].astype(np.float32)
    return records, vectors


def nearest(records: list[dict[str, Any]], vectors: Array, pooled: Array, count: int = 3) -> list[dict[str, Any]]:
    """The `count` records most like a text whose pooled state is `pooled` (hidden,), with their cosine as `likeness`."""
    cosines = vectors @ _unit(pooled[None])[0]
    return [{**records[i], "likeness": round(float(cosines[i]), 3)} for i in np.argsort(-cosines)[:count]]


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)
