"""The behavioural tests themselves; a trained model's pass rates are in the table of `stance evaluate`."""

import numpy as np
import pytest

from stance.labels import load_axes
from stance.results.behaviour import behaviour
from stance.results.evaluation import calibration_error, risk_coverage
from stance.tagging import Manifest, Scores, Tagger
from stance.tagging.folder import uncalibrated

AXES = load_axes()


def reader_of(rule):
    """A model whose side, tone and topics come from a rule over the text."""

    def score(texts, speakers):
        return Scores(np.array([rule(text) for text in texts], dtype=np.float32), np.zeros((len(texts), 1), dtype=np.float32))

    return Tagger(Manifest("encoder", AXES, 64, uncalibrated(AXES)), score)


def test_a_model_blind_to_names_passes_where_nothing_should_change():
    rows = {row["test"]: row for row in behaviour(reader_of(lambda text: [1.0] + [0] * 13))}
    assert rows["another union's name: side"]["passed"] == rows["upper case"]["passed"] == 1.0
    assert rows["another union's name: tone and topics"]["cases"] > 50
    assert not rows["negation turns the tone"]["enough"]


def test_a_model_that_reads_names_as_sides_is_caught():
    rows = {row["test"]: row for row in behaviour(reader_of(lambda text: [5.0 * ("WGA" in text), 1, 0] + [0] * 11))}
    assert not rows["another union's name: side"]["enough"]
    assert "side studio, was union" in rows["another union's name: side"]["failures"][0]
    assert rows["another union's name: tone and topics"]["passed"] == rows["another studio's name: side"]["passed"] == 1.0


def test_other_labels_have_no_behavioural_tests():
    tagger = reader_of(lambda text: [0] * 14)
    tagger.axes = AXES[:1]
    assert behaviour(tagger) == []


def test_calibration_error_and_risk_by_hand():
    chance = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    axis = type(AXES[0])("x", "one-of", AXES[0].labels[:2])
    gold = np.array([[True, False], [False, True], [True, False], [True, False]])
    # Sure .9 and right 1/2: gap .4; sure .6 and right 2/2: gap .4
    assert calibration_error(chance, gold, axis) == pytest.approx(0.4)
    answered, wrong = risk_coverage(chance, gold)
    np.testing.assert_allclose(answered, [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(wrong, [0, 0.5, 1 / 3, 0.25])
