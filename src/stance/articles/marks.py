"""Quotation marks to passages: pairs of any style, nested ones, and marks that are missing or mistyped."""

from __future__ import annotations

import itertools
import re

from stance.articles.passages import Passage

# Each opening mark with the marks that may close it. „ and » are closed by marks that open elsewhere.
_CLOSERS = {"“": "”\"", '"': '"”', "„": "“”", "«": "»", "»": "«", "‹": "›", "「": "」", "『": "』", "‟": "”", "〝": "〞", "``": "''\"", "''": "''\""}
_STRAIGHT = ('"', "''")  # the same mark opens and closes
_MARK = re.compile(r"[“”\"„«»‹›「」『』‟〝〞]|''|``")
_SINGLE = re.compile(r"(?<![\w’'])[‘'](?=[\w¿¡…$£€])")
_SINGLE_END = re.compile(r"(?<=[\w.,!?…;)])['’](?!\w)")
_SINGLE_SURE = re.compile(r"(?<=[.,!?…])['’](?!\w)")


def find_passages(text: str, blocks: list[tuple[int, int]]) -> list[Passage]:
    """All runs between quotation marks of any style, in order; none overlap.

    A mark that is never closed runs to the end of its paragraph, or to the next mark that opens; a
    mark that was never opened runs from the start of its paragraph. Both are `broken`, unless the
    next paragraph opens with a mark and so goes on with the same quotation.
    """
    found: list[Passage] = []
    pending = False
    for number, (low, high) in enumerate(blocks):
        marks = list(_MARK.finditer(text, low, high))
        if marks:
            here = _double(text, number, low, high, marks, pending)
            pending = bool(here) and not here[-1].closed
        else:
            here, pending = _single(text, number, low, high), False
        found += here
    for before, after in itertools.pairwise(found):
        if after.continues and not before.closed:
            before.broken = False
    return found


def _opens(text: str, start: int, end: int, low: int, high: int) -> bool:
    """Whether the words around a mark say that it opens: space before it and a word behind it."""
    before = text[start - 1] if start > low else " "
    if not (before.isspace() or before in "([—–-/") or end >= high or text[end].isspace():
        return False
    return text[end] not in ",.;:!?)" or text.startswith((". .", "..."), end)


def _may_close(text: str, end: int, high: int) -> bool:
    return end >= high or text[end].isspace() or text[end] in ",.;:!?)—–-"


def _double(text: str, number: int, low: int, high: int, marks: list[re.Match[str]], pending: bool) -> list[Passage]:
    """The passages of a paragraph that has double marks."""
    found: list[Passage] = []
    stack: list[re.Match[str]] = []  # the mark of the passage and, above it, those of what is quoted inside
    for mark in marks:
        start, end, char = mark.start(), mark.end(), mark[0]
        opens = _opens(text, start, end, low, high)
        if not stack:
            if _starts(text, mark, opens, low, high):
                stack.append(mark)
            elif not found and start - low > 1 and char in '”»"' and (char != '"' or not text[start - 1].isdigit()):
                # closes what nothing opened: the words before it are the quotation
                found.append(Passage(low, start, number, continues=pending, outer_start=low, outer_end=end, broken=not pending))
            continue
        if start == stack[-1].end() and char == stack[-1][0] and char in "“„":
            stack[-1] = mark  # typed twice
            continue
        mistyped = False
        closes = char in _CLOSERS.get(stack[-1][0], "") and not (opens and char in _STRAIGHT)
        if char == "“" and stack[-1][0] == "“" and not opens and not text[start - 1].isspace():
            closes = mistyped = True  # an opening mark typed where the closing one belongs
        if closes:
            top = stack.pop()
            if not stack and start > top.end():
                found.append(Passage(top.end(), start, number, outer_start=top.start(), outer_end=end, broken=mistyped))
        elif char in _CLOSERS:
            stack.append(mark)
    # Never closed: each mark left open starts a passage that runs to the next one, the last to the paragraph's end.
    for mark, after in itertools.zip_longest(stack, stack[1:]):
        cut = len(text[mark.end() : after.start() if after else high].rstrip())
        if cut:
            end = mark.end() + cut
            found.append(Passage(mark.end(), end, number, closed=False, outer_start=mark.start(), outer_end=end, broken=True))
    if pending and found and found[0].outer_start == low:
        found[0].continues = True
    return found


def _starts(text: str, mark: re.Match[str], opens: bool, low: int, high: int) -> bool:
    """Whether a mark starts a passage where none is open."""
    start, end, char = mark.start(), mark.end(), mark[0]
    if char in _STRAIGHT:
        return opens or (end < high and not text[end].isspace() and (start == low or not _may_close(text, end, high)) and not text[start - 1 : start].isdigit())
    return opens if char == "»" else char in _CLOSERS


def _single(text: str, number: int, low: int, high: int) -> list[Passage]:
    """Passages between single marks, in a paragraph without double ones (‘We will not move,’ she said)."""
    found: list[Passage] = []
    opening = _SINGLE.search(text, low, high)
    sure = _SINGLE_SURE.search(text, low, high)
    while opening:
        closing = _SINGLE_END.search(text, opening.end(), high)
        if closing is None:
            break
        following = _SINGLE.search(text, opening.end(), high)
        if sure and sure.start() < opening.end():
            sure = _SINGLE_SURE.search(text, opening.end(), high)
        # after s the mark may be a plural's apostrophe; one behind , . ! ? is the better end
        if text[closing.start() - 1] == "s" and sure and (following is None or sure.start() < following.start()):
            closing = sure
        found.append(Passage(opening.end(), closing.start(), number, outer_start=opening.start(), outer_end=closing.end()))
        opening = _SINGLE.search(text, closing.end(), high)
    return [p for p in found if p.end > p.start]
