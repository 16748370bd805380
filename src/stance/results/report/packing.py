"""Tagged statements as the compact columns that the page reads."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from stance.files import Record
from stance.labels import Axis
from stance.results.report.reading import SPEAKERS, Tagged, date_of, first_of, plain, speaker_of
from stance.roster import Roster

ORGANISATIONS, TITLES = ("organisation", "organization"), ("outlet", "source", "title", "doc")
GROUPS = 6


def packed(tagged: Tagged, roster: Roster | None = None, speaker_column: str = "", reasons: dict[int, Any] | None = None) -> dict[str, Any]:
    """What the page is given, as plain lists.

    `axes[k].values` holds label numbers (-1 for unsure, lists for any-of), `confidence` hundredths.
    Every other field is a column {name, values, index}: distinct values as text, and of each statement
    the number of its own (-1 for none). `roles` says which columns are speaker, date, url and source;
    `groups` by which ones speakers may be counted.
    """
    rows = tagged.fields
    speaker = [speaker_of(row, speaker_column) for row in rows]
    date = [date_of(row) for row in rows]
    columns = {name: _column(name, [plain(row.get(name)) for row in rows]) for name in dict.fromkeys(key for row in rows for key in row)}
    roles = {
        "speaker": _column("speaker", speaker),
        "date": _column("date", date, in_order=True),
        "url": _column("url", [plain(row.get("url")) for row in rows]),
        "source": _column("source", [first_of(row, TITLES) or _host(plain(row.get("url"))) for row in rows]),
    }
    organisation = _column("organisation", _organisations(rows, speaker, date, roster))
    return {
        "n": len(rows),
        "text": tagged.texts,
        "axes": [_axis(axis, tagged) for axis in tagged.axes],
        "roles": roles,
        "fields": list(columns.values()),
        "groups": _groups(roles, organisation, columns),
        "reasons": reasons or {},
    }


def encoded(pack: dict[str, Any]) -> str:
    """A pack as base64 of gzip of JSON: letters that no browser takes for markup."""
    raw = json.dumps(pack, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return base64.b64encode(gzip.compress(raw, 6, mtime=0)).decode("ascii")


def _axis(axis: Axis, tagged: Tagged) -> dict[str, Any]:
    number = {name: k for k, name in enumerate(axis.names)}
    answers = [answers[axis.name] for answers in tagged.answers]
    one = axis.kind == "one-of"
    given = [[number[label] for label in a.labels] for a in answers]
    sure = [[round(c * 100) for c in a.confidence] for a in answers]
    return {
        "name": axis.name,
        "kind": axis.kind,
        "question": axis.question,
        "labels": list(axis.names),
        "definitions": [label.definition for label in axis.labels],
        "values": [g[0] if g else -1 for g in given] if one else given,
        "confidence": [c[0] if c else -1 for c in sure] if one else sure,
        "basis": _column("basis", [a.basis for a in answers]),
        "doubted": {str(i): [number[label] for label in a.doubted] for i, a in enumerate(answers) if a.doubted},
    }


def _column(name: str, texts: Iterable[str], in_order: bool = False) -> dict[str, Any]:
    texts = list(texts)
    values = list(dict.fromkeys(text for text in texts if text))
    if in_order:
        values.sort()
    number = {value: k for k, value in enumerate(values)} | {"": -1}
    return {"name": name, "values": values, "index": [number[text] for text in texts]}


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _organisations(rows: list[Record], speakers: list[str], dates: list[str], roster: Roster | None) -> list[str]:
    """For whom each speaker speaks: the row's own word, else the organisation that the roster knows."""
    known: dict[tuple[str, str], str] = {}
    found = []
    for row, speaker, date in zip(rows, speakers, dates, strict=True):
        if (speaker, date) not in known:
            known[speaker, date] = _organisation(roster, speaker, date) if roster and speaker else ""
        found.append(first_of(row, ORGANISATIONS) or known[speaker, date])
    return found


def _organisation(roster: Roster, speaker: str, date: str) -> str:
    answer = roster.side_of(speaker, date)
    if answer is None:
        return ""
    entry = answer[1]
    if not entry.is_person:
        return entry.name
    role = entry.role_on(date)
    return roster.entries[role.organisation].name if role and role.organisation else ""


def _groups(roles: dict[str, Any], organisation: dict[str, Any], columns: dict[str, Any]) -> list[dict[str, Any]]:
    """Columns worth counting by: speaker, organisation, source, then short lists of values that many statements share."""
    first = [c for c in (roles["speaker"], organisation, roles["source"]) if c["values"]]
    used = {*SPEAKERS, *ORGANISATIONS, *TITLES, "date", "url"}
    rest = [c for name, c in columns.items() if name not in used and 2 <= len(c["values"]) <= len(c["index"]) // 3 and not all(v.replace(".", "").isdigit() for v in c["values"]) and max(map(len, c["values"])) <= 80]
    return (first + rest)[:GROUPS]
