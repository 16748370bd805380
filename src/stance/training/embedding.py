"""Sentence embeddings by the packaged encoder, to see which statements say nearly the same."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from stance.corpus.splitting import Embed, Vectors
from stance.training.encoder import in_length_order
from stance.training.model import new_model, packaged_encoder, tokenizer_of

_KEY_BYTES = 16
_LONGEST = 256  # tokens


def embedder(cache: Path) -> Embed:
    """A function from n texts to unit vectors (n, width); what it has once embedded it keeps in the file `cache`."""
    known: dict[bytes, Any] = {}
    if cache.exists():
        stored = load_file(cache)
        known = {key.tobytes(): vector for key, vector in zip(stored["keys"], stored["vectors"], strict=True)}

    def embed(texts: list[str]) -> Vectors:
        keys = [hashlib.sha256(text.encode()).digest()[:_KEY_BYTES] for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            known.update(zip(missing, _encode(list(missing.values()), packaged_encoder()), strict=True))
            cache.parent.mkdir(parents=True, exist_ok=True)
            beside = cache.with_name(cache.name + ".partial")
            save_file({"keys": np.frombuffer(b"".join(known), dtype=np.uint8).reshape(len(known), -1), "vectors": np.stack(list(known.values()))}, beside)
            beside.replace(cache)
        vectors = np.stack([known[key] for key in keys]).astype(np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)

    return embed


def _encode(texts: list[str], encoder: Path) -> list[Any]:
    """Mean-pooled states, half precision, one unit vector (width,) a text."""
    model = new_model(encoder, ()).eval()
    pooled = in_length_order(tokenizer_of(encoder, _LONGEST).encode_batch(texts), model.pool, doing="embedding")
    return list((pooled / np.linalg.norm(pooled, axis=1, keepdims=True)).astype(np.float16))
