"""Reported clauses without marks: SAG-AFTRA said *the figure was overestimated by 60%*."""

from __future__ import annotations

import re

from stance.articles.cues import CHAIN, Cue
from stance.articles.tokens import Line
from stance.articles.words import lexicon

_VERB = re.compile("[xBvVe]")
_CLAUSE = re.compile(rf"(?:o|{CHAIN})[rT]*[xBvVe]")  # a subject and its verb
_SUPPOSING = frozenset({"if", "unless", "whether"})
_SHORTEST = 4  # words


def reported_clause(line: Line, low: int, high: int, cues: list[Cue]) -> tuple[Cue, int, int] | None:
    """The cue of a sentence without marks and the character offsets of the clause it reports, or None.

    A sentence that holds a quotation is left alone: its words are reported already.
    """
    tags, said = line.tags, line.words
    if any(low <= at < high and p.kind not in ("title", "scare") for at, p in line.quotes.items()):
        return None
    end = low + len(tags[low:high].rstrip(".)"))
    for cue in cues:
        if cue.how == "according":
            span = _around(line, low, end, cue)
        elif not cue.finite or (cue.low > low and said[cue.low - 1] in _SUPPOSING) or cue.base not in lexicon().clause or cue.how in ("shared", "main", "object", "by", "relative", "document"):
            continue
        else:
            span = _before(line, low, end, cue) or _after(line, end, cue)
        while span and span[0] < span[1] and tags[span[0]] in ",-":
            span = span[0] + 1, span[1]
        if span and len([w for w in said[span[0] : span[1]] if w[:1].isalnum()]) >= _SHORTEST and _VERB.search(tags, *span):
            return cue, line.starts[span[0]], line.ends[span[1] - 1]
    return None


def _after(line: Line, end: int, cue: Cue) -> tuple[int, int] | None:
    """The clause behind the verb: "said that it would", "told members in a letter that it would"."""
    tags = line.tags
    at = cue.end
    that = tags.find("t", at, min(end, at + 12))
    if that >= 0 and not re.search("[vVexB;:Qq]", tags[at:that]):
        return that + 1, end
    if cue.base in ("tell", "write"):
        return None
    while at < end and tags[at] in "rT":
        at += 1
    return (at, end) if _CLAUSE.match(tags, at, end) else None


def _before(line: Line, low: int, end: int, cue: Cue) -> tuple[int, int] | None:
    """The clause ahead of the tag: "It would take weeks, the union said on Monday"."""
    tags = line.tags
    first = min(cue.low, cue.at)
    rest = tags[max(cue.high, cue.end) : end]
    if first - 1 > low and tags[first - 1] == "," and not re.search("[vVexBotQq]", rest):
        return low, first - 1
    return None


def _around(line: Line, low: int, end: int, cue: Cue) -> tuple[int, int] | None:
    """What stands before or behind "according to somebody"."""
    tags = line.tags
    if cue.at > low:
        stop = cue.at - 1 if tags[cue.at - 1] == "," else cue.at
        return (low, stop) if cue.high >= end or tags[cue.high] in ",pT" else None
    if cue.high < end and tags[cue.high] == ",":
        return cue.high + 1, end
    return None
