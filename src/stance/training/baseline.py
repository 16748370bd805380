"""The baseline: TF-IDF of words and characters, one logistic regression an axis, stored with skops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import skops.io as sio
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion

from stance.errors import ModelError
from stance.labels import ONE_OF, Axis
from stance.records import SECOND, Statement
from stance.roster import Roster
from stance.tagging import Manifest, Scores, Tagger, read_manifest, write_manifest
from stance.tagging.folder import uncalibrated
from stance.tagging.scoring import Scorer
from stance.training.calibration import calibrated
from stance.training.encoder import targets
from stance.training.export import provenance


def joined(texts: Sequence[str], speakers: Sequence[str]) -> list[str]:
    """Text and speaker in one string; the speaker's words are marked off so that they count apart."""
    return [text + "".join(f" speaker_{word}" for word in speaker.lower().split()) for text, speaker in zip(texts, speakers, strict=True)]


FEATURES = "tf-idf.skops"


def _features() -> Any:
    # Every statement is given twice, so that twice as many make a term worth keeping.
    return FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), min_df=2 * 2, sublinear_tf=True)),
            ("characters", TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=2 * 3, max_features=60_000, sublinear_tf=True)),
        ]
    )


def train_baseline(statements: list[Statement], validation: list[Statement], axes: tuple[Axis, ...], folder: Path, seed: int = 1, second: str = SECOND) -> None:
    """Fit on each statement with and without its speaker, and write a model folder of kind `baseline`."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = [s.text for s in statements]
    features = _features()
    inputs = features.fit_transform(joined(texts + texts, [""] * len(texts) + [s.speaker for s in statements]))  # (2 * n, terms)
    sio.dump(features, folder / FEATURES)
    for axis, gold in zip(axes, (t.numpy() for t in targets(statements, axes)), strict=True):
        line = LogisticRegression(C=4.0, max_iter=300, class_weight="balanced", random_state=seed)
        model = line if axis.kind == ONE_OF else OneVsRestClassifier(line)
        sio.dump(model.fit(inputs, np.concatenate([gold, gold])), folder / f"{axis.name}.skops")
    plain = Manifest("baseline", axes, 0, uncalibrated(axes), second)
    write_manifest(folder, replace(calibrated(plain, _scorer(folder, axes), validation), provenance=provenance(statements, {"seed": seed})))


def _scorer(folder: Path, axes: tuple[Axis, ...]) -> Scorer:
    features = sio.load(folder / FEATURES, trusted=[])
    lines = [sio.load(folder / f"{axis.name}.skops", trusted=[]) for axis in axes]

    def score(texts: Sequence[str], speakers: Sequence[str]) -> Scores:
        inputs = features.transform(joined(texts, speakers))
        logits = [np.reshape(line.decision_function(inputs), (len(texts), -1)) for line in lines]
        # Of two classes scikit-learn gives one column: the second's.
        logits = [np.hstack([-part, part]) if axis.kind == ONE_OF and len(axis.labels) == 2 else part for part, axis in zip(logits, axes, strict=True)]
        return Scores(np.concatenate(logits, axis=1).astype(np.float32), np.zeros((len(texts), 0), dtype=np.float32))

    return score


def load_baseline(folder: Path, roster: Roster | None = None) -> Tagger:
    """A tagger from a baseline's model folder; without a roster the model alone decides the side."""
    manifest = read_manifest(folder)
    if manifest.kind != "baseline":
        raise ModelError(f"{folder}: a model of kind {manifest.kind!r}, not a baseline")
    return Tagger(manifest, _scorer(folder, manifest.axes), roster)
