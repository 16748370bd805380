"""What is wrong with a data set, and what is in it."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from stance.corpus.disputes import same_disputes
from stance.corpus.held_out import HeldOut
from stance.corpus.reading import read_split, read_statements
from stance.corpus.splitting import NEIGHBOUR, SPLITS, Embed, nearest
from stance.labels import ONE_OF, Axis
from stance.records import SECOND, Statement

SHORT = 12  # words


def check(sources: Iterable[Path], splits: Path, axes: tuple[Axis, ...], embed: Embed, held_out: HeldOut | None = None, second: str = SECOND) -> list[str]:
    """Every fault of the sources and of the splits built from them, one line each; raises DataError on the first bad record."""
    faults = []
    seen: dict[str, str] = {}
    places = [(path, number, s) for path in sorted(sources) for number, s in enumerate(read_statements(path, axes, second), 1)]
    has_origins = any(s.origin for _, _, s in places)
    for path, number, s in places:
        if has_origins and not s.origin:
            faults.append(f"{path}, statement {number}: no origin, though others have one; say what it is")
        where, key = f"{path}, statement {number}", re.sub(r"\W+", " ", s.text).casefold().strip()
        if s.origin in ("restated", "composed") and key in seen:
            faults.append(f"{where}: the same words as {seen[key]}; take one out")
        seen.setdefault(key, where)
        if s.origin == "restated" and not s.url.startswith("http"):
            faults.append(f"{where}: restated, but its page (url) is not given")
    parts = {split: read_split(splits, split, axes) for split in SPLITS}
    owners: dict[str, str] = {}
    for split, members in parts.items():
        for s in members:
            for key in filter(None, (s.set and f"set {s.set}", s.url, s.doc)):
                if owners.setdefault(key, split) != split:
                    faults.append(f"{splits}: {key} stands in {owners[key]} and in {split}")
            if (s.origin == "quoted") != (split == "quoted") or (s.origin == "generated" and split != "train"):
                faults.append(f"{splits}: a {s.origin} statement stands in {split}: {s.text[:40]!r}")
    tested = [s for s in parts["test"] + parts["quoted"] if s.origin in ("restated", "quoted")]
    learnt = parts["train"] + parts["validation"]
    if held_out:
        one_name = same_disputes({s.dispute for members in parts.values() for s in members} | held_out.disputes)
        kept_out = {one_name[name] for name in held_out.disputes}
        faults += [f"{splits}: {s.dispute!r} is held out, but trained on" for s in learnt if s.origin == "restated" and s.dispute and one_name[s.dispute] in kept_out]
    if tested and learnt:
        close = nearest(embed([s.text for s in learnt]), embed([s.text for s in tested]))
        faults += [f"{splits}: within cosine {score:.2f} of a test statement: {s.text[:40]!r}" for s, score in zip(learnt, close, strict=True) if score >= NEIGHBOUR]
    return list(dict.fromkeys(faults))


def tables(everything: list[Statement], splits: Path, axes: tuple[Axis, ...]) -> dict[str, list[dict[str, Any]]]:
    """Tables of counts by name: origins and splits, labels, lengths. Each is a list of rows with the same keys."""
    parts: dict[str, Counter[str]] = {split: Counter(s.origin for s in read_split(splits, split, axes)) for split in SPLITS}
    by_origin: dict[str, list[Statement]] = {}
    for s in everything:
        by_origin.setdefault(s.origin, []).append(s)
    sizes, lengths = [], []
    for origin, members in sorted(by_origin.items()):
        words = [len(s.text.split()) for s in members]
        tenths = statistics.quantiles(words, n=10) if len(words) > 1 else [words[0]] * 9
        sizes.append({"origin": origin, "in the sources": len(members), **{split: counts[origin] for split, counts in parts.items()}})
        lengths.append({"origin": origin, "median words": statistics.median(words), "10th": round(tenths[0]), "90th": round(tenths[-1]), f"under {SHORT} words": _share(sum(n < SHORT for n in words), len(words))})
    found = {"Statements by origin and split": sizes, "Length": lengths}
    first, *rest = axes
    for axis in rest:
        members = by_origin.get("restated", everything)
        rows = []
        for label in axis.names:
            having = [s for s in members if (s.labels[axis.name] == label if axis.kind == ONE_OF else label in s.labels[axis.name])]
            sides = Counter(str(s.labels[first.name]) for s in having)
            totals = Counter(str(s.labels[first.name]) for s in members)
            rows.append({axis.name: label, "statements": len(having), **{side: f"{sides[side]} ({_share(sides[side], totals[side])})" for side in first.names}})
        found[f"Restated: {axis.name} by {first.name} (share of the {first.name})"] = rows
    return found


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "0%"


def markdown(found: dict[str, list[dict[str, Any]]]) -> str:
    """The tables as Markdown."""
    lines = []
    for title, rows in found.items():
        head = list(rows[0]) if rows else []
        lines += [f"**{title}**", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(str(row[k]) for k in head) + " |" for row in rows), ""]
    return "\n".join(lines)


def fill_card(card: str, block: str) -> str:
    """The card's text with the part between its `tables` marks replaced."""
    return re.sub(r"(<!-- tables -->\n).*?(<!-- /tables -->)", lambda m: f"{m[1]}{block}\n{m[2]}", card, flags=re.DOTALL)
