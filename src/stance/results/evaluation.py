"""Held-out figures of a model beside the baseline and the majority class."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from stance.corpus import read_split
from stance.corpus.disputes import same_disputes
from stance.errors import DataError, ModelError
from stance.labels import ONE_OF, Axis
from stance.records import Statement
from stance.results.comparison import compared
from stance.results.metrics import (
    CALIBRATION,
    COVERAGES,
    SURE,
    SUREST,
    Rows,
    confusion_rows,
    figures,
    gold_matrix,
    label_rows,
    reliability,
    risk_coverage,
)
from stance.results.resampling import RESAMPLES, Resamples, resamples, with_interval
from stance.tagging import Manifest, Tagger, load, read_manifest

MODEL, AGAINST, BASELINE, MAJORITY = "model", "against", "baseline", "majority"
NEAREST = ("restated", "quoted", "", "composed", "generated")  # origins, those nearest to life first
LARGE = 25  # statements from which a dispute is reported by itself
LENGTHS = (12, 30, 60)  # words at which a new length begins
ERRORS = 15  # the surest errors of each axis and origin, kept to be read
Evaluation = dict[str, Any]


def evaluate(model: Path, baseline: Path | None, data: Path, against: Path | None = None, seed: int = 1) -> Evaluation:
    """Evaluate model folders on the held-out statements of a split data set: see `evaluation`.

    Raises ModelError when the axes of a model are not those of the first, or not those of the data.
    """
    folders = {MODEL: model, **({AGAINST: against} if against else {}), **({BASELINE: baseline} if baseline else {})}
    manifests = {name: read_manifest(folder, ()) for name, folder in folders.items()}
    first = manifests[MODEL]
    for name, folder in folders.items():
        if [a.as_dict() for a in manifests[name].axes] != [a.as_dict() for a in first.axes]:
            raise ModelError(f"{model}: its axes differ from those of {folder}; train both on one data set")
    learnt, held = _statements(model, first, data)
    # One folder may be named twice, and a baseline takes long to load.
    taggers = {folder: load_model(folder) for folder in set(folders.values())}
    found = evaluation({name: taggers[folder] for name, folder in folders.items()}, held, learnt, seed)
    found["about"] |= {name: {"folder": str(folder), "kind": manifests[name].kind, "commit": manifests[name].provenance.get("commit", ""), "data_sha256": manifests[name].provenance.get("data_sha256", "")} for name, folder in folders.items()}
    return found


def load_model(folder: Path) -> Tagger:
    """A tagger from a model folder of either kind; without a roster."""
    if read_manifest(folder, ()).kind == BASELINE:
        from stance.training.baseline import load_baseline

        return load_baseline(folder)
    tagger = load(folder)
    return Tagger(tagger.manifest, tagger.score)


def as_json(found: Evaluation) -> str:
    """An evaluation as JSON, one row of a table a line."""
    rows = {name: "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in table) + "\n]" for name, table in found.items() if isinstance(table, list)}
    return "{\n" + ",\n".join([f'"about": {json.dumps(found["about"])}', *(f'"{name}": {table}' for name, table in rows.items())]) + "\n}\n"


def _statements(model: Path, manifest: Manifest, data: Path) -> tuple[list[Statement], list[Statement]]:
    axes, second = manifest.axes, manifest.second
    if not (data / "test.jsonl").is_file():
        raise DataError(f"{data}: no test.jsonl there; name the folder of a split data set with --data, or put statements to test on there")
    try:
        learnt = read_split(data, "train", axes, second)
        held = read_split(data, "test", axes, second) + (read_split(data, "quoted", axes) if (data / "quoted.jsonl").is_file() else [])
    except DataError as error:
        raise ModelError(f"{model}: its axes ({', '.join(a.name for a in axes)}) do not fit the data: {error}; train it on this data") from error
    if not held:
        raise DataError(f"{data}: test.jsonl is empty; there is nothing to score")
    return learnt, held


def evaluation(systems: dict[str, Tagger], held: Sequence[Statement], learnt: Sequence[Statement], seed: int = 1) -> Evaluation:
    """Tables (lists of rows, each ready for a data frame) of every figure of the systems, and of the majority class of `learnt`.

    `figures`, `labels`, `confusion`, `reliability` and `risk` have a row for each axis, origin,
    speaker use (described or not given) and system; `parts` the figures again by dispute and by
    length; `compared` the model minus each other system; `errors` the model's surest errors with
    the speaker described. Made-up, restated and quoted statements are never pooled. Intervals are
    95% bootstrap intervals by page. The roster takes no part: `side` is what a model reads. The
    first system is the one compared with the others and read for errors.
    """
    axes = next(iter(systems.values())).axes
    name_of = _names_of(held)
    tables: dict[str, Rows] = {name: [] for name in ("figures", "labels", "confusion", "reliability", "risk", "parts", "compared", "errors")}
    counts: Rows = []
    for origin in (name for name in NEAREST if any(s.origin == name for s in held)):
        members = [s for s in held if s.origin == origin]
        draws = resamples(members, seed)
        counts.append({"origin": origin, "n": len(members), "pages": draws.pages})
        parts = _parts(members, name_of)
        for with_speaker in (True, False):
            answers = _answers(systems, members, with_speaker)
            answers[MAJORITY] = ({}, _majority(learnt, axes, len(members)))
            for axis in axes:
                about = {"axis": axis.name, "origin": origin, "speaker": with_speaker}
                gold = gold_matrix([s.labels[axis.name] for s in members], axis)
                for system, (chances, said) in answers.items():
                    row = {**about, "system": system}
                    tables["figures"] += [{**row, "figure": figure, **with_interval(series), "n": len(members), "pages": draws.pages} for figure, series in figures(gold, said[axis.name], axis, draws).items()]
                    if chances:  # the majority class has nothing to say label by label
                        tables["labels"] += [{**row, **found} for found in label_rows(gold, said[axis.name], axis, draws)]
                        tables["confusion"] += [{**row, **found} for found in confusion_rows(gold, said[axis.name], axis)]
                        _add_confidence(tables, row, gold, chances[axis.name], axis, draws)
                for by, part, rows, part_draws in ((*part, resamples([members[i] for i in part[2]], seed)) for part in parts):
                    for system, (_, said) in answers.items():
                        tables["parts"] += [
                            {**about, "by": by, "part": part, "system": system, "figure": figure, **with_interval(series), "n": len(rows), "pages": part_draws.pages}
                            for figure, series in figures(gold[rows], said[axis.name][rows], axis, part_draws).items()
                        ]
                first, *others = systems
                for other in others:
                    found = compared(gold, answers[first][1][axis.name], answers[other][1][axis.name], axis, draws, seed)
                    tables["compared"] += [{**about, "system": first, "other": other, **row, "n": len(members), "pages": draws.pages} for row in found]
                if with_speaker:
                    chance, said = (answers[first][k][axis.name] for k in (0, 1))
                    tables["errors"] += [{"axis": axis.name, "origin": origin, **row} for row in _errors(members, gold, said, chance, axis)]
    return {"about": {"seed": seed, "resamples": RESAMPLES, "statements": counts}, **tables}


def _names_of(held: Sequence[Statement]) -> dict[str, str]:
    """One name for all names of a dispute: the most frequent."""
    one = same_disputes(s.dispute for s in held)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for s in held:
        counts[one[s.dispute]][s.dispute] += 1
    return {name: max(sorted(counts[first]), key=counts[first].__getitem__) for name, first in one.items()}


def _answers(systems: dict[str, Tagger], members: Sequence[Statement], with_speaker: bool) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Of each system the probabilities of each axis, and the labels it gives."""
    texts, speakers = [s.text for s in members], [s.speaker if with_speaker else "" for s in members]
    found = {}
    for name, tagger in systems.items():
        chances = tagger.predict(texts, speakers)
        found[name] = (dict(chances), {axis.name: tagger.given(axis, chances[axis.name], speakers) for axis in tagger.axes})
    return found


def _add_confidence(tables: dict[str, Rows], row: dict[str, Any], gold: Any, chance: Any, axis: Axis, draws: Resamples) -> None:
    bins, error = reliability(chance, gold, axis, draws)
    tables["reliability"] += [{**row, **found} for found in bins]
    whole = {"n": len(gold), "pages": draws.pages}
    tables["figures"].append({**row, "figure": CALIBRATION, "value": round(error, 3), "low": None, "high": None, **whole})
    if axis.kind == ONE_OF:
        answered, wrong = risk_coverage(chance, gold, draws)
        tables["risk"] += [{**row, "answered": share, **with_interval(wrong[:, k]), "n": int(answered[k])} for k, share in enumerate(COVERAGES)]
        answered, wrong = risk_coverage(chance, gold, draws, (SUREST,))
        tables["figures"].append({**row, "figure": SURE, **with_interval(1 - wrong[:, 0]), **whole, "n": int(answered[0])})


def _parts(members: Sequence[Statement], name_of: dict[str, str]) -> list[tuple[str, str, Any]]:
    """(by what, part, rows) of the larger disputes, with the others together, and of each length that occurs."""
    disputes = np.array([name_of[s.dispute] for s in members])
    large = [name for name, count in Counter(disputes.tolist()).most_common() if count >= LARGE and name]
    words = np.digitize([len(s.text.split()) for s in members], LENGTHS)
    spans = [f"under {LENGTHS[0]} words", *(f"{low} to {high - 1} words" for low, high in pairwise(LENGTHS)), f"{LENGTHS[-1]} words or more"]
    small = ~np.isin(disputes, large)
    rest = [("dispute", f"{len(set(disputes[small]))} smaller disputes", np.flatnonzero(small))] if large and small.any() else []
    return [
        *(("dispute", name, np.flatnonzero(disputes == name)) for name in large),
        *rest,
        *(("length", span, np.flatnonzero(words == k)) for k, span in enumerate(spans) if (words == k).any()),
    ]


def _majority(learnt: Sequence[Statement], axes: Sequence[Axis], n: int) -> dict[str, Any]:
    found = {}
    for axis in axes:
        gold = gold_matrix([s.labels[axis.name] for s in learnt], axis)
        row = gold.mean(0) >= 0.5 if axis.kind != ONE_OF else np.arange(len(axis.names)) == gold.sum(0).argmax()
        found[axis.name] = np.tile(row, (n, 1))
    return found


def _errors(members: Sequence[Statement], gold: Any, said: Any, chance: Any, axis: Axis) -> Rows:
    """The surest wrong answers, one a statement; of an any-of axis about one label."""
    if axis.kind == ONE_OF:
        sure = np.where(said & ~gold, chance, 0.0)
    else:
        sure = np.where(said != gold, np.where(said, chance, 1 - chance), 0.0)
    at = sure.argmax(1)
    rows: Rows = []
    for i in np.argsort(-sure.max(1), kind="stable")[:ERRORS]:
        if not sure[i, at[i]]:
            break
        name, s = axis.names[at[i]], members[i]
        was, given = (s.labels[axis.name], name) if axis.kind == ONE_OF else (name, f"not {name}") if gold[i, at[i]] else (f"not {name}", name)
        rows.append({"text": s.text, "speaker": s.speaker, "gold": was, "said": given, "confidence": round(float(sure[i, at[i]]), 3)})
    return rows
