"""Names of people and bodies: what in a run of capitalised words is a name, and the roster's names by their first word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from stance.articles.tokens import TOKEN, Line
from stance.articles.words import lexicon
from stance.roster import Entry, Roster

PARTICLES = frozenset({"de", "van", "von", "da", "la", "del", "al", "bin", "di", "le", "der", "den"})
_SUFFIXES = frozenset({"Jr", "Sr", "II", "III"})


@dataclass(frozen=True)
class Known:
    """A roster entry named at the tokens `low:high` of a line; `start` counts characters of the article."""

    low: int
    high: int
    start: int
    entry: Entry


@dataclass(frozen=True)
class Index:
    """A roster's names by first word, longest first, and its descriptions ("actors' union") by their words."""

    names: dict[str, list[tuple[tuple[str, ...], str, Entry]]]
    nouns: dict[tuple[str, ...], list[Entry]]


def fold(word: str) -> str:
    """A word as names are compared: lower case, straight apostrophe."""
    return word.lower().replace("’", "'")


def phrase(words: str) -> tuple[str, ...]:
    """The folded words of a name, without commas, full stops and the plus signs that a line's words leave out."""
    return tuple(fold(word) for word in TOKEN.findall(words) if word not in ".,+")


@lru_cache(maxsize=8)
def index(roster: Roster) -> Index:
    """The index of a roster; kept, because many articles are read with one roster."""
    names: dict[str, list[tuple[tuple[str, ...], str, Entry]]] = {}
    for name, entry in roster.by_name.items():
        parts = phrase(name)
        if parts:
            names.setdefault(parts[0], []).append((parts, name, entry))
    for options in names.values():
        options.sort(key=lambda option: -len(option[0]))
    nouns: dict[tuple[str, ...], list[Entry]] = {}
    for entry in roster.entries.values():
        for noun in entry.nouns:
            nouns.setdefault(phrase(noun.removeprefix("the ")), []).append(entry)
    return Index(names, nouns)


def known_in(text: str, line: Line, names: Index) -> list[Known]:
    """The roster entries that a line names, in order."""
    found: list[Known] = []
    at, words = 0, line.words
    while at < len(words):
        options = names.names.get(fold(words[at]))
        match = _match(text, line, at, options) if options else None
        if match:
            found.append(match)
        at = match.high if match else at + 1
    return found


def _match(text: str, line: Line, at: int, options: list[tuple[tuple[str, ...], str, Entry]]) -> Known | None:
    words = line.words
    for parts, name, entry in options:
        high = at
        for part in parts:
            if high < len(words) and high > at and words[high] == "," and "," in name:
                high += 1
            if high >= len(words) or fold(words[high]) != part:
                break
            high += 1
        else:
            said = text[line.starts[at] : line.ends[high - 1]]
            if said[:1].isupper() and (said.isupper() or not name.isupper()):
                return Known(at, high, line.starts[at], entry)
    return None


def person_name(words: Sequence[str]) -> list[str]:
    """The words of a person's name at the end of a run of capitalised words; empty if it names something else."""
    lists = lexicon().lists
    cut = 0
    for at, word in enumerate(words[:-1]):
        if word.rstrip(".") in lists["titles"]:
            cut = at + 1
    name = list(words[cut:])
    if len(name) > 4:
        name = name[-2:]
    if len(name) > 1 and name[-1].rstrip(".") in _SUFFIXES:
        name = name[:-1]
    if not name or name[-1] in lists["bodies"] or name[-1].rstrip(".") in lists["titles"]:
        return []
    if len(name) > 1 and len(name[-1]) > 1 and name[-1].isupper():
        return []
    return name


def gender_of(words: Sequence[str], name: Sequence[str]) -> str:
    """m, f or nothing, by a title among `words` or the first of two names."""
    lists = lexicon().lists
    marks = {word.rstrip(".") for word in words} - set(name)
    first = name[0] if len(name) > 1 else ""
    if marks & lists["men"] or first in lists["men_names"] or "spokesman" in words:
        return "m"
    return "f" if marks & lists["women"] or first in lists["women_names"] or "spokeswoman" in words else ""
