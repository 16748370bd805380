"""An evaluation on the terminal: the figures that matter first, all of them when asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stance.results.evaluation import AGAINST, BASELINE, MAJORITY, MODEL, Evaluation
from stance.results.metrics import CALIBRATION, SURE
from stance.results.resampling import FEW
from stance.results.tables import WIDTH

NAMES = {True: "speaker described", False: "words alone"}
SHORT = {True: "with\nspeaker:\n", False: "words\nalone:\n"}  # broken so that the table fits 80 columns
ORIGINS = {"restated": "Restated statements", "quoted": "Real quotations", "composed": "Made-up statements", "generated": "Generated statements", "": "Statements"}


def show(found: Evaluation, full: bool = False) -> None:
    """Print the short tables, or every one of them."""
    console = Console()
    console = Console(width=None if console.is_terminal else WIDTH)
    for table in tables(found, full):
        console.print(table)


def tables(found: Evaluation, full: bool = False) -> Iterator[Table]:
    """The tables of an evaluation, in the order of reading."""
    statements = found["about"]["statements"]
    for about in statements:
        yield _headline(found, about, full)
    # Of the statements nearest to life, the labels one by one; words alone, as that needs no speaker.
    for about in statements if full else statements[:1]:
        for with_speaker in (False, True) if full else (False,):
            yield _labels(found, about, with_speaker)
    if found["compared"] and (full or AGAINST in found["about"]):
        yield _compared(found, None if full else AGAINST)
    if full:
        for about in statements:
            yield from _confusions(found, about)
            yield from _confidences(found, about)
        yield from _parts(found)
        yield _errors(found)


def _headline(found: Evaluation, about: dict[str, Any], full: bool) -> Table:
    rows = [row for row in found["figures"] if row["origin"] == about["origin"]]
    systems = [name for name in (MODEL, AGAINST, BASELINE) if any(row["system"] == name for row in rows)]
    caption = "[ ] 95% interval by page" + (f"; of {about['pages']} pages only: read it as a least width" if about["pages"] < FEW else "")
    table = _table(f"{_title(about)} on {about['pages']:,} pages", caption, "", *(f"{SHORT[used]}{name}" for used in (False, True) for name in systems), MAJORITY)
    cells = {(row["axis"], row["figure"], row["speaker"], row["system"]): row for row in rows}
    for axis, figure in dict.fromkeys((row["axis"], row["figure"]) for row in rows if full or row["figure"] not in (CALIBRATION, SURE)):
        line = [_cell(cells.get((axis, figure, used, name)), name == MODEL) for used in (False, True) for name in systems]
        # The majority class does not read: the speaker changes nothing.
        table.add_row(f"{axis} {figure}", *line, _cell(cells.get((axis, figure, False, MAJORITY)), False))
    return table


def _labels(found: Evaluation, about: dict[str, Any], with_speaker: bool) -> Table:
    rows = [row for row in found["labels"] if row["origin"] == about["origin"] and row["speaker"] == with_speaker]
    baseline = {(row["axis"], row["label"]): row for row in rows if row["system"] == BASELINE}
    table = _table(f"{_title(about)}, {NAMES[with_speaker]}: label by label", "precision: of those given, right; recall: of those held, given", "label", "precision", "recall", "F1", *(["F1, baseline"] if baseline else []), "held", "given")
    for row in rows:
        if row["system"] == MODEL:
            cells = [_interval(row[figure], row[f"{figure} low"], row[f"{figure} high"]) for figure in ("precision", "recall", "F1")]
            beside = [_number(baseline[row["axis"], row["label"]]["F1"])] if baseline else []
            table.add_row(f"{row['axis']} {row['label']}", *cells, *beside, str(row["support"]), str(row["given"]))
    return table


def _compared(found: Evaluation, only: str | None) -> Table:
    table = _table("Model minus another system, statement by statement", "won, lost: statements only the one, or only the other, has wholly right; p: answers swapped by page, two-sided, not corrected for the number of tests", "other", "statements", "speaker", "figure", "difference", "won", "lost", "p")
    for row in found["compared"]:
        if only in (None, row["other"]):
            table.add_row(row["other"], row["origin"], NAMES[row["speaker"]], f"{row['axis']} {row['figure']}", f"{row['difference']:+.3f} [{row['low']:+.3f} {row['high']:+.3f}]", str(row["won"]), str(row["lost"]), f"{row['p']:.4f}")
    return table


def _confusions(found: Evaluation, about: dict[str, Any]) -> Iterator[Table]:
    rows = [row for row in found["confusion"] if row["origin"] == about["origin"] and row["system"] == MODEL]
    for axis, used in dict.fromkeys((row["axis"], row["speaker"]) for row in rows):
        counts = {(row["gold"], row["said"]): row["count"] for row in rows if row["axis"] == axis and row["speaker"] == used}
        if len(counts) == len({said for _, said in counts}) ** 2:
            said = list(dict.fromkeys(name for _, name in counts))
            table = _table(f"{_title(about)}, {NAMES[used]}: {axis}, held (rows) and given (columns)", "", "", *said)
            for name in said:
                table.add_row(name, *(str(counts[name, other]) for other in said))
        else:
            table = _table(f"{_title(about)}, {NAMES[used]}: {axis}", "", "label", "given rightly", "missed", "given wrongly", "left out rightly")
            for name in dict.fromkeys(gold for gold, _ in counts if f"not {gold}" in {gold for gold, _ in counts}):
                pairs = ((name, name), (name, f"not {name}"), (f"not {name}", name), (f"not {name}", f"not {name}"))
                table.add_row(name, *(str(counts[pair]) for pair in pairs))
        yield table


def _confidences(found: Evaluation, about: dict[str, Any]) -> Iterator[Table]:
    bins = [row for row in found["reliability"] if row["origin"] == about["origin"] and row["system"] == MODEL]
    errors = {(row["axis"], row["speaker"]): row for row in found["figures"] if row["origin"] == about["origin"] and row["system"] == MODEL and row["figure"] == CALIBRATION}
    for axis, used in dict.fromkeys((row["axis"], row["speaker"]) for row in bins):
        table = _table(f"{_title(about)}, {NAMES[used]}: calibration of {axis}, error {_cell(errors[axis, used], True)}", "", "confidence", "mean", "share right", "answers")
        for row in bins:
            if row["axis"] == axis and row["speaker"] == used:
                table.add_row(f"{row['from']:.1f} to {row['to']:.1f}", _number(row["confidence"]), _cell(row, True), str(row["n"]))
        yield table
    risks = [row for row in found["risk"] if row["origin"] == about["origin"] and row["system"] == MODEL]
    curves = list(dict.fromkeys((row["axis"], row["speaker"]) for row in risks))
    if curves:
        table = _table(f"{_title(about)}: share of answers that is wrong when only the surest are given", "", "answered", *(f"{axis}, {NAMES[used]}" for axis, used in curves))
        cells = {(row["axis"], row["speaker"], row["answered"]): row for row in risks}
        for share in sorted({row["answered"] for row in risks})[1::2]:
            table.add_row(f"{share:.0%}", *(_cell(cells[axis, used, share], True) for axis, used in curves))
        yield table


def _parts(found: Evaluation) -> Iterator[Table]:
    for origin, by in dict.fromkeys((row["origin"], row["by"]) for row in found["parts"]):
        rows = [row for row in found["parts"] if (row["origin"], row["by"], row["system"]) == (origin, by, MODEL)]
        figures = list(dict.fromkeys((row["axis"], row["figure"]) for row in rows if row["figure"] != "accuracy"))
        table = _table(f"{ORIGINS[origin]}, by {by}", f"of fewer than {FEW} pages the interval is a least width", by, "speaker", "n", "pages", *(f"{axis} {figure}" for axis, figure in figures))
        cells = {(row["part"], row["speaker"], row["axis"], row["figure"]): row for row in rows}
        for part, used in dict.fromkeys((row["part"], row["speaker"]) for row in rows):
            any_of_them = next(row for row in rows if row["part"] == part)
            table.add_row(part, NAMES[used], str(any_of_them["n"]), str(any_of_them["pages"]), *(_cell(cells.get((part, used, *figure)), True) for figure in figures))
        yield table


def _errors(found: Evaluation) -> Table:
    table = _table("The surest errors, speaker described", "", "statements", "axis", "held", "given", "sure", "text")
    seen: dict[tuple[str, str], int] = {}
    for row in found["errors"]:
        key = (row["origin"], row["axis"])
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= 5:
            table.add_row(row["origin"], row["axis"], row["gold"], row["said"], _number(row["confidence"]), Text(row["text"], overflow="ellipsis", no_wrap=True))
    return table


def _table(title: str, caption: str, *columns: str) -> Table:
    return Table(*columns, title=title, caption=caption or None, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title_justify="left", caption_justify="left", pad_edge=False)


def _title(about: dict[str, Any]) -> str:
    return f"{ORIGINS[about['origin']]}: {about['n']:,}"


def _cell(row: dict[str, Any] | None, with_interval: bool) -> str:
    if row is None:
        return ""
    return _interval(row["value"], row["low"], row["high"]) if with_interval else _number(row["value"])


def _interval(value: float | None, low: float | None, high: float | None) -> str:
    return _number(value) if value is None or low is None or high is None else f"{_number(value)} [{_number(low)} {_number(high)}]"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}".removeprefix("0") if value < 1 else "1.0"


