"""Quoted passages of a text: where each runs, and whether it is a statement, a title or a scare word."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tomllib import loads

OPENING, CLOSING = "“„«", "”»"
_SMALL = {"a", "an", "and", "the", "of", "in", "on", "to", "for", "with", "at", "by", "or", "is", "vs"}
_DETERMINER = re.compile(r"(?:\b(?:the|a|an|its|his|her|their|this|that|these|those)|['’]s)(?:\s+[\w-]+){0,2}\s+$", re.IGNORECASE)
_NOUN_AFTER = re.compile(r"^\s+(?!(?:and|or|in|on|as|to|for|of|at|by|with|from|but|that|when|while|if|after|before|because|the|a|is|was|were|are|said)\b)[a-z]{3,}")


@cache
def cues() -> dict[str, tuple[str, ...]]:
    """The word lists of cues.toml."""
    raw = loads(Path(__file__).with_name("cues.toml").read_text(encoding="utf-8"))
    return {key: tuple(words) for key, words in raw.items()}


@dataclass
class Passage:
    """A quoted run; `start:end` cut what stands between the marks. `continues` the passage before it."""

    start: int
    end: int
    paragraph: int
    closed: bool = True
    continues: bool = False
    kind: str = "quote"


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Offsets of paragraphs: lines, or blocks between blank lines where the text is hard-wrapped."""
    lines = text.split("\n")
    filled = [line for line in lines if line.strip()]
    joined = sum(bool(a.strip() and b.strip()) for a, b in itertools.pairwise(lines))
    wrapped = len(filled) > 3 and joined > len(filled) / 2 and "\n\n" in text and max(map(len, filled)) <= 100
    pattern = r"\S(?:.|\n(?!\s*\n))*" if wrapped else r"\S.*"
    return [(m.start(), m.start() + len(m[0].rstrip())) for m in re.finditer(pattern, text)]


def find_passages(text: str, blocks: list[tuple[int, int]]) -> list[Passage]:
    """All runs between double quotation marks, straight or curly, in order."""
    found: list[Passage] = []
    pending = False
    for number, (start, end) in enumerate(blocks):
        opened, depth = -1, 0
        continues = pending and text[start] in OPENING + '"'
        pending = False
        for at in range(start, end):
            char = text[at]
            if opened < 0:
                inch = char == '"' and at > start and text[at - 1].isdigit()
                if char in OPENING or (char == '"' and not inch and at + 1 < end and not text[at + 1].isspace()):
                    opened, depth = at + 1, 0
            elif char in OPENING:
                depth += 1
            elif char in CLOSING and depth:
                depth -= 1
            elif char in CLOSING + '"':
                if at > opened:
                    found.append(Passage(opened, at, number, continues=continues))
                opened, continues = -1, False
        if 0 <= opened < end:
            found.append(Passage(opened, end, number, closed=False, continues=continues))
            pending = True
    return found


def classify_passages(text: str, blocks: list[tuple[int, int]], passages: list[Passage]) -> None:
    """Set `kind` to title or scare where the words around a passage show it to be no statement."""
    before: Passage | None = None
    for passage in passages:
        low, high = blocks[passage.paragraph]
        content = text[passage.start : passage.end].strip(" ,.;")
        left, right = text[low : passage.start - 1], text[passage.end + 1 : high]
        joined = before is not None and before.kind == "title" and re.fullmatch(r"[”\"»]?,?\s*(?:and|or|,)?\s*", text[before.end : passage.start - 1])
        lead = set(re.findall(r"[\w-]+", left)[-2:]) & set(cues()["title_lead"])
        if _title_case(content) and (left.endswith("(") or lead or joined):
            passage.kind = "title"
        elif len(content.split()) <= 4 and _DETERMINER.search(left) and _NOUN_AFTER.match(right):
            passage.kind = "scare"
        before = passage


def _title_case(content: str) -> bool:
    words = content.split()
    return 0 < len(words) <= 8 and all(word[0].isupper() or not word[0].isalpha() or word in _SMALL for word in words)
