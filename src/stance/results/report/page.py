"""The page: a template, its style and programs, and the statements, in one file."""

from __future__ import annotations

import base64
import datetime
import hashlib
from calendar import month_abbr
from collections.abc import Mapping
from html import escape
from importlib.metadata import version
from importlib.resources import files
from string import Template
from typing import Any

from stance.labels import ONE_OF, Axis
from stance.results.colours import COLOURS
from stance.results.report.packing import encoded, packed
from stance.results.report.reading import Tagged, date_of, plain
from stance.roster import Roster
from stance.tagging import Manifest

PROGRAMS = ("data.js", "charts.js", "drawing.js", "table.js", "main.js")
DOUBT = 0.7


def page(
    tagged: Tagged,
    *,
    title: str = "",
    roster: Roster | None = None,
    speaker_column: str = "",
    manifest: Manifest | None = None,
    reasons: dict[int, Any] | None = None,
    doubt: float = DOUBT,
) -> str:
    """One self-contained HTML page. Answers with a confidence under `doubt` are marked uncertain.

    Nothing is fetched, and the browser is told to fetch nothing and to run no other program than
    those written here (a content security policy with their digests). The statements lie in it
    compressed, so no word of theirs is ever read as markup.
    """
    room = files("stance.results.report")
    pack = packed(tagged, roster, speaker_column, reasons) | {"doubt": round(100 * doubt)}
    style = _colours() + (room / "report.css").read_text(encoding="utf-8")
    script = "(() => {\n'use strict';\n" + "\n".join((room / name).read_text(encoding="utf-8") for name in PROGRAMS) + "\n})();\n"
    title = title or "Statements by " + _listed([axis.name for axis in tagged.axes])
    return Template((room / "page.html").read_text(encoding="utf-8")).substitute(
        policy=f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'",
        title=escape(title),
        lead=escape(_lead(pack)),
        made=escape(f"Made from {_sources(tagged.sources)} with Stance {version('stance')} on {datetime.date.today().isoformat()}."),
        cautions="\n".join(f"<li>{escape(line)}</li>" for line in cautions(tagged, pack, manifest)),
        style=style,
        script=script,
        data=encoded(pack),
        n=f"{pack['n']:,}",
    )


def cautions(tagged: Tagged, pack: Mapping[str, Any], manifest: Manifest | None) -> list[str]:
    """What the page cannot tell, in sentences."""
    lines = []
    sure = any(answer.confidence for answers in tagged.answers for answer in answers.values())
    if not sure:
        lines.append("The labels came without confidences: people gave them, or another program. Doubtful ones cannot be marked.")
    elif manifest and manifest.metrics:
        told = "described" if sum(i >= 0 for i in pack["roles"]["speaker"]["index"]) * 2 > pack["n"] else "alone"
        figures = [f"{name.split(' ')[0]} {value:.2f}" for name, value in manifest.metrics.items() if name.endswith(told) and isinstance(value, float)]
        tried = manifest.metrics.get("validation statements")
        lines.append(f"A model gave the labels, and it errs. On {f'{tried:,} ' if tried else ''}validation statements, which it did not learn from, its macro-F1 (1 is faultless) was: {', '.join(figures)}.")
    else:
        lines.append("A model gave the labels, and it errs. How often is not in these rows; stance evaluate measures it.")
    if sure:
        marked = [f"{share:.0%} of {axis.name}" for axis in tagged.axes if (share := _doubtful(tagged, axis, pack["doubt"] / 100)) > 0]
        lines.append(f"Answers with a confidence under {pack['doubt']}% are marked ? ({', '.join(marked) or 'there are none'}). The charts count them as labelled.")
    unsure = [f"{count:,} of {axis.name}" for axis in tagged.axes if axis.kind == ONE_OF and (count := sum(a[axis.name].unsure for a in tagged.answers))]
    if unsure:
        lines.append(f"Where the model would not choose, the answer is unsure ({', '.join(unsure)}). These are counted apart and are part of no share.")
    for axis in tagged.axes:
        bases = [a[axis.name].basis for a in tagged.answers]
        if any(bases):
            lines.append(f"{axis.name.capitalize()} was decided by the roster for {bases.count('roster'):,} statements, by the model for {bases.count('model'):,}.")
    unread = [plain(row["date"]) for row in tagged.fields if "date" in row and not date_of(row)]
    if unread:
        lines.append(f"{_count(len(unread), 'date')} could not be read ({unread[0]!r}); a date is written 2023, 2023-05 or 2023-05-02.")
    lines.append("Counts are of what these sources hold. They say nothing of what was said elsewhere, or how loudly.")
    return lines


def _doubtful(tagged: Tagged, axis: Axis, doubt: float) -> float:
    return sum(any(c < doubt for c in a[axis.name].confidence) or bool(a[axis.name].doubted) for a in tagged.answers) / len(tagged.answers)


def _lead(pack: Mapping[str, Any]) -> str:
    roles = pack["roles"]
    dates = roles["date"]["values"]
    undated = roles["date"]["index"].count(-1)
    parts = [_count(pack["n"], "statement")]
    if dates:
        parts.append((spoken(dates[0]) if len(dates) == 1 else f"{spoken(dates[0])} to {spoken(dates[-1])}") + (f" ({undated:,} without a date)" if undated else ""))
    else:
        parts.append("no dates")
    for role in ("speaker", "source"):
        parts.append(_count(len(roles[role]["values"]), role) if roles[role]["values"] else f"no {role}s named")
    return " · ".join(parts)


def spoken(date: str) -> str:
    """2023-05-02 as 2 May 2023, 2023-05 as May 2023."""
    year, *rest = date.split("-")
    return " ".join([*(str(int(day)) for day in rest[1:]), *(month_abbr[int(month)] for month in rest[:1]), year])


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _sources(names: tuple[str, ...]) -> str:
    shown = ["standard input" if name == "-" else name for name in names[:4]]
    return _listed(shown if len(names) <= 4 else [*shown[:3], f"{len(names) - 3} more files"])


def _colours() -> str:
    return ":root{" + "".join(f"--colour-{k}:{colour};" for k, colour in enumerate(COLOURS)) + "}\n"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
