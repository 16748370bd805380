"""Shares with intervals by page, and pictures of tagged statements from any kind of table."""

import pandas as pd
import polars as pl
import pytest
from scipy.stats import binomtest

from stance.errors import InputError
from stance.results.pictures import colours, label_shares, save, shares_over_time, statement_dots
from stance.results.shares import shares, wilson

ROWS = [
    {"text": f"statement {i}", "side": ("union", "studio")[i % 2], "tone": ("firm", "neutral", "combative")[i % 3], "tone_confidence": 0.4 + i / 100, "topics": ["pay", "ai"][: i % 3], "url": f"page {i % 12}", "month": f"2023-0{1 + i // 10}", "date": "2023-05-01"}
    for i in range(36)
]
TABLES = {"rows": ROWS, "pandas": pd.DataFrame(ROWS), "polars": pl.DataFrame(ROWS)}


@pytest.mark.parametrize(("count", "n"), [(0, 4), (3, 10), (200, 467), (4, 4)])
def test_wilson_is_that_of_scipy(count, n):
    theirs = binomtest(count, n).proportion_ci(method="wilson")
    assert wilson(count / n, n) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


def test_shares_by_hand_and_pages_are_the_sample():
    found = {(row["side"], row["topics"]): row for row in shares(ROWS, "topics", ("side",))}
    row = found["union", "pay"]
    assert (row["count"], row["n"], row["pages"], row["share"]) == (12, 18, 6, 0.667)
    assert (row["low"], row["high"]) == pytest.approx(wilson(2 / 3, 6), abs=5e-4)
    with pytest.raises(InputError, match="no column 'outlet'; there are: text, side"):
        shares(ROWS, "tone", ("outlet",))
    with pytest.raises(InputError, match="a table is wanted"):
        shares("statements.csv", "tone")


@pytest.mark.parametrize("name", TABLES)
def test_any_kind_of_table_gives_the_same_shares(name):
    assert shares(TABLES[name], "tone", ("side", "month")) == shares(ROWS, "tone", ("side", "month"))


def test_missing_cells_are_passed_over():
    table = pd.DataFrame(ROWS)
    table.loc[0, "side"] = None
    table.loc[1, "tone"] = float("nan")
    assert sum({row["side"]: row["n"] for row in shares(table, "tone")}.values()) == 34


def test_pictures_keep_a_side_its_colour_and_say_n(tmp_path):
    assert colours(["studio", "union"]) == {name: colours(["union", "studio", "other"])[name] for name in ("studio", "union")}
    blue = colours(["union"])["union"]
    time = shares_over_time(ROWS, "tone", ["firm"], title="Tone")
    assert "n = 36" in time.get_suptitle()
    assert blue in {line.get_color() for line in time.axes[0].lines}
    assert [tick.get_text() for tick in time.axes[-1].get_xticklabels()] == ["2023-01", "2023-02", "2023-03", "2023-04"]
    bars = label_shares(ROWS, "topics")
    assert [text.get_text() for text in bars.legends[0].get_texts()] == ["union (n = 18 on 6 pages)", "studio (n = 18 on 6 pages)"]
    hollow = [line for line in statement_dots(ROWS[:20], "tone").axes[0].lines if line.get_markerfacecolor() == "white"]
    assert len(hollow) == 10  # confidences below one half
    save(time, tmp_path / "t.svg")
    assert "<svg" in (tmp_path / "t.svg").read_text()
    with pytest.raises(InputError, match="not written as 'doc'"):
        save(time, tmp_path / "t.doc")


def test_points_of_few_statements_are_left_out():
    few = [*ROWS, {**ROWS[0], "month": "2023-09"}]
    for fewest, points in ((5, 3), (1, 5)):  # April has three statements a side, September one
        picture = shares_over_time(few, "tone", ["firm"], fewest=fewest)
        assert max(len(line.get_xdata()) for line in picture.axes[0].lines) == points
