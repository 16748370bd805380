"""Who said each quoted passage: cue words, their subjects, and what was said before."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from stance.articles.mentions import Mention, find_mentions
from stance.articles.passages import Passage, classify_passages, cues, find_passages, paragraphs
from stance.roster import UNKNOWN, Entry, Roster

_FILL, _TITLE = "\u2591", "\u2592"
_ABBREVIATIONS = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Jr|Sr|Gov|Sen|Rep|Inc|Co|Corp|U\.S|U\.K|[A-Z])\.$")
_PREPOSITION = re.compile(r"\b(?:to|of|for|with|at|by|from|about|against|between|on|in|than|under|and)\s+(?:the\s+|a\s+)?$", re.IGNORECASE)
_DIRECT = re.compile(r"^(?:['’]s)?\s*(?:(?:has|have|had|also|later|then|since|recently|and others|who|is|was|would|be|quickly|\w+ly)\s+)*$")
_ASIDE = re.compile(r"^\s*,.*,\s*(?:\w+ly\s+)?$", re.DOTALL)
_ACCORDING = re.compile(r"\b[Aa]ccording to\s+")


@dataclass(frozen=True)
class Speaker:
    """A speaker found: the mention's offsets and words, and the roster entry behind it if there is one."""

    start: int
    end: int
    text: str
    entry: Entry | None
    side: str
    cue: str


@dataclass(frozen=True)
class Attributed:
    """A passage with its group (None for what is no statement) and its speaker (None for unknown)."""

    passage: Passage
    group: int | None
    speaker: Speaker | None


@dataclass(frozen=True)
class _Cue:
    start: int
    end: int
    text: str
    subject: Mention


class _Reader:
    """One article read from front to back; remembers who spoke last."""

    def __init__(self, text: str, roster: Roster, date: str) -> None:
        self.text, self.roster, self.date = text, roster, date
        self.blocks = paragraphs(text)
        self.passages = find_passages(text, self.blocks)
        classify_passages(text, self.blocks, self.passages)
        self.masked = self._mask()
        self.mentions = find_mentions(self.masked, roster)
        verbs = "|".join(sorted(cues()["verbs"], key=len, reverse=True))
        self.cue_pattern = re.compile(rf"\b(?:{verbs})\b")
        self.history: list[Speaker] = []

    def _mask(self) -> str:
        chars = list(self.text)
        for passage in self.passages:
            fill = _FILL if passage.kind == "quote" else _TITLE
            last = chars[passage.end - 1]
            chars[passage.start : passage.end] = fill * (passage.end - passage.start)
            if passage.kind == "quote" and last in ".!?…":
                chars[passage.end - 1] = last
            if passage.kind == "title" and passage.closed:
                chars[passage.start - 1] = _TITLE
                chars[passage.end] = "," if last == "," else _TITLE
        return "".join(chars)

    def sentences(self, low: int, high: int) -> list[tuple[int, int]]:
        """Offsets of the sentences of one paragraph; a quotation with its tag is one sentence."""
        cuts, start = [], low
        for match in re.finditer(rf"[.!?…][”\"»)]*\s+(?=[\"“„«A-Z0-9{_FILL}])", self.masked[low:high]):
            at = low + match.end()
            asks = match[0][0] in "!?" and match[0][1:2] in tuple("”\"»") and self._tag_follows(at, high)
            if not asks and not _ABBREVIATIONS.search(self.masked[start : low + match.start() + 1]):
                cuts.append((start, at))
                start = at
        return [*cuts, (start, high)]

    def _tag_follows(self, at: int, high: int) -> bool:
        cue = self.cue_pattern.search(self.masked, at, min(high, at + 80))
        return bool(cue) and bool(re.fullmatch(r"[^.!?“\"]*", self.masked[at : cue.start() if cue else at]))

    def cues_in(self, low: int, high: int) -> list[_Cue]:
        """Reporting cues of one sentence with their subjects."""
        inside = [m for m in self.mentions if low <= m.start and m.end <= high]
        found: list[_Cue] = []
        for match in _ACCORDING.finditer(self.masked, low, high):
            after = [m for m in inside if m.start >= match.end() - 4 and m.start - match.end() <= 40]
            if after:
                found.append(_Cue(match.start(), after[0].end, match[0].strip(), after[0]))
        for match in self.cue_pattern.finditer(self.masked, low, high):
            if any(m.start <= match.start() < m.end for m in inside):
                continue
            subject = self._subject(match.start(), match.end(), low, inside)
            if subject:
                found.append(_Cue(match.start(), match.end(), match[0], subject))
        return sorted(found, key=lambda cue: cue.start)

    def _subject(self, start: int, end: int, low: int, inside: list[Mention]) -> Mention | None:
        before = self.masked[low:start].rstrip()
        if before.endswith(tuple("”\"»")) or (before.endswith(",") and before[:-1].endswith(tuple("”\"»"))):
            after = [m for m in inside if m.start >= end and not re.search(r"[,;:“\"]", self.masked[end : m.start])]
            people = [m for m in after if m.kind == "person" and m.start - end < 60]
            if after and after[0].start - end < 60:
                return (people or after)[0] if after[0].kind in ("nominal", "organisation") and people else after[0]
        earlier = [m for m in inside if m.end <= start]
        since = max((m.end() for m in re.finditer(r"[”\"»]", self.masked[low:start])), default=0) + low
        earlier = [m for m in earlier if m.start >= since] or ([] if since > low else earlier)
        for mention in reversed(earlier):
            if _DIRECT.match(self.masked[mention.end : start]) and not (mention.kind == "document" and self._prepositional(mention, low)):
                return mention
        for mention in earlier:
            if _ASIDE.match(self.masked[mention.end : start]) and not self._prepositional(mention, low):
                return mention
        free = [m for m in earlier if not self._prepositional(m, low) and m.kind != "pronoun"]
        return free[-1] if free else None

    def _prepositional(self, mention: Mention, low: int) -> bool:
        return bool(_PREPOSITION.search(self.masked[low : mention.start]))

    def resolve(self, mention: Mention, cue: str) -> Speaker:
        """A mention as a speaker, pronouns and descriptions taken back to whom they stand for."""
        entry = mention.entry
        if entry is None and mention.kind == "pronoun":
            wants_person = mention.text.lower() in ("he", "she")
            entry = self._last(lambda s: s.entry is not None and s.entry.is_person == wants_person)
        elif entry is None and mention.kind == "document":
            entry = self._last(lambda s: s.entry is not None)
        elif entry is None and mention.kind == "nominal" and mention.side:
            entry = self._last(lambda s: s.side == mention.side and s.entry is not None and not s.entry.is_person)
            entry = entry or self._mentioned_before(mention)
        elif entry is None and mention.kind == "nominal":
            entry = self._owner(mention)
        side = entry.side_on(self.date) if entry else mention.side or UNKNOWN
        return Speaker(mention.start, mention.end, self.text[mention.start : mention.end], entry, side, cue)

    def _owner(self, mention: Mention) -> Entry | None:
        """The organisation in "the WGA's negotiators" or "AMPTP officials"."""
        for owner in self.mentions:
            gap = self.masked[owner.end : mention.start]
            if owner.entry and not owner.entry.is_person and re.fullmatch(r"(?:['’]s?)?\s+(?:[\w-]+\s+){0,2}", gap):
                return owner.entry
        return None

    def _last(self, fits: Callable[[Speaker], bool]) -> Entry | None:
        return next((s.entry for s in reversed(self.history) if fits(s)), None)

    def _mentioned_before(self, mention: Mention) -> Entry | None:
        for earlier in reversed(self.mentions):
            known = earlier.entry
            if earlier.end <= mention.start and known and not known.is_person and known.side == mention.side:
                return known
        return None

    def read(self) -> list[Attributed]:
        """All passages in order, with groups and speakers."""
        out: list[Attributed] = []
        group = 0
        for number, (low, high) in enumerate(self.blocks):
            previous: Attributed | None = None
            for start, end in self.sentences(low, high):
                found = self.cues_in(start, end)
                spoken = {cue: self.resolve(cue.subject, cue.text) for cue in found}
                here = [p for p in self.passages if p.paragraph == number and start <= p.start - 1 < end]
                in_sentence: Attributed | None = None
                for passage in here:
                    if passage.kind != "quote":
                        out.append(Attributed(passage, None, None))
                        continue
                    cue = self._cue_of(passage, found, start)
                    last = next((a for a in reversed(out) if a.group is not None), None)
                    if cue and in_sentence and in_sentence.speaker in (spoken[cue], None):
                        item = Attributed(passage, in_sentence.group, spoken[cue])
                    elif cue:
                        group += 1
                        item = Attributed(passage, group, spoken[cue])
                    elif last and (passage.continues or previous is last):
                        item = Attributed(passage, last.group, last.speaker)
                    else:
                        group += 1
                        item = Attributed(passage, group, self._without_cue(low, start))
                    out.append(item)
                    previous = in_sentence = item
                self.history.extend(spoken.values())
        return out

    def _cue_of(self, passage: Passage, found: list[_Cue], start: int) -> _Cue | None:
        """The cue of a passage: the one right after it, else the nearest before it, else any of the sentence."""
        after = [c for c in found if c.start > passage.end]
        before = [c for c in found if c.end <= passage.start]
        if after:
            first = after[0]
            between = self.masked[passage.end + 1 : min(first.start, first.subject.start)]
            if re.fullmatch(r"[\s,.]*(?:[a-z]\w+ )?(?:[A-Za-z]+ )?", between):
                return first
        return before[-1] if before else after[0] if after else None

    def _without_cue(self, low: int, start: int) -> Speaker | None:
        """For a quotation without a cue: the sole party named in the sentence before it."""
        earlier = list(self.sentences(low, start)) if start > low else []
        earlier = [s for s in earlier if s[1] <= start and s[0] < s[1]]
        if not earlier:
            return None
        first, last = earlier[-1]
        named = [m for m in self.mentions if first <= m.start < last and m.kind in ("organisation", "person")]
        if len({m.entry.id if m.entry else m.text for m in named}) != 1:
            return None
        return self.resolve(named[-1], "")


def attribute(text: str, roster: Roster, date: str = "") -> list[Attributed]:
    """Every quoted passage of `text` with its kind, group and speaker, in text order."""
    return _Reader(text, roster, date).read()
