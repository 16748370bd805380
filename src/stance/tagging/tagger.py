"""Tags for texts: labels with confidences, `unsure` where the model is, and who decided the side."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stance.errors import InputError, ModelError
from stance.labels import ONE_OF, Axis
from stance.roster import Roster, load_roster
from stance.tagging.folder import Manifest, read_manifest
from stance.tagging.scoring import (
    GRAPHS,
    TOKENIZER,
    Array,
    Scorer,
    by_axis,
    onnx_scorer,
    probabilities,
)

UNSURE = "unsure"


class Tagger:
    """A loaded model: `classify` gives tags, `predict` bare probabilities. The roster may decide `side`."""

    def __init__(self, manifest: Manifest, score: Scorer, roster: Roster | None = None) -> None:
        self.manifest = manifest
        self.axes = manifest.axes
        self.score = score
        self.roster = roster

    def predict(self, texts: Sequence[str], speakers: Sequence[str] | None = None) -> dict[str, Array]:
        """Calibrated probabilities of each axis, (n, labels), by the model alone."""
        speakers = [""] * len(texts) if speakers is None else speakers
        if len(speakers) != len(texts):
            raise InputError(f"{len(texts)} texts but {len(speakers)} speakers; give one speaker a text, or none")
        for number, text in enumerate(texts, 1):
            if not isinstance(text, str) or not text.strip():
                raise InputError(f"text {number} is empty; a statement needs words")
        scores = self.score(texts, speakers)
        if scores.cut:
            warnings.warn(f"{scores.cut} of {len(texts)} texts were cut to {self.manifest.max_length} tokens", stacklevel=2)
        parts = by_axis(scores.logits, self.axes)
        return {axis.name: probabilities(parts[axis.name], axis, self.manifest.temperatures[axis.name]) for axis in self.axes}

    def classify(
        self,
        texts: Sequence[str],
        speakers: Sequence[str] | None = None,
        *,
        date: str = "",
        all_probabilities: bool = False,
        min_confidence: float = 0.0,
        coverage: float | None = None,
    ) -> list[dict[str, Any]]:
        """Tags of each text: label and confidence an axis; `side` by the roster where it knows the speaker.

        An answer below `min_confidence` is `unsure`; of an any-of axis the labels that are neither
        given nor ruled out with that confidence are listed under `<axis>_unsure`. With `coverage`
        (0.8, 0.9 or 0.95) `<axis>_set` holds every label that cannot be ruled out at that rate.
        """
        if isinstance(texts, str):
            raise InputError('classify takes a list of texts: classify(["..."])')
        if not 0 <= min_confidence <= 1:
            raise InputError(f"the least confidence must lie between 0 and 1, not {min_confidence}")
        limits = self._limits(coverage)
        if not texts:
            return []
        scores = self.predict(texts, speakers)
        found = []
        for row in range(len(texts)):
            tags: dict[str, Any] = {}
            for axis in self.axes:
                chances = scores[axis.name][row]
                tags |= self._one_of(axis, chances, min_confidence) if axis.kind == ONE_OF else self._any_of(axis, chances, min_confidence)
                if limits:
                    tags[f"{axis.name}_set"] = [name for name, chance, limit in zip(axis.names, chances, limits[axis.name], strict=True) if chance >= limit]
                if axis.name == "side":
                    known = self.roster.side_of(speakers[row], date) if self.roster and speakers and speakers[row] else None
                    tags["side_basis"] = "roster" if known and known[0] in axis.names else "model"
                    if known and known[0] in axis.names:
                        tags |= {"side": known[0], "side_confidence": 1.0, **({"side_set": [known[0]]} if limits else {})}
                if all_probabilities:
                    pairs = zip(axis.names, chances, strict=True)
                    tags[f"{axis.name}_probabilities"] = {name: round(float(chance), 4) for name, chance in pairs}
            found.append(tags)
        return found

    def _one_of(self, axis: Axis, chances: Array, least: float) -> dict[str, Any]:
        best = int(chances.argmax())
        return {axis.name: axis.names[best] if chances[best] >= least else UNSURE, f"{axis.name}_confidence": round(float(chances[best]), 4)}

    def _any_of(self, axis: Axis, chances: Array, least: float) -> dict[str, Any]:
        given = chances >= np.array(self.manifest.thresholds[axis.name])
        sure = np.maximum(chances, 1 - chances) >= least
        tags: dict[str, Any] = {axis.name: [axis.names[i] for i in np.flatnonzero(given & sure)]}
        tags[f"{axis.name}_confidence"] = [round(float(chances[i]), 4) for i in np.flatnonzero(given & sure)]
        if least:
            tags[f"{axis.name}_{UNSURE}"] = [axis.names[i] for i in np.flatnonzero(~sure)]
        return tags

    def _limits(self, coverage: float | None) -> dict[str, list[float]] | None:
        if coverage is None:
            return None
        known = {float(rate): limits for rate, limits in self.manifest.conformal.items()}
        if coverage not in known:
            raise InputError(f"coverage {coverage} is not among those the model was calibrated for: {', '.join(map(str, sorted(known)))}")
        return known[coverage]


def load(folder: Path | str = "models/default", roster: Roster | None = None) -> Tagger:
    """Load an encoder's model folder for tagging; raise ModelError naming what is wrong with it."""
    folder = Path(folder)
    manifest = read_manifest(folder, (*GRAPHS, TOKENIZER))
    if not any(graph in manifest.files for graph in GRAPHS):
        raise ModelError(f"{folder}: holds no {GRAPHS[0]}; a baseline is for comparison, tag with an encoder model")
    return Tagger(manifest, onnx_scorer(folder, manifest), roster or load_roster())
