"""For whom people speak, as the text introduces them: "Ann Lee, president of the WGA", "AMPTP spokeswoman Ann Lee"."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

from stance.articles.names import Known
from stance.articles.tokens import Line
from stance.articles.words import lexicon
from stance.roster import Entry

_REACH = 22  # tokens around a name
_MANY = 4  # bodies behind a name that are looked at
_FOR = frozenset({"of", "for", "at", "with", "to", "by", "from"})
_WORKS = frozenset(["work", "works", "worked", "working", "sits", "counts", "manages", "runs", "leads", "represents", "edits", "negotiates", "bargains", "speaks", "speaking", "heads", "chairs", "serves", "served", "belongs", "joined"])
_PARTY = re.compile(r"(?:d[nN]G|d)[nNe]{1,4}(?:p[nN]{1,3})?,?$")
_AGAINST = frozenset(["critic", "opponent", "rival", "against", "critics", "opponents", "former", "formerly", "sued", "suing", "fought", "fighting", "left"])
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


def speaks_for(body: Entry, post: Iterable[str]) -> bool:
    """Whether a post is one that speaks for a body. Who writes or acts for a studio does not: they are its workers."""
    lists = lexicon().lists
    found = lists["heads"].intersection(post)
    return bool(found - lists["workers"] if body.side == "studio" else found)


def _before(line: Line, low: int, nearest: Known) -> Entry | None:
    """A post ahead of the name: "AMPTP spokeswoman Ann Lee", "the guild's chair, Ann Lee", "Epic Games said through a spokesman, Ann Lee"."""
    between = line.tags[nearest.high : low]
    if not between or len(between) > _REACH or "." in between:
        return None
    words = [word.lower() for word in line.words[nearest.high : low]]
    if between == ",":
        return nearest.entry if _spoken_for(line, nearest.low) else None
    if _BETWEEN.fullmatch(between.rstrip(",")) and (speaks_for(nearest.entry, words) or "n" not in between):
        return nearest.entry
    if between.endswith("n,") and speaks_for(nearest.entry, words[-2:-1]):
        owner = between.rfind("d")
        if owner >= 0 and words[owner] in ("a", "an", "its", "their"):
            return nearest.entry
    return None


def _spoken_for(line: Line, low: int) -> bool:
    """Whether the body at token `low` stands in "Testifying for the Motion Picture Association, Ann Lee argued"."""
    at = low - 1
    while at > 0 and line.tags[at] == "d":
        at -= 1
    return at > 0 and line.words[at] == "for" and line.words[at - 1].endswith("ing")


def _after(line: Line, high: int, bodies: list[Known]) -> Entry | None:
    """A post behind the name, in the same sentence: ", a lawyer for the Broadway League", " is a steward for the Teamsters"."""
    tags = line.tags
    if high >= len(tags) or tags[high] not in ",B-":
        return None
    stop = next((i for i in range(high + 1, min(len(tags), high + _REACH)) if tags[i] in ".;vQq"), min(len(tags), high + _REACH))
    words = [word.lower() for word in line.words[high:stop]]
    if _AGAINST & set(words):
        return None
    for known in bodies:
        if not high < known.low < stop:
            break
        prior = known.low - 1
        while prior > high and tags[prior] == "d":
            prior -= 1
        ahead = [word.lower() for word in line.words[high : known.low]]
        follows = [word.lower() for word in line.words[known.high : min(stop, known.high + 4)]]
        # "A nurse who works at" a company does not speak for it.
        works = any(word in _WORKS for word in ahead) and not (known.entry.side == "studio" and lexicon().lists["workers"].intersection(ahead))
        if (line.words[prior] in _FOR and (works or speaks_for(known.entry, ahead))) or speaks_for(known.entry, follows):
            return known.entry
    return None


def owned_post(line: Line, low: int) -> tuple[int, int] | None:
    """The tokens of a post that belongs to somebody named before: "the company's head of production, Ann Lee", "its chair Ann Lee"."""
    match = _PARTY.search(line.tags, max(0, low - 10), low)
    if not match:
        return None
    words = line.words[match.start() : low]
    owned = "G" in match[0] or words[0].lower() in lexicon().lists["owners"]
    high = low - 1 if match[0].endswith(",") else low
    return (match.start(), high) if owned and any(word.lower() in lexicon().lists["heads"] for word in words) else None


def joined_side(line: Line, high: int) -> str:
    """union where the words behind a name tie a person to a union that they do not name: ", a voice actor with the union since 2011"."""
    if not line.tags.startswith((",", "B"), high):
        return ""
    stop = next((i for i in range(high + 1, min(len(line.tags), high + _REACH)) if line.tags[i] in ".;vQq"), min(len(line.tags), high + _REACH))
    said = " ".join(word.lower() for word in line.words[high:stop])
    return "union" if re.search(r"\b(?:of|with|in|for) the (?:union|guild|local)\b|\b(?:union|guild) (?:member|captain|steward|organi[sz]er)\b", said) else ""
