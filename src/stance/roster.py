"""Who is who: organisations and people of labour disputes, with their names, sides and dates."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from stance.errors import DataError

DEFAULT_ROSTER = Path(__file__).with_name("roster.toml")
UNKNOWN = "unknown"
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
    """The entries, found by id or by any of their names."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = {entry.id: entry for entry in entries}

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
        return {name.casefold().replace("’", "'"): entry for name, entry in reversed(self.by_name.items())}

    def find(self, name: str) -> Entry | None:
        """The entry of a name or alias, whatever its case and with or without an article."""
        return self._folded.get(_LEADING.sub("", name.strip()).casefold().replace("’", "'"))

    def side_of(self, speaker: str, date: str = "") -> tuple[str, Entry] | None:
        """Side of a described speaker: a name, or a post at a named organisation ("AMPTP spokesperson")."""
        entry = self.find(speaker)
        if entry is None and (post := _SPOKESPERSON.match(speaker.strip())):
            entry = self.find(post["a"] or post["b"])
        side = entry.side_on(date) if entry else UNKNOWN
        return (side, entry) if entry and side != UNKNOWN else None


def load_roster(path: Path | str = DEFAULT_ROSTER) -> Roster:
    """Read a roster (TOML); raise DataError naming the file and the entry that is wrong."""
    path = Path(path)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such roster") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not a roster ({error})") from error
    entries: list[Entry] = []
    for is_person, table in [(False, t) for t in raw.get("organisation", [])] + [(True, t) for t in raw.get("person", [])]:
        try:
            entries.append(_entry(dict(table), is_person))
        except (TypeError, KeyError, AttributeError) as error:
            raise DataError(f"{path}: entry {table.get('id')!r}: {error}") from error
    roster = Roster(entries)
    if len(roster.entries) < len(entries):
        twice = sorted({e.id for e in entries if sum(o.id == e.id for o in entries) > 1})
        raise DataError(f"{path}: id {twice[0]!r} is given twice")
    for entry in entries:
        for role in entry.roles:
            if role.organisation and role.organisation not in roster.entries:
                raise DataError(f"{path}: entry {entry.id!r}: organisation {role.organisation!r} is not in the roster")
    return roster


def _entry(table: dict[str, Any], is_person: bool) -> Entry:
    roles = tuple(Role(**_dated(dict(role))) for role in table.pop("roles", ()))
    for key in ("aliases", "nouns"):
        table[key] = tuple(table.get(key, ()))
    return Entry(**_dated(table), is_person=is_person, roles=roles)


def _dated(table: dict[str, Any]) -> dict[str, Any]:
    start, end = str(table.pop("from", "")), str(table.pop("to", ""))
    return {**table, "start": start, "end": end}
