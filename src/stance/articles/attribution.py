"""Who said each passage: the cue beside it, the layout around it, else who spoke before."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace

from stance.articles.cast import Cast, Speaker
from stance.articles.cues import CHAIN, LEFT, RIGHT, Cue, cues_in, main_subject
from stance.articles.indirect import reported_clause
from stance.articles.layouts import Turn, find_turns, lay_out, signature
from stance.articles.marks import find_passages
from stance.articles.passages import Passage, classify_passages, paragraphs
from stance.articles.tokens import Line, tokenize
from stance.articles.words import lexicon
from stance.roster import Roster

# How sure each way of finding a speaker is. Set by hand, in the order of how often each is right.
CONFIDENCE = {
    "after": 0.97,  # “...,” she said
    "before": 0.95,  # She said, “...”; the first cue of its sentence
    "far": 0.88,  # the same with many words between
    "relative": 0.85,  # a member who said “...”
    "second": 0.75,  # a later cue with a subject of its own
    "shared": 0.8,  # said ..., adding “...”
    "main": 0.75,  # a cue whose subject is the sentence's
    "object?": 0.6,
    "weak": 0.68,  # verbs that seldom bring a quotation
    "late": 0.68,  # a cue at the far end of the sentence
    "verb": 0.75,  # any verb right after the marks
    "label": 0.87,  # Name: “...” and From Name: “...”
    "name": 0.88,  # “...” — Name
    "layout": 0.95,  # transcripts, letters, posts
    "announced": 0.9,  # the paragraph before ends in a cue and a colon
    "colon": 0.65,
    "noun": 0.68,  # the sentence speaks of a statement or a claim
    "headed": 0.75,  # the line above ends in a colon and names one party
    "subject": 0.5,
    "same": 0.96,  # the paragraph goes on without a cue
    "midway": 0.65,  # it goes on within a sentence of its own
    "continued": 0.95,  # a mark opens each paragraph
    "carried": 0.82,  # a paragraph that is only a quotation
    "introduced": 0.75,  # the sentence before has a cue
    "last": 0.6,  # the paragraph before has a cue
    "sole": 0.75,  # the sentence before names one party
}
_AFTER_VERB = re.compile(rf",?(?P<a>o|{CHAIN})r?(?P<v>[eV])(?=[.,pTrc]|$)|,?(?P<w>[eV])(?P<b>{CHAIN})(?=[.,p]|$)")
_SIGNED = re.compile(r"-(?P<a>[Nn]?N[NnT#]*)(?=[,.]|$)")
_MARKED = ("quote", "block", "turn")
_NOT_NESTED = re.compile("[Qq,cw;-]")


@dataclass(frozen=True)
class Attributed:
    """A passage with its group (None for what is no statement), its speaker (None for unknown) and the rule that found it."""

    passage: Passage
    group: int | None
    speaker: Speaker | None
    rule: str = ""


class _Reader:
    """One article read from front to back; remembers who spoke last."""

    def __init__(self, text: str, roster: Roster, date: str, indirect: bool) -> None:
        self.text, self.indirect = text, indirect
        self.blocks = paragraphs(text)
        marked = find_passages(text, self.blocks)
        classify_passages(text, self.blocks, marked)
        self.turns, passages = lay_out(text, find_turns(text, self.blocks, marked), marked)
        by_paragraph: dict[int, list[Passage]] = defaultdict(list)
        for passage in passages:
            by_paragraph[passage.paragraph].append(passage)
        self.lines = [tokenize(text, n, low, high, by_paragraph.get(n, [])) for n, (low, high) in enumerate(self.blocks)]
        self.cast = Cast(text, self.lines, roster, date)
        self.weak = lexicon().lists["weak"]
        self.out: list[Attributed] = []
        self.last: Attributed | None = None  # the last statement
        self.group = 0

    def read(self) -> list[Attributed]:
        """All passages in order, with groups and speakers."""
        for line in self.lines:
            self._paragraph(line)
        return sorted(self.out, key=lambda item: item.passage.start)

    def _paragraph(self, line: Line) -> None:
        previous: Attributed | None = None
        between: Speaker | None = None  # who spoke without marks since the last quotation
        for low, high in line.sentences:
            found = cues_in(line, low, high)
            spoken: dict[int, Speaker] = {}
            for cue in found:
                spoken[cue.at] = self._speaker(line, cue)
                self.cast.history.append(spoken[cue.at])
            inside: Attributed | None = None
            for at in range(low, high):
                passage = line.quotes.get(at)
                if passage is None:
                    continue
                if passage.kind not in _MARKED:
                    self.out.append(Attributed(passage, None, None))
                    continue
                item = self._statement(line, low, high, at, passage, found, spoken, inside, previous, between)
                self.out.append(item)
                self.last = previous = inside = item
                between = None
            if not inside:
                strong = [cue for cue in found if cue.base not in self.weak]
                between = spoken[strong[0].at] if strong else between
                if self.indirect and strong:
                    self._reported(line, low, high, strong, spoken)

    def _statement(
        self, line: Line, low: int, high: int, at: int, passage: Passage, found: list[Cue], spoken: dict[int, Speaker],
        inside: Attributed | None, previous: Attributed | None, between: Speaker | None,
    ) -> Attributed:  # fmt: skip
        """The passage at token `at` with its speaker; `inside` is the statement before it in its sentence, `previous` in its paragraph."""
        turn = self.turns.get(passage.start)
        if turn:
            return self._turn(turn)
        speaker, rule = self._by_cue(line, low, high, at, found, spoken)
        if speaker and inside and (inside.speaker is None or (inside.speaker.start, inside.speaker.end) == (speaker.start, speaker.end)):
            return Attributed(passage, inside.group, speaker, rule)
        if speaker:
            return Attributed(passage, self._new(), speaker, rule)
        if self.last and (passage.continues or previous is self.last):
            if between and not passage.continues:
                return Attributed(passage, self._new(), _lower(between, "same"), "same")
            rule = "continued" if passage.continues else "same" if at == low or inside else "midway"
            return Attributed(passage, self.last.group, _inherited(self.last, rule), rule)
        speaker, rule = self._without_cue(line, low, at)
        return Attributed(passage, self._new(), speaker, rule)

    def _new(self) -> int:
        self.group += 1
        return self.group

    def _speaker(self, line: Line, cue: Cue) -> Speaker:
        words = self.text[line.starts[cue.at] : line.ends[cue.end - 1]]
        return self.cast.resolve(line, cue.low, cue.high, words)

    def _reported(self, line: Line, low: int, high: int, found: list[Cue], spoken: dict[int, Speaker]) -> None:
        clause = reported_clause(line, low, high, found)
        if clause:
            cue, start, end = clause
            self.out.append(Attributed(Passage(start, end, line.number, kind="indirect"), self._new(), _lower(spoken[cue.at], "before"), "indirect"))

    def _turn(self, turn: Turn) -> Attributed:
        """A passage whose layout names the speaker."""
        passage = turn.passage
        if passage.continues and self.last:
            return Attributed(passage, self.last.group, self.last.speaker, "layout")
        speaker: Speaker | None = None
        line = self.lines[turn.line]
        if turn.by_cue:
            speaker, _ = self._announced(line)
        elif turn.label:
            low, high = turn.label
            if self.text[low:high] == "A":
                speaker = self.cast.interviewed(low, high)
            elif self.text[low:high] != "Q":
                speaker = self.cast.label(low, high, CONFIDENCE["layout"])
        if speaker:
            self.cast.history.append(speaker)
        return Attributed(passage, self._new(), speaker, "layout")

    def _by_cue(self, line: Line, low: int, high: int, at: int, found: list[Cue], spoken: dict[int, Speaker]) -> tuple[Speaker | None, str]:
        """The speaker that the sentence itself gives for the quotation at token `at`."""
        tags = line.tags
        after = [c for c in found if c.at > at and (c.low > at or c.how == "shared")]
        before = [c for c in found if c.at < at]
        if after:
            first = after[0]
            edge = min(first.low, first.at) if first.low > at else first.at
            if not tags[at + 1 : edge].strip(",rT-(") and first.finite and not (first.base in self.weak and before):
                return _sure(spoken[first.at], "after")
        beside = self._beside(line, at, high, bool(before))
        if beside:
            return beside
        if before:
            cue = before[-1]
            if len(before) > 1 and _nested(tags, before[-2], cue):
                cue = before[-2]
            weak = cue.base in self.weak and (at - cue.at > 2 or (cue.how == "pronoun" and len(before) > 1))
            if weak:
                strong = [c for c in before if c.base not in self.weak]
                if strong:
                    cue, weak = strong[-1], False
                elif after and after[0].base not in self.weak:
                    return _sure(spoken[after[0].at], "late")
            return _sure(spoken[cue.at], "main" if weak and tags[at - 1] == ":" else "weak" if weak else _kind(cue, before, at))
        if after:
            return _sure(spoken[after[0].at], "late")
        if at > low and tags[at - 1] == ":":
            return self._colon(line, low, at)
        subject = main_subject(line, low, at) if at > low + 1 else None
        if subject and subject[1] < at:
            if tags[subject[0]] == "o" and at - subject[1] < 12:
                return self._resolved(line, subject, "subject")
            lists = lexicon().lists
            if any(word in lists["noun_cues"] or word in lists["documents"] for word in line.words[low:at]):
                return self._resolved(line, subject, "noun")
        return None, ""

    def _beside(self, line: Line, at: int, high: int, cued: bool) -> tuple[Speaker | None, str] | None:
        """A speaker right after the marks: any verb with its subject, or a dash and a name."""
        tags, passage = line.tags, line.quotes[at]
        if self.text[passage.end - 1] in ",?!—" or tags[at + 1 : at + 2] == ",":
            match = _AFTER_VERB.match(tags, at + 1, min(high, at + 30))
            if match and not line.words[match.start("v" if match["v"] else "w")].endswith("ing"):
                return self._resolved(line, match.span("a" if match["a"] else "b"), "verb")
        if not cued:
            match = _SIGNED.match(tags, at + 1)
            if match:
                return self._resolved(line, match.span("a"), "name")
        return None

    def _resolved(self, line: Line, span: tuple[int, int], rule: str) -> tuple[Speaker | None, str]:
        return self.cast.resolve(line, *span, "", CONFIDENCE[rule]), rule

    def _colon(self, line: Line, low: int, at: int) -> tuple[Speaker | None, str]:
        """Name: “...”, From Name: “...”, or a sentence that ends in a colon."""
        label = LEFT.search(line.tags, max(low, at - 20), at - 1)
        if label and (label.start() == low or line.tags[label.start() - 1] == "-" or (label.start() == low + 1 and line.words[low].lower() == "from")):
            return self._resolved(line, label.span(), "label")
        start = low + (line.tags[low] == "c")
        came = RIGHT.match(line.tags, start + 1, at) if line.words[start] == "from" else None  # From Apple came two words:
        subject = came.span() if came else main_subject(line, low, at)
        return self._resolved(line, subject, "label" if came else "colon") if subject else (None, "")

    def _announced(self, line: Line) -> tuple[Speaker | None, str]:
        """Who speaks after a paragraph that ends in a colon."""
        if not line.sentences:
            return None, ""
        low, high = line.sentences[-1]
        found = cues_in(line, low, high)
        if found:
            return _sure(self._speaker(line, found[-1]), "announced")
        known = self.cast.known.known_in(line, low, high)
        if len({k.entry.id for k in known}) == 1:
            return self._resolved(line, (known[0].low, known[0].high), "headed")
        subject = main_subject(line, low, high)
        return self._resolved(line, subject, "noun") if subject else (None, "")

    def _without_cue(self, line: Line, low: int, at: int) -> tuple[Speaker | None, str]:
        """For a quotation whose sentence names nobody."""
        earlier = line.before(low)
        if earlier:
            strong = [c for c in cues_in(line, *earlier) if c.base not in self.weak]
            if strong:
                return _sure(self._speaker(line, strong[0]), "introduced")
            sole = self.cast.known.sole_party(line, *earlier) if at == low else None
            return self._resolved(line, sole, "sole") if sole else (None, "")
        signed = self._signed_below(line)
        if signed or line.number == 0:
            return signed or (None, "")
        before = self.lines[line.number - 1]
        bare = not line.tags.strip("Qq,.-")
        if before.tags.endswith(":"):
            return self._announced(before)
        if self.last and self.last.passage.paragraph == before.number and self.last.speaker:
            bullet = self.text[line.low] in "•·▪◦‣*-–"
            if bare and (line.tags[at] == "q" or bullet) and not line.quotes[at].broken:
                return _inherited(self.last, "carried"), "carried"
        elif bare and before.sentences:
            strong = [c for c in cues_in(before, *before.sentences[-1]) if c.base not in self.weak]
            if strong:
                return _sure(self._speaker(before, strong[0]), "last")
        return None, ""

    def _signed_below(self, line: Line) -> tuple[Speaker | None, str] | None:
        """The name on a line of its own below a quotation: — Name, post."""
        if line.number + 1 >= len(self.lines):
            return None
        below = self.lines[line.number + 1]
        span = signature(self.text, below.low, below.high)
        return (self.cast.label(*span, CONFIDENCE["name"]), "name") if span else None


def _nested(tags: str, outer: Cue, inner: Cue) -> bool:
    """Whether a cue stands in what another reports: "she said the board asked"."""
    return inner.how in ("pronoun", "direct") and inner.low > outer.at and not _NOT_NESTED.search(tags, outer.end, inner.low)


def _kind(cue: Cue, before: list[Cue], at: int) -> str:
    """Which confidence a cue before the quotation earns."""
    if cue.how in ("main", "shared", "object?", "relative"):
        return cue.how
    if cue is not before[0]:
        return "second"
    return "before" if at - cue.at < 12 else "far"


def _sure(speaker: Speaker, rule: str) -> tuple[Speaker, str]:
    return replace(speaker, confidence=speaker.confidence * CONFIDENCE[rule]), rule


def _lower(speaker: Speaker | None, rule: str) -> Speaker | None:
    return replace(speaker, confidence=speaker.confidence * CONFIDENCE[rule]) if speaker else None


def _inherited(last: Attributed, rule: str) -> Speaker | None:
    """The speaker of the statement before; doubt is added once, however long one speaker goes on."""
    if last.speaker and last.rule in ("same", "continued", "carried"):
        return replace(last.speaker, confidence=min(last.speaker.confidence, CONFIDENCE[rule]))
    return _lower(last.speaker, rule)


def attribute(text: str, roster: Roster, date: str = "", indirect: bool = False) -> list[Attributed]:
    """Every passage of `text` with its kind, group and speaker, in text order; `indirect` adds reported clauses."""
    return _Reader(text, roster, date, indirect).read()
