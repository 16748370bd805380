"""An answer is the same wherever and however it is asked for."""

from __future__ import annotations

import hashlib
import os

import numpy as np
import pytest

from stance.labels import load_axes
from stance.records import Statement
from stance.tagging import load
from stance.tagging import scoring as room

PART = "Same everywhere"
NEAR = 1e-4


@pytest.fixture(scope="module")
def statements(records):
    texts = [r["text"] for r in records] * 2
    speakers = [r.get("speaker", "") for r in records] + [""] * len(records)
    return texts, speakers


def chances(tagger, texts, speakers):
    """Probabilities of all labels, (n, labels)."""
    return np.concatenate(list(tagger.predict(texts, speakers).values()), axis=1)


@pytest.mark.parametrize("form", room.GRAPHS)
def test_answers_do_not_hang_on_batches_order_threads_or_reload(tiny_model, statements, promise, monkeypatch, tmp_path, form):
    from stance.training.export import export

    kept = promise("Probabilities equal to 1e-4 for any batch, order, number of threads, and after a reload", part=PART, unit="answers")
    folder = tiny_model
    if form == room.GRAPHS[1]:
        folder = tmp_path / "float32"
        export(tiny_model, folder, "float32")
    texts, speakers = statements
    rng = np.random.default_rng(1)
    wanted = chances(load(folder, threads=1), texts, speakers)

    def check(found, what):
        apart = np.abs(found - wanted).max(1)
        kept.count(len(apart), int((apart > NEAR).sum()))
        assert apart.max() <= NEAR, what

    real = room.batches
    for tokens, rows in ((1, 1), (64, 4), (4096, 256)):
        monkeypatch.setattr(room, "batches", lambda lengths, tokens=tokens, rows=rows: real(lengths, tokens, rows))
        check(chances(load(folder, threads=1), texts, speakers), f"{tokens} tokens a batch")
    monkeypatch.setattr(room, "batches", real)
    for threads in (2, 5):
        check(chances(load(folder, threads=threads), texts, speakers), f"{threads} threads")
    for _ in range(3):
        order = rng.permutation(len(texts))
        found = np.empty_like(wanted)
        found[order] = chances(load(folder, threads=1), [texts[i] for i in order], [speakers[i] for i in order])
        check(found, "another order")
    check(np.concatenate([chances(load(folder, threads=1), [t], [s]) for t, s in zip(texts[:12], speakers[:12], strict=True)] + [wanted[12:]]), "one at a time")


def test_training_is_the_same_to_the_byte(tiny_encoder, records, promise, tmp_path):
    import torch

    from stance.training.encoder import Recipe, train

    kept = promise("Training gives the same weights, to the byte, for a seed and a number of threads", part=PART, unit="trainings")
    axes = load_axes()
    data = [Statement.from_record(r, axes) for r in records]
    before = torch.get_num_threads()
    try:
        for threads in sorted({1, min(2, os.cpu_count() or 1)}):
            torch.set_num_threads(threads)
            digests = []
            for turn in range(2):
                model = train(data, axes, tmp_path / f"{threads}-{turn}", Recipe(epochs=2, max_length=64), tiny_encoder)
                found = hashlib.sha256()
                for name, value in sorted(model.state_dict().items()):
                    found.update(name.encode() + value.contiguous().view(torch.uint8).numpy().tobytes())
                digests.append(found.hexdigest())
            kept.count(2, int(len(set(digests)) > 1))
            assert len(set(digests)) == 1, f"{threads} threads"
    finally:
        torch.set_num_threads(before)
