"""Why a statement was tagged as it was: on the terminal, as a record, as a page."""

from __future__ import annotations

from html import escape
from typing import Any

from rich.console import Console
from rich.text import Text

from stance.tagging.explaining import Explanation

_HELPS, _HINDERS = "19,110,160", "190,80,20"  # blue and vermilion, told apart by colour-blind readers too
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Why</title>
<style>:root{{color-scheme:light dark}}body{{font:1rem/1.6 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}}h2{{font-size:1rem;margin:1.5rem 0 .2rem}}mark{{color:inherit;border-radius:.2em;padding:0 .1em}}small{{opacity:.75}}</style>
<h1>Why it was tagged so</h1><p>Blue words speak for the label, orange ones against it; the stronger, the more.</p>
{labels}<h2>Most similar labelled statements</h2><ul>{similar}</ul></html>
"""


def as_records(found: Explanation, similar: list[dict[str, Any]]) -> dict[str, Any]:
    """One JSON object: tags, the weight of each word for each label, similar statements."""
    words = [found.text[start:end] for start, end in found.words]
    weights = {axis: {label: [[word, w] for word, w in zip(words, values, strict=True)] for label, values in by_label.items()} for axis, by_label in found.weights.items()}
    return {"text": found.text, **found.tags, "words": weights, "similar": similar}


def _strongest(found: Explanation) -> float:
    return max((abs(w) for by_label in found.weights.values() for values in by_label.values() for w in values), default=0.0) or 1.0


def _head(found: Explanation, axis: str, label: str) -> str:
    tags = found.tags
    if tags.get(f"{axis}_basis") == "roster":
        return f"{axis}: {tags[axis]}, by the roster; the words alone speak for {label}"
    if isinstance(tags[axis], list):
        given = dict(zip(tags[axis], tags[f"{axis}_confidence"], strict=True))
        return f"{axis}: {label} ({given[label]:.2f})" if label in given else f"{axis}: none; the likeliest would be {label}"
    return f"{axis}: {label} ({tags[f'{axis}_confidence']:.2f})"


def show(found: Explanation, similar: list[dict[str, Any]]) -> None:
    """Print to the terminal, words coloured by weight."""
    console, top = Console(), _strongest(found)
    for axis, by_label in found.weights.items():
        for label, values in by_label.items():
            line = Text()
            for (start, end), w in zip(found.words, values, strict=True):
                share = abs(w) / top
                style = "" if share < 0.15 else ("bold " if share > 0.5 else "") + ("blue" if w > 0 else "dark_orange")
                line.append(found.text[start:end], style=style + (" underline" if w > 0 and share > 0.5 else "")).append(" ")
            console.print(Text(_head(found, axis, label), style="bold"))
            console.print(line, "")
    for record in similar:
        labels = ", ".join(str(record[axis]) if not isinstance(record[axis], list) else " ".join(record[axis]) or "-" for axis in found.weights)
        console.print(Text(f"{record['likeness']:.2f}  {record['text']}"), Text(f"      {labels} ({record.get('origin') or 'yours'})", style="dim"), sep="\n")


def as_html(found: Explanation, similar: list[dict[str, Any]]) -> str:
    """A self-contained page; every word from outside is escaped."""
    top, blocks = _strongest(found), []
    for axis, by_label in found.weights.items():
        for label, values in by_label.items():
            marks = [
                f'<mark style="background:rgba({_HELPS if w > 0 else _HINDERS},{min(0.6, 0.6 * abs(w) / top):.2f})" title="{w:+.2f} log-odds">{escape(found.text[start:end])}</mark>'
                for (start, end), w in zip(found.words, values, strict=True)
            ]
            blocks.append(f"<h2>{escape(_head(found, axis, label))}</h2><p>{' '.join(marks)}</p>\n")
    likes = [f"<li>{escape(str(r['text']))} <small>{escape(', '.join(str(r[axis]) for axis in found.weights))}; likeness {r['likeness']:.2f}</small></li>" for r in similar]
    return _PAGE.format(labels="".join(blocks), similar="".join(likes))
