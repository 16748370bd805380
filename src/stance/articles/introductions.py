"""For whom people speak, as the text introduces them: "Ann Lee, president of the WGA", "AMPTP spokeswoman Ann Lee"."""

from __future__ import annotations

import re

from stance.articles.names import Known
from stance.articles.tokens import Line
from stance.articles.words import lexicon
from stance.roster import Entry

_REACH = 22  # tokens behind a name
_FOR = frozenset({"of", "for", "at", "with"})
_AGAINST = frozenset({"critic", "opponent", "rival", "against", "critics", "opponents"})
_BETWEEN = re.compile(r"G?[nNer]{1,6}")  # between a body and the person of a post in it


def affiliations(people: list[tuple[Line, int, int, str]], named: list[list[Known]]) -> dict[str, Entry]:
    """The body behind each full name, by the first introduction that gives one.

    `people` holds a line, the tokens of a name in it, and the name; `named` the roster entries of each line.
    """
    posts: dict[str, Entry] = {}
    for line, low, high, full in people:
        if full in posts:
            continue
        bodies = [k for k in named[line.number] if not k.entry.is_person]
        found = _before(line, low, bodies) or _after(line, high, bodies)
        if found:
            posts[full] = found
    return posts


def _before(line: Line, low: int, bodies: list[Known]) -> Entry | None:
    """A post ahead of the name: "AMPTP spokeswoman Ann Lee", "the guild's chair, Ann Lee", "Epic Games said through a spokesman, Ann Lee"."""
    heads = lexicon().lists["heads"]
    ahead = [k for k in bodies if k.high <= low and low - k.high < _REACH and "." not in line.tags[k.high : low]]
    if not ahead:
        return None
    nearest = ahead[-1]
    between = line.tags[nearest.high : low]
    words = [word.lower() for word in line.words[nearest.high : low]]
    if _BETWEEN.fullmatch(between.rstrip(",")) and (any(word in heads for word in words) or "n" not in between):
        return nearest.entry if between != "," else None
    if between.endswith("n,") and words[-2] in heads:
        post = [word for word in words[:-1]]
        owner = line.tags[: low - 1].rfind("d")
        if owner >= 0 and line.words[owner] in ("a", "an", "its", "their") and any(word.startswith("spokes") or word in heads for word in post[-1:]):
            return nearest.entry
    return None


def _after(line: Line, high: int, bodies: list[Known]) -> Entry | None:
    """A post behind the name, in the same sentence: ", a lawyer for the Broadway League", " is a steward for the Teamsters"."""
    tags = line.tags
    if high >= len(tags) or tags[high] not in ",B-":
        return None
    stop = next((i for i in range(high + 1, min(len(tags), high + _REACH)) if tags[i] in ".;vQq"), min(len(tags), high + _REACH))
    words = [word.lower() for word in line.words[high:stop]]
    if _AGAINST & set(words):
        return None
    heads = lexicon().lists["heads"]
    for known in bodies:
        if not high < known.low < stop:
            continue
        prior = known.low - 1
        while prior > high and tags[prior] == "d":
            prior -= 1
        follows = [word.lower() for word in line.words[known.high : min(stop, known.high + 4)]]
        if line.words[prior] in _FOR or any(word in heads for word in follows):
            return known.entry
    return None
