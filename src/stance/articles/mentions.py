"""Mentions of possible speakers in the words outside quotations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from stance.articles.passages import cues
from stance.roster import Entry, Roster

_NOT_NAMES = {"A", "An", "And", "As", "At", "Both", "But", "By", "Behind", "Chief", "Despite", "During", "For", "From", "He", "Her", "His", "However", "I", "If", "In", "It", "Its", "Last", "Later", "Meanwhile", "Mr", "Mrs", "Ms", "Dr", "New", "Next", "No", "Now", "Of", "On", "One", "Or", "Our", "She", "Shortly", "Since", "So", "Some", "That", "The", "Their", "Then", "There", "These", "They", "This", "Those", "To", "Under", "Union", "Unions", "We", "What", "When", "While", "With", "You", "Your", "Studios", "Members", "Negotiators", "Representatives", "Talks", "Talk", "Today", "Yesterday", "Tomorrow", "Within", "Also", "After", "Before", "According", "Source", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December", "Hollywood", "Actors", "Writers", "Directors", "Producers", "Strike", "Because", "Though", "Although", "President", "Spokesman", "Spokeswoman"}
_NAME = re.compile(r"\b(?:[A-Z][\w'’]*[a-z](?:-[A-Z][a-z]+)?|[A-Z]\.)(?: (?:(?:de|van|von|da|la|del|al|bin) )?(?:[A-Z][\w’']*[a-z](?:-[A-Z][a-z]+)?|[A-Z]\.))*")
_PRONOUN = re.compile(r"\b(?:he|she|it|they)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Mention:
    """A possible speaker; `kind` is organisation, person, nominal, document or pronoun."""

    start: int
    end: int
    text: str
    kind: str
    entry: Entry | None = None
    side: str = ""


@lru_cache(maxsize=8)
def _patterns(roster: Roster) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str], dict[str, list[Entry]]]:
    """Compiled searches over a roster's names, its nouns, party nominals and documents."""
    flat = sorted(roster.by_name, key=len, reverse=True)
    names = re.compile(r"(?<![\w-])(?:" + "|".join(re.escape(n).replace("'", "['’]") for n in flat) + r")(?![\w]|-[A-Z])")
    nouns: dict[str, list[Entry]] = {}
    for entry in roster.entries.values():
        for noun in entry.nouns:
            nouns.setdefault(noun.removeprefix("the "), []).append(entry)
    listed = "|".join(re.escape(n).replace("'", "['’]") for n in sorted(nouns, key=len, reverse=True))
    described = re.compile(rf"\b(?:[Tt]he |[Tt]hat )?(?:[A-Z]\w+ )?(?i:{listed or '(?!)'})\b(?!['’]s? )")
    words = cues()
    party = "|".join((*words["union_nouns"], *words["studio_nouns"]))
    heads = "|".join(words["heads"])
    nominal = re.compile(rf"\b(?:[Tt]he |[Aa] |[Aa]n )?(?i:(?:(?:{party})(?:['’]s?)?(?: (?:{heads}))*)|(?:(?!(?:said|to|at|and|or|of|by|for|its|their|that|whether|from|with|in|on|told)\b)[A-Za-z][\w-]* )?(?:{heads}))\b(?!['’])")
    document = re.compile(rf"\b(?:the|a|its|their|his|her) (?:[\w-]+ )?(?P<noun>{'|'.join(words['documents'])})\b", re.IGNORECASE)
    return names, described, nominal, document, nouns


def find_mentions(masked: str, roster: Roster) -> list[Mention]:
    """Mentions in text order, none overlapping; quotations must be masked out already."""
    names, described, nominal, document, nouns = _patterns(roster)
    taken = bytearray(len(masked))
    found: list[Mention] = []
    present: set[str] = set()

    def add(match: re.Match[str], kind: str, entry: Entry | None = None, side: str = "") -> None:
        if not any(taken[match.start() : match.end()]):
            taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
            found.append(Mention(match.start(), match.end(), match[0], kind, entry, side))

    for match in names.finditer(masked):
        entry = roster.by_name.get(match[0]) or roster.find(match[0])
        if entry:
            present.add(entry.id)
            add(match, "person" if entry.is_person else "organisation", entry)
    full: dict[str, Entry | None] = {}
    for match in _NAME.finditer(masked):
        words = match[0].split()
        while words and words[0].rstrip(".") in _NOT_NAMES:
            words.pop(0)
        if len(words) >= 2:
            at = match.end() - len(" ".join(words))
            tail = re.compile(re.escape(" ".join(words))).match(masked, at)
            if tail:
                add(tail, "person", roster.find(tail[0]))
    for mention in found:
        if mention.kind == "person":
            full.setdefault(mention.text.split()[-1], mention.entry)
    for match in re.finditer(r"\b[A-Z][\w’'-]*[a-z]\b", masked):
        if match[0] in full:
            add(match, "person", full[match[0]])
    for match in described.finditer(masked):
        plain = re.sub(r"^(?:the|that) ", "", match[0].lower().replace("’", "'"))
        options = next((nouns[tail] for tail in _tails(plain) if tail in nouns), [])
        best = next((e for e in options if e.id in present), options[0] if len({e.side for e in options}) == 1 else None)
        add(match, "organisation" if best else "nominal", best)
    for match in document.finditer(masked):
        add(match, "document")
    for match in nominal.finditer(masked):
        said = set(re.findall(r"\w+", match[0].lower()))
        side = "union" if said & set(cues()["union_nouns"]) else "studio" if said & set(cues()["studio_nouns"]) else ""
        add(match, "nominal", None, side)
    for match in _PRONOUN.finditer(masked):
        add(match, "pronoun")
    return sorted(found, key=lambda mention: mention.start)


def _tails(phrase: str) -> list[str]:
    words = phrase.split()
    return [" ".join(words[i:]) for i in range(len(words))]
