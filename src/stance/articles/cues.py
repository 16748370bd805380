"""Reporting cues of a sentence and their grammatical subjects, found on tag strings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stance.articles.tokens import Line
from stance.articles.words import lexicon

# A noun phrase, and one with the phrases that hang on it ("a spokesman for the guild's board").
_CORE = r"(?:(?:d{1,2}(?:e,(?=[n#]))?[er#]{0,2}|e(?=[nN]))?(?:[nN#]G?|(?<=[nN#G])e(?=[nN])){0,10}[nN]#?|d#|d(?=[pvxrBVeG,.T]|$))"
CHAIN = rf"{_CORE}(?:(?:r?e)?p{{1,2}}(?:{_CORE}|O)){{0,4}}"
LEFT = re.compile(rf"{CHAIN}$")
RIGHT = re.compile(rf"{CHAIN}(?:c{_CORE}(?=[.,\-QqT]|$))?")
_ONE = re.compile("[oO]")
_BEFORE_NAME = re.compile(rf"{CHAIN}[,-]")
_CLAUSE_START = ",-t.:;Qqr"
_DATELINE = re.compile(r"[Nn]{1,4}(?:,[NnT#.]{1,4})?-")
_OPENERS = "crT,-:.("  # what may stand ahead of a subject
_SPEECHLESS = frozenset({"comment", "respond", "reply", "say", "answer", "specify", "elaborate", "tell"})  # did not ...
_REFUSALS = frozenset({"declined", "refused", "declining", "refusing", "failed"})
_REACH = 70  # how many tokens back from a verb its subject is looked for


@dataclass(frozen=True)
class Cue:
    """A reporting word and the tokens `low:high` of its subject; `how` names the pattern that found it."""

    at: int
    end: int
    base: str
    low: int
    high: int
    how: str
    finite: bool = True


def cues_in(line: Line, low: int, high: int) -> list[Cue]:
    """The cues of one sentence (token range), in order."""
    words = lexicon()
    tags, said = line.tags, line.words
    found: list[Cue] = []
    for at in range(low, high):
        tag = tags[at]
        if tag == "v" or tag == "g":
            base = words.base.get(said[at].lower(), "")
            cue = _verb(line, low, high, at, base, found[-1] if found else None)
            if cue:
                found.append(cue)
        elif tag == "k" and at + 1 < high and said[at + 1] == "to":
            right = RIGHT.match(tags, at + 2, min(high, at + 30)) or _ONE.match(tags, at + 2, high)
            if right:
                found.append(Cue(at, at + 2, "according to", right.start(), right.end(), "according"))
    return found


def _verb(line: Line, low: int, high: int, at: int, base: str, last: Cue | None) -> Cue | None:
    """The cue that the verb at token `at` is, with its subject; None for "declined to say" and the like."""
    tags, said = line.tags, line.words
    finite = tags[at] == "v"
    i = at
    negated = False
    while i > low and (tags[i - 1] in "xrTB" or (tags[i - 1] == "p" and tags[i] == "T")):
        negated = negated or said[i - 1] in ("not", "never", "cannot") or said[i - 1].endswith(("n't", "n’t"))
        i -= 1
    infinitive = any(said[j] == "to" for j in range(i, at))
    passive = finite and any(tags[j] == "B" for j in range(i, at)) and said[at] in lexicon().past
    if passive:
        right = RIGHT.match(tags, at + 2, min(high, at + 32)) if at + 2 < high and said[at + 1] == "by" else None
        return Cue(at, at + 1, base, right.start(), right.end(), "by") if right else None
    if negated and base in _SPEECHLESS:
        return None
    before = tags[i - 1] if i > low else ""
    if infinitive and i > low and said[i - 1] in _REFUSALS:
        return None
    # after a quotation the subject may follow: “...,” said the union
    if before in ("Q", "q") or (before in ("", ",", "-") and i - 2 >= low and tags[i - 2] in "Qq" and before) or (not before and low and tags[low - 1] == "q"):
        right = _ONE.match(tags, at + 1, high) or RIGHT.match(tags, at + 1, min(high, at + 31))
        if right and not (tags[at + 1] in "d" and said[at + 1] in ("that", "this")):
            return Cue(at, at + 1, base, right.start(), right.end(), "inverted", finite)
    if before == "," and base == "say" and finite:
        right = RIGHT.match(tags, at + 1, min(high, at + 31))
        if right and (right.end() >= high or tags[right.end()] in ",.;-pT"):
            return Cue(at, at + 1, base, right.start(), right.end(), "inverted", finite)
    found = _subject(line, max(low, at - _REACH), i, at, finite and not infinitive, last)
    if found is None:
        return None
    a, b, how = found
    return Cue(at, at + 1, base, a, b, how, finite)


def _subject(line: Line, low: int, i: int, at: int, finite: bool, last: Cue | None) -> tuple[int, int, str] | None:
    """The subject of a verb whose own words (auxiliaries included) begin at token `i`."""
    tags, said = line.tags, line.words
    end = i
    if i - 1 > low and tags[i - 1] == "O" and said[i - 1].endswith(("self", "selves")):
        i -= 1  # the chair herself said
    if i - 2 > low and tags[i - 1] == "e" and tags[i - 2] in "nN" and finite and said[i - 1].endswith("ed"):
        i = end = i - 1  # the report published on Friday said
    before = tags[i - 1] if i > low else ""
    if before == "o":
        return i - 1, end, "pronoun"
    if before == "w" and said[i - 1] != "whose":
        j = i - 2 if i - 2 > low and tags[i - 2] in ",-" else i - 1
        if tags[j] == "-":  # Ann Lee — a dancer, and a good one — who said
            j = max(tags.rfind("-", low, j), low)
        left = LEFT.search(tags, low, j)
        if left and left.start() > low + 1 and tags[left.start() - 2 : left.start()] == "N," and tags[left.start()] in "dn":
            j = left.start() - 1  # Ann Lee, counsel for the guild, who said
            left = LEFT.search(tags, low, j)
        return (left.start(), j, "relative") if left else None
    if before == "t" and i - 2 > low and said[i - 2] in lexicon().lists["documents"]:
        left = LEFT.search(tags, low, i - 1)
        return (left.start(), i - 1, "document") if left else None
    if before and before in "nNdG#O":
        left = LEFT.search(tags, low, i)
        if left:
            a = left.start()
            prior = tags[a - 1] if a > low else ""
            if prior == "p":
                if not finite and said[a - 1] == "with":
                    return a, end, "with"
            elif not finite:
                if tags[at] == "g" and said[i - 1] in lexicon().lists["displays"]:
                    return a, end, "document"  # a sign saying
            elif prior == "c" and a - 1 > low:
                other = LEFT.search(tags, low, a - 1)
                if other and (other.start() == low or tags[other.start() - 1] in ",;:-QqcstT."):
                    return other.start(), end, "both"
                return a, end, "direct"
            elif prior == "," and tags[a] in "nde" and not tags.startswith(",", at + 1) and a - 2 >= low and tags[a - 2] == "N":
                # an aside without its second comma: Ann Lee, president of the guild said
                name = LEFT.search(tags, low, a - 1)
                if name and (name.start() == low or tags[name.start() - 1] in _CLAUSE_START):
                    return name.start(), name.end(), "aside"
                return a, end, "direct"
            elif not prior or prior not in "vVeBx":
                return a, end, "direct"
            else:
                found = _aside(tags, low, i)
                if found:
                    return (*found, "aside")
                if tags[i - 1] == "N" and last is None:
                    return a, end, "object"
    if before and before in ",-)" and finite:
        found = _aside(tags, low, i)
        if found:
            return (*found, "aside")
    if last is not None:
        return last.low, last.high, "shared"
    found = main_subject(line, low, i)
    return (*found, "main") if found else None


def _aside(tags: str, low: int, i: int) -> tuple[int, int] | None:
    """The name before an aside: Hugh Hill, a doctor, said."""
    start = low
    for j in range(i - 1, low - 1, -1):
        if tags[j] in "Qq;:":
            start = j + 1
            break
    for match in _BEFORE_NAME.finditer(tags, start, i - 1):
        if _begins(tags, start, match.start()):
            return match.start(), match.end() - 1
    return None


def _begins(tags: str, low: int, at: int) -> bool:
    """Whether a clause may begin at token `at`: after a stop, or after a conjunction that follows one."""
    if at == low or tags[at - 1] in _CLAUSE_START:
        return True
    if tags[at - 1] == "s":
        return at - 1 > low or (at > 1 and tags[at - 2] in "Qq,")
    return tags[at - 1] == "c" and (at - 1 == low or tags[at - 2] in _CLAUSE_START)


def main_subject(line: Line, low: int, high: int) -> tuple[int, int] | None:
    """The subject of a sentence: its first noun phrase outside opening phrases and clauses."""
    tags = line.tags
    at = low
    dateline = _DATELINE.match(tags, low, high)
    if dateline and line.words[low].isupper():
        at = dateline.end()
    for _ in range(5):
        while at < high and tags[at] in _OPENERS:
            at += 1
        if at >= high or not (tags[at] in "psgkeQq" or (line.words[at].endswith("ing") and len(line.words[at]) > 5 and at + 1 < high and tags[at + 1] not in "vxBVN")):
            break
        comma = tags.find(",", at, high)
        if comma < 0:
            return None
        at = comma + 1
    if at < high and tags[at] == "o":
        return at, at + 1
    match = RIGHT.match(tags, at, min(high, at + 30))
    return (match.start(), match.end()) if match else None
