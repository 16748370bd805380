"""Who a mention stands for: full names, roster entries, bodies, pronouns and descriptions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from stance.articles.tokens import TOKEN, Line
from stance.articles.words import lexicon
from stance.roster import UNKNOWN, Entry, Roster

_PARTICLES = {"de", "van", "von", "da", "la", "del", "al", "bin", "di", "le", "der", "den"}
_SURE, _UNSURE = 1.0, 0.8


@dataclass(frozen=True)
class Speaker:
    """A speaker found: the mention's offsets and words, and who it stands for.

    `name` is the full name where the text gives one, else `unknown`; `entry` the roster entry if
    there is one; `confidence` (0 to 1) how sure the reader is that this mention names the speaker.
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


@dataclass(frozen=True)
class _Index:
    """Names and descriptions of a roster by their first word, longest first."""

    names: dict[str, list[tuple[tuple[str, ...], str, Entry]]]
    nouns: dict[tuple[str, ...], list[Entry]]


def _words(phrase: str) -> tuple[str, ...]:
    return tuple(w.lower().replace("’", "'") for w in TOKEN.findall(phrase) if w not in ".,")


@lru_cache(maxsize=8)
def _index(roster: Roster) -> _Index:
    names: dict[str, list[tuple[tuple[str, ...], str, Entry]]] = {}
    for name, entry in roster.by_name.items():
        parts = _words(name)
        if parts:
            names.setdefault(parts[0], []).append((parts, name, entry))
    for options in names.values():
        options.sort(key=lambda option: -len(option[0]))
    nouns: dict[tuple[str, ...], list[Entry]] = {}
    for entry in roster.entries.values():
        for noun in entry.nouns:
            nouns.setdefault(_words(noun.removeprefix("the ")), []).append(entry)
    return _Index(names, nouns)


@dataclass(frozen=True)
class _Known:
    """A roster entry named at tokens `low:high` of a line; `start` counts characters."""

    low: int
    high: int
    start: int
    entry: Entry


class Cast:
    """The people and bodies an article names, and who has spoken so far."""

    def __init__(self, text: str, lines: list[Line], roster: Roster, date: str) -> None:
        self.text, self.roster, self.date = text, roster, date
        self.index = _index(roster)
        self.history: list[Speaker] = []
        self.named: dict[int, list[_Known]] = {}
        self.people: list[tuple[int, str]] = []
        self.surnames: dict[str, list[str]] = {}
        self.present: dict[str, Entry] = {}
        for line in lines:
            self._register(line)

    def _register(self, line: Line) -> None:
        known: list[_Known] = []
        words, tags, names = line.words, line.tags, self.index.names
        at = 0
        while at < len(words):
            options = names.get(words[at].lower().replace("’", "'"))
            match = self._match(line, at, options) if options else None
            if match:
                known.append(match)
                self.present.setdefault(match.entry.id, match.entry)
                if match.entry.is_person:
                    self._person(line.starts[at], " ".join(words[at : match.high]))
                at = match.high
            else:
                at += 1
        self.named[line.number] = known
        taken = {i for k in known if not k.entry.is_person for i in range(k.low, k.high)}
        for match_ in re.finditer(r"N(?:N|n(?=N))+", tags):
            low = match_.start()
            while low < match_.end():
                high = low
                while high < match_.end() and high not in taken and (tags[high] == "N" or words[high] in _PARTICLES):
                    high += 1
                name = person_name(words[low:high])
                if name and len(name) > 1:
                    self._person(line.starts[high - len(name)], " ".join(name))
                low = high + 1

    def _person(self, start: int, name: str) -> None:
        self.people.append((start, name))
        full = self.surnames.setdefault(name.split()[-1], [])
        if name not in full:
            full.append(name)

    def _match(self, line: Line, at: int, options: list[tuple[tuple[str, ...], str, Entry]]) -> _Known | None:
        words = line.words
        for parts, name, entry in options:
            high = at + len(parts)
            extra = 0
            if high > len(words):
                continue
            if len(parts) > 1:
                j = at
                for part in parts:
                    while j < len(words) and words[j] == "," and j > at and "," in name:
                        j += 1
                    if j >= len(words) or words[j].lower().replace("’", "'") != part:
                        break
                    j += 1
                else:
                    extra = j - high
                if j - at < len(parts):
                    continue
                if words[j - 1].lower().replace("’", "'") != parts[-1]:
                    continue
            start, end = line.starts[at], line.ends[high + extra - 1]
            said = self.text[start:end]
            if not said[:1].isupper() or (name.isupper() and not said.isupper()):
                continue
            return _Known(at, high + extra, start, entry)
        return None

    def known_in(self, line: Line, low: int, high: int) -> list[_Known]:
        """Roster entries named in a token range."""
        return [k for k in self.named[line.number] if low <= k.low and k.high <= high]

    def sole_party(self, line: Line, low: int, high: int) -> tuple[int, int] | None:
        """The tokens that name the only party of a sentence, or None where none or several are named."""
        found = [(k.low, k.high, k.entry.id) for k in self.known_in(line, low, high)]
        words = [w.lower().replace("’", "'") for w in line.words[low:high]]
        for parts, entries in self.index.nouns.items():
            if len(parts) > 1 and parts[0] in words:
                at = words.index(parts[0])
                if tuple(words[at : at + len(parts)]) == parts and len({e.side for e in entries}) == 1:
                    best = next((e for e in entries if e.id in self.present), entries[0])
                    found.append((low + at, low + at + len(parts), best.id))
        return found[-1][:2] if len({entry for _, _, entry in found}) == 1 else None

    def interviewed(self, start: int, end: int) -> Speaker | None:
        """Who answers at the label A: the only person named ahead of the interview, else the last one."""
        before = [name for at, name in self.people if at < start]
        if not before:
            return None
        names = dict.fromkeys(before)
        full = next(iter(names)) if len(names) == 1 else ""
        base = Speaker(start, end, self.text[start:end], None, UNKNOWN, "", full or UNKNOWN, 0.9 if full else 0.6)
        entry = self.roster.find(full) if full else None
        return self._as(base, entry) if entry else base

    def resolve(self, line: Line, low: int, high: int, cue: str, confidence: float = 1.0, whole: bool = False) -> Speaker:
        """The tokens `low:high` of a line as a speaker; `whole` where they are nothing but a name (a label)."""
        tags = line.tags
        while high - 1 > low and tags[high - 1] in ",G-":
            high -= 1
        start, end = line.starts[low], line.ends[high - 1]
        base = Speaker(start, end, self.text[start:end], None, UNKNOWN, cue, confidence=confidence)
        if high - low == 1 and (tags[low] in "oO" or line.words[low] in lexicon().lists["owners"]):
            return self._pronoun(base, line.words[low].lower())
        head_end = next((i for i in range(low + 1, high) if tags[i] in "p,w"), high)
        known = self.known_in(line, low, high)
        last = next((k for k in known if k.low < head_end <= k.high), None)
        if last and (last.entry.is_person or last.high >= head_end):
            if not (last.entry.is_person or last.low == low or tags[low] in "dnNe#G"):
                last = None
        if last:
            return self._as(base, last.entry)
        run = head_end
        while run > low and (tags[run - 1] == "N" or (line.words[run - 1] in _PARTICLES and run < head_end)):
            run -= 1
        if run < head_end:
            found = self._named(base, line, run, head_end, high, known)
            if found:
                return found
        return self._nominal(base, line, low, head_end, high, known)

    def _as(self, base: Speaker, entry: Entry, confidence: float = _SURE) -> Speaker:
        return replace(base, entry=entry, name=entry.name, side=entry.side_on(self.date), confidence=base.confidence * confidence)

    def _named(self, base: Speaker, line: Line, run: int, head_end: int, high: int, known: list[_Known]) -> Speaker | None:
        """A person or body by name; a surname is taken back to the only full name that has it."""
        words = line.words
        name = person_name(words[run:head_end])
        if not name:
            title = " ".join(words[run:head_end])
            return replace(base, name=title) if words[head_end - 1] in lexicon().lists["bodies"] and head_end - run > 1 else None
        gender = _gender(words[max(0, run - 1) : head_end], name)
        full = " ".join(name)
        if len(name) == 1:
            options = self.surnames.get(name[0], [])
            if len(options) > 1 and gender:
                options = [o for o in options if _gender(o.split(), o.split()) in (gender, "")]
            full = options[0] if len(options) == 1 else ""
            if not full and not options and (name[0].isupper() and len(name[0]) > 1):
                full = name[0]  # an acronym: a body that the roster does not have
            gender = gender or _gender(full.split(), full.split())
        entry = self.roster.find(full) if full else None
        if entry:
            return replace(self._as(base, entry), gender=gender)
        owner = self._affiliation(line, run, head_end, high, known)
        side = owner.side_on(self.date) if owner else UNKNOWN
        if side == UNKNOWN and full:
            side = next((s.side for s in reversed(self.history) if s.name == full and s.side != UNKNOWN), UNKNOWN)
        return replace(base, name=full or UNKNOWN, side=side, gender=gender)

    def _affiliation(self, line: Line, run: int, head_end: int, high: int, known: list[_Known]) -> Entry | None:
        """The body a named person speaks for: "AMPTP spokeswoman Ann Lee", "Ann Lee, president of the WGA"."""
        for k in known:
            if not k.entry.is_person:
                return k.entry
        before = [k for k in self.named[line.number] if k.high <= run and not k.entry.is_person]
        if before and re.fullmatch(r"G?[nNer]{1,5}", line.tags[before[-1].high : run]):
            return before[-1].entry
        if high < len(line.tags) and line.tags[high] == ",":
            stop = next((i for i in range(high + 1, min(len(line.tags), high + 25)) if line.tags[i] in ",;.vQq"), min(len(line.tags), high + 25))
            if any(w in lexicon().lists["heads"] for w in line.words[high + 1 : stop]):
                after = [k for k in self.known_in(line, high + 1, stop) if not k.entry.is_person]
                return after[0].entry if after else None
        return None

    def _nominal(self, base: Speaker, line: Line, low: int, head_end: int, high: int, known: list[_Known]) -> Speaker:
        """A description: "a spokesperson for the AMPTP", "the union", "studio chiefs", "the letter"."""
        lists = lexicon().lists
        words = [w.lower() for w in line.words[low:head_end]]
        head = words[-1] if words else ""
        body = next((k.entry for k in known if not k.entry.is_person), None)
        person = next((k.entry for k in known if k.entry.is_person), None)
        if head in ("critic", "critics", "opponents", "opponent", "rival", "rivals"):
            return base
        if head in lists["documents"] or head in lists["noun_cues"]:
            owner = person or body
            if owner:
                return self._as(base, owner)
            return self._document(base)
        if body and (head in lists["heads"] or line.tags[head_end - 1] in "nd"):
            return self._as(base, body)
        plain = tuple(w.replace("’", "'") for w in words)
        for cut in range(len(plain)):
            options = self.index.nouns.get(plain[cut:])
            if options:
                best = next((e for e in options if e.id in self.present), options[0] if len({e.side for e in options}) == 1 else None)
                if best:
                    return self._as(base, best)
        said = {w.removesuffix("s") if w.endswith("ss") else w for w in words} | {w for w in line.words[low:high]}
        side = "union" if said & lists["union_nouns"] else "studio" if said & lists["studio_nouns"] else ""
        if side:
            return self._party(base, side)
        if head in lists["anonymous"]:
            return base
        return base

    def _party(self, base: Speaker, side: str) -> Speaker:
        """ "The union", "studio executives": the body of that side that spoke last, else that was named last."""
        spoke = next((s.entry for s in reversed(self.history) if s.side == side and s.entry and not s.entry.is_person), None)
        entry = spoke or self._body_before(base.start, lambda e: e.side == side)
        if entry:
            return self._as(base, entry)
        return replace(base, side=side)

    def _body_before(self, start: int, fits: Callable[[Entry], bool]) -> Entry | None:
        best: _Known | None = None
        for known in self.named.values():
            for k in known:
                if k.start < start and not k.entry.is_person and fits(k.entry) and (best is None or k.start > best.start):
                    best = k
        return best.entry if best else None

    def _document(self, base: Speaker) -> Speaker:
        last = next((s for s in reversed(self.history) if s.entry), None)
        return replace(base, entry=last.entry, name=last.name, side=last.side) if last else base

    def _pronoun(self, base: Speaker, word: str) -> Speaker:
        """He and she: the last person of that sex who spoke or was named; they and it: the last body."""
        if word in ("he", "she", "his", "her", "him"):
            gender = "m" if word in ("he", "his", "him") else "f"
            last = next((s for s in reversed(self.history) if s.gender in (gender, "") and (s.entry.is_person if s.entry else s.name != UNKNOWN and s.gender)), None)
            last = last or next((s for s in reversed(self.history) if s.gender in (gender, "") and (s.entry.is_person if s.entry else s.name != UNKNOWN)), None)
            since = last.start if last else base.start - 600
            named = [n for at, n in self.people if since < at < base.start and _gender(n.split(), n.split()) in (gender, "")]
            others = {n for n in named if not last or n != last.name}
            if last and not others:
                return replace(base, entry=last.entry, name=last.name, side=last.side, gender=gender)
            if not last and len(others) == 1:
                full = others.pop()
                entry = self.roster.find(full)
                return replace(self._as(base, entry) if entry else replace(base, name=full), gender=gender)
            return replace(base, gender=gender)
        if word in ("they", "it", "their", "its", "them"):
            last = next((s for s in reversed(self.history) if s.entry and not s.entry.is_person), None)
            if last:
                return replace(base, entry=last.entry, name=last.name, side=last.side)
            entry = self._body_before(base.start, lambda e: True) if word in ("it", "its") else None
            return self._as(base, entry, _UNSURE) if entry else base
        return base


def person_name(words: list[str]) -> list[str]:
    """The words of a person's name in a run of capitalised words, or none if it names something else."""
    lists = lexicon().lists
    cut = 0
    for i, word in enumerate(words):
        if word.rstrip(".") in lists["titles"] and i < len(words) - 1:
            cut = i + 1
    name = words[cut:]
    if len(name) > 4:
        name = name[-2:]
    if not name or name[-1] in lists["bodies"] or name[-1].rstrip(".") in lists["titles"]:
        return []
    if name[-1].isupper() and len(name[-1]) > 1 and len(name) > 1:
        return []
    if len(name) > 1 and name[-1] in ("Jr", "Sr", "II", "III"):
        name = name[:-1]
    return name


def _gender(words: list[str], name: list[str]) -> str:
    lists = lexicon().lists
    marks = {w.rstrip(".") for w in words} - set(name)
    first = name[0] if len(name) > 1 else ""
    if marks & lists["men"] or first in lists["men_names"] or "spokesman" in words:
        return "m"
    return "f" if marks & lists["women"] or first in lists["women_names"] or "spokeswoman" in words else ""
