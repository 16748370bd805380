"""Deduplicate statements and split them so that nothing related stands on two sides."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from stance.corpus.disputes import same_disputes
from stance.corpus.held_out import HeldOut
from stance.files import write_json_lines
from stance.records import Statement

SPLITS = ("train", "validation", "test", "quoted")
NEAR = 85  # similarity (0-100) from which two statements belong to one group
SAME = 97  # and from which the second is dropped as a duplicate
NEIGHBOUR = 0.75  # cosine from which a training statement is too close to a test statement
_BLOCK = 512
Vectors = npt.NDArray[np.float32]
Embed = Callable[[list[str]], Vectors]


def splits_of(sources: Path) -> Path:
    """Where the splits of a folder of sources lie if nothing else is said: data/splits for data/sources, tweets-splits for tweets."""
    sources = sources if sources.name else sources.resolve()
    return sources.with_name("splits" if sources.name == "sources" else f"{sources.name}-splits")


def build(statements: Sequence[Statement], folder: Path, held_out: HeldOut | None = None, embed: Embed | None = None) -> dict[str, int]:
    """Write train, validation, test and quoted; return the sizes and how many were dropped, and why.

    A group is what shares a contrast set, a page, a document, or a near-duplicate text; it is never
    split. Composed groups go 80/10/10 by a hash of their first key, so that adding statements moves
    no other group. Restated ones go to test when their dispute or page is in `held_out`, and 90/10 by
    hash otherwise; without `held_out`, like composed ones. Generated statements only train. Quoted
    ones are kept apart. With `embed` (texts to unit vectors), whatever lies within a cosine of
    `NEIGHBOUR` of a restated or quoted test statement leaves train and validation.
    """
    statements = sorted(statements, key=lambda s: s.origin != "quoted")
    groups, doubles = related(statements)
    kept = [s for i, s in enumerate(statements) if i not in doubles]
    groups = [group for i, group in enumerate(groups) if i not in doubles]
    duplicates = len(doubles)
    quoted = {group for s, group in zip(kept, groups, strict=True) if s.origin == "quoted"}
    held = _held_groups(kept, groups, held_out) if held_out else None
    parts: dict[str, list[Statement]] = {split: [] for split in SPLITS}
    for statement, group in zip(kept, groups, strict=True):
        if statement.origin == "quoted":
            parts["quoted"].append(statement)
        elif group in quoted:
            duplicates += 1
        elif statement.origin == "generated":
            parts["train"].append(statement)
        elif held is not None and group in held:
            parts["test"].append(statement)
        else:
            parts[_split_of(group, held is not None and statement.origin == "restated")].append(statement)
    near = _drop_neighbours(parts, embed) if embed else 0
    for split, members in parts.items():
        write_json_lines(folder / f"{split}.jsonl", (s.row() for s in members))
    return {**{split: len(members) for split, members in parts.items()}, "duplicates": duplicates, "near the test set": near}


def _held_groups(kept: list[Statement], groups: list[str], held_out: HeldOut) -> set[str]:
    one_name = same_disputes({s.dispute for s in kept} | held_out.disputes)
    disputes = {one_name[name] for name in held_out.disputes}
    pairs = zip(kept, groups, strict=True)
    return {group for s, group in pairs if s.origin == "restated" and (s.url in held_out.pages or (s.dispute and one_name[s.dispute] in disputes))}


def _drop_neighbours(parts: dict[str, list[Statement]], embed: Embed) -> int:
    tested = [s for split in ("test", "quoted") for s in parts[split] if s.origin in ("restated", "quoted")]
    if not tested:
        return 0
    targets = embed([s.text for s in tested])  # (tested, width)
    dropped = 0
    for split in ("train", "validation"):
        members = parts[split]
        if members:
            close = nearest(embed([s.text for s in members]), targets) >= NEIGHBOUR
            parts[split] = [s for s, is_close in zip(members, close, strict=True) if not is_close]
        dropped += len(members) - len(parts[split])
    return dropped


def nearest(vectors: Vectors, targets: Vectors) -> Vectors:
    """For each of the unit vectors (n, width) its greatest cosine with any of the targets: (n,)."""
    return np.concatenate([(vectors[low : low + _BLOCK] @ targets.T).max(axis=1) for low in range(0, len(vectors), _BLOCK)])


def _split_of(group: str, is_tested_elsewhere: bool) -> str:
    share = int.from_bytes(hashlib.sha256(group.encode()).digest()[:4], "big") / 2**32
    if is_tested_elsewhere:
        return "train" if share < 0.9 else "validation"
    return "train" if share < 0.8 else "validation" if share < 0.9 else "test"


def related(statements: list[Statement]) -> tuple[list[str], set[int]]:
    """For each statement the key of its group, and the rows of those that say again what an earlier one says."""
    texts = [re.sub(r"\W+", " ", s.text).casefold().strip() for s in statements]
    # A generated statement is like its fellows by design; only its own text makes its group.
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
    return [root(key) for key in keys], duplicate
