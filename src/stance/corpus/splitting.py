"""Deduplicate statements and split them so that nothing related stands on two sides."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from rapidfuzz import fuzz, process

from stance.corpus.reading import read_statements
from stance.errors import DataError
from stance.files import write_json_lines
from stance.labels import Axis
from stance.records import Statement

SPLITS = ("train", "validation", "test", "quoted")
NEAR = 85  # similarity (0-100) from which two statements belong to one group
SAME = 97  # and from which the second is dropped as a duplicate
_BLOCK = 512


def build(sources: Iterable[Path], folder: Path, axes: tuple[Axis, ...]) -> dict[str, int]:
    """Write train, validation, test (80/10/10 by group) and quoted; return the sizes and what was dropped.

    A group is what shares a contrast set, a page, a document, or a near-duplicate text. The split
    of a group is a hash of its first key, so that adding statements moves no other group. Quoted
    statements are kept apart, and so is whatever repeats one of them.
    """
    statements = [s for path in sorted(sources) for s in read_statements(path, axes)]
    if not statements:
        raise DataError("the sources hold no statements")
    statements.sort(key=lambda s: s.origin != "quoted")
    kept, groups, dropped = _groups(statements)
    quoted = {group for s, group in zip(kept, groups, strict=True) if s.origin == "quoted"}
    parts: dict[str, list[Statement]] = {split: [] for split in SPLITS}
    for statement, group in zip(kept, groups, strict=True):
        if statement.origin == "quoted":
            parts["quoted"].append(statement)
        elif group in quoted:
            dropped += 1
        else:
            parts[_split_of(group)].append(statement)
    for split, members in parts.items():
        write_json_lines(folder / f"{split}.jsonl", (s.row() for s in members))
    return {**{split: len(members) for split, members in parts.items()}, "dropped": dropped}


def _split_of(group: str) -> str:
    share = int.from_bytes(hashlib.sha256(group.encode()).digest()[:4], "big") / 2**32
    return "train" if share < 0.8 else "validation" if share < 0.9 else "test"


def _groups(statements: list[Statement]) -> tuple[list[Statement], list[str], int]:
    """Statements without duplicates, and for each the key of its group."""
    texts = [re.sub(r"\W+", " ", s.text).casefold().strip() for s in statements]
    keys = [(s.set and f"set {s.set}") or s.url or s.doc or f"text {text}" for s, text in zip(statements, texts, strict=True)]
    parent = {key: key for key in keys}

    def root(key: str) -> str:
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    duplicate: set[int] = set()
    # Only texts of like length can be that similar, so each block meets a window of the sorted list.
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for low in range(0, len(order), _BLOCK):
        rows = order[low : low + _BLOCK]
        longest = len(texts[rows[-1]]) * (200 / NEAR - 1) + 1
        columns = [i for i in order[low:] if len(texts[i]) <= longest]
        scores = process.cdist([texts[i] for i in rows], [texts[i] for i in columns], scorer=fuzz.ratio, score_cutoff=NEAR)
        for r, c in zip(*scores.nonzero(), strict=True):
            first, second = sorted((rows[r], columns[c]))
            if first != second:
                a, b = sorted((root(keys[first]), root(keys[second])))
                parent[b] = a
                if scores[r, c] >= SAME:
                    duplicate.add(second)
    kept = [i for i in range(len(statements)) if i not in duplicate]
    return [statements[i] for i in kept], [root(keys[i]) for i in kept], len(duplicate)
