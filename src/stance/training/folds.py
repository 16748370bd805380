"""Out-of-fold predictions: every statement judged by a model that has not seen it, nor its page."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from stance.corpus.splitting import related
from stance.errors import DataError
from stance.labels import Axis
from stance.records import Statement
from stance.tagging.scoring import Array
from stance.training.encoder import Recipe, logits_of, train
from stance.training.model import encoder_digest

FOLDS = 4


def fold_of(group: str, folds: int = FOLDS) -> int:
    """The fold of a group of statements, by a hash of its key."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[4:8], "big") % folds


def out_of_fold(statements: list[Statement], axes: tuple[Axis, ...], work: Path, recipe: Recipe, encoder: Path, folds: int = FOLDS) -> dict[str, Array]:
    """Logits (n, all labels) "with" and "without" the speaker; done folds lie in `work` and are taken up again.

    Statements of a group (set, page, document, near-duplicate) share a fold. Rows of statements
    that only prime (origin `generated`) are learnt from in every fold and stay NaN.
    """
    groups, _ = related(statements)
    where = np.array([-1 if s.origin == "generated" else fold_of(g, folds) for s, g in zip(statements, groups, strict=True)])
    width = sum(len(axis.labels) for axis in axes)
    found = {name: np.full((len(statements), width), np.nan, dtype=np.float32) for name in ("with", "without")}
    plan = hashlib.sha256(json.dumps([encoder_digest(encoder), asdict(recipe), folds, [a.as_dict() for a in axes], [s.record() for s in statements]], sort_keys=True).encode()).hexdigest()[:16]
    for fold in range(folds):
        kept = work / f"{plan}-{fold}.safetensors"
        rows = np.flatnonzero(where == fold)
        if len(rows) and not kept.exists():
            learn = [s for s, at in zip(statements, where, strict=True) if at != fold]
            if not learn:
                raise DataError(f"all {len(statements)} statements belong together (one page, set or wording), so that none can judge the others; add unlike ones")
            model = train(learn, axes, work / f"fold-{fold}", recipe, encoder)
            left_out = [statements[i] for i in rows]
            texts, speakers = [s.text for s in left_out], [s.speaker for s in left_out]
            both: dict[str, Any] = {"with": logits_of(model, encoder, texts, speakers, recipe), "without": logits_of(model, encoder, texts, [""] * len(texts), recipe)}
            beside = kept.with_name(kept.name + ".partial")
            save_file(both, beside)
            beside.replace(kept)
            shutil.rmtree(work / f"fold-{fold}")
        for name, logits in load_file(kept).items() if len(rows) else ():
            found[name][rows] = logits
    return found
