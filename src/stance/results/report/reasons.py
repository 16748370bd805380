"""The words that carried the labels, for the statements that the page opens with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from stance.results.report.reading import Tagged, date_of, plain, speaker_of
from stance.tagging import Tagger
from stance.tagging.explaining import explain


def opening_order(tagged: Tagged) -> list[int]:
    """Numbers of the statements as the page opens: the latest first, those without a date last."""
    return sorted(range(len(tagged.texts)), key=lambda i: date_of(tagged.fields[i]), reverse=True)


def reasons(tagged: Tagged, tagger: Tagger, limit: int, speaker_column: str = "", follow: Callable[[list[int]], Iterable[int]] = iter) -> dict[int, Any]:
    """For the first `limit` statements of the page, what each word lends to the labels they were given.

    Maps a statement's number to {"words": (start, end) in UTF-16 units, "weights": {axis: {label: hundredths of
    log-odds}}}. Only labels that the model gives too have weights: a side that the roster decided has no
    words to show. `follow` is handed the numbers and gives them back, to show progress.
    """
    found: dict[int, Any] = {}
    for i in follow(opening_order(tagged)[:limit]):
        text, row, answers = tagged.texts[i], tagged.fields[i], tagged.answers[i]
        why = explain(tagger, text, plain(row.get(tagger.manifest.second)) or speaker_of(row, speaker_column), date_of(row))
        weights = {axis: {label: [round(100 * w) for w in values] for label, values in by_label.items() if label in answers[axis].labels} for axis, by_label in why.weights.items() if axis in answers}
        if any(weights.values()):
            found[i] = {"words": [(_units(text[:start]), _units(text[:end])) for start, end in why.words], "weights": weights}
    return found


def _units(text: str) -> int:
    """Length as a browser counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
