"""Behavioural tests of a model of the built-in labels: what must stay the same, and what must be said."""

from __future__ import annotations

import random
import re
import tomllib
from pathlib import Path
from typing import Any

from stance.labels import load_axes
from stance.tagging import Tagger

TESTS = Path(__file__).with_name("behaviour.toml")
SHOWN = 3  # failures listed for each test
Rows = list[dict[str, Any]]


def behaviour(tagger: Tagger, path: Path = TESTS) -> Rows:
    """One row a test: how many cases, the share passed, the least share wanted, some failures. The roster takes no part.
    A model of other labels has no rows.

    `same`: the labels of a changed text are those of the text as it stands. `expected`: the labels named are given.
    """
    if [axis.as_dict() for axis in tagger.axes] != [axis.as_dict() for axis in load_axes()]:
        return []
    tests = tomllib.loads(path.read_text(encoding="utf-8"))
    plain = Tagger(tagger.manifest, tagger.score)
    rows = []
    for test in tests["same"]:
        pairs = [pair for text in tests["base"] for pair in _changed(text, test["change"], tests)]
        tags = plain.classify([text for pair in pairs for text in pair])
        failures = [
            f"{after!r}: {axis} {b[axis]}, was {a[axis]}"
            for (_, after), a, b in zip(pairs, tags[::2], tags[1::2], strict=True)
            for axis in test["axes"]
            if a[axis] != b[axis]
        ]
        rows.append(_row(test, len(pairs) * len(test["axes"]), failures))
    for test in tests["expected"]:
        tags = plain.classify([case["text"] for case in test["cases"]])
        wanted = [(case["text"], axis, label, found[axis]) for case, found in zip(test["cases"], tags, strict=True) for axis, label in case.items() if axis != "text"]
        rows.append(_row(test, len(wanted), [f"{text!r}: {axis} {said}, not {label}" for text, axis, label, said in wanted if said != label]))
    return rows


def _row(test: dict[str, Any], cases: int, failures: list[str]) -> dict[str, Any]:
    rate = 1 - len(failures) / cases
    return {"test": test["name"], "cases": cases, "passed": round(rate, 3), "least": test["least"], "enough": rate >= test["least"], "failures": failures[:SHOWN]}


def _changed(text: str, change: str, tests: dict[str, Any]) -> list[tuple[str, str]]:
    """Pairs of the text and a changed one; none where the change does not apply."""
    first = {side: tests[side][0] for side in ("union", "studio")}
    plain = _filled(text, first)
    if change in first:
        others = tests[change][1:] if f"{{{change}}}" in text else []
        return [(plain, _filled(text, {**first, change: name})) for name in others]
    if change == "nameless":
        return [(plain, _filled(text, {"union": "the union", "studio": "the company"}))] if "{" in text else []
    return [(plain, plain.upper() if change == "upper" else _with_typo(plain))]


def _filled(text: str, names: dict[str, str]) -> str:
    filled = text.format(**names)
    return filled[:1].upper() + filled[1:]


def _with_typo(text: str) -> str:
    """Two neighbouring letters of one longer word swapped; the same ones every time."""
    words = list(re.finditer(r"[a-z]{5,}", text))
    word = random.Random(text).choice(words)
    at = word.start() + 2
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
