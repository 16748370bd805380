"""Pictures of an evaluation: the dictionary that `stance.results.evaluation` returns and `stance evaluate --output` writes."""

from __future__ import annotations

from typing import Any

from matplotlib.ticker import StrMethodFormatter

from stance.errors import InputError
from stance.results.colours import COLOURS
from stance.results.evaluation import AGAINST, BASELINE, MAJORITY, MODEL, Evaluation
from stance.results.evaluation_tables import NAMES, ORIGINS
from stance.results.frames import Rows, rows_of
from stance.results.metrics import CALIBRATION
from stance.results.pictures import (
    Picture,
    blank,
    dots,
    legend_below,
    named_rows,
    percent,
    shifted,
)

# Systems have colours that no side has.
SYSTEMS = {MODEL: COLOURS[3], BASELINE: COLOURS[5], AGAINST: COLOURS[4], MAJORITY: COLOURS[6]}
MARKERS = {MODEL: "o", BASELINE: "s", AGAINST: "D", MAJORITY: "^"}


def label_scores(found: Evaluation, origin: str = "restated", speaker: bool = False, figure: str = "F1") -> Picture:
    """A figure of each label ("F1", "precision" or "recall") with its interval, for each system."""
    rows = _rows(found["labels"], origin=origin, speaker=speaker)
    names = list(dict.fromkeys(f"{row['axis']}: {row['label']} ({row['support']})" for row in rows))
    systems = [name for name in SYSTEMS if any(row["system"] == name for row in rows) and name != MAJORITY]
    picture, panel = blank(8, 1.6 + 0.32 * len(names))
    for number, system in enumerate(systems):
        points = [
            {"value": row[figure], "low": row[f"{figure} low"], "high": row[f"{figure} high"], "at": names.index(f"{row['axis']}: {row['label']} ({row['support']})")}
            for row in rows
            if row["system"] == system
        ]
        dots(panel, points, shifted(number, len(systems)), SYSTEMS[system], system, MARKERS[system])
    named_rows(panel, names)
    panel.set(xlim=(0, 1), xlabel=f"{figure}, with 95% interval by page (in brackets: statements with the label)")
    picture.suptitle(f"{figure} by label, {NAMES[speaker]} ({_n(found, origin)})", fontsize=12)
    legend_below(picture, panel)
    return picture


def part_scores(found: Evaluation, axis: str, figure: str, by: str = "dispute", origin: str = "restated", speaker: bool = True) -> Picture:
    """A figure of an axis for each dispute or each length, for each system."""
    rows = _rows(found["parts"], origin=origin, speaker=speaker, by=by, axis=axis, figure=figure)
    names = list(dict.fromkeys(_part(row) for row in rows))
    systems = [name for name in SYSTEMS if any(row["system"] == name for row in rows)]
    picture, panel = blank(8, 1.6 + 0.5 * len(names))
    for number, system in enumerate(systems):
        points = [{**row, "at": names.index(_part(row))} for row in rows if row["system"] == system]
        dots(panel, points, shifted(number, len(systems)), SYSTEMS[system], system, MARKERS[system])
    named_rows(panel, names)
    panel.set(xlim=(0, 1), xlabel=f"{axis}: {figure}, with 95% interval by page")
    picture.suptitle(f"{axis} by {by}, {NAMES[speaker]} ({_n(found, origin)})", fontsize=12)
    legend_below(picture, panel)
    return picture


def confusion_map(found: Evaluation, axis: str, origin: str = "restated", speaker: bool = False, system: str = MODEL) -> Picture:
    """Of a one-of axis: counts of each held label (rows) by the label given (columns), shaded by the share of the row."""
    rows = _rows(found["confusion"], origin=origin, speaker=speaker, axis=axis, system=system)
    names = list(dict.fromkeys(row["gold"] for row in rows))
    counts = {(row["gold"], row["said"]): row["count"] for row in rows}
    if len(counts) < len(names) ** 2:
        raise InputError(f"{axis} takes any number of labels; a confusion table of labels is for an axis that takes one")
    totals = {name: sum(counts[name, other] for other in names) for name in names}
    grid = [[counts[name, other] / max(1, totals[name]) for other in names] for name in names]
    picture, panel = blank(1.9 + 0.95 * len(names), 1.9 + 0.62 * len(names))
    panel.imshow(grid, cmap="Greys", vmin=0, vmax=1, aspect="auto")
    for i, name in enumerate(names):
        for j, other in enumerate(names):
            panel.text(j, i, f"{counts[name, other]}", ha="center", va="center", color="white" if grid[i][j] > 0.5 else "black")
    panel.set_xticks(range(len(names)), names, rotation=30 if len(names) > 3 else 0, ha="right" if len(names) > 3 else "center")
    panel.set_yticks(range(len(names)), [f"{name} ({totals[name]})" for name in names])
    panel.set(xlabel="label given (statements; shade: share of the row)", ylabel="label held (statements)")
    panel.set_title(f"{axis}, {NAMES[speaker]}\n{_n(found, origin)}", fontsize=11)
    return picture


def reliability_curves(found: Evaluation, axis: str, origin: str = "restated", system: str = MODEL) -> Picture:
    """How often answers of each confidence are right, without and with the speaker, with intervals and the number of answers."""
    rows = _rows(found["reliability"], origin=origin, axis=axis, system=system)
    errors = {row["speaker"]: row["value"] for row in _rows(found["figures"], origin=origin, axis=axis, system=system, figure=CALIBRATION)}
    picture, panels = blank(9, 4.4, nrows=2, ncols=2, sharex=True, sharey="row", height_ratios=[3, 1])
    for column, used in enumerate((False, True)):
        points = [row for row in rows if row["speaker"] == used]
        top, bottom = panels[0, column], panels[1, column]
        top.plot([0, 1], [0, 1], color="0.6", linestyle=":", linewidth=1)
        spread = [[max(0.0, row["value"] - row["low"]) for row in points], [max(0.0, row["high"] - row["value"]) for row in points]]
        top.errorbar([row["confidence"] for row in points], [row["value"] for row in points], yerr=spread, fmt="o-", markersize=4, capsize=2, linewidth=1, color=SYSTEMS[system])
        top.set(xlim=(0, 1), ylim=(0, 1.02), title=f"{NAMES[used]}: calibration error {errors[used]:.3f}")
        top.grid(alpha=0.3)
        bottom.bar([(row["from"] + row["to"]) / 2 for row in points], [row["n"] for row in points], width=0.09, color=SYSTEMS[system])
        bottom.set(xlabel="confidence", yscale="log", ylim=(1, None))
        bottom.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        bottom.minorticks_off()
    panels[0, 0].set_ylabel("share right")
    panels[1, 0].set_ylabel("answers (log)")
    picture.suptitle(f"Is {axis} as sure as it is right? ({_n(found, origin)}; bars: 95% by page)", fontsize=12)
    return picture


def risk_curves(found: Evaluation, origin: str = "", system: str = MODEL) -> Picture:
    """For each one-of axis the share of answers that is wrong, by the share of statements answered, with a 95% band."""
    origin = origin or found["about"]["statements"][0]["origin"]
    if not found["risk"]:
        raise InputError("risk and coverage are told of axes that take one label, and this model has none")
    rows = _rows(found["risk"], origin=origin, system=system)
    axes = list(dict.fromkeys(row["axis"] for row in rows))
    picture, panels = blank(4.6 * len(axes), 4, ncols=len(axes), sharey=True, squeeze=False)
    for panel, axis in zip(panels[0], axes, strict=True):
        for used, style, tone in ((False, "--", COLOURS[4]), (True, "-", COLOURS[3])):
            points = [row for row in rows if row["axis"] == axis and row["speaker"] == used]
            share = [row["answered"] for row in points]
            panel.plot(share, [row["value"] for row in points], linestyle=style, color=tone, label=NAMES[used])
            panel.fill_between(share, [row["low"] for row in points], [row["high"] for row in points], color=tone, alpha=0.15, linewidth=0)
        panel.set(xlim=(0, 1), ylim=(0, None), xlabel="share answered, the surest first", title=axis)
        panel.grid(alpha=0.3)
        percent(panel.xaxis)
        percent(panel.yaxis)
    panels[0, 0].set_ylabel("share of those answers that is wrong")
    panels[0, 0].legend()
    picture.suptitle(f"What it costs to answer more ({_n(found, origin)}; bands: 95% by page)", fontsize=12)
    return picture


def learning_curve(table: Any, figures: tuple[str, ...], readers: dict[str, float] | None = None) -> Picture:
    """Mean and range over seeds of each of `figures` (columns) by `size`, for each `arm`; `readers`: the level a reader reaches."""
    rows = rows_of(table)
    sizes, arms = sorted({row["size"] for row in rows}), list(dict.fromkeys(row["arm"] for row in rows))
    picture, panels = blank(3.3 * len(figures), 3.8, ncols=len(figures), squeeze=False)
    for panel, figure in zip(panels[0], figures, strict=True):
        for number, arm in enumerate(arms):
            values = {size: [float(row[figure]) for row in rows if row["arm"] == arm and row["size"] == size] for size in sizes}
            known = [size for size in sizes if values[size]]
            means = [sum(values[size]) / len(values[size]) for size in known]
            spread = [[mean - min(values[size]) for mean, size in zip(means, known, strict=True)], [max(values[size]) - mean for mean, size in zip(means, known, strict=True)]]
            panel.errorbar(known, means, yerr=spread, marker="os"[number % 2], markersize=5, capsize=3, color=COLOURS[3 + number], label=arm)
        if readers and figure in readers:
            panel.axhline(readers[figure], color="0.4", linestyle=":", label="a reader")
        panel.set(xscale="log", xlabel="restated training statements", title=figure.replace(", ", "\n", 1))
        panel.title.set_fontsize(10)
        panel.set_xticks(sizes, [f"{size:,}" for size in sizes], fontsize=9)
        panel.minorticks_off()
        panel.grid(alpha=0.3)
    panels[0, 0].set_ylabel("score (0 to 1)")
    picture.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    seeds = len({row["seed"] for row in rows})
    picture.suptitle(f"Learning curve on {rows[0]['n']:,} restated test statements; mean and range of {seeds} seeds", fontsize=12)
    return picture


def _part(row: dict[str, Any]) -> str:
    """A part with its n, which stays on one line."""
    return f"{row['part']} (n\u00a0=\u00a0{row['n']:,})"


def _rows(rows: Rows, **wanted: Any) -> Rows:
    found = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
    if not found:
        asked = ", ".join(f"{key} {value!r}" for key, value in wanted.items())
        allowed = "; ".join(f"{key}: {', '.join(dict.fromkeys(str(row[key]) for row in rows))}" for key in wanted)
        raise InputError(f"the evaluation has no {asked}; there are {allowed or 'none'}")
    return found


def _n(found: Evaluation, origin: str) -> str:
    about = next(row for row in found["about"]["statements"] if row["origin"] == origin)
    return f"{ORIGINS[origin].lower()}, n = {about['n']:,} on {about['pages']:,} pages"
