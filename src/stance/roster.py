"""Who is who: organisations and people of labour disputes, with their names, sides and dates."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from stance.errors import DataError, InputError
from stance.files import read_toml

DEFAULT_ROSTER = Path(__file__).with_name("roster.toml")
UNKNOWN = "unknown"
SIDES = ("union", "studio", "other")
_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2]))?")
_WITH_ARTICLE = re.compile(r" (?:of|for) |(?:Guild|Association|Alliance|Committee|Council|Society|Union|Organi[sz]ation|Company|Federation|Congress|Board)\b")
_LEADING = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)
_SPOKESPERSON = re.compile(
    r"^(?P<a>.+?)(?:['’]s)? (?:spokes(?:man|woman|person|people)|president|chief negotiator|negotiators?|officials?"
    r"|leaders?|statement|executives?|members?)$"
    r"|^(?:a |an |the )?(?:spokes(?:man|woman|person)|president|chief negotiator|negotiators?|executives?|members?) (?:for|of|at) (?P<b>.+)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Role:
    """A post a person held; `start` and `end` are years or "YYYY-MM", empty when not known."""

    side: str
    title: str = ""
    organisation: str = ""
    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class Entry:
    """An organisation, or a person with roles. `nouns` are descriptions such as "the actors' union"."""

    id: str
    name: str
    is_person: bool
    side: str = UNKNOWN
    kind: str = ""
    aliases: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    roles: tuple[Role, ...] = field(default=())

    def role_on(self, date: str = "") -> Role | None:
        """The role held on `date` ("YYYY[-MM[-DD]]"), or the latest role when no date is given."""
        held = [role for role in self.roles if _covers(role.start, role.end, date)]
        return held[-1] if held else None

    def side_on(self, date: str = "") -> str:
        """The side on `date`; without a date only a side that never changed, else `unknown`."""
        if not self.is_person:
            return self.side
        if date:
            role = self.role_on(date)
            return role.side if role else UNKNOWN
        sides = {role.side for role in self.roles}
        return sides.pop() if len(sides) == 1 else UNKNOWN


def _covers(start: str, end: str, date: str) -> bool:
    return not date or ((not start or start <= date) and (not end or date[: len(end)] <= end))


class Roster:
    """The entries, found by id or by any of their names. Given a function, they are read when first asked for."""

    def __init__(self, entries: list[Entry] | Callable[[], list[Entry]]) -> None:
        self._given = entries

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """The entries by id."""
        return {entry.id: entry for entry in (self._given() if callable(self._given) else self._given)}

    @cached_property
    def by_name(self) -> dict[str, Entry]:
        """Every name and alias; of two entries with one alias the first of the file has it."""
        names: dict[str, Entry] = {}
        for entry in self.entries.values():
            for name in (entry.name, *entry.aliases):
                names.setdefault(name, entry)
        return names

    @cached_property
    def _folded(self) -> dict[str, Entry]:
        return {_fold(name): entry for name, entry in reversed(self.by_name.items())}

    def find(self, name: str) -> Entry | None:
        """The entry of a name or alias, whatever its case and with or without an article."""
        return self._folded.get(_fold(name))

    def side_of(self, speaker: str, date: str = "") -> tuple[str, Entry] | None:
        """Side of a described speaker: a name, or a post at a named organisation ("AMPTP spokesperson")."""
        entry = self.find(speaker)
        if entry is None and (post := _SPOKESPERSON.match(speaker.strip())):
            entry = self.find(post["a"] or post["b"])
        side = entry.side_on(date) if entry else UNKNOWN
        return (side, entry) if entry and side != UNKNOWN else None


def load_roster(path: Path | str | None = None) -> Roster:
    """The built-in roster, or a file of one's own (TOML) laid over it.

    Entries of the file add to the built-in ones; one with a built-in id takes its place, and names
    in the file come before the same names elsewhere. `extend = false` at the top of the file leaves
    the built-in roster out. Raises DataError naming the file and the entry that is wrong.
    """
    if path is None:
        # Read when needed: a statement without a speaker needs no roster, and this one takes longer than an answer.
        return Roster(lambda: _entries(DEFAULT_ROSTER, _toml(DEFAULT_ROSTER)))
    path = Path(path)
    raw = _toml(path)
    extend = raw.pop("extend", True)
    if not isinstance(extend, bool):
        raise DataError(f"{path}: extend is {extend!r}; allowed: true (over the built-in roster), false (instead of it)")
    own = _entries(path, raw)
    entries = {entry.id: entry for entry in own}
    if len(entries) < len(own):
        twice = sorted({e.id for e in own if sum(o.id == e.id for o in own) > 1})
        raise DataError(f"{path}: id {twice[0]!r} is given twice")
    if extend and path.resolve() != DEFAULT_ROSTER.resolve():
        entries |= {entry.id: entry for entry in _entries(DEFAULT_ROSTER, _toml(DEFAULT_ROSTER)) if entry.id not in entries}
    for entry in own:
        for role in entry.roles:
            if role.organisation and role.organisation not in entries:
                raise DataError(f"{path}: entry {entry.id!r}: organisation {role.organisation!r} is not in the roster")
    return Roster(list(entries.values()))


def _toml(path: Path) -> dict[str, Any]:
    try:
        return read_toml(path)
    except InputError as error:
        raise DataError(f"{error} (a roster was wanted)") from error


def _entries(path: Path, raw: dict[str, Any]) -> list[Entry]:
    unknown = sorted(raw.keys() - {"organisation", "person"})
    if unknown:
        raise DataError(f"{path}: {unknown[0]!r} is unknown; allowed: extend, [[organisation]], [[person]]")
    entries: list[Entry] = []
    for is_person, key in ((False, "organisation"), (True, "person")):
        tables = raw.get(key, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise DataError(f"{path}: {key} must be written as [[{key}]]")
        for table in tables:
            try:
                entries.append(_entry(dict(table), is_person))
            except (TypeError, KeyError, AttributeError, ValueError) as error:
                raise DataError(f"{path}: entry {table.get('id')!r}: {error}") from error
    return entries


def matches(roster: Roster, name: str, limit: int = 10) -> list[Entry]:
    """Entries whose name, alias, description or id holds the words of `name`; the exact one first, near spellings if none holds them."""
    exact = roster.find(name) or roster.entries.get(name)
    wanted = _fold(name)
    called = {_fold(said): entry for entry in reversed(roster.entries.values()) for said in (*entry.nouns, *entry.aliases, entry.id, entry.name)}
    inside = [entry for said, entry in called.items() if wanted and wanted in said]
    near = [called[said] for said in get_close_matches(wanted, called, limit, 0.75)]
    found = [*([exact] if exact else []), *sorted(inside, key=lambda e: e.name), *near]
    return list({entry.id: entry for entry in found}.values())[:limit]


def takes_article(name: str) -> bool:
    """Whether an organisation's name goes with "the" in running text, by its words."""
    return bool(_WITH_ARTICLE.search(name))


def faults(roster: Roster) -> list[str]:
    """What is wrong in a roster, one line each: unknown sides, posts without dates in order, names that two entries claim."""
    found: list[str] = []
    owners: dict[str, str] = {}
    for entry in roster.entries.values():
        if entry.is_person and not entry.roles:
            found.append(f"{entry.id}: a person without [[person.roles]]; their side is never known")
        if not entry.is_person and not entry.kind:
            found.append(f"{entry.id}: no kind (union, studio, employers' body ...)")
        for side in ([role.side for role in entry.roles] if entry.is_person else [entry.side]):
            if side not in SIDES:
                found.append(f"{entry.id}: side {side!r} is unknown; allowed: {', '.join(SIDES)}")
        for start, end in [(entry.start, entry.end), *((role.start, role.end) for role in entry.roles)]:
            found += [f"{entry.id}: date {date!r} is no year and no YYYY-MM" for date in (start, end) if date and not _DATE.fullmatch(date)]
            if start and end and start[: len(end)] > end:
                found.append(f"{entry.id}: from {start} comes after to {end}")
        for name in {_fold(said): said for said in (entry.name, *entry.aliases)}.values():
            first = owners.setdefault(_fold(name), entry.id)
            if first != entry.id:
                found.append(f"{entry.id}: {name!r} is a name of {first} too; only {first} is found by it")
    return found


def _fold(name: str) -> str:
    return _LEADING.sub("", name.strip()).casefold().replace("’", "'")


def _entry(table: dict[str, Any], is_person: bool) -> Entry:
    _check_keys(table, ("id", "name"), ("aliases", "nouns", "from", "to", *(("roles",) if is_person else ("side", "kind"))))
    roles = table.pop("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, dict) for role in roles):
        raise ValueError("roles must be written as [[person.roles]]")
    for role in roles:
        _check_keys(role, ("side",), ("title", "organisation", "from", "to"))
    for key in ("aliases", "nouns"):
        words = table.get(key, [])
        if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
            raise ValueError(f"{key} must be a list of names in quotation marks")
        table[key] = tuple(words)
    return Entry(**_dated(table), is_person=is_person, roles=tuple(Role(**_dated(dict(role))) for role in roles))


def _check_keys(table: dict[str, Any], needed: tuple[str, ...], others: tuple[str, ...]) -> None:
    for key in table:
        if key not in (*needed, *others):
            raise ValueError(f"{key!r} is unknown; allowed: {', '.join((*needed, *others))}")
        if key not in ("aliases", "nouns", "roles", "from", "to") and not isinstance(table[key], str):
            raise ValueError(f"{key} is {table[key]!r:.100}; write {key} = \"...\"")
    for key in needed:
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise ValueError(f"{key} is missing; write {key} = \"...\"")


def _dated(table: dict[str, Any]) -> dict[str, Any]:
    start, end = str(table.pop("from", "")), str(table.pop("to", ""))
    return {**table, "start": start, "end": end}
