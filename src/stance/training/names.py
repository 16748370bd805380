"""Organisations changed about in training: the side is to be read from what is said of them, and the roster's names are learnt on the way."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from stance.articles.names import index, known_in
from stance.articles.tokens import tokenize
from stance.roster import Roster, takes_article

_THE = re.compile(r"\b[Tt]he $")


@dataclass(frozen=True)
class Named:
    """An organisation of the roster named in a text, at `start:end`, and whether "the" stands before it."""

    start: int
    end: int
    id: str
    has_article: bool


class Names:
    """The names of the roster's organisations, by side and by whether they go with "the"."""

    def __init__(self, roster: Roster) -> None:
        self._index = index(roster)
        self._side: dict[str, str] = {}
        self.pools: dict[str, list[str]] = {}
        for name, entry in roster.by_name.items():
            if entry.is_person:
                continue
            self._side[entry.id] = entry.side
            with_article = takes_article(name)
            self.pools.setdefault(_pool(entry.side, with_article), []).append(name)
            # Initials go either way: "the WGA", "WGA members".
            if name.isupper() and not with_article:
                self.pools.setdefault(_pool(entry.side, True), []).append(name)

    def find(self, text: str) -> list[Named]:
        """The organisations that a text names, in order."""
        line = tokenize(text, 0, 0, len(text), [])
        found = []
        for known in known_in(text, line, self._index):
            if known.entry.id in self._side:
                found.append(Named(known.start, line.ends[known.high - 1], known.entry.id, bool(_THE.search(text[: known.start]))))
        return found

    def swap(self, texts: Sequence[str], named: Sequence[Sequence[Named]], rng: random.Random) -> list[str]:
        """The texts of one statement with each organisation in them changed for another of its side, the same one throughout."""
        chosen: dict[tuple[str, bool], str] = {}
        changed = []
        for text, members in zip(texts, named, strict=True):
            at, parts = 0, []
            for one in members:
                key = (one.id, one.has_article)
                if key not in chosen:
                    side = self._side[one.id]
                    chosen[key] = rng.choice(self.pools.get(_pool(side, one.has_article)) or [text[one.start : one.end]])
                parts += [text[at : one.start], chosen[key]]
                at = one.end
            changed.append("".join([*parts, text[at:]]))
        return changed


def _pool(side: str, has_article: bool) -> str:
    return f"the {side}" if has_article else side
