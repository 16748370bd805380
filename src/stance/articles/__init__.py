"""Articles to quotations with their speakers."""

from __future__ import annotations

from typing import Any

from stance.articles.attribution import attribute
from stance.articles.reading import read_article
from stance.roster import UNKNOWN, Roster

__all__ = ["quotations", "read_article", "speaker_description"]


def quotations(text: str, roster: Roster, doc: str = "", date: str = "", every_kind: bool = False) -> list[dict[str, Any]]:
    """The quotations of an article, in text order, as records.

    `start:end` cut the words between the marks out of `text`, `speaker_start:speaker_end` the
    speaker's mention; both count characters. `group` joins the parts of one statement. A speaker
    that is not found is `unknown` with null offsets. `every_kind` adds titles and scare words.
    """
    records = []
    for found in attribute(text, roster, date):
        passage, speaker = found.passage, found.speaker
        if passage.kind != "quote" and not every_kind:
            continue
        entry = speaker.entry if speaker else None
        records.append(
            {
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
                "speaker_confidence": round(speaker.confidence, 2) if speaker else 0.0,
            }
        )
    return records


def speaker_description(record: dict[str, Any], roster: Roster, date: str = "") -> str:
    """What the model is told of a speaker: post and organisation of a person, else the name or mention."""
    entry = roster.entries.get(record["roster_id"] or "")
    if entry is None:
        return "" if record["speaker"] == UNKNOWN else str(record["speaker"])
    role = entry.role_on(date)
    if not entry.is_person or role is None:
        return entry.name
    organisation = roster.entries.get(role.organisation)
    return f"{organisation.name} {role.title}" if organisation else role.title
