"""The behavioural tests themselves; a trained model's pass rates are in the table of `stance evaluate`."""

import numpy as np

from stance.labels import load_axes
from stance.results.behaviour import behaviour
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
