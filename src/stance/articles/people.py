"""The people and bodies that an article names, and where."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable
from itertools import takewhile

from stance.articles.names import PARTICLES, Known, fold, index, known_in, person_name, phrase
from stance.articles.tokens import Line
from stance.roster import Entry, Roster

_ACRONYM = re.compile(r"\(([A-Z][A-Z&-]{1,9})\)")
REMEMBERED = 80  # speakers and bodies looked back on


class Names:
    """All full names (`people`: first character and name) and roster entries of an article, in text order.

    `spans` has each full name with its line and tokens; `surnames` and `folded` (lower case) lead
    from part of a name to the full ones; `acronyms` from a short name to the long one; `bodies_of` has the organisations of each line.
    """

    def __init__(self, text: str, lines: list[Line], roster: Roster) -> None:
        self.index = index(roster)
        self.acronyms = _acronyms(text)
        self.last_words: dict[str, set[str]] = {}
        self.people: list[tuple[int, str]] = []
        self.surnames: dict[str, list[str]] = {}
        self.named = [known_in(text, line, self.index) for line in lines]
        self.bodies_of = [[k for k in known if not k.entry.is_person] for known in self.named]
        self.bodies = [k for bodies in self.bodies_of for k in bodies]
        self.present = {k.entry.id: k.entry for known in self.named for k in known}
        self.spans: list[tuple[Line, int, int, str]] = []
        for line, bodies in zip(lines, self.bodies_of, strict=True):
            self.spans += self._people(line, bodies)
        self.folded: dict[str, set[str]] = defaultdict(set)
        for _, full in self.people:
            self.folded[full.casefold()].add(full)
            self.folded[full.split()[-1].casefold()].add(full)

    def _people(self, line: Line, bodies: list[Known]) -> list[tuple[Line, int, int, str]]:
        """Register the full names of a line; returns them with their tokens."""
        taken = {at for k in bodies for at in range(k.low, k.high)}
        found = []
        for match in re.finditer(r"N(?:N|n(?=N))+", line.tags):
            low = match.start()
            while low < match.end():
                high = low
                while high < match.end() and high not in taken and line.words[high] and (line.tags[high] == "N" or line.words[high] in PARTICLES):
                    high += 1
                name = person_name(line.words[low:high])
                if len(name) > 1:
                    full = " ".join(name)
                    first = high - len(name)
                    self.people.append((line.starts[first], full))
                    found.append((line, first, high, full))
                    same = self.surnames.setdefault(name[-1], [])
                    if full not in same:
                        same.append(full)
                low = high + 1
        return found

    def known_in(self, line: Line, low: int, high: int) -> list[Known]:
        """Roster entries named in a token range."""
        known = self.named[line.number]
        at = bisect_left(known, low, key=lambda k: k.low)
        return list(takewhile(lambda k: k.high <= high, known[at : at + high - low]))

    def sole_party(self, line: Line, low: int, high: int) -> tuple[int, int] | None:
        """The tokens that name the only party of a sentence, or None where none or several are named."""
        found = [(k.low, k.high, k.entry.id) for k in self.known_in(line, low, high)]
        words = [fold(word) for word in line.words[low:high]]
        for parts, entries in self.index.nouns.items():
            if len(parts) > 1 and parts[0] in words:
                at = words.index(parts[0])
                if tuple(words[at : at + len(parts)]) == parts and len({e.side for e in entries}) == 1:
                    best = next((e for e in entries if e.id in self.present), entries[0])
                    found.append((low + at, low + at + len(parts), best.id))
        return found[-1][:2] if len({entry for _, _, entry in found}) == 1 else None

    def people_between(self, start: int, end: int) -> list[str]:
        """Full names that begin between two characters of the article."""
        a = bisect_left(self.people, (start, ""))
        return [name for _, name in self.people[a : bisect_left(self.people, (end, ""))]]

    def bodies_between(self, start: int, end: int) -> list[Known]:
        """Bodies named between two characters of the article."""
        return self.bodies[bisect_left(self.bodies, start, key=lambda k: k.start) : bisect_left(self.bodies, end, key=lambda k: k.start)]

    def body_before(self, start: int, fits: Callable[[Entry], bool]) -> Entry | None:
        """The last body named ahead of a character that fits."""
        at = bisect_left(self.bodies, start, key=lambda k: k.start)
        return next((k.entry for k in reversed(self.bodies[max(0, at - REMEMBERED) : at]) if fits(k.entry)), None)

    def body_called(self, noun: str, start: int) -> Entry | None:
        """ "The committee", "the league": the last body named so far whose name ends in that word."""
        return self.body_before(start, lambda entry: noun in self._last_words(entry))

    def _last_words(self, entry: Entry) -> set[str]:
        if entry.id not in self.last_words:
            self.last_words[entry.id] = {words[-1] for words in map(phrase, (entry.name, *entry.aliases)) if words}
        return self.last_words[entry.id]

    def body_in(self, words: str) -> Entry | None:
        """The body in "The SAG-AFTRA negotiating committee"."""
        parts = phrase(words)
        for at, part in enumerate(parts):
            for name, said, entry in self.index.names.get(part, ()):
                if parts[at : at + len(name)] == name and said.split()[0] in words and not entry.is_person:
                    return entry
        return None


def _acronyms(text: str) -> dict[str, str]:
    """Short names that the text explains: HAG by "Harbour Actors Guild (HAG)"."""
    found: dict[str, str] = {}
    for match in _ACRONYM.finditer(text):
        letters = [letter for letter in match[1] if letter.isalpha()]
        words = text[max(0, match.start() - 120) : match.start()].split()
        for at in range(len(words) - 1, -1, -1):
            initials = [word[0] for word in words[at:] if word[0].isupper()]
            if initials == letters and words[at][0].isupper():
                found.setdefault(match[1], " ".join(words[at:]))
                break
            if len(initials) > len(letters):
                break
    return found
