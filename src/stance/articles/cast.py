"""Who a mention stands for: full names, roster entries, bodies, pronouns and descriptions."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, replace

from stance.articles.cues import main_subject
from stance.articles.introductions import affiliations, joined_side, owned_post
from stance.articles.names import PARTICLES, Known, fold, gender_of, person_name
from stance.articles.people import REMEMBERED, Names
from stance.articles.tokens import Line
from stance.articles.words import lexicon
from stance.roster import UNKNOWN, Entry, Roster

# How sure it is that a mention leads to whom it stands for, where it is no name.
_PRONOUN, _DESCRIPTION, _GUESS = 0.97, 0.97, 0.8
_BACK = 900  # characters in which the people are looked for whom a pronoun may stand for
_NEAR = 300  # characters in which two bodies leave "the union" open
_APPOSITION = re.compile(r",(N[Nn]?N+)(?=[,.vxB-]|$)")
_SENT_BY = re.compile(r"\b(?:from|by) (?:the )?$")
_HE, _SHE = frozenset({"he", "his", "him"}), frozenset({"she", "her"})
_IT = frozenset({"it", "its", "they", "their", "them"})
_AGAINST = frozenset({"critic", "critics", "opponent", "opponents", "rival", "rivals"})


@dataclass(frozen=True)
class Speaker:
    """A speaker found: the mention's offsets and words, and who it stands for.

    `name` is the full name where the text gives one, else `unknown`; `entry` the roster entry if
    there is one; `confidence` (0 to 1) how sure the reader is of the mention and of whom it means.
    """

    start: int
    end: int
    text: str
    entry: Entry | None
    side: str
    cue: str
    name: str = UNKNOWN
    confidence: float = 1.0
    gender: str = ""

    @property
    def is_person(self) -> bool:
        """Whether the speaker is one named human being, as far as is known."""
        return self.entry.is_person if self.entry else self.name != UNKNOWN and " " in self.name


class Cast:
    """The people and bodies an article names, and who has spoken so far (`history`)."""

    def __init__(self, text: str, lines: list[Line], roster: Roster, date: str) -> None:
        self.text, self.lines, self.roster, self.date = text, lines, roster, date
        self.known = Names(text, lines, roster)
        self.history: deque[Speaker] = deque(maxlen=REMEMBERED)
        self.genders: dict[str, str] = {}  # of people whom a pronoun has stood for
        self.guest: set[str] | None = None  # the people named ahead of an interview
        self.posts = affiliations(self.known.spans, self.known.bodies_of)
        self.joined = {full: joined_side(line, high) for line, _, high, full in reversed(self.known.spans)}
        self._owned()

    def _owned(self) -> None:
        """Posts at a body named before: "the company's head of production, Ann Lee"."""
        for line, low, _, full in self.known.spans:
            post = owned_post(line, low) if full not in self.posts else None
            if post:
                start, end = line.starts[post[0]], line.ends[post[1] - 1]
                body = self._description(Speaker(start, end, self.text[start:end], None, UNKNOWN, ""), line, post[0], post[1], post[1], []).entry
                if body is None and line.words[post[0]].lower() in lexicon().lists["owners"]:
                    here = [k.entry for k in self.known.bodies_of[line.number] if k.high <= post[0]]
                    body = here[-1] if here else None
                if body:
                    self.posts[full] = body

    def interviewed(self, start: int, end: int) -> Speaker | None:
        """Who answers at the label A: the only person named ahead of it; where several are, nobody knows."""
        if self.guest is None:
            self.guest = {name for at, name in self.known.people if at < start}
        base = Speaker(start, end, self.text[start:end], None, UNKNOWN, "", confidence=_GUESS)
        return self._person(base, next(iter(self.guest))) if len(self.guest) == 1 else base

    def label(self, start: int, end: int, confidence: float) -> Speaker:
        """A name standing alone, perhaps in capitals: NAME:, a signature."""
        said = self.text[start:end].rstrip(" .,:")
        base = Speaker(start, start + len(said), said, None, UNKNOWN, "", confidence=confidence)
        names = self.known.folded.get(said.casefold(), set())
        entry = self.roster.find(said) or self.known.body_in(said)
        if entry:
            return self._as(base, entry)
        if len(names) == 1:
            return self._person(base, next(iter(names)))
        return replace(base, name=said if " " in said and not names else UNKNOWN)

    def resolve(self, line: Line, low: int, high: int, cue: str, confidence: float = 1.0) -> Speaker:
        """The tokens `low:high` of a line as a speaker."""
        tags, words = line.tags, line.words
        while high - 1 > low and tags[high - 1] in ",G-":
            high -= 1
        head = next((at for at in range(low + 1, high) if tags[at] in "p,w"), high)  # where the head noun ends
        named_after = _APPOSITION.match(tags, high) if "n" in tags[low:high] and tags[low] in "dne#N" and tags[head - 1] == "n" else None
        name = person_name([w for w in words[named_after.start(1) : named_after.end(1)] if w]) if named_after else []
        apposed = named_after.end(1) if named_after and len(name) > 1 else 0
        start, end = line.starts[low], line.ends[(apposed or high) - 1]
        base = Speaker(start, end, self.text[start:end], None, UNKNOWN, cue, confidence=confidence)
        if apposed:
            full = " ".join(name)
            if full not in self.posts:
                post = self._description(base, line, low, head, high, self.known.known_in(line, low, high))
                self.posts |= {full: post.entry} if post.entry else {}
                self.joined[full] = self.joined.get(full) or (post.side if post.side != UNKNOWN else "")
            return self._person(base, full, words[low:apposed])
        if high - low == 1 and (tags[low] in "oO" or words[low] in lexicon().lists["owners"]):
            return self._pronoun(base, line, low)
        known = self.known.known_in(line, low, high)
        if "c" in tags[low:high] and len({k.entry.id for k in known}) > 1:
            sides = {k.entry.side_on(self.date) for k in known}
            return replace(base, side=sides.pop() if len(sides) == 1 else UNKNOWN)
        whole = next((k for k in known if k.low < head <= k.high and (k.entry.is_person or k.low == low or tags[low] in "dnNe#G")), None)
        if whole:
            return self._as(base, whole.entry)
        run = head
        while run > low and words[run - 1] and (tags[run - 1] == "N" or (words[run - 1] in PARTICLES and run < head)):
            run -= 1
        if run < head:
            found = self._named(base, line, run, head)
            if found:
                return found
        return self._description(base, line, low, head, high, known)

    def _as(self, base: Speaker, entry: Entry, confidence: float = 1.0) -> Speaker:
        return replace(base, entry=entry, name=entry.name, side=entry.side_on(self.date), confidence=base.confidence * confidence)

    def _like(self, base: Speaker, other: Speaker, confidence: float) -> Speaker:
        return replace(base, entry=other.entry, name=other.name, side=other.side, gender=other.gender, confidence=base.confidence * confidence)

    def _person(self, base: Speaker, full: str, words: list[str] | None = None) -> Speaker:
        """A person by full name: the roster's entry, else the side of the body that the text says they speak for."""
        name = full.split()
        base = replace(base, gender=gender_of(words or name, name))
        entry = self.roster.find(full)
        if entry:
            return self._as(base, entry)
        body = self.posts.get(full)
        if body is None and words:
            body = self._unsaid(base.start, words)
            self.posts |= {full: body} if body else {}
        return replace(base, name=full, side=body.side_on(self.date) if body else self.joined.get(full) or UNKNOWN)

    def _unsaid(self, start: int, words: list[str]) -> Entry | None:
        """The body of a post that names none: "spokeswoman Ann Lee", "finance chief Ann Lee"."""
        if any(word.startswith("spokes") for word in words):
            return next((s.entry for s in reversed(self.history) if s.entry and not s.entry.is_person), None)
        if set(words) & lexicon().lists["officers"]:
            near = {k.entry.id: k.entry for k in self.known.bodies_between(start - _BACK, start)}
            return next(iter(near.values())) if len(near) == 1 else None
        return None

    def _named(self, base: Speaker, line: Line, run: int, head: int) -> Speaker | None:
        """A person or body by name; a surname is taken back to the only full name that has it."""
        words = line.words
        name = person_name(words[run:head])
        if not name:
            return replace(base, name=" ".join(words[run:head])) if words[head - 1] in lexicon().lists["bodies"] and head - run > 1 else None
        around = words[max(0, run - 2) : head]
        if len(name) > 1:
            return self._person(base, " ".join(name), around)
        gender = gender_of(around, name)
        options = self.known.surnames.get(name[0], [])
        if len(options) > 1 and gender:
            options = [o for o in options if gender_of(o.split(), o.split()) in (gender, "")]
        if len(options) == 1:
            found = self._person(base, options[0])
            return replace(found, gender=gender or found.gender)
        if options or len(name[0]) < 2 or not name[0].isupper():
            return replace(base, gender=gender)
        full = self.known.acronyms.get(name[0], name[0])  # initials: a body that the roster has not under them
        entry = self.roster.find(full)
        return self._as(base, entry) if entry else replace(base, name=full)

    def _description(self, base: Speaker, line: Line, low: int, head_end: int, high: int, known: list[Known]) -> Speaker:
        """A description: "a spokesperson for the AMPTP", "the union", "studio chiefs", "the letter"."""
        lists = lexicon().lists
        words = [fold(word) for word in line.words[low:head_end]]
        head = words[-1]
        if head in _AGAINST:
            return base
        body = next((k.entry for k in known if not k.entry.is_person), None)
        if head in lists["documents"] or head in lists["noun_cues"]:
            owner = next((k.entry for k in known if k.entry.is_person), None) or body
            if owner or head in lists["displays"]:
                return self._as(base, owner) if owner else base
            return self._document(base)
        said = set(words) | set(line.words[low:high])
        if said & lists["strikers"]:
            return replace(base, side="union")
        if not body and head.startswith("spokes") and (spoke := self._unsaid(base.start, [head])):
            return self._as(base, spoke, _DESCRIPTION)
        if body and self._belongs(line, head_end, high, head, known):
            return self._as(base, body)
        for cut in range(len(words)):
            options = self.known.index.nouns.get(tuple(words[cut:]), [])
            best = next((e for e in options if e.id in self.known.present), options[0] if options and len({e.side for e in options}) == 1 else None)
            if best:
                return self._as(base, best)
        if words[0] in ("the", "that", "its", "their") and (named := self.known.body_called(head, base.start)):
            return self._as(base, named, _DESCRIPTION)
        side = "union" if said & lists["union_nouns"] else "studio" if said & lists["studio_nouns"] else ""
        if head in ("member", "members") and head_end - low <= 3 and not side:
            side = "union" if any(k.entry.side == "union" for k in self.known.bodies) else ""
        return self._party(base, side, head, said) if side else base

    def _belongs(self, line: Line, head_end: int, high: int, head: str, known: list[Known]) -> bool:
        """Whether a description speaks for the body it names: "Netflix officials" and "officials of Netflix", not "fans of Netflix"."""
        first = next(k for k in known if not k.entry.is_person)
        if head in lexicon().lists["workers"] and first.entry.side == "studio":
            return False
        if first.low < head_end:
            return True
        return head in lexicon().lists["heads"] and not {"outside", "against", "near", "about", "by"} & set(line.words[head_end : first.low])

    def _party(self, base: Speaker, side: str, head: str, said: set[str]) -> Speaker:
        """ "The union", "guild leaders", "the company": the body of that side that spoke last, else that was named last.

        Members, strikers and unnamed executives speak for themselves: they have the side and no body.
        """
        lists = lexicon().lists
        if head in lists["individuals"]:
            return replace(base, side=side)
        single = bool(said & lists["single_company"])

        def fits(entry: Entry) -> bool:
            return not entry.is_person and entry.side == side and (side == "union" or single != (entry.kind == "employers' body"))

        spoke = next((s.entry for s in reversed(self.history) if s.entry and fits(s.entry)), None)
        if spoke is None and len({k.entry.id for k in self.known.bodies_between(base.start - _NEAR, base.start) if fits(k.entry)}) > 1:
            return replace(base, side=side)  # two fit
        entry = spoke or self.known.body_before(base.start, fits)
        return self._as(base, entry, _DESCRIPTION) if entry else replace(base, side=side)

    def _document(self, base: Speaker) -> Speaker:
        """ "The statement", "the letter": of the last body or person of the roster that spoke, else of the body it was from."""
        last = next((s for s in reversed(self.history) if s.entry), None)
        if re.search(r"\bjoint(?:ly)?\b", self.text[max(0, base.start - _BACK) : base.end]):
            return base
        if last:
            return self._like(base, last, _DESCRIPTION)
        sent = [k for k in self.known.bodies_between(base.start - _BACK, base.start) if _SENT_BY.search(self.text, max(0, k.start - 16), k.start)]
        return self._as(base, sent[-1].entry, _DESCRIPTION) if sent else base

    def _pronoun(self, base: Speaker, line: Line, low: int) -> Speaker:
        """He and she: who the sentence before is about or who spoke last, if no other person fits; they and it: the last body."""
        word = line.words[low].lower()
        if word in _HE or word in _SHE:
            return self._he(base, line, low, "m" if word in _HE else "f")
        if word in _IT:
            last = next((s for s in reversed(self.history) if s.entry and not s.entry.is_person), None)
            if last:
                return self._like(base, last, _PRONOUN)
            entry = self.known.body_before(base.start, lambda entry: True) if word in ("it", "its") else None
            return self._as(base, entry, _GUESS) if entry else base
        return base

    def _he(self, base: Speaker, line: Line, low: int, gender: str) -> Speaker:
        base = replace(base, gender=gender)
        last = next((s for s in reversed(self.history) if s.is_person and (self.genders.get(s.name) or s.gender) in (gender, "")), None)
        about = self._about(line, low, gender)
        since = max(last.start + 1 if last else 0, base.start - _BACK)
        named = {n for n in self.known.people_between(since, base.start) if self._may_be(n, gender)}
        others = named - {last.name} if last else named
        found = base
        same = next((s for s in reversed(self.history) if s.gender == gender), None)
        if about == UNKNOWN or (same and not about and same.name == UNKNOWN and same.start > since):
            return base  # a bystander, whom the text does not name
        if about and (last is None or about != last.name):
            found = self._person(replace(base, confidence=base.confidence * _PRONOUN), about)
        elif last and (about or not others):
            found = self._like(base, last, _PRONOUN)
        elif last is None and len(others) == 1:
            found = self._person(replace(base, confidence=base.confidence * _PRONOUN), others.pop())
        if found.name != UNKNOWN:
            self.genders[found.name] = gender
        return replace(found, gender=gender)

    def _about(self, line: Line, low: int, gender: str) -> str:
        """The person whom the sentence before is about, if they may be of that sex; `unknown` for one without a name."""
        before = line.before(low)
        while before and not line.tags[slice(*before)].strip("Qq,.") and before[0]:
            before = line.before(before[0])  # a sentence that is only a quotation
        if before is None and line.number:
            line = self.lines[line.number - 1]
            before = line.before(len(line.tags))
        subject = main_subject(line, *before) if before else None
        if before and not subject:  # Across the table sat Bob Day.
            inside = set(self.known.people_between(line.starts[before[0]], line.ends[before[1] - 1]))
            full = inside.pop() if len(inside) == 1 else ""
            return full if full and self._may_be(full, gender) else ""
        if not before or not subject or line.tags[subject[0]] == "o":
            return ""
        apposed = _APPOSITION.match(line.tags, subject[1])
        if apposed:
            subject = subject[0], apposed.end(1)
        a, b = line.starts[subject[0]], line.ends[subject[1] - 1]
        full = next(iter(self.known.people_between(a, b)), "")
        if not full:
            options = self.known.surnames.get(line.words[subject[1] - 1], [])
            full = options[0] if len(options) == 1 else ""
        if not full and line.tags[before[0] : subject[0]].endswith("N,"):  # ..., Bob Day, a doctor.
            full = next(iter(self.known.people_between(line.starts[before[0]], a)[-1:]), "")
        if not full and line.words[subject[0]] in ("a", "an", "one", "another"):
            return UNKNOWN
        return full if full and self._may_be(full, gender) else ""

    def _may_be(self, full: str, gender: str) -> bool:
        name = full.split()
        return (self.genders.get(full) or gender_of(name, name)) in (gender, "")
