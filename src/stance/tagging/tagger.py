"""Tags for texts: labels with confidences, `unsure` where the model is, and who decided the side."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stance.errors import InputError, ModelError
from stance.labels import ONE_OF, Axis
from stance.roster import Roster, load_roster
from stance.tagging.folder import Manifest, read_manifest
from stance.tagging.frames import as_frame, as_list, library_of
from stance.tagging.scoring import (
    FAST_GRAPH,
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
        used = [self.manifest.calibration_of(speaker) for speaker in speakers]
        return {axis.name: probabilities(parts[axis.name], axis, np.array([[c.temperatures[axis.name]] for c in used], dtype=np.float32)) for axis in self.axes}

    def given(self, axis: Axis, chances: Array, speakers: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which labels of an axis are given, (n, labels), for probabilities (n, labels) of texts with these speakers."""
        if axis.kind == ONE_OF:
            return np.asarray(np.eye(len(axis.labels), dtype=bool)[chances.argmax(1)])
        return np.asarray(chances >= np.array([self.manifest.calibration_of(speaker).thresholds[axis.name] for speaker in speakers]))

    def classify(
        self,
        texts: Any,
        speaker: Any = None,
        *,
        date: str = "",
        all_probabilities: bool = False,
        min_confidence: float = 0.0,
        coverage: float | None = None,
    ) -> Any:
        """Tags of each text: label and confidence an axis; `side` by the roster where it knows the speaker.

        `texts` and `speaker` (one for all, or one a text; "" or a missing value for none) are lists,
        and the result a list of dictionaries; or `texts` is a Series of pandas or polars, and the
        result a frame of the same library with the same index. An answer below `min_confidence` is
        `unsure`; of an any-of axis the labels that are neither given nor ruled out with that
        confidence are listed under `<axis>_unsure`. With `coverage` (0.8, 0.9 or 0.95)
        `<axis>_set` holds every label that cannot be ruled out at that rate.
        """
        if isinstance(texts, str):
            raise InputError('classify takes a list of texts: classify(["..."])')
        options: dict[str, Any] = {"date": date, "all_probabilities": all_probabilities, "min_confidence": min_confidence, "coverage": coverage}
        speakers = as_list(speaker) if library_of(speaker) else [speaker] * len(texts) if isinstance(speaker, str) else speaker
        if not library_of(texts):
            return self._tags(texts, speakers, **options)
        # Without rows, those of a stand-in give the columns.
        rows = self._tags(as_list(texts), speakers, **options) if len(texts) else self._tags(["."], None, **options)
        return as_frame(rows, texts, self.axes) if len(texts) else as_frame(rows, type(texts)(["."]), self.axes).head(0)

    def _tags(self, texts: Sequence[str], speakers: Sequence[str] | None, *, date: str, all_probabilities: bool, min_confidence: float, coverage: float | None) -> list[dict[str, Any]]:
        if not 0 <= min_confidence <= 1:
            raise InputError(f"the least confidence must lie between 0 and 1, not {min_confidence}")
        if coverage is not None:
            self._check(coverage)
        if not len(texts):
            return []
        speakers = [""] * len(texts) if speakers is None else speakers
        scores = self.predict(texts, speakers)
        found: list[dict[str, Any]] = [{} for _ in speakers]
        for axis in self.axes:
            chances = scores[axis.name]
            answers = _one_of(axis, chances, min_confidence) if axis.kind == ONE_OF else _any_of(axis, chances, self.given(axis, chances, speakers), min_confidence)
            for row, (tags, answer, speaker) in enumerate(zip(found, answers, speakers, strict=True)):
                tags.update(answer)
                if coverage is not None:
                    limits = self.manifest.calibration_of(speaker).conformal[str(coverage)][axis.name]
                    tags[f"{axis.name}_set"] = [name for name, chance, limit in zip(axis.names, chances[row], limits, strict=True) if chance >= limit]
                if axis.name == "side":
                    tags["side_basis"] = "model"
                    known = self.roster.side_of(speaker, date) if self.roster and speaker else None
                    if known:
                        tags.update(with_roster_side(tags, known[0], axis))
                if all_probabilities:
                    tags[f"{axis.name}_probabilities"] = {name: round(float(chance), 4) for name, chance in zip(axis.names, chances[row], strict=True)}
        return found

    def _check(self, coverage: float) -> None:
        known = sorted(map(float, self.manifest.calibration_of("").conformal))
        if coverage not in known:
            raise InputError(f"coverage {coverage} is not among those the model was calibrated for: {', '.join(map(str, known))}")


def with_roster_side(tags: dict[str, Any], side: str, axis: Axis) -> dict[str, Any]:
    """The tags with the side that the roster gives, where the axis has such a label."""
    if side not in axis.names:
        return tags
    return {**tags, "side": side, "side_confidence": 1.0, "side_basis": "roster", **({"side_set": [side]} if "side_set" in tags else {})}


def _one_of(axis: Axis, chances: Array, least: float) -> list[dict[str, Any]]:
    """The label of each row of `chances` (n, labels) and its confidence."""
    names, said = axis.names, f"{axis.name}_confidence"
    best = chances.argmax(1)
    tops = chances[np.arange(len(best)), best]
    rows = zip(best.tolist(), tops.tolist(), (tops >= least).tolist(), strict=True)
    return [{axis.name: names[i] if sure else UNSURE, said: round(top, 4)} for i, top, sure in rows]


def _any_of(axis: Axis, chances: Array, given: npt.NDArray[np.bool_], least: float) -> list[dict[str, Any]]:
    """The labels given to each row of `chances` (n, labels) and their confidences."""
    names, said, doubtful = axis.names, f"{axis.name}_confidence", f"{axis.name}_{UNSURE}"
    sure = np.where(given, chances, 1 - chances) >= least
    found = []
    for kept, row, certain in zip((given & sure).tolist(), chances.tolist(), sure.tolist(), strict=True):
        at = [i for i, is_kept in enumerate(kept) if is_kept]
        tags: dict[str, Any] = {axis.name: [names[i] for i in at], said: [round(row[i], 4) for i in at]}
        if least:
            tags[doubtful] = [name for name, is_certain in zip(names, certain, strict=True) if not is_certain]
        found.append(tags)
    return found


def load(folder: Path | str = "models/default", roster: Roster | None = None, threads: int = 0, fast: bool = False) -> Tagger:
    """Load an encoder's model folder for tagging; raise ModelError naming what is wrong with it.

    `threads` are as many as are free if not given. `fast` takes the smaller graph that `stance distil` made.
    """
    folder = Path(folder)
    graphs = (FAST_GRAPH,) if fast else GRAPHS
    manifest = read_manifest(folder, (*graphs, TOKENIZER))
    graph = next((name for name in graphs if name in manifest.files), None)
    if graph is None and manifest.kind != "baseline" and fast:
        raise ModelError(f"{folder}: holds no {FAST_GRAPH}; make it first: stance distil --model {folder}")
    if graph is None:
        raise ModelError(f"{folder}: holds no {GRAPHS[0]}; a baseline is for comparison, tag with an encoder model")
    if manifest.fast and fast:
        manifest = replace(manifest, calibration=manifest.fast.calibration)
    return Tagger(manifest, onnx_scorer(folder, graph, manifest.max_length, threads), roster or load_roster())
