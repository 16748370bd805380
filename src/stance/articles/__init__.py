"""Articles to statements with their speakers."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

from stance.articles.attribution import Attributed, attribute
from stance.articles.confidence import ANSWERED, LABEL_SAFE
from stance.articles.reading import article_files, read_article
from stance.roster import UNKNOWN, Roster

__all__ = ["ANSWERED", "LABEL_SAFE", "Reading", "article_files", "quotations", "read", "read_article", "speaker_description"]

_PRONOUNS = frozenset(["he", "she", "it", "they", "we", "i", "you", "his", "her", "their", "its", "him", "them", "who"])
STATEMENTS = ("quote", "block", "turn", "indirect")


@dataclass(frozen=True)
class Reading:
    """What an article holds: `records` in text order, and the lines (from 1) where a quotation mark is missing or out of place."""

    records: list[dict[str, Any]]
    broken: list[int]


def read(
    text: str, roster: Roster, doc: str = "", date: str = "", every_kind: bool = False, indirect: bool = False, min_confidence: float = ANSWERED
) -> Reading:
    """The statements of an article, in text order, as records.

    `start:end` cut the words between the marks out of `text`, `speaker_start:speaker_end` the
    speaker's mention; both count characters. `group` joins the parts of one statement. A speaker
    that is not found, or found with a `speaker_confidence` (0 to 1) below `min_confidence`, is
    `unknown` with null offsets. `kind` is quote (in marks), block (set off, a letter, a post) or turn
    (of a transcript); `indirect` adds reported clauses as kind indirect, `every_kind` titles and
    scare words. Any string is read; nothing is raised.
    """
    found = attribute(text, roster, date, indirect)
    dated = {"date": date} if date else {}
    records = [{**_record(text, item, doc, min_confidence), **dated} for item in found if every_kind or item.passage.kind in STATEMENTS]
    ends = [match.start() for match in re.finditer("\n", text)]
    broken = {bisect_left(ends, item.passage.start) + 1 for item in found if item.passage.broken}
    return Reading(records, sorted(broken))


def quotations(
    text: str, roster: Roster, doc: str = "", date: str = "", every_kind: bool = False, indirect: bool = False, min_confidence: float = ANSWERED
) -> list[dict[str, Any]]:
    """The records of `read`."""
    return read(text, roster, doc, date, every_kind, indirect, min_confidence).records


def _record(text: str, found: Attributed, doc: str, min_confidence: float) -> dict[str, Any]:
    passage = found.passage
    confidence = round(found.speaker.confidence, 3) if found.speaker else 0.0
    speaker = found.speaker if confidence >= min_confidence else None
    entry = speaker.entry if speaker else None
    return {
        "doc": doc,
        "start": passage.start,
        "end": passage.end,
        "text": text[passage.start : passage.end],
        "kind": passage.kind,
        "group": found.group,
        "speaker": speaker.text if speaker else UNKNOWN,
        "speaker_start": speaker.start if speaker else None,
        "speaker_end": speaker.end if speaker else None,
        "speaker_name": speaker.name if speaker else UNKNOWN,
        "roster_id": entry.id if entry else None,
        "side": speaker.side if speaker else UNKNOWN,
        "cue": speaker.cue if speaker else "",
        "speaker_confidence": confidence,
    }


def speaker_description(record: dict[str, Any], roster: Roster, date: str = "") -> str:
    """What the model is told of a speaker: post and organisation of a person, else the name or mention; nothing for a bare pronoun."""
    entry = roster.entries.get(record["roster_id"] or "")
    if entry is None:
        name, mention = str(record["speaker_name"]), str(record["speaker"])
        bare = mention == UNKNOWN or mention in ("Q", "A") or mention.lower() in _PRONOUNS
        return name if name != UNKNOWN and bare else "" if bare else mention
    role = entry.role_on(date)
    if not entry.is_person or role is None:
        return entry.name
    organisation = roster.entries.get(role.organisation)
    return f"{organisation.name} {role.title}" if organisation else role.title
