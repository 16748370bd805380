"""Evaluation: figures against scikit-learn and by hand, intervals by page, paired tests, tables and pictures."""

import io
import json

import numpy as np
import pytest
from rich.console import Console
from scipy.stats import binomtest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from stance.errors import InputError
from stance.labels import load_axes
from stance.records import Statement
from stance.results.comparison import compared
from stance.results.evaluation import as_json, evaluation
from stance.results.evaluation_pictures import (
    SYSTEMS,
    confusion_map,
    label_scores,
    part_scores,
    reliability_curves,
    risk_curves,
)
from stance.results.evaluation_tables import tables
from stance.results.metrics import figures, label_rows, reliability, risk_coverage
from stance.results.pictures import colours
from stance.results.resampling import resamples, with_interval
from stance.tagging import Manifest, Scores, Tagger
from stance.tagging.folder import uncalibrated

AXES = load_axes()
SIDE, TONE, TOPICS = AXES


def statements(count, pages, origin="restated"):
    rng = np.random.default_rng(5)
    return [
        Statement.from_record(
            {"text": f"{origin} {i} " + "word " * (i % 70), "speaker": "somebody", "side": SIDE.names[i % 3], "tone": TONE.names[rng.integers(5)], "topics": [TOPICS.names[i % 6]], "origin": origin, "url": f"https://example.org/{origin}/{i % pages}", "dispute": "Great strike 2001" if i % 2 else f"Small strike {1900 + i}"},
            AXES,
        )
        for i in range(count)
    ]


def tagger(right):
    """A model that is right about a share `right` of the statements, told apart by the number in their text, and sure of it."""

    def score(texts, speakers):
        rows = []
        for text in texts:
            number = int(text.split()[1])
            good = number % 10 < right * 10
            # Who speaks is only known when described.
            side = number % 3 if good and speakers[0] else 0
            logits = np.zeros(14)
            logits[side], logits[3 + number % 5], logits[8 + (number % 6 if good else 0)] = 3, 2, 4
            logits[8:] -= 2
            rows.append(logits)
        return Scores(np.array(rows, dtype=np.float32), np.zeros((len(texts), 1), dtype=np.float32))

    return Tagger(Manifest("encoder", AXES, 64, uncalibrated(AXES)), score)


@pytest.fixture(scope="module")
def found():
    held = statements(240, 60) + statements(12, 4, "quoted")
    return evaluation({"model": tagger(0.9), "against": tagger(0.6), "baseline": tagger(0.2)}, held, statements(60, 60))


def test_figures_are_those_of_scikit_learn():
    rng = np.random.default_rng(2)
    held, given = rng.integers(5, size=300), rng.integers(5, size=300)
    gold, said = np.eye(5, dtype=bool)[held], np.eye(5, dtype=bool)[given]
    draws = resamples(statements(300, 100))
    theirs = precision_recall_fscore_support(held, given, labels=range(5))
    for k, row in enumerate(label_rows(gold, said, TONE, draws)):
        assert (row["precision"], row["recall"], row["F1"], row["support"]) == pytest.approx([part[k] for part in theirs], abs=5e-4)
        assert row["F1 low"] < row["F1"] < row["F1 high"]
    ours = figures(gold, said, TONE, draws)
    assert ours["macro-F1"][0] == pytest.approx(f1_score(held, given, average="macro"))
    several, answer = rng.random((300, 6)) < 0.3, rng.random((300, 6)) < 0.3
    ours = figures(several, answer, TOPICS, draws)
    assert ours["micro-F1"][0] == pytest.approx(f1_score(several, answer, average="micro"))
    assert ours["core macro-F1"][0] == pytest.approx(f1_score(several[:, :3], answer[:, :3], average="macro"))


def test_a_label_never_said_or_never_held_has_no_precision_or_recall():
    gold, said = np.eye(3, dtype=bool)[[0, 0, 1]], np.eye(3, dtype=bool)[[0, 2, 2]]
    rows = label_rows(gold, said, SIDE, resamples(statements(3, 3)))
    assert [row["precision"] for row in rows] == [1.0, None, 0.0]
    assert [row["recall"] for row in rows] == [0.5, 0.0, None]
    assert figures(gold, said, SIDE, resamples(statements(3, 3)))["macro-F1"][0] == pytest.approx((2 / 3 + 0) / 2)  # `other` is not held


def test_statements_that_repeat_their_page_make_no_interval_narrower():
    rng = np.random.default_rng(3)
    held, given = rng.integers(3, size=40), rng.integers(3, size=40)
    once = figures(np.eye(3, dtype=bool)[held], np.eye(3, dtype=bool)[given], SIDE, resamples(statements(40, 40)))
    held, given = np.tile(held, 9), np.tile(given, 9)
    gold, said = np.eye(3, dtype=bool)[held], np.eye(3, dtype=bool)[given]
    by_page = with_interval(figures(gold, said, SIDE, resamples(statements(360, 40)))["accuracy"])
    apart = with_interval(figures(gold, said, SIDE, resamples(statements(360, 360)))["accuracy"])
    width = {name: row["high"] - row["low"] for name, row in (("once", with_interval(once["accuracy"])), ("by page", by_page), ("apart", apart))}
    assert width["by page"] == pytest.approx(width["once"], abs=0.05)
    assert width["apart"] < width["by page"] / 2


def test_calibration_and_risk_by_hand():
    chance = np.array([[0.9, 0.1, 0], [0.9, 0.1, 0], [0.6, 0.4, 0], [0.6, 0.4, 0]])
    gold = np.eye(3, dtype=bool)[[0, 1, 0, 0]]
    draws = resamples(statements(4, 4))
    rows, error = reliability(chance, gold, SIDE, draws)
    # Sure .9 and right 1/2: gap .4; sure .6 and right 2/2: gap .4
    assert error == pytest.approx(0.4)
    assert [(row["from"], row["confidence"], row["value"], row["n"]) for row in rows] == [(0.6, 0.6, 1.0, 2), (0.9, 0.9, 0.5, 2)]
    answered, wrong = risk_coverage(chance, gold, draws, (0.25, 0.5, 0.75, 1))
    np.testing.assert_array_equal(answered, [1, 2, 3, 4])
    np.testing.assert_allclose(wrong[0], [0, 0.5, 1 / 3, 0.25])


def test_a_difference_is_found_where_there_is_one_and_not_where_there_is_none():
    rng = np.random.default_rng(4)
    held = rng.integers(3, size=200)
    wrong = (held + 1) % 3
    gold = np.eye(3, dtype=bool)[held]
    good, bad, worse = (np.eye(3, dtype=bool)[np.where(rng.random(200) < share, held, wrong)] for share in (0.85, 0.6, 0.6))
    draws = resamples(statements(200, 50))
    (row, _) = compared(gold, good, bad, SIDE, draws)
    assert row["difference"] == pytest.approx((good & gold).any(1).mean() - (bad & gold).any(1).mean(), abs=5e-4)
    assert 0 < row["low"] < row["difference"] < row["high"]
    assert row["p"] < 0.01
    assert row["won"] - row["lost"] == round(row["difference"] * 200)
    (turned, _) = compared(gold, bad, good, SIDE, draws)
    assert (turned["difference"], turned["p"]) == (-row["difference"], pytest.approx(row["p"], abs=0.01))
    (none, _) = compared(gold, bad, worse, SIDE, draws)
    assert none["low"] < 0 < none["high"]
    assert none["p"] > 0.05
    assert compared(gold, good, good, SIDE, draws)[0]["p"] == 1
    # Where every statement is its own page, the test is McNemar's.
    (single, _) = compared(gold[:40], good[:40], bad[:40], SIDE, resamples(statements(40, 40)))
    assert single["p"] == pytest.approx(binomtest(single["won"], single["won"] + single["lost"]).pvalue, abs=0.02)


def test_p_is_uniform_when_the_systems_are_the_same_by_page():
    """Answers that agree within a page: a test that took statements for independent would find far too much."""
    found = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        held = np.zeros(120, dtype=int)
        answers = [np.repeat(rng.integers(2, size=12), 10).reshape(12, 10).T.ravel() for _ in range(2)]  # page i % 12
        gold, one, other = (np.eye(3, dtype=bool)[labels] for labels in (held, *answers))
        found.append(compared(gold, one, other, SIDE, resamples(statements(120, 12)))[0]["p"])
    assert np.mean(np.array(found) < 0.05) <= 0.1
    assert 0.3 < np.mean(found) < 0.8


def test_origins_are_apart_and_every_cut_is_there(found):
    assert {(row["origin"], row["n"], row["pages"]) for row in found["about"]["statements"]} == {("restated", 240, 60), ("quoted", 12, 4)}
    for table in ("figures", "labels", "confusion", "reliability", "risk", "parts", "compared", "errors"):
        assert {row["origin"] for row in found[table]} == {"restated", "quoted"}, table
    value = {(row["origin"], row["axis"], row["speaker"], row["system"], row["figure"]): row["value"] for row in found["figures"]}
    assert value["restated", "side", True, "model", "accuracy"] > value["restated", "side", False, "model", "accuracy"]
    assert value["restated", "side", False, "majority", "accuracy"] == pytest.approx(1 / 3, abs=1e-3)
    restated = [row for row in found["parts"] if row["origin"] == "restated"]
    assert {row["part"]: row["n"] for row in restated if row["by"] == "dispute"} == {"Great strike 2001": 120, "120 smaller disputes": 120}
    assert sum({row["part"]: row["n"] for row in restated if row["by"] == "length"}.values()) == 240
    assert not [row for row in found["parts"] if row["origin"] == "quoted" and row["by"] == "dispute"]  # none is large
    assert sum(row["count"] for row in found["confusion"] if (row["origin"], row["axis"], row["speaker"], row["system"]) == ("restated", "tone", True, "model")) == 240
    assert {row["other"] for row in found["compared"]} == {"against", "baseline"}
    assert all(row["gold"] != row["said"] for row in found["errors"])


def test_json_is_the_same_every_time_and_reads_back(found):
    held = statements(240, 60) + statements(12, 4, "quoted")
    again = evaluation({"model": tagger(0.9), "against": tagger(0.6), "baseline": tagger(0.2)}, held, statements(60, 60))
    assert as_json(again) == as_json(found)
    assert json.loads(as_json(found)) == found


@pytest.mark.parametrize("width", [60, 120])
def test_tables_fit_and_the_full_ones_are_more(found, width):
    printed = {}
    for full in (False, True):
        paper = io.StringIO()
        for table in tables({**found, "about": {**found["about"], "against": {}}}, full):
            Console(width=width, file=paper).print(table)
        printed[full] = paper.getvalue()
        assert max(map(len, printed[full].splitlines())) <= width
    assert printed[False].index("Restated statements: 240") < printed[False].index("Real quotations: 12")
    assert "of 4 pages only" in printed[False].replace("\n", " ")
    assert len(printed[True]) > 3 * len(printed[False])


PICTURES = [
    lambda e: label_scores(e),
    lambda e: part_scores(e, "tone", "macro-F1"),
    lambda e: part_scores(e, "tone", "macro-F1", by="length", origin="quoted"),
    lambda e: confusion_map(e, "side"),
    lambda e: reliability_curves(e, "topics"),
    lambda e: risk_curves(e),
]


@pytest.mark.parametrize("draw", PICTURES)
def test_pictures_name_axes_and_n(found, draw):
    picture = draw(found)
    titles = [picture.get_suptitle(), *(panel.get_title() for panel in picture.axes)]
    assert any("n = " in title for title in titles), titles
    assert all(panel.get_xlabel() for panel in picture.axes[-1:])
    assert picture._repr_png_()[1:4] == b"PNG"


def test_no_system_has_the_colour_of_a_side():
    assert not set(SYSTEMS.values()) & set(colours(SIDE.names).values())


def test_what_the_evaluation_lacks_is_named(found):
    with pytest.raises(InputError, match=r"the evaluation has no origin 'composed'.*origin: restated, quoted"):
        label_scores(found, origin="composed")
    with pytest.raises(InputError, match="topics takes any number of labels"):
        confusion_map(found, "topics")


def test_a_model_of_any_of_axes_alone():
    def score(texts, speakers):
        return Scores(np.ones((len(texts), 6), dtype=np.float32), np.zeros((len(texts), 1), dtype=np.float32))

    found = evaluation({"model": Tagger(Manifest("encoder", (TOPICS,), 64, uncalibrated((TOPICS,))), score)}, statements(30, 10, ""), statements(30, 10, ""))
    assert found["risk"] == []
    assert {row["figure"] for row in found["figures"]} == {"micro-F1", "core macro-F1", "calibration error"}
    assert len(list(tables(found, full=True))) > 4
    with pytest.raises(InputError, match="axes that take one label, and this model has none"):
        risk_curves(found)
