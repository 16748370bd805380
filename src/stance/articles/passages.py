"""Quoted passages of a text: where each runs, and whether it is a statement, a title or a scare word."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from stance.articles.words import lexicon

# Each opening mark with the marks that may close it. „ and » are closed by marks that open elsewhere.
_CLOSERS = {"“": "”\"", '"': '"”', "„": "“”", "«": "»", "»": "«", "‹": "›", "「": "」", "『": "』", "‟": "”", "〝": "〞"}
_ANY_CLOSER = frozenset("”\"»›」』〞“«")
_MARK = re.compile(r"[“”\"„«»‹›「」『』‟〝〞]|''|``")
_SINGLE = re.compile(r"(?<![\w’'])[‘'](?=[\w¿¡…$£€])")
_SINGLE_END = re.compile(r"(?<=[\w.,!?…;)])['’](?!\w)")
_SMALL = {"a", "an", "and", "the", "of", "in", "on", "to", "for", "with", "at", "by", "or", "is", "vs"}
_DETERMINER = re.compile(r"(?:\b(?:the|a|an|its|his|her|their|this|that|these|those)|['’]s)(?:\s+[\w-]+){0,2}\s+$", re.IGNORECASE)
_NOUN_AFTER = re.compile(r"^\s+(?!(?:and|or|in|on|as|to|for|of|at|by|with|from|but|that|when|while|if|after|before|because|the|a|is|was|were|are|said)\b)[a-z]{3,}")


@dataclass
class Passage:
    """A quoted run; `start:end` cut what stands between the marks. `continues` the passage before it.

    `outer_start:outer_end` take in the marks; `broken` says that a mark was missing or out of place.
    """

    start: int
    end: int
    paragraph: int
    closed: bool = True
    continues: bool = False
    kind: str = "quote"
    outer_start: int = -1
    outer_end: int = -1
    broken: bool = False

    def __post_init__(self) -> None:
        self.outer_start = self.start if self.outer_start < 0 else self.outer_start
        self.outer_end = self.end if self.outer_end < 0 else self.outer_end


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Offsets of paragraphs: lines, or blocks between blank lines where the text is hard-wrapped."""
    lines = text.split("\n")
    filled = [line for line in lines if line.strip()]
    joined = sum(bool(a.strip() and b.strip()) for a, b in itertools.pairwise(lines))
    wrapped = len(filled) > 3 and joined > len(filled) / 2 and "\n\n" in text and max(map(len, filled)) <= 100
    found: list[tuple[int, int]] = []
    at = 0
    open_block = False
    for line in lines:
        stripped = line.strip()
        if stripped:
            low = at + len(line) - len(line.lstrip())
            high = low + len(stripped)
            if wrapped and open_block:
                found[-1] = (found[-1][0], high)
            else:
                found.append((low, high))
        open_block = bool(stripped)
        at += len(line) + 1
    return found


def find_passages(text: str, blocks: list[tuple[int, int]]) -> list[Passage]:
    """All runs between quotation marks of any style, in order; none overlap.

    A mark that is never closed runs to the end of its paragraph, or to the next mark that opens; a
    mark that was never opened runs from the start of its paragraph.
    """
    found: list[Passage] = []
    pending = False
    for number, (low, high) in enumerate(blocks):
        marks = list(_MARK.finditer(text, low, high))
        if marks:
            here, pending = _double(text, number, low, high, marks, pending)
        else:
            here, pending = _single(text, number, low, high), False
        found += here
    for before, after in itertools.pairwise(found):
        if after.continues and not before.closed:
            before.broken = False
    return found


def _strict_open(text: str, start: int, end: int, low: int, high: int) -> bool:
    before = text[start - 1] if start > low else " "
    return (before.isspace() or before in "([—–-/") and end < high and not text[end].isspace() and (text[end] not in ",.;:!?)" or text[end : end + 3] in (". .", "..."))


def _double(text: str, number: int, low: int, high: int, marks: list[re.Match[str]], pending: bool) -> tuple[list[Passage], bool]:
    """The passages of a paragraph that has double marks, and whether the last one is left open."""
    found: list[Passage] = []
    opened: list[re.Match[str]] = []  # the mark of the passage and, above it, those of what is quoted inside
    first = True
    for mark in marks:
        start, end, char = mark.start(), mark.end(), mark[0]
        if opened and start == opened[-1].end() and char == opened[-1][0] and char in "“„":
            continue  # a mark typed twice
        strict = _strict_open(text, start, end, low, high)
        if not opened:
            inch = char in ('"', "”", "''") and not strict and start > low and text[start - 1].isdigit() and not _could_close(text, end, high)
            opens = char in _CLOSERS or char == "``"
            if char in ('"', "''"):
                opens = end < high and not text[end].isspace() and (strict or start == low or not _could_close(text, end, high))
            if char in "»":
                opens = strict
            if inch:
                continue
            if opens:
                opened = [mark]
            elif first and not found and start - low > 1 and (char in "”»" or char == '"'):
                # a mark that closes what nothing opened: the words before it are the quotation
                found.append(Passage(low, start, number, continues=pending, outer_start=low, outer_end=end, broken=not pending))
            first = False
            continue
        wanted = _CLOSERS.get(opened[-1][0], "''\"”")
        closes = (char in wanted or char == "''") and not (strict and char in "\"''")
        if char == "“" and not closes and not strict and start > low and not text[start - 1].isspace():
            closes = opened[-1][0] == "“"  # an opening mark typed where the closing one belongs
        if closes:
            top = opened.pop()
            if not opened and start > top.end():
                found.append(Passage(top.end(), start, number, outer_start=top.start(), outer_end=end))
        elif char in _CLOSERS or char in ("``", "''"):
            opened.append(mark)
    if not opened:
        return _continued(found, pending, low, text), False
    # Never closed: what opened inside starts a passage of its own, the last runs to the paragraph's end.
    edges = [*opened, None]
    for here, after in itertools.pairwise(edges):
        if here is None:
            break
        stop = after.start() if after else high
        cut = len(text[here.end() : stop].rstrip())
        if cut:
            found.append(Passage(here.end(), here.end() + cut, number, closed=False, outer_start=here.start(), outer_end=here.end() + cut, broken=True))
    return _continued(found, pending, low, text), bool(found) and not found[-1].closed


def _continued(found: list[Passage], pending: bool, low: int, text: str) -> list[Passage]:
    if pending and found and found[0].outer_start == low:
        found[0].continues = True
    return found


def _could_close(text: str, end: int, high: int) -> bool:
    return end >= high or text[end].isspace() or text[end] in ",.;:!?)—–-"


def _single(text: str, number: int, low: int, high: int) -> list[Passage]:
    """Passages between single marks, in a paragraph without double ones (‘We will not move,’ she said)."""
    found: list[Passage] = []
    at = low
    while opening := _SINGLE.search(text, at, high):
        closing = _SINGLE_END.search(text, opening.end(), high)
        if closing is None:
            break
        # an apostrophe after s may be a plural's; the mark that follows , . ! ? is the better one
        sure = re.compile(r"(?<=[.,!?…])['’](?!\w)").search(text, opening.end(), high)
        other = _SINGLE.search(text, opening.end(), high)
        if sure and (other is None or sure.start() < other.start()) and text[closing.start() - 1] == "s":
            closing = sure
        if closing.start() > opening.end():
            found.append(Passage(opening.end(), closing.start(), number, outer_start=opening.start(), outer_end=closing.end()))
        at = closing.end()
    return found


def classify_passages(text: str, blocks: list[tuple[int, int]], passages: list[Passage]) -> None:
    """Set `kind` to title or scare where the words around a passage show it to be no statement."""
    lead_words = lexicon().lists["title_lead"]
    before: Passage | None = None
    for passage in passages:
        low, high = blocks[passage.paragraph]
        content = text[passage.start : passage.end].strip(" ,.;")
        left, right = text[max(low, passage.outer_start - 80) : passage.outer_start], text[passage.outer_end : min(high, passage.outer_end + 60)]
        joined = before is not None and before.kind == "title" and re.fullmatch(r",?\s*(?:and|or|,)?\s*", text[before.outer_end : passage.outer_start][:12])
        lead = set(re.findall(r"[\w-]+", left)[-2:]) & lead_words
        if _title_case(content) and (left.endswith("(") or lead or joined or re.search(r"[A-Za-z]['’]s?\s$", left)):
            passage.kind = "title"
        elif len(content.split()) <= 3 and _DETERMINER.search(left) and _NOUN_AFTER.match(right):
            passage.kind = "scare"
        elif text[passage.outer_start] in "‘'" and len(content.split()) < 4 and text[passage.end - 1] not in ",.!?…":
            passage.kind = "scare"
        before = passage


def _title_case(content: str) -> bool:
    words = content.split()
    return 0 < len(words) <= 10 and all(word[0].isupper() or not word[0].isalpha() or word in _SMALL for word in words)
