"""Which names mean one dispute: "2023 WGA strike" and "WGA and SAG-AFTRA strikes 2023" belong together."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Words that say what kind of dispute it is rather than which one.
_GENERIC = frozenset(
    ["a", "agreement", "an", "and", "animated", "at", "basic", "bargaining", "between", "campaign", "closure", "collective", "contract", "contracts", "cuts", "deal", "dispute", "disputes", "film", "for", "in", "industrial", "lockout", "lockouts", "negotiation", "negotiations", "of", "on", "over", "picket", "plan", "protest", "ratification", "release", "s", "settlement", "strike", "strikes", "talks", "television", "the", "theatrical", "to", "tv", "vote", "walkout", "walkouts"]
)
_YEARS = re.compile(r"\b((?:19|20)\d\d)(?:\s*[-–/]\s*(?:\d{2,4})?)?")


def dispute_key(name: str) -> tuple[str, frozenset[str]]:
    """First year ("" when the name has none) and the telling words of a dispute's name."""
    year = _YEARS.search(name)
    words = re.findall(r"[\w&']+", _YEARS.sub(" ", name).casefold())
    return year[1] if year else "", frozenset(words) - _GENERIC


def same_disputes(names: Iterable[str]) -> dict[str, str]:
    """For each name the first, in order of the alphabet, of all names that mean the same dispute.

    Two names mean one dispute when they give the same year and the telling words of one are all
    among those of the other; chains count. Names with no telling word stay by themselves.
    """
    ordered = sorted(set(names))
    keys = [dispute_key(name) for name in ordered]
    parent = list(range(len(ordered)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, (year, words) in enumerate(keys):
        for j in range(i):
            if words and keys[j][1] and year == keys[j][0] and (words <= keys[j][1] or keys[j][1] <= words):
                a, b = sorted((root(i), root(j)))
                parent[b] = a
    return {name: ordered[root(i)] for i, name in enumerate(ordered)}
