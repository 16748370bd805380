"""Which words carried each label, by leaving them out one at a time (occlusion)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from stance.labels import ONE_OF
from stance.tagging.scoring import Array, by_axis
from stance.tagging.tagger import Tagger

_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Explanation:
    """`words` are offsets (start, end) in the text; `weights[axis][label]` says of each word how much it lends to the label.

    A weight is the fall of the label's log-odds when the word is left out: above 0 the word speaks
    for the label, below 0 against it. Only given labels have weights (for any-of axes, the likeliest
    where none is given). `pooled` (hidden,) is the state of the bare text.
    """

    text: str
    tags: dict[str, Any]
    words: list[tuple[int, int]]
    weights: dict[str, dict[str, list[float]]]
    pooled: Array


def explain(tagger: Tagger, text: str, speaker: str = "", date: str = "") -> Explanation:
    """Tags of a text with the words that carried them; costs one pass of the model a word."""
    tags = tagger.classify([text], [speaker], date=date)[0]
    words = [match.span() for match in _WORD.finditer(text)]
    # A text of one word has nothing to leave out but itself; a full stop stands for "nothing said".
    without = [(text[:start].rstrip() + text[end:]).strip() or "." for start, end in words]
    # The last is the bare text, for the look-up: stored statements were read without their speakers.
    scores = tagger.score([text, *without, text], [*[speaker] * (len(words) + 1), ""])
    temperatures = tagger.manifest.calibration_of(speaker).temperatures
    weights: dict[str, dict[str, list[float]]] = {}
    for axis in tagger.axes:
        logits = by_axis(scores.logits[:-1], tagger.axes)[axis.name] / temperatures[axis.name]
        odds = _log_odds(logits) if axis.kind == ONE_OF else logits
        given = [axis.names[int(odds[0].argmax())]] if axis.kind == ONE_OF or not tags[axis.name] else list(tags[axis.name])
        weights[axis.name] = {name: [round(float(w), 4) for w in odds[0, k] - odds[1:, k]] for k, name in enumerate(axis.names) if name in given}
    return Explanation(text, tags, words, weights, scores.pooled[-1])


def _log_odds(logits: Array) -> Array:
    """Log of p / (1 - p) of each column of a softmax."""
    raised = np.exp(logits - logits.max(1, keepdims=True))
    rest = raised.sum(1, keepdims=True) - raised
    return np.asarray(np.log(raised) - np.log(np.maximum(rest, 1e-12)), dtype=np.float32)
