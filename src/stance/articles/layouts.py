"""Words that are somebody's without marks around them: transcripts, letters, statements printed whole, posts, block quotations."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from stance.articles.passages import Passage
from stance.articles.words import lexicon

_WORD = r"(?:[A-Z][\w.'’&-]*|of|the|for|and|de|van|von)"
_TURN = re.compile(rf"(?P<qa>[QA])[:.] +(?=\S)|(?P<label>[A-Z][\w.'’&-]*(?:,? {_WORD}){{0,6}})(?: ?[(\[][^()\[\]\n]{{1,40}}[)\]])? ?: +(?=\S)")
_SIGNED = re.compile(r"\s*(?:[—–―]|--?)\s*(?P<name>@?[A-Z][\w.'’-]*(?: [A-Z][\w.'’&-]*| (?:of|de|van|von|the|for)){0,6})(?P<handle>\s*\(@\w+\))?(?P<rest>(?:,? [^\n]{0,80})?)$")
_SALUTATION = re.compile(r"(?:Dear|Hello|Hi|To(?= (?:the|our|all|my|every|members|whom)\b)|Fellow|Friends|Colleagues|Members|Brothers and sisters)\b[^.!?\n]{0,80}[,:—]?$", re.IGNORECASE)
_CLOSING = re.compile(r"(?:(?:Yours|Sincerely|Respectfully|Regards|Best|Signed|Solidarity|In solidarity|In unity|With (?:respect|gratitude|thanks|best wishes|solidarity)|Kind regards|Thank you)\b[\w ]{0,30}),?(?P<name> ?[A-Z][^\n]{0,80})?$")
_WHOLE = re.compile(r"\b(?:full|entire|complete|following|below|in full)\b", re.IGNORECASE)
_INTRODUCES = re.compile(r"\b(?:statement|letter|message|memo|email|e-mail|said|says|wrote|writes|added|posted|tweeted|stated|announced)\b[^.!?:]{0,80}:$")
_BULLET = re.compile(r"(?:[•·▪◦‣*>–—-]|\d{1,2}[.)])\s+(?=\S)")
_SHORTEST = 4  # words
_SHARE = 0.4  # of a transcript's paragraphs, those with a label
_PULLED = 80  # words of a quotation pulled out above its author's name
_NO_LABELS = frozenset(["note", "update", "updated", "source", "photo", "image", "related", "correction", "location", "date", "time", "watch", "listen", "advertisement", "read", "more", "where", "when", "who", "what", "why", "how", "cost", "result", "verdict", "example", "read", "editor", "topics", "tags", "share", "video", "credit", "caption", "by"])


@dataclass(frozen=True)
class Turn:
    """A passage without marks and where its speaker is named (characters `label`, in paragraph `line`).

    `label` is None where nobody is named; `by_cue` says that the paragraph `line` introduces it.
    """

    passage: Passage
    label: tuple[int, int] | None
    line: int
    by_cue: bool = False


def find_turns(text: str, blocks: list[tuple[int, int]], marked: list[Passage]) -> list[Turn]:
    """Passages without marks, in text order; none overlaps another."""
    quoted = {p.paragraph for p in marked}
    turns = _transcript(text, blocks)
    if not turns:
        turns = _letter(text, blocks)
    taken = {t.passage.paragraph for t in turns}
    for turn in (*_blocks(text, blocks, quoted | taken), *_posts(text, blocks, quoted | taken)):
        if turn.passage.paragraph not in taken:
            taken.add(turn.passage.paragraph)
            turns.append(turn)
    return sorted(turns, key=lambda turn: turn.passage.start)


def _passage(text: str, number: int, low: int, high: int, kind: str) -> Passage:
    return Passage(low, low + len(text[low:high].rstrip()), number, kind=kind)


def _transcript(text: str, blocks: list[tuple[int, int]]) -> list[Turn]:
    """NAME: or Q: before each turn: Q and A, or three labelled paragraphs of which two have one label."""
    found: list[tuple[int, re.Match[str]]] = []
    for number, (low, high) in enumerate(blocks):
        match = _TURN.match(text, low, high)
        if match and (match["qa"] or (number > 0 and match["label"].split()[0].lower() not in _NO_LABELS)):  # the first paragraph is a headline
            found.append((number, match))
    labels = Counter(m["label"] or m["qa"] for _, m in found)
    asked = "Q" in labels and "A" in labels
    if not labels or (not asked and (len(found) < 3 or max(labels.values()) < 2 or len(labels) < 2)):
        return []
    kept = [(n, m) for n, m in found if not asked or m["qa"]]
    if len(kept) < _SHARE * (kept[-1][0] - kept[0][0] + 1):
        return []
    turns: list[Turn] = []
    last = kept[-1][0]
    by_number = dict(kept)
    now: re.Match[str] | None = None
    where = 0
    for number in range(kept[0][0], last + 1):
        match = by_number.get(number)
        if match:
            now, where = match, number
        if now is None:
            continue
        low = match.end() if match else blocks[number][0]
        name = "qa" if now["qa"] else "label"
        turns.append(Turn(_passage(text, number, low, blocks[number][1], "turn"), now.span(name), where))
        turns[-1].passage.continues = match is None
    return turns


def _letter(text: str, blocks: list[tuple[int, int]]) -> list[Turn]:
    """An open letter or a statement printed whole: from its salutation to the name below it."""
    start = next((n for n, (low, high) in enumerate(blocks) if high - low < 120 and _SALUTATION.match(text, low, high)), None)
    if start is None:
        return []
    for number in range(start + 1, len(blocks)):
        low, high = blocks[number]
        closing = _CLOSING.fullmatch(text, low, high)
        label: tuple[int, int] | None = None
        line = number
        if closing and closing["name"]:
            label = closing.span("name")
        elif closing and number + 1 < len(blocks):
            line = number + 1
            label = blocks[line]
        elif number > start + 1 and high - low < 100 and (signed := _SIGNED.fullmatch(text, low, high)):
            label = signed.span("name")
        if label:
            comma = text.find(",", label[0], label[1])
            label = (label[0], comma if comma > 0 else label[1])
            return [Turn(_body(text, n, blocks[n], n > start + 1), label, line) for n in range(start + 1, number)]
    return []


def _body(text: str, number: int, block: tuple[int, int], continues: bool) -> Passage:
    passage = _passage(text, number, *block, kind="block")
    passage.continues = continues
    return passage


def _blocks(text: str, blocks: list[tuple[int, int]], taken: set[int]) -> list[Turn]:
    """Paragraphs set off after "said in a statement:", bullets after it, and lines that begin with >."""
    turns: list[Turn] = []
    number = 0
    while number < len(blocks):
        low, high = blocks[number]
        if text[high - 1] != ":" or not _INTRODUCES.search(text, max(low, high - 160), high):
            number += 1
            continue
        whole = bool(_WHOLE.search(text, max(low, high - 160), high))
        intro, number = number, number + 1
        first = number
        while number < len(blocks) and number not in taken:
            a, b = blocks[number]
            bullet = _BULLET.match(text, a, b)
            if number > first and not bullet and not whole:
                break
            start = bullet.end() if bullet else a
            if len(text[start:b].split()) < _SHORTEST or (number > first and text[b - 1] == ":") or _SIGNED.fullmatch(text, a, b):
                break
            passage = _passage(text, number, start, b, "block")
            passage.continues = number > first
            turns.append(Turn(passage, None, intro, by_cue=True))
            number += 1
    return turns


def _posts(text: str, blocks: list[tuple[int, int]], taken: set[int]) -> list[Turn]:
    """A post with its author: words — Name (@handle) date; or a pulled quotation above a line "— Name"."""
    turns: list[Turn] = []
    for number, (low, high) in enumerate(blocks):
        if number in taken:
            continue
        tail = max(low, high - 200)
        dash = max(text.rfind(mark, tail, high) for mark in ("—", "–", "--", "- "))
        if dash < 0:
            continue
        match = _SIGNED.fullmatch(text, dash, high)
        if not match:
            continue
        if dash == low:
            before = number - 1
            named = len(match["name"].split()) > 1 and (match["handle"] or match["rest"].startswith(","))
            if before >= 0 and before not in taken and text[blocks[before][0]] not in "—–―-" and named and _SHORTEST <= len(text[slice(*blocks[before])].split()) <= _PULLED:
                turns.append(Turn(_passage(text, before, *blocks[before], kind="block"), match.span("name"), number))
        elif match["handle"] and len(text[low:dash].split()) >= _SHORTEST:
            turns.append(Turn(_passage(text, number, low, dash, "block"), match.span("name"), number))
    return turns


def signature(text: str, low: int, high: int) -> tuple[int, int] | None:
    """Where a paragraph that is only "— Name, post" has its name."""
    match = _SIGNED.fullmatch(text, low, high) if high - low < 160 and text[low] in "—–―-" else None
    return match.span("name") if match and match["name"].split()[0].lower() not in lexicon().lists["determiners"] else None


def lay_out(text: str, turns: list[Turn], marked: list[Passage]) -> tuple[dict[int, Turn], list[Passage]]:
    """Turns by the start of their passage, and all passages in order: a turn takes in the marks it holds.

    Where a turn is one quotation from mark to mark, that quotation stays and has the turn's speaker.
    """
    inner: dict[int, list[Passage]] = defaultdict(list)
    for passage in marked:
        inner[passage.paragraph].append(passage)
    by_start: dict[int, Turn] = {}
    kept: list[Passage] = []
    for turn in turns:
        own = turn.passage
        held = [p for p in inner.get(own.paragraph, []) if p.outer_start >= own.start]
        if held and held[0].outer_start == own.start and held[-1].outer_end >= own.end - 1 and all(p.kind == "quote" for p in held):
            for passage in held:
                by_start[passage.start] = replace(turn, passage=passage)
        else:
            inner[own.paragraph] = [p for p in inner.get(own.paragraph, []) if p.outer_end <= own.start]
            by_start[own.start] = turn
            kept.append(own)
    return by_start, sorted([*kept, *(p for group in inner.values() for p in group)], key=lambda p: p.start)
