"""Paragraphs to tagged tokens: one letter a word, so that grammar is a matter of short patterns."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from stance.articles.passages import Passage
from stance.articles.words import Lexicon, lexicon

TOKEN = re.compile(
    r"(?:[A-Z]\.){2,}(?:[A-Z](?!\w))?|[A-Z]\.(?=\s?[A-Z])|['’]s\b|@?\w+(?:[-–&/@.](?=\w)\w+|['’](?!s\b)(?=\w)\w+)*|--+|\.\.+|[^\w\s]"
)
_PUNCTUATION = {",": ",", ";": ";", ":": ":", "—": "-", "–": "-", "―": "-", "-": "-", ".": ".", "!": ".", "?": ".", "…": ".", "(": "(", "[": "(", ")": ")", "]": ")", "$": "#", "£": "#", "€": "#", "%": "n", "&": "N"}
_SMALL = frozenset(["the", "of", "and", "a", "in", "for", "to", "on", "at"])  # small even in the midst of a name
_MONTHS = frozenset(["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec"])
_LONG_ASIDE = 24  # tokens in brackets that are still passed over
_LONGEST = 300  # tokens; a longer sentence is cut, so that reading stays linear
_STOP = re.compile("[.q]")
_NEXT_TAG = re.compile(r"(?:o|d?(?:[nN]G?){1,8}(?:,[^,.QqvV]{1,20},)?)[xr]*v")  # ... Ann Lee, a member, said


@dataclass
class Line:
    """A paragraph's tokens. `tags` has one letter a token; `quotes` gives the passage of each Q or q token."""

    number: int
    low: int
    high: int
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    tags: str = ""
    quotes: dict[int, Passage] = field(default_factory=dict)
    sentences: list[tuple[int, int]] = field(default_factory=list)

    def before(self, token: int) -> tuple[int, int] | None:
        """The sentence that ends at a token or ahead of it."""
        at = bisect_right(self.sentences, (token, 0)) - 1
        while at >= 0 and self.sentences[at][1] > token:
            at -= 1
        return self.sentences[at] if at >= 0 else None


def tokenize(text: str, number: int, low: int, high: int, passages: list[Passage]) -> Line:
    """One paragraph; a quotation is one token (Q, or q when its words end a sentence)."""
    words = lexicon()
    line = Line(number, low, high)
    tags: list[str] = []
    at = low
    for passage in passages:
        _run(text, at, passage.outer_start, line, tags, words)
        last = text[passage.end - 1]
        tag = {"title": "N", "scare": "n"}.get(passage.kind, "q" if last in ".!?…" else "Q")
        line.quotes[len(tags)] = passage
        _push(line, tags, passage.outer_start, passage.outer_end, "", tag)
        if passage.kind == "title" and last == ",":
            _push(line, tags, passage.outer_end, passage.outer_end, ",", ",")
        at = passage.outer_end
    _run(text, at, high, line, tags, words)
    _settle(line, tags, words)
    line.tags = "".join(tags)
    _split(text, line)
    return line


def _push(line: Line, tags: list[str], start: int, end: int, word: str, tag: str) -> None:
    line.starts.append(start)
    line.ends.append(end)
    line.words.append(word)
    tags.append(tag)


def _run(text: str, low: int, high: int, line: Line, tags: list[str], words: Lexicon) -> None:
    """Tokens of the words between two quotations."""
    if low >= high:
        return
    abbreviations, known, pairs = words.lists["abbreviations"], words.tags, words.pairs
    starts, ends, said = line.starts, line.ends, line.words
    opened = -1
    for match in TOKEN.finditer(text, low, high):
        word = match[0]
        first = word[0]
        if first.isalpha():
            lower = word.lower()
            fresh = not tags or tags[-1] in ".:-(" or tags[-1] == "q"
            if said and said[-1] in pairs and lower in pairs[said[-1]] and tags[-1] not in "Qq":
                both = f"{said[-1]} {lower}"
                said[-1], ends[-1], tags[-1] = both, match.end(), known[both]
                continue
            tag = known.get(lower) or _unknown(word, lower)
            if first.isupper() and lower in known:
                tag = _capital(text, word, lower, match.end(), tag, fresh)
                word = lower if tag != "N" else word
        elif first == "'" or first == "’":
            if word[1:] == "s":
                tag = "G"
            else:
                tag = "G" if said and said[-1].endswith("s") and tags[-1] in "nN" else "~"
        elif first.isdigit():
            tag = "T" if word.isdigit() and len(word) == 4 and word[:2] in ("19", "20") else "#"
        elif first == "@" and len(word) > 1:
            tag = "N"
        else:
            tag = _PUNCTUATION.get(first, "~") if len(word) == 1 else ("-" if first == "-" else "." if first == "." else "N")
            if first == "." and len(word) == 1 and said and said[-1].lower() in abbreviations and ends[-1] == match.start():
                ends[-1] = match.end()
                continue
            if tag == "(":
                opened = len(tags)
            elif tag == ")" and opened >= 0:
                if len(tags) - opened <= _LONG_ASIDE:
                    del starts[opened:], ends[opened:], said[opened:], tags[opened:]
                    opened = -1
                    continue
                opened = -1
            if tag == "~":
                continue
        starts.append(match.start())
        ends.append(match.end())
        said.append(word)
        tags.append(tag)


def _unknown(word: str, lower: str) -> str:
    """The tag of a word that no list has, by its shape."""
    if word[0].isupper():
        return "N"
    if len(lower) > 4 and lower.endswith("ly"):
        return "r"
    return "e" if len(lower) > 4 and lower.endswith("ed") else "n"


def _capital(text: str, word: str, lower: str, end: int, tag: str, fresh: bool) -> str:
    """The tag of a listed word with a capital: its own where a sentence begins, else mostly N (Will, Day, Union)."""
    if tag == "T":
        if len(lower) <= 4 and lower in _MONTHS:
            return "T" if text[end : end + 1] == "." or text[end : end + 2].strip().isdigit() else "N"
        return "T" if fresh or (lower.endswith("day") and len(lower) > 3) or lower in _MONTHS else "N"
    small = lower in _SMALL or (tag in "pcdsx" and len(word) < 4 and word.isupper())
    return tag if fresh or tag == "o" or small else "N"


def _settle(line: Line, tags: list[str], words: Lexicon) -> None:
    """Words that may be verb or noun, decided by their neighbours."""
    also, said = words.lists["also_nouns"], line.words
    last = len(tags) - 1
    for at, tag in enumerate(tags):
        if tag not in "vVgpGT":
            continue
        before = tags[at - 1] if at else "."
        after = tags[at + 1] if at < last else "."
        if tag == "p":
            if said[at] == "to" and after in "vVrBx":
                tags[at] = "x"
        elif tag == "G":
            if before == "o" or (before == "N" and (after in "exB" or (after == "v" and said[at + 1] not in also and tags[at + 2 : at + 3] not in (["n"], ["N"])))):
                tags[at] = "x"
        elif tag == "T":
            if before in "dG" and after in "nN" and said[at].isdigit():
                tags[at] = "#"
            elif before == "d" and said[at - 1] in words.lists["owners"]:
                tags[at] = "n"
        elif tag == "V":
            if before in "dG#" or (before == "p" and said[at - 1] != "to") or (before == "e" and at > 1 and tags[at - 2] in "dG"):
                tags[at] = "n"
        elif tag == "v":
            if before == "r" and at > 1 and tags[at - 2] in "dG":
                before = "d"
            past = said[at] in words.past
            if said[at] in also and _is_noun(before, after, past) and not (said[at].endswith("s") and _ends_tag(tags, at, before, after)):
                tags[at] = "n"
            elif before in "dG" and past:
                tags[at] = "e"
        elif tag == "g" and before in "dG":
            tags[at] = "n"


def _is_noun(before: str, after: str, past: bool) -> bool:
    """Whether a word such as claims, reports or call is the noun, by the tags beside it."""
    if before in "dG#ep" or after in "VxB" or (after == "v" and before not in "oN"):
        return True
    return not past and ((before in "nN" and after in "n,") or (before == "n" and after in "p."))


def _ends_tag(tags: list[str], at: int, before: str, after: str) -> bool:
    """Whether the word closes the tag of a quotation: “...,” the voice in the ad states."""
    return before in "nN" and after in ".," and any(tag in "Qq" for tag in tags[max(0, at - 14) : at])




def _split(text: str, line: Line) -> None:
    """Sentences, as token ranges; a quotation and its tag are one sentence. None is longer than _LONGEST."""
    tags, low = line.tags, 0
    last = len(tags) - 1
    for match in _STOP.finditer(tags):
        at = match.start()
        while at - low >= _LONGEST:
            line.sentences.append((low, low + _LONGEST))
            low += _LONGEST
        if at < last and at >= low and _ends(text, line, low, at):
            line.sentences.append((low, at + 1))
            low = at + 1
    while last - low >= _LONGEST:
        line.sentences.append((low, low + _LONGEST))
        low += _LONGEST
    if low <= last:
        line.sentences.append((low, last + 1))


def _ends(text: str, line: Line, low: int, at: int) -> bool:
    """Whether the full stop or quotation at token `at` ends the sentence that began at `low`."""
    tags = line.tags
    after, start = tags[at + 1], line.starts[at + 1]
    if tags[at] == ".":
        return after not in ".)" and (after in "QqN#(" or text[start].isupper())
    if after in ",;:-." or not (after in "Qq(" or text[start].isupper() or text[start].isdigit()):
        return False
    if after in "Qq" or tags[low:at].strip("Qq,."):
        return True
    told = _NEXT_TAG.match(tags, at + 1)
    asks = text[line.quotes[at].end - 1] in "!?"
    return not (told and (asks or tags[told.end() : told.end() + 1] in (".", ",", "T", "p")))
