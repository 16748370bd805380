"""Passages of a text and its paragraphs; whether a quoted one is a statement, a title or a scare word."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from stance.articles.words import lexicon

_OWNER = re.compile(r"[A-Za-z]['’]s?\s$")
_SMALL = {"a", "an", "and", "the", "of", "in", "on", "to", "for", "with", "at", "by", "or", "is", "vs"}
_DETERMINER = re.compile(r"(?:\b(?:the|a|an|its|his|her|their|this|that|these|those)|['’]s)(?:\s+[\w-]+){0,2}\s+$", re.IGNORECASE)
_NOUN_AFTER = re.compile(r"^\s+(?!(?:and|or|in|on|as|to|for|of|at|by|with|from|but|that|when|while|if|after|before|because|the|a|is|was|were|are|said)\b)[a-z]{3,}")


@dataclass
class Passage:
    """Somebody's words; `start:end` cut what stands between the marks. `continues` the passage before it.

    `kind` is quote, title or scare for what stands in marks; block (set off, a letter, a post), turn
    (of a transcript) or indirect (a reported clause) for what does not. `outer_start:outer_end` take
    in the marks; `broken` says that a mark was missing or out of place.
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
        named = lead or joined or left.endswith("(") or _OWNER.search(left)  # hits like “...”, CNN's “...”
        run_on = " " in content and passage.closed and left.rstrip()[-1:].isalnum() and text[passage.end - 1] not in ".!?…"
        few = len(content.split()) < 4
        cued = (re.findall(r"[\w-]+", left)[-1:] or [""])[0] in lexicon().base  # a sign that read “...”
        if _title_case(content) and (named or run_on):
            passage.kind = "title"
        elif few and (left.endswith("so-called ") or (not cued and _DETERMINER.search(left) and _NOUN_AFTER.match(right)) or (text[passage.outer_start] in "‘'" and text[passage.end - 1] not in ",.!?…")):
            passage.kind = "scare"
        before = passage


def _title_case(content: str) -> bool:
    words = content.split()
    return 0 < len(words) <= 10 and all(word[0].isupper() or not word[0].isalpha() or word in _SMALL for word in words)
