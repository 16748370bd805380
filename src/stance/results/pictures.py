"""Pictures of a data set, as files to put on a page."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib.figure import Figure

from stance.files import written_beside
from stance.labels import ONE_OF, Axis
from stance.records import Statement
from stance.results.colours import COLOURS

LONGEST = 120  # words; longer statements are counted in the last bar


def balance(statements: list[Statement], axes: tuple[Axis, ...], path: Path) -> None:
    """Draw, for restated statements, every label by the first axis, and the lengths of each origin."""
    restated = [s for s in statements if s.origin == "restated"] or statements
    first, *rest = axes
    figure = Figure(figsize=(11, 4), layout="constrained")
    panels: Any = figure.subplots(1, len(rest) + 1)
    for panel, axis in zip(panels, rest, strict=False):
        left = [0] * len(axis.names)
        for number, side in enumerate(first.names):
            members = [s for s in restated if s.labels[first.name] == side]
            counts = Counter(label for s in members for label in ([str(s.labels[axis.name])] if axis.kind == ONE_OF else s.labels[axis.name]))
            widths = [counts[name] for name in axis.names]
            panel.barh(axis.names, widths, left=left, color=COLOURS[number % len(COLOURS)], label=f"{side} ({len(members):,})")
            left = [a + b for a, b in zip(left, widths, strict=True)]
        panel.set(title=f"{axis.name}, restated", xlabel="statements")
        panel.invert_yaxis()
    figure.legend(*panels[0].get_legend_handles_labels(), title=first.name, loc="outside lower left", ncols=len(first.names))
    for origin in sorted({s.origin for s in statements}):
        words = [min(len(s.text.split()), LONGEST) for s in statements if s.origin == origin]
        panels[-1].hist(words, bins=range(0, LONGEST + 6, 5), density=True, histtype="step", label=f"{origin} ({len(words):,})")
    panels[-1].set(title="length", xlabel=f"words ({LONGEST} stands for more)", ylabel="share of statements a word")
    panels[-1].legend()
    with written_beside(path) as beside:
        figure.savefig(beside, format=path.suffix.lstrip(".") or "png", dpi=110)


def risk_curves(curves: dict[str, tuple[Any, Any]], title: str, path: Path) -> None:
    """Draw (share answered, share wrong) of each named curve."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    panel: Any = figure.subplots()
    for name, (answered, wrong) in curves.items():
        panel.plot(answered, wrong, label=name)
    panel.set(xlim=(0, 1), ylim=(0, None), xlabel="share of statements answered, the surest first", ylabel="share of those answers that is wrong", title=title)
    panel.grid(alpha=0.3)
    panel.legend()
    with written_beside(path) as beside:
        figure.savefig(beside, format=path.suffix.lstrip(".") or "png", dpi=110)
