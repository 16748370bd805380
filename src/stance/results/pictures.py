"""Pictures of a data set and of tagged statements. Tables are pandas or polars frames, or lists of rows."""

from __future__ import annotations

import io
import textwrap
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from stance.errors import InputError
from stance.files import written_beside
from stance.labels import ONE_OF, Axis, load_axes
from stance.records import Statement
from stance.results.colours import COLOURS
from stance.results.frames import Rows, columns_of, rows_of
from stance.results.shares import shares

MARKERS = "os^D"  # beside the colours, for those who see none
LONGEST = 120  # words; longer statements are counted in the last bar
DPI = 110


class Picture(Figure):
    """A figure that a notebook shows by itself."""

    def _repr_png_(self) -> bytes:
        drawn = io.BytesIO()
        self.savefig(drawn, format="png", dpi=DPI)
        return drawn.getvalue()


def save(picture: Figure, path: Path | str) -> None:
    """Write a picture in the format that the suffix names (.png, .svg, .pdf)."""
    path = Path(path)
    form = path.suffix.lstrip(".") or "png"
    if form not in picture.canvas.get_supported_filetypes():
        raise InputError(f"{path}: pictures are not written as {form!r}; use .png or .svg")
    with written_beside(path) as beside:
        picture.savefig(beside, format=form, dpi=DPI)


def blank(width: float, height: float, **grid: Any) -> tuple[Picture, Any]:
    """An empty picture (inches) and its panels."""
    picture = Picture(figsize=(width, height), layout="constrained")
    return picture, picture.subplots(**grid)


def colours(names: Sequence[str], sides: Sequence[str] | None = None) -> dict[str, str]:
    """The colour of each side: that of its place among `sides` (the built-in ones), the next free one for any other."""
    known = list(load_axes()[0].names if sides is None else sides)
    ordered = [*known, *(name for name in names if name not in known)]
    return {name: COLOURS[ordered.index(name) % len(COLOURS)] for name in names}


def balance(statements: list[Statement], axes: tuple[Axis, ...]) -> Picture:
    """For restated statements, every label by the first axis, and the lengths of each origin."""
    restated = [s for s in statements if s.origin == "restated"] or statements
    first, *rest = axes
    picture, panels = blank(11, 4, ncols=len(rest) + 1, squeeze=False)
    panels, tones = panels[0], colours(first.names, first.names)
    for panel, axis in zip(panels, rest, strict=False):
        left = [0] * len(axis.names)
        for side in first.names:
            members = [s for s in restated if s.labels[first.name] == side]
            counts = Counter(label for s in members for label in ([str(s.labels[axis.name])] if axis.kind == ONE_OF else s.labels[axis.name]))
            widths = [counts[name] for name in axis.names]
            panel.barh(axis.names, widths, left=left, color=tones[side], label=f"{side} ({len(members):,})")
            left = [a + b for a, b in zip(left, widths, strict=True)]
        panel.set(title=f"{axis.name}, restated", xlabel="statements")
        panel.invert_yaxis()
    if rest:
        picture.legend(*panels[0].get_legend_handles_labels(), title=first.name, loc="outside lower left", ncols=len(first.names))
    for number, origin in enumerate(sorted({s.origin for s in statements})):
        words = [min(len(s.text.split()), LONGEST) for s in statements if s.origin == origin]
        panels[-1].hist(words, bins=range(0, LONGEST + 6, 5), density=True, histtype="step", color=COLOURS[3 + number], linestyle=("-", "--", ":", "-.")[number % 4], linewidth=1.5, label=f"{origin} ({len(words):,})")
    panels[-1].set(title="length", xlabel=f"words ({LONGEST} stands for more)", ylabel="share of statements a word")
    panels[-1].legend()
    return picture


def agreement_dots(samples: dict[str, Any]) -> Picture:
    """Krippendorff's alpha with its interval, by axis and label, of named samples: the rows of `stance.results.agreement.agreement`."""
    tables = {name: [row for row in rows_of(table) if row["alpha"] is not None] for name, table in samples.items()}
    names = list(dict.fromkeys(f"{row['axis']} {row['label']}".strip() for rows in tables.values() for row in rows))
    picture, panel = blank(8, 1.4 + 0.42 * len(names))
    for number, (sample, rows) in enumerate(tables.items()):
        points = [{**row, "value": row["alpha"], "at": names.index(f"{row['axis']} {row['label']}".strip())} for row in rows]
        dots(panel, points, shifted(number, len(tables)), COLOURS[3 + number], f"{sample} (n = {rows[0]['n']:,})", MARKERS[number % len(MARKERS)])
    named_rows(panel, names)
    panel.axvline(0.8, color="0.6", linestyle=":", linewidth=1)
    panel.set(xlim=(0.4, 1.02), xlabel="Krippendorff's alpha, nominal, with 95% interval (dotted: 0.8)")
    picture.suptitle("How far two readers agree", fontsize=12)
    legend_below(picture, panel)
    return picture


def label_shares(table: Any, axis: str, by: str = "side", labels: Sequence[str] = (), title: str = "") -> Picture:
    """Of the statements of each side (column `by`), the share that has each label of the column `axis`."""
    found = shares(table, axis, (by,))
    names = list(labels) or _in_order(axis, {row[axis] for row in found})
    groups = _in_order(by, {row[by] for row in found})
    tones = colours(groups)
    picture, panel = blank(8, 1.6 + 0.22 * len(names) * max(2, len(groups)))
    for number, group in enumerate(groups):
        rows = [{**row, "value": row["share"], "at": names.index(row[axis])} for row in found if row[by] == group and row[axis] in names]
        dots(panel, rows, shifted(number, len(groups)), tones[group], f"{group} (n = {rows[0]['n']:,} on {rows[0]['pages']:,} pages)", MARKERS[number % len(MARKERS)])
    named_rows(panel, names)
    panel.set(xlim=(0, None), xlabel=f"share of the {by}'s statements, with 95% interval by page")
    picture.suptitle(title or f"{axis} by {by}", fontsize=12)
    percent(panel.xaxis)
    legend_below(picture, panel)
    return picture


def shares_over_time(table: Any, axis: str, labels: Sequence[str], time: str = "month", by: str = "side", title: str = "", fewest: int = 5) -> Picture:
    """The share of each of `labels` by side along the column `time` (in the order in which its values first occur), and how many statements that is.

    Points of fewer than `fewest` statements are left out; the bars below show that they are few.
    """
    rows = [row for row in rows_of(table) if row.get(time)]
    columns_of(rows, axis, by, time)
    found = shares(rows, axis, (by, time))
    periods, groups = list(dict.fromkeys(row[time] for row in rows)), _in_order(by, {row[by] for row in found})
    tones = colours(groups)
    picture, panels = blank(9, 1.8 + 2.0 * len(labels), nrows=len(labels) + 1, sharex=True, squeeze=False, height_ratios=[2.0] * len(labels) + [1.0])
    for panel, label in zip(panels[:, 0], labels, strict=False):
        for number, group in enumerate(groups):
            points = sorted((row for row in found if row[by] == group and row[axis] == label and row["n"] >= fewest), key=lambda row: periods.index(row[time]))
            places = [periods.index(row[time]) + shifted(number, len(groups)) * 0.5 for row in points]
            values = [row["share"] for row in points]
            spread = [[row["share"] - row["low"] for row in points], [row["high"] - row["share"] for row in points]]
            panel.errorbar(places, values, yerr=spread, marker=MARKERS[number % len(MARKERS)], markersize=5, linewidth=1.5, elinewidth=1, capsize=2, color=tones[group], label=group)
        panel.set(ylim=(0, None), ylabel=f"share {label}")
        panel.grid(axis="y", alpha=0.3)
        percent(panel.yaxis)
    counts = panels[-1, 0]
    totals = {(row[by], row[time]): row["n"] for row in found}
    for number, group in enumerate(groups):
        width = 0.8 / len(groups)
        counts.bar([k + (number - (len(groups) - 1) / 2) * width for k in range(len(periods))], [totals.get((group, period), 0) for period in periods], width=width, color=tones[group])
    counts.set(ylabel="statements", xlabel=f"{time} (points of fewer than {fewest} statements are left out)")
    counts.set_xticks(range(len(periods)), periods, rotation=0 if len(periods) < 8 else 45, ha="center" if len(periods) < 8 else "right")
    picture.suptitle(f"{title or f'{axis} over time'} (n = {sum(totals.values()):,}; bars: 95% intervals by page)", fontsize=12)
    picture.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=len(groups), frameon=False)
    return picture


def statement_dots(table: Any, axis: str = "tone", by: str = "side", title: str = "", least: float = 0.5) -> Picture:
    """Each statement a row, in the order of the table, with a dot at its label of a one-of axis, in the colour of its side.

    Dots are hollow where the column `<axis>_confidence`, if there is one, is below `least`. A column
    `date` is shown. For tens of statements, not hundreds.
    """
    rows = rows_of(table)
    columns_of(rows, "text", axis, by)
    names, groups = _in_order(axis, {row[axis] for row in rows}), _in_order(by, {row[by] for row in rows})
    tones, shapes = colours(groups), {group: MARKERS[k % len(MARKERS)] for k, group in enumerate(groups)}
    picture, panel = blank(9.5, 1.6 + 0.3 * len(rows))
    for number, row in enumerate(rows):
        is_sure = (row.get(f"{axis}_confidence") or 1.0) >= least
        panel.plot(names.index(row[axis]), number, marker=shapes[row[by]], markersize=9, color=tones[row[by]], markerfacecolor=tones[row[by]] if is_sure else "white", markeredgewidth=1.5)
    has_dates = any(row.get("date") for row in rows)
    panel.set_yticks(range(len(rows)), [(f"{row.get('date') or '':<10}  " if has_dates else "") + textwrap.shorten(row["text"], 58, placeholder=" …") for row in rows], fontsize=9)
    panel.set_xticks(range(len(names)), names)
    panel.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(rows) - 0.5, -0.5), xlabel=axis + (f" (hollow: confidence below {least})" if f"{axis}_confidence" in rows[0] else ""))
    panel.grid(alpha=0.3)
    for group in groups:
        panel.plot([], [], shapes[group], markersize=8, color=tones[group], label=f"{group} ({sum(row[by] == group for row in rows)})")
    picture.suptitle(f"{title or f'{axis} of each statement'} (n = {len(rows)})", fontsize=12)
    legend_below(picture, panel)
    return picture


def dots(panel: Any, rows: Rows, shift: float, colour: str, label: str, marker: str = "o") -> None:
    """Values with their intervals as horizontal bars, at the heights `at` + `shift`; rows without a value are passed over."""
    rows = [row for row in rows if row["value"] is not None]
    values = [row["value"] for row in rows]
    spread = [[max(0.0, row["value"] - row["low"]) for row in rows], [max(0.0, row["high"] - row["value"]) for row in rows]]
    panel.errorbar(values, [row["at"] + shift for row in rows], xerr=spread, fmt=marker, markersize=5, capsize=2, elinewidth=1.2, color=colour, label=label)


def shifted(number: int, count: int) -> float:
    """Where the `number`th of `count` series stands within a row of height 1."""
    return 0.0 if count < 2 else (number / (count - 1) - 0.5) * min(0.44, 0.18 * count)


def named_rows(panel: Any, names: Sequence[str]) -> None:
    """Name the rows 0, 1, ... of a panel, from the top."""
    panel.set_yticks(range(len(names)), [textwrap.fill(name, 32) for name in names])
    panel.set_ylim(len(names) - 0.5, -0.5)
    panel.grid(axis="x", alpha=0.3)


def legend_below(picture: Picture, panel: Any) -> None:
    """A legend under the panels."""
    handles, labels = panel.get_legend_handles_labels()
    picture.legend(handles, labels, loc="outside lower center", ncols=4 if max(map(len, labels)) < 20 else 1, frameon=False)


def percent(axis: Any) -> None:
    """Ticks from 0 to 1 as percentages."""
    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def _in_order(column: str, found: set[Any]) -> list[Any]:
    """Values in the order of the built-in labels where they are such, of the alphabet otherwise."""
    known = next((axis.names for axis in load_axes() if axis.name == column), ())
    return sorted(found, key=lambda value: (known.index(value) if value in known else len(known), str(value)))


def label_savings(rows: Any, tested: str, seeds: int) -> Picture:
    """The score by number of labels for each order of labelling: rows with order, labels, mean, low, high."""
    picture, panel = blank(7, 4.5)
    found = rows_of(rows)
    for number, how in enumerate(dict.fromkeys(row["order"] for row in found)):
        curve = [row for row in found if row["order"] == how]
        labels, colour = [row["labels"] for row in curve], COLOURS[3 + number]
        panel.plot(labels, [row["mean"] for row in curve], marker=MARKERS[number % len(MARKERS)], color=colour, label=how)
        panel.fill_between(labels, [row["low"] for row in curve], [row["high"] for row in curve], color=colour, alpha=0.12, linewidth=0)
    panel.set(title=f"Labels handed out in four orders ({tested}, {seeds} seeds, 95% intervals)", xlabel="labels", ylabel="score: mean over axes of accuracy or core macro-F1")
    panel.title.set_fontsize(9)
    panel.legend(title="order")
    return picture
