"""Which disputes and pages the restated test set is made of: chosen once, kept in a file beside the sources."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from stance.corpus.disputes import same_disputes
from stance.errors import DataError
from stance.files import read_text, written_beside
from stance.labels import ONE_OF, Axis
from stance.records import Statement

FILE = "held_out.json"
LARGE = 60  # a dispute with more statements than this is split by page: whole, it would be the test set
DRAWS = 400


@dataclass(frozen=True)
class HeldOut:
    """Disputes kept out whole, under any of their names, and single pages of the disputes too large for that."""

    disputes: frozenset[str]
    pages: frozenset[str]


def read_held_out(path: Path) -> HeldOut | None:
    """The choice stored at `path`; None when there is no such file."""
    if not path.exists():
        return None
    try:
        raw = json.loads(read_text(path))
        return HeldOut(frozenset(raw["disputes"]), frozenset(raw["pages"]))
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(f"{path}: not a list of what is held out ({error})") from error


def write_held_out(path: Path, held: HeldOut) -> None:
    """Store a choice."""
    with written_beside(path) as beside:
        beside.write_text(json.dumps({"disputes": sorted(held.disputes), "pages": sorted(held.pages)}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def choose(statements: list[Statement], axes: tuple[Axis, ...], size: int = 1000, seed: int = 1) -> HeldOut:
    """Draw whole small disputes (seven tenths of `size`) and pages of large ones; of many draws the one most like the whole.

    Likeness is the summed difference in the shares of every label, and of labels by side; the
    texts and the model have no part in it.
    """
    restated = [s for s in statements if s.origin == "restated" and s.url]
    one_name = same_disputes(s.dispute for s in restated)
    count = Counter(one_name[s.dispute] for s in restated)
    small: dict[str, list[Statement]] = {}
    pages: dict[str, list[Statement]] = {}
    for s in restated:
        dispute = one_name[s.dispute]
        if s.dispute and count[dispute] <= LARGE:
            small.setdefault(dispute, []).append(s)
        else:
            pages.setdefault(s.url, []).append(s)
    wanted = _shares(restated, axes)
    rng = random.Random(seed)
    best: tuple[float, list[str], list[str]] | None = None
    for _ in range(DRAWS):
        disputes = _draw(small, size * 7 // 10, rng)
        held = [s for name in disputes for s in small[name]]
        urls = _draw(pages, size - len(held), rng)
        held += [s for url in urls for s in pages[url]]
        found = _shares(held, axes)
        apart = sum(abs(wanted[key] - found[key]) for key in wanted)
        if best is None or apart < best[0]:
            best = (apart, disputes, urls)
    if best is None or not best[1]:
        raise DataError("no restated statements with a dispute to hold out")
    return HeldOut(frozenset(best[1]), frozenset(best[2]))


def _draw(units: dict[str, list[Statement]], size: int, rng: random.Random) -> list[str]:
    names, found, total = sorted(units), [], 0
    rng.shuffle(names)
    for name in names:
        if total >= size:
            break
        found.append(name)
        total += len(units[name])
    return found


def _shares(statements: list[Statement], axes: tuple[Axis, ...]) -> dict[tuple[str, ...], float]:
    shares: dict[tuple[str, ...], float] = defaultdict(float)
    for s in statements:
        first = str(s.labels[axes[0].name])
        for axis in axes:
            value = s.labels[axis.name]
            for label in [value] if axis.kind == ONE_OF else value:
                shares[axis.name, str(label)] += 1 / len(statements)
                shares[axis.name, str(label), first] += 1 / len(statements)
    return shares
