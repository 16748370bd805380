"""For whom people speak, as the text introduces them: "Ann Lee, president of the WGA", "AMPTP spokeswoman Ann Lee"."""

from __future__ import annotations

import re
from bisect import bisect_right

from stance.articles.names import Known
from stance.articles.tokens import Line
from stance.articles.words import lexicon
from stance.roster import Entry

_REACH = 22  # tokens around a name
_MANY = 4  # bodies behind a name that are looked at
_FOR = frozenset({"of", "for", "at", "with"})
_AGAINST = frozenset({"critic", "opponent", "rival", "against", "critics", "opponents"})
_BETWEEN = re.compile(r"G?[nNer]{1,5}(?:pd?[nN]{1,3})?")  # between a body and the person of a post in it


def affiliations(people: list[tuple[Line, int, int, str]], bodies: list[list[Known]]) -> dict[str, Entry]:
    """The body behind each full name, by the first introduction that gives one.

    `people` holds a line, the tokens of a name in it, and the name; `bodies` those that each line names.
    """
    posts: dict[str, Entry] = {}
    for line, low, high, full in people:
        here = bodies[line.number]
        if full in posts or not here:
            continue
        at = bisect_right(here, low, key=lambda known: known.low)
        found = _before(line, low, here[at - 1]) if at else None
        found = found or _after(line, high, here[at : at + _MANY])
        if found:
            posts[full] = found
    return posts


def _before(line: Line, low: int, nearest: Known) -> Entry | None:
    """A post ahead of the name: "AMPTP spokeswoman Ann Lee", "the guild's chair, Ann Lee", "Epic Games said through a spokesman, Ann Lee"."""
    between = line.tags[nearest.high : low]
    if not between or len(between) > _REACH or "." in between:
        return None
    heads = lexicon().lists["heads"]
    words = [word.lower() for word in line.words[nearest.high : low]]
    if between != "," and _BETWEEN.fullmatch(between.rstrip(",")) and (any(word in heads for word in words) or "n" not in between):
        return nearest.entry
    if between.endswith("n,") and words[-2] in heads:
        owner = between.rfind("d")
        if owner >= 0 and words[owner] in ("a", "an", "its", "their"):
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
            break
        prior = known.low - 1
        while prior > high and tags[prior] == "d":
            prior -= 1
        follows = [word.lower() for word in line.words[known.high : min(stop, known.high + 4)]]
        if line.words[prior] in _FOR or any(word in heads for word in follows):
            return known.entry
    return None
