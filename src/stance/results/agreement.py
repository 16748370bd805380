"""How far two or more readers of the same statements agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import numpy.typing as npt

from stance.errors import DataError
from stance.labelling import read_labelled
from stance.labels import ONE_OF, Axis
from stance.records import SECOND, Statement

RESAMPLES = 1000
FOLDER = "agreement"  # beside the sources: a folder for each sample, in it a file for each reader, and maybe `agreed.jsonl`
AGREED = "agreed"
Rows = list[dict[str, Any]]
Readers = dict[str, list[Statement]]


def read_readers(paths: Sequence[Path], axes: tuple[Axis, ...], second: str = SECOND) -> Readers:
    """The labels of each reader, one file a reader, named by the file (by its path where two have one name)."""
    stems = Counter(path.stem for path in paths)
    if len(set(paths)) < len(paths):
        raise DataError(f"{', '.join(map(str, paths))}: a file is named twice; give each reader's own")
    return {path.stem if stems[path.stem] == 1 else str(path): read_labelled(path, axes, second) for path in paths}


def aligned(readers: Readers) -> Readers:
    """The same statements in the same order for each reader: those all of them labelled; raises DataError when there are none.

    Statements are the same when their text and second text are.
    """
    known = {name: {(s.text, s.speaker): s for s in statements} for name, statements in readers.items()}
    first, *rest = known.values()
    shared = [key for key in first if all(key in other for other in rest)]
    if not shared:
        raise DataError(f"{' and '.join(readers)} have no statement in common; they are matched by their texts")
    return {name: [found[key] for key in shared] for name, found in known.items()}


def unmatched(readers: Readers) -> int:
    """How many statements some reader, but not every one, labelled."""
    keys = [{(s.text, s.speaker) for s in statements} for statements in readers.values()]
    return len(set.union(*keys)) - len(set.intersection(*keys))


def agreement(readers: Readers, axes: tuple[Axis, ...], seed: int = 1) -> Rows:
    """Krippendorff's alpha (nominal; 2011) of each axis and any-of label, its 95% bootstrap interval, raw agreement, n.

    Statements are drawn anew for the interval. Where no reader ever differs from one single label
    alpha is not defined and stays None.
    """
    same = aligned(readers)
    rows: Rows = []
    for axis in axes:
        if axis.kind == ONE_OF:
            codes = [[axis.names.index(str(s.labels[axis.name])) for s in found] for found in same.values()]
            rows.append(_row(axis.name, "", np.array(codes), len(axis.names), seed))
        else:
            for label in axis.names:
                codes = [[int(label in s.labels[axis.name]) for s in found] for found in same.values()]
                rows.append(_row(axis.name, label, np.array(codes), 2, seed))
    return rows


def _row(axis: str, label: str, codes: npt.NDArray[np.int64], values: int, seed: int) -> dict[str, Any]:
    counts = (codes[:, :, None] == np.arange(values)).sum(0)  # (statements, values)
    n = len(counts)
    draws = np.random.default_rng(seed).integers(0, n, size=(RESAMPLES, n))
    spread = [a for a in (_alpha(counts[rows]) for rows in draws) if a is not None]
    alpha = _alpha(counts)
    low, high = np.percentile(spread, [2.5, 97.5]) if spread and alpha is not None else (None, None)
    as_figure = [None if x is None else round(float(x), 3) for x in (alpha, low, high)]
    same = float((counts.max(1) == len(codes)).mean())
    return {"axis": axis, "label": label, "alpha": as_figure[0], "low": as_figure[1], "high": as_figure[2], "agree": round(same, 3), "n": n}


def _alpha(counts: npt.NDArray[np.int64]) -> float | None:
    if (counts.sum(0) > 0).sum() < 2:
        return None
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))


def confusion(one: Sequence[Statement], other: Sequence[Statement], axis: Axis) -> Rows:
    """For a one-of axis: how often each label of one reader (rows) met each of the other (columns)."""
    pairs = Counter((str(a.labels[axis.name]), str(b.labels[axis.name])) for a, b in zip(one, other, strict=True))
    return [{axis.name: a, **{b: pairs[a, b] for b in axis.names}} for a in axis.names]


def disagreements(readers: Readers, axes: tuple[Axis, ...]) -> Rows:
    """Statements on which readers differ, with what each said on the axes in question."""
    same = aligned(readers)
    found = []
    for versions in zip(*same.values(), strict=True):
        apart = {axis.name: {name: s.labels[axis.name] for name, s in zip(same, versions, strict=True)} for axis in axes if len({str(s.labels[axis.name]) for s in versions}) > 1}
        if apart:
            found.append({"text": versions[0].text, **apart})
    return found


def agreement_tables(readers: Readers, axes: tuple[Axis, ...], agreed: str = "", sample: str = "") -> dict[str, Rows]:
    """Tables for a page: agreement between the readers, and where each two of them parted.

    `agreed` is the reader, if there is one, whose labels settle what the others said; `sample` names
    the statements in the titles.
    """
    labelled = {name: found for name, found in readers.items() if name != agreed}
    if len(labelled) < 2:
        raise DataError(f"{', '.join(readers)}: agreement needs the labels of two readers or more")
    names, about = list(labelled), f"{sample}: " if sample else ""
    rows = [
        {"axis": row["axis"], "label": row["label"], "alpha": row["alpha"], "95% interval": f"{row['low']} to {row['high']}", "same answer": f"{row['agree']:.0%}", "n": row["n"]}
        for row in agreement(labelled, axes)
    ]
    found = {f"{about}agreement of {' and '.join(names)} (Krippendorff's alpha, nominal)": rows}
    same = aligned(labelled)
    for axis in axes:
        if axis.kind == ONE_OF:
            found |= {f"{about}{axis.name} by {one} (rows) and {other} (columns)": confusion(same[one], same[other], axis) for one, other in combinations(names, 2)}
    if agreed in readers:
        found[f"{about}share of each reading that was kept"] = [{"axis": axis.name, **{f"{name} kept": f"{_share_kept(readers, name, agreed, axis):.1%}" for name in names}} for axis in axes]
    return found


def _share_kept(readers: Readers, name: str, agreed: str, axis: Axis) -> float:
    same = aligned({name: readers[name], agreed: readers[agreed]})
    pairs = list(zip(same[name], same[agreed], strict=True))
    return sum(a.labels[axis.name] == b.labels[axis.name] for a, b in pairs) / len(pairs)
