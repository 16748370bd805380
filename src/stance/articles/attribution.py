"""Who said each passage: the cue beside it, the layout around it, else who spoke before."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace

from stance.articles.cast import Cast, Speaker
from stance.articles.confidence import CONFIDENCE
from stance.articles.cues import CHAIN, LEFT, RIGHT, Cue, cues_in, main_subject
from stance.articles.indirect import reported_clause
from stance.articles.layouts import Turn, find_turns, lay_out, signature
from stance.articles.marks import find_passages
from stance.articles.passages import Passage, classify_passages, paragraphs
from stance.articles.tokens import Line, tokenize
from stance.articles.words import lexicon
from stance.roster import Roster

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


@dataclass(frozen=True)
class _Sentence:
    """The tokens `low:high` of a line, its cues, and the speaker of each by the cue's token."""

    line: Line
    low: int
    high: int
    cues: list[Cue]
    spoken: dict[int, Speaker]


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
            here = self._sentence(line, low, high)
            inside: Attributed | None = None
            for at in range(low, high):
                passage = line.quotes.get(at)
                if passage is None:
                    continue
                if passage.kind not in _MARKED:
                    self.out.append(Attributed(passage, None, None))
                    continue
                item = self._statement(here, at, inside, previous, between)
                self.out.append(item)
                self.last = previous = inside = item
                between = None
            if not inside:
                strong = [cue for cue in here.cues if cue.base not in self.weak]
                between = here.spoken[strong[0].at] if strong else between
                if self.indirect:
                    self._reported(here, strong)

    def _sentence(self, line: Line, low: int, high: int) -> _Sentence:
        """The sentence with its speakers, who are remembered."""
        here = _Sentence(line, low, high, cues_in(line, low, high), {})
        for cue in here.cues:
            here.spoken[cue.at] = self._speaker(line, cue)
            self.cast.history.append(here.spoken[cue.at])
        return here

    def _statement(self, here: _Sentence, at: int, inside: Attributed | None, previous: Attributed | None, between: Speaker | None) -> Attributed:
        """The passage at token `at` with its speaker.

        `inside` is the statement before it in its sentence, `previous` in its paragraph; `between`
        is who spoke without marks since then.
        """
        passage = here.line.quotes[at]
        turn = self.turns.get(passage.start)
        if turn:
            return self._turn(turn)
        speaker, rule = self._by_cue(here, at)
        if speaker and inside and (inside.speaker is None or (inside.speaker.start, inside.speaker.end) == (speaker.start, speaker.end)):
            return Attributed(passage, inside.group, speaker, rule)
        if speaker:
            return Attributed(passage, self._new(), speaker, rule)
        if self.last and (passage.continues or previous is self.last):
            if between and not passage.continues:
                return Attributed(passage, self._new(), _lower(between, "same"), "same")
            rule = "continued" if passage.continues else "same" if at == here.low or inside else "midway"
            return Attributed(passage, self.last.group, _inherited(self.last, rule), rule)
        speaker, rule = self._without_cue(here.line, here.low, at)
        return Attributed(passage, self._new(), speaker, rule)

    def _new(self) -> int:
        self.group += 1
        return self.group

    def _speaker(self, line: Line, cue: Cue) -> Speaker:
        words = self.text[line.starts[cue.at] : line.ends[cue.end - 1]]
        return self.cast.resolve(line, cue.low, cue.high, words)

    def _reported(self, here: _Sentence, strong: list[Cue]) -> None:
        clause = reported_clause(here.line, here.low, here.high, strong)
        if clause:
            cue, start, end = clause
            passage = Passage(start, end, here.line.number, kind="indirect")
            self.out.append(Attributed(passage, self._new(), _lower(here.spoken[cue.at], "before"), "indirect"))

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

    def _by_cue(self, here: _Sentence, at: int) -> tuple[Speaker | None, str]:
        """The speaker that the sentence itself gives for the quotation at token `at`."""
        line, low, high, spoken, tags = here.line, here.low, here.high, here.spoken, here.line.tags
        after = [c for c in here.cues if c.at > at and (c.low > at or c.how == "shared")]
        before = [c for c in here.cues if c.at < at]
        if after:
            first = after[0]
            edge = min(first.low, first.at) if first.low > at else first.at
            if not tags[at + 1 : edge].strip(",rT-(") and first.finite and not (first.base in self.weak and before):
                return _sure(spoken[first.at], "after")
        beside = self._beside(line, at, high, bool(before))
        if beside:
            return beside
        if before:
            cue, rule = self._cue_before(tags, before, after, at)
            return _sure(spoken[cue.at], rule)
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

    def _cue_before(self, tags: str, before: list[Cue], after: list[Cue], at: int) -> tuple[Cue, str]:
        """Which cue ahead of the quotation at token `at` brings it: the last one, if it is no weak or nested one."""
        cue = before[-1]
        if len(before) > 1 and _nested(tags, before[-2], cue):
            cue = before[-2]
        if cue.base not in self.weak or (at - cue.at <= 2 and not (cue.how == "pronoun" and len(before) > 1)):
            return cue, _kind(cue, before, at)
        strong = [c for c in before if c.base not in self.weak]
        if strong:
            return strong[-1], _kind(strong[-1], before, at)
        if after and after[0].base not in self.weak:
            return after[0], "late"
        return cue, "main" if tags[at - 1] == ":" else "weak"

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
    if cue.how in ("main", "shared", "object", "relative"):
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
