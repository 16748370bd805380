"""A Series in, a frame of the same library out; and neither library loaded for a list."""

import subprocess
import sys

import pandas as pd
import polars as pl
import pytest

from stance.errors import InputError
from stance.tagging import load

TEXTS, SPEAKERS = ["We will talk.", "They lied.", "The talks begin on Monday."], ["AMPTP", None, "a mayor"]


@pytest.fixture(scope="module")
def tagger(tiny_model):
    return load(tiny_model)


def test_frames_hold_what_lists_do(tagger):
    rows = tagger.classify(TEXTS, ["AMPTP", "", "a mayor"], coverage=0.9, all_probabilities=True)
    table = pd.DataFrame({"text": TEXTS, "who": SPEAKERS}, index=[7, 3, 5])
    tags = tagger.classify(table["text"], speaker=table["who"], coverage=0.9, all_probabilities=True)
    assert type(tags) is pd.DataFrame
    assert list(tags.index) == [7, 3, 5]
    assert tags.to_dict("records") == rows
    assert list(table.join(tags)["side_basis"]) == ["roster", "model", "model"]
    series = pl.DataFrame({"text": TEXTS, "who": SPEAKERS})
    tags = tagger.classify(series["text"], speaker=series["who"], coverage=0.9, all_probabilities=True)
    assert type(tags) is pl.DataFrame
    assert tags.to_dicts() == rows


@pytest.mark.parametrize("column", [pd.Series([], dtype=str, index=pd.Index([], dtype=int)), pl.Series([], dtype=pl.String)])
def test_no_rows_have_the_same_columns(tagger, column):
    tags = tagger.classify(column)
    assert len(tags) == 0
    assert list(tags.columns) == list(tagger.classify(["Hello there."])[0])
    assert tagger.classify([]) == []


def test_one_speaker_for_all_and_refusals(tagger):
    assert [row["side_basis"] for row in tagger.classify(TEXTS, "AMPTP")] == ["roster"] * 3
    assert list(tagger.classify(pd.Series(TEXTS), "AMPTP")["side"]) == ["studio"] * 3
    with pytest.raises(InputError, match="text 2 is empty"):
        tagger.classify(pd.Series(["We talk.", None]))
    with pytest.raises(InputError, match="3 texts but 1 speakers"):
        tagger.classify(pd.Series(TEXTS), speaker=["AMPTP"])


def test_polars_lists_have_a_type_though_all_are_empty(tagger):
    tags = tagger.classify(pl.Series(TEXTS), min_confidence=1.0)
    assert tags.schema["topics"] == pl.List(pl.String)
    assert tags.schema["topics_confidence"] == pl.List(pl.Float64)


def test_a_list_loads_no_frame_library(tiny_model):
    code = f"import sys, stance; stance.load({str(tiny_model)!r}).classify(['We talk.']); print([m for m in ('pandas', 'polars', 'narwhals') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
