"""Confidence, abstention, conformal sets and explanations."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapie.classification import SplitConformalClassifier
from sklearn.base import BaseEstimator, ClassifierMixin
from typer.testing import CliRunner

from stance.cli import app
from stance.errors import InputError
from stance.labels import load_axes
from stance.records import Statement
from stance.results.explanation import as_html
from stance.tagging import Manifest, Scores, Tagger, load
from stance.tagging.explaining import explain
from stance.tagging.folder import ALONE, DESCRIBED, uncalibrated
from stance.tagging.neighbours import nearest, read_neighbours
from stance.training.calibration import calibrated, calibration

AXES = load_axes()


@pytest.fixture
def sure():
    """A model that reads one fixed row of logits, whatever the text."""
    logits = np.array([[2.0, 0, 0, 5, 0, 0, 0, 0, 3, -3, 0.2, -0.2, -4, 0.6]], dtype=np.float32)
    plain = uncalibrated(AXES)[ALONE]
    alone = replace(plain, conformal={"0.9": {"side": [0.1] * 3, "tone": [0.5] * 5, "topics": [0.4] * 6}})
    described = replace(alone, temperatures={**plain.temperatures, "side": 0.25}, thresholds={"topics": [0.5, 0.5, 0.5, 0.4, 0.5, 0.7]})
    manifest = Manifest("encoder", AXES, 32, {ALONE: alone, DESCRIBED: described})
    return Tagger(manifest, lambda texts, speakers: Scores(np.repeat(logits, len(texts), axis=0), np.zeros((len(texts), 2), dtype=np.float32)))


def test_unsure_below_the_confidence_asked_for(sure):
    (plain,) = sure.classify(["x"])
    assert (plain["side"], plain["tone"], plain["topics"]) == ("union", "combative", ["ai", "residuals", "bargaining"])
    (tags,) = sure.classify(["x"], min_confidence=0.9)
    assert (tags["side"], tags["tone"]) == ("unsure", "combative")
    assert tags["side_confidence"] == plain["side_confidence"] < 0.9
    assert tags["topics"] == ["ai"]
    assert tags["topics_unsure"] == ["residuals", "benefits", "bargaining"]
    with pytest.raises(InputError, match="between 0 and 1"):
        sure.classify(["x"], min_confidence=1.5)


def test_texts_alone_and_described_are_calibrated_apart(sure):
    alone, described = sure.classify(["x", "x"], ["", "somebody"])
    assert alone["side_confidence"] < 0.8 < 0.99 < described["side_confidence"]
    assert described["topics"] == ["ai", "residuals", "benefits"]
    # Below one half and yet given: not sure of it, nor of leaving out what stands under a high threshold.
    (tags,) = sure.classify(["x"], ["somebody"], min_confidence=0.5)
    assert tags["topics"] == ["ai", "residuals"]
    assert tags["topics_unsure"] == ["benefits", "bargaining"]


def test_roster_decides_the_set_too(tiny_model):
    (tags,) = load(tiny_model).classify(["They lied."], ["AMPTP"], coverage=0.9)
    assert (tags["side"], tags["side_basis"], tags["side_set"]) == ("studio", "roster", ["studio"])


def test_sets_hold_what_cannot_be_ruled_out(sure):
    (tags,) = sure.classify(["x"], coverage=0.9)
    assert tags["side_set"] == ["union", "studio", "other"]
    assert tags["tone_set"] == ["combative"]
    assert tags["topics_set"] == ["ai", "residuals", "benefits", "bargaining"]
    with pytest.raises(InputError, match=r"not among those the model was calibrated for: 0\.9"):
        sure.classify(["x"], coverage=0.5)


class Given(ClassifierMixin, BaseEstimator):
    """Passes ready-made probabilities on."""

    def __init__(self, classes=3):
        self.classes = classes

    def fit(self, chances, labels=None):
        self.classes_ = np.arange(self.classes)
        return self

    def __sklearn_is_fitted__(self):
        return True

    def predict_proba(self, chances):
        return np.asarray(chances, dtype=np.float64)

    def predict(self, chances):
        return np.asarray(chances).argmax(1)


def test_sets_are_those_of_mapie_and_cover_as_promised():
    rng = np.random.default_rng(0)
    side = rng.normal(size=(600, 3)).astype(np.float32) * 2
    truth = np.array([rng.choice(3, p=np.exp(row) / np.exp(row).sum()) for row in side])
    statements = [Statement.from_record({"text": f"t{i}", "side": AXES[0].names[t], "tone": "firm", "topics": ["ai"] if i % 2 else []}, AXES) for i, t in enumerate(truth)]
    logits = np.concatenate([side, rng.normal(size=(600, 11)).astype(np.float32)], axis=1)
    found, _ = calibration(logits[:300], statements[:300], AXES)
    chance = np.exp(side / found.temperatures["side"])
    chance = (chance / chance.sum(1, keepdims=True)).astype(np.float64)
    theirs = SplitConformalClassifier(Given().fit(chance), confidence_level=0.9, conformity_score="lac", prefit=True).conformalize(chance[:300], truth[:300])
    ours = chance[300:] >= found.conformal["0.9"]["side"][0] - 1e-6
    np.testing.assert_array_equal(ours, theirs.predict_set(chance[300:])[1][:, :, 0])
    assert 0.85 <= ours[np.arange(300), truth[300:]].mean() <= 0.95
    assert found.conformal["0.9"]["topics"][1] == 0.0  # nobody speaks of pay here, so pay is never ruled out


def test_sets_cover_with_and_without_a_speaker_however_unlike_the_two_are():
    rng = np.random.default_rng(1)
    truth = rng.integers(3, size=1200)
    statements = [Statement.from_record({"text": f"t{i}", "speaker": "somebody", "side": AXES[0].names[t], "tone": "firm", "topics": ["ai"] if i % 2 else [], "origin": "restated" if i % 3 else "composed"}, AXES) for i, t in enumerate(truth)]

    def score(texts, speakers):
        rows = [int(text[1:]) for text in texts]
        sharp = np.array([5.0 if speaker else 1.0 for speaker in speakers])[:, None]
        side = np.eye(3)[truth[rows]] * sharp + np.random.default_rng(len(rows)).normal(size=(len(rows), 3))
        return Scores(np.concatenate([side, np.zeros((len(rows), 11))], axis=1).astype(np.float32), np.zeros((len(rows), 1), dtype=np.float32))

    manifest = calibrated(Manifest("encoder", AXES, 32, uncalibrated(AXES)), score, statements[:900])
    assert manifest.metrics["validation statements"] == 600  # the made-up third is passed over
    tagger = Tagger(manifest, score)
    for speaker in ("", "somebody"):
        tags = tagger.classify([s.text for s in statements[900:]], [speaker] * 300, coverage=0.9)
        covered = np.mean([s.labels["side"] in t["side_set"] for s, t in zip(statements[900:], tags, strict=True)])
        assert 0.85 <= covered <= 0.96, (speaker, covered)


def test_a_word_left_out_is_a_word_weighed(tiny_model):
    tagger = load(tiny_model)
    text = "They  lied about residuals."
    found = explain(tagger, text, "AMPTP")
    assert [text[a:b] for a, b in found.words] == ["They", "lied", "about", "residuals."]
    (label, weights), = found.weights["tone"].items()
    whole, part = (tagger.predict([t], ["AMPTP"])["tone"][0] for t in (text, "They  lied residuals."))
    k = AXES[1].names.index(label)
    assert label == AXES[1].names[int(whole.argmax())]
    odds = [float(np.log(p[k] / (1 - p[k]))) for p in (whole, part)]
    assert weights[2] == pytest.approx(odds[0] - odds[1], abs=1e-3)


@given(st.text(min_size=1).filter(lambda t: t.strip()))
def test_any_text_can_be_explained_and_its_page_holds_no_foreign_markup(text):
    logits = np.zeros((1, 14), dtype=np.float32)
    tagger = Tagger(Manifest("encoder", AXES, 32, uncalibrated(AXES)), lambda texts, speakers: Scores(np.repeat(logits, len(texts), axis=0), np.zeros((len(texts), 2), dtype=np.float32)))
    found = explain(tagger, text + " <script>alert(1)</script>")
    page = as_html(found, [{"text": "<b>x</b>", "side": "union", "tone": "firm", "topics": [], "likeness": 0.5}])
    assert "<script" not in page
    assert "<b>" not in page
    assert [found.text[a:b] for a, b in found.words] == found.text.split()


def test_neighbours_are_the_statements_learnt_from(tiny_model, records):
    stored, vectors = read_neighbours(tiny_model)
    assert [r["text"] for r in stored] == [r["text"] for r in records[:40]]
    tagger = load(tiny_model)
    like = nearest(stored, vectors, tagger.score([records[7]["text"]], [""]).pooled[0])
    assert like[0]["text"] == records[7]["text"]
    assert like[0]["likeness"] == pytest.approx(1, abs=0.01)


def test_explain_command(tiny_model, tmp_path):
    result = CliRunner().invoke(app, ["explain", "They lied.", "--model", str(tiny_model), "--similar", "2"])
    assert result.exception is None, result.exception
    record = json.loads(result.stdout)
    assert [word for word, _ in next(iter(record["words"]["side"].values()))] == ["They", "lied."]
    assert len(record["similar"]) == 2
    CliRunner().invoke(app, ["explain", "They lied.", "--model", str(tiny_model), "-o", str(tmp_path / "w.html")])
    assert "lied." in (tmp_path / "w.html").read_text()
