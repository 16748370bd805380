"""Who said each quoted passage: the cue beside it, else who spoke before."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from stance.articles.cues import CHAIN, LEFT, Cue, cues_in, main_subject
from stance.articles.passages import Passage, classify_passages, find_passages, paragraphs
from stance.articles.resolution import Cast, Speaker
from stance.articles.tokens import Line, tokenize
from stance.articles.words import lexicon
from stance.roster import Roster

# How sure each way of finding a speaker is; set by hand.
CONFIDENCE = {
    "after": 0.97, "before": 0.95, "far": 0.9, "second": 0.75, "shared": 0.8, "main": 0.75, "relative": 0.85, "object?": 0.6, "weak": 0.7, "late": 0.7,
    "verb": 0.75, "name": 0.9, "label": 0.85, "colon": 0.65, "noun": 0.7, "subject": 0.5, "same": 0.96, "continued": 0.95, "carried": 0.82,
    "introduced": 0.75, "announced": 0.9, "last": 0.6, "sole": 0.5,
}  # fmt: skip
_AFTER_VERB = re.compile(rf",?(?P<a>o|{CHAIN})r?(?P<v>[eV])(?=[.,pTrc]|$)|,?(?P<w>[eV])(?P<b>{CHAIN})(?=[.,p]|$)")
_SIGNED = re.compile(r"[-~]+(?P<a>N[NnT,#]*)\.?$")


@dataclass(frozen=True)
class Attributed:
    """A passage with its group (None for what is no statement) and its speaker (None for unknown)."""

    passage: Passage
    group: int | None
    speaker: Speaker | None
    rule: str = ""


class _Reader:
    """One article read from front to back; remembers who spoke last."""

    def __init__(self, text: str, roster: Roster, date: str) -> None:
        self.text = text
        self.blocks = paragraphs(text)
        self.passages = find_passages(text, self.blocks)
        classify_passages(text, self.blocks, self.passages)
        by_paragraph: dict[int, list[Passage]] = {}
        for passage in self.passages:
            by_paragraph.setdefault(passage.paragraph, []).append(passage)
        self.lines = [tokenize(text, n, low, high, by_paragraph.get(n, [])) for n, (low, high) in enumerate(self.blocks)]
        self.cast = Cast(text, self.lines, roster, date)
        self.out: list[Attributed] = []
        self.group = 0

    def read(self) -> list[Attributed]:
        """All passages in order, with groups and speakers."""
        before: Line | None = None
        for line in self.lines:
            self._paragraph(line, before)
            before = line
        return self.out

    def _paragraph(self, line: Line, before: Line | None) -> None:
        previous: Attributed | None = None
        between: Speaker | None = None  # who spoke without marks since the last quotation
        for low, high in line.sentences:
            found = cues_in(line, low, high)
            spoken = {cue.at: self._speaker(line, cue) for cue in found}
            inside: Attributed | None = None
            for at in range(low, high):
                passage = line.quotes.get(at)
                if passage is None:
                    continue
                if passage.kind != "quote":
                    self.out.append(Attributed(passage, None, None))
                    continue
                speaker, rule = self._by_cue(line, low, high, at, found, spoken)
                last = next((a for a in reversed(self.out) if a.group is not None), None)
                if speaker and inside and (inside.speaker is None or _same(inside.speaker, speaker)):
                    item = Attributed(passage, inside.group, speaker, rule)
                elif speaker:
                    item = Attributed(passage, self._new(), speaker, rule)
                elif last and (passage.continues or previous is last):
                    rule = "continued" if passage.continues else "same"
                    if between and rule == "same":
                        item = Attributed(passage, self._new(), _lower(between, rule), rule)
                    else:
                        item = Attributed(passage, last.group, _lower(last.speaker, rule), rule)
                else:
                    speaker, rule = self._without_cue(line, before, low, high, at)
                    item = Attributed(passage, self._new(), speaker, rule)
                self.out.append(item)
                previous = inside = item
                between = None
            strong = [c for c in found if c.base not in lexicon().lists["weak"]]
            if strong and not inside:
                between = spoken[strong[0].at]
            self.cast.history.extend(spoken.values())

    def _new(self) -> int:
        self.group += 1
        return self.group

    def _speaker(self, line: Line, cue: Cue) -> Speaker:
        words = self.text[line.starts[cue.at] : line.ends[cue.end - 1]]
        return self.cast.resolve(line, cue.low, cue.high, words)

    def _by_cue(self, line: Line, low: int, high: int, at: int, found: list[Cue], spoken: dict[int, Speaker]) -> tuple[Speaker | None, str]:
        """The speaker that the sentence itself gives for the quotation at token `at`."""
        tags, weak_verbs = line.tags, lexicon().lists["weak"]
        after = [c for c in found if c.at > at and (c.low > at or c.how == "shared")]
        before = [c for c in found if c.at < at]
        if after:
            first = after[0]
            edge = min(first.low, first.at) if first.low > at else first.at
            if not tags[at + 1 : edge].strip(",rT-(~") and first.finite and not (first.base in weak_verbs and before):
                return self._sure(spoken[first.at], "after"), "after"
        if tags[at - 1 : at] != ":" or not before:
            passage = line.quotes[at]
            if self.text[passage.end - 1] in ",?!—" or tags[at + 1 : at + 2] == ",":
                match = _AFTER_VERB.match(tags, at + 1, min(high, at + 30))
                if match and not line.words[match.start("v" if match["v"] else "w")].endswith("ing"):
                    a, b = match.span("a" if match["a"] else "b")
                    return self.cast.resolve(line, a, b, "", CONFIDENCE["verb"]), "verb"
            match = _SIGNED.match(tags, at + 1, high)
            if match and not before:
                return self.cast.resolve(line, *match.span("a"), "", CONFIDENCE["name"]), "name"
        if before:
            cue = before[-1]
            if len(before) > 1 and _nested(tags, before[-2], cue):
                cue = before[-2]
            weak = cue.base in weak_verbs and (at - cue.at > 2 or cue.how == "pronoun")
            if weak:
                strong = [c for c in before if c.base not in weak_verbs]
                if strong:
                    cue, weak = strong[-1], False
                elif after and after[0].base not in weak_verbs:
                    return self._sure(spoken[after[0].at], "late"), "late"
            rule = "weak" if weak else _kind(cue, before, at)
            return self._sure(spoken[cue.at], rule), rule
        if after:
            return self._sure(spoken[after[0].at], "late"), "late"
        if at > low and tags[at - 1] == ":":
            return self._colon(line, low, at)
        if at > low + 1:
            subject = main_subject(line, low, at)
            nouns = lexicon().lists["noun_cues"] | lexicon().lists["documents"]
            if subject and line.tags[subject[0]] == "o" and at - subject[1] < 12:
                return self.cast.resolve(line, *subject, "", CONFIDENCE["subject"]), "subjo"
            if subject and subject[1] < at and any(w in nouns for w in line.words[low:at]):
                return self.cast.resolve(line, *subject, "", CONFIDENCE["noun"]), "noun"
        return None, ""

    def _colon(self, line: Line, low: int, at: int) -> tuple[Speaker | None, str]:
        label = LEFT.search(line.tags, max(low, at - 20), at - 1)
        if label and (label.start() == low or line.tags[label.start() - 1] == "-" or (label.start() == low + 1 and line.words[low].lower() == "from")):
            return self.cast.resolve(line, *label.span(), "", CONFIDENCE["label"]), "label"
        subject = main_subject(line, low, at)
        if not subject:
            return None, ""
        rule = "label" if subject[1] == at - 1 else "colon"
        return self.cast.resolve(line, *subject, "", CONFIDENCE[rule]), rule

    def _sure(self, speaker: Speaker, rule: str) -> Speaker:
        return replace(speaker, confidence=speaker.confidence * CONFIDENCE[rule])

    def _without_cue(self, line: Line, before: Line | None, low: int, high: int, at: int) -> tuple[Speaker | None, str]:
        """For a quotation whose sentence names nobody."""
        earlier = [s for s in line.sentences if s[1] <= low]
        if earlier:
            a, b = earlier[-1]
            found = [c for c in cues_in(line, a, b) if c.base not in lexicon().lists["weak"]]
            if found:
                return self._sure(self._speaker(line, found[0]), "introduced"), "introduced"+str(int(at==low))
            sole = self.cast.sole_party(line, a, b)
            if sole:
                return self.cast.resolve(line, *sole, "", CONFIDENCE["sole"]), "sole"
        elif before and before.sentences:
            a, b = before.sentences[-1]
            last = next((x for x in reversed(self.out) if x.group is not None), None)
            bare = not line.tags.strip("Qq,.")
            if before.tags and before.tags[-1] == ":":
                found = cues_in(before, a, b)
                if found:
                    return self._sure(self._speaker(before, found[-1]), "introduced"), "colonpara"
                subject = main_subject(before, a, b)
                if subject:
                    return self.cast.resolve(before, *subject, "", CONFIDENCE["introduced"]), "colonpara2"
            if last and last.passage.paragraph == before.number and last.speaker:
                if bare and line.tags[at] == "q":
                    return _lower(last.speaker, "carried"), "carried"
            found = [c for c in cues_in(before, a, b) if c.base not in lexicon().lists["weak"]]
            if found and bare:
                return self._sure(self._speaker(before, found[0]), "last"), "prevpara"
        return None, ""


def _nested(tags: str, outer: Cue, inner: Cue) -> bool:
    """Whether a cue stands in what another reports: "she said the board asked"."""
    return inner.how in ("pronoun", "direct") and inner.low > outer.at and not re.search("[Qq,c;-]", tags[outer.end : inner.low])


def _kind(cue: Cue, before: list[Cue], at: int) -> str:
    """Which confidence a cue before the quotation earns."""
    if cue.how == "main":
        return "main"
    if cue.how in ("shared", "object?", "relative"):
        return cue.how
    if cue is not before[0]:
        return "second"
    return "before" if at - cue.at < 12 else "far"


def _same(one: Speaker, other: Speaker) -> bool:
    return (one.start, one.end) == (other.start, other.end)


def _lower(speaker: Speaker | None, rule: str) -> Speaker | None:
    return replace(speaker, confidence=speaker.confidence * CONFIDENCE[rule]) if speaker else None


def attribute(text: str, roster: Roster, date: str = "") -> list[Attributed]:
    """Every quoted passage of `text` with its kind, group and speaker, in text order."""
    return _Reader(text, roster, date).read()
