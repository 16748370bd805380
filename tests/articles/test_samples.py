"""Articles of our own, in the styles a user brings, each passage with its speaker by hand (samples/gold.jsonl)."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from stance.articles import quotations, read_article
from stance.roster import load_roster

ROSTER = load_roster()
FOLDER = Path(__file__).parent / "samples"
GOLD = defaultdict(list)
for line in (FOLDER / "gold.jsonl").read_text(encoding="utf-8").splitlines():
    row = json.loads(line)
    GOLD[row["doc"]].append(row)


@pytest.fixture(scope="module")
def found():
    return {doc: quotations(read_article(FOLDER / doc), ROSTER, doc) for doc in GOLD}


def test_every_article_has_gold():
    assert sorted(GOLD) == sorted(path.name for path in FOLDER.glob("*.txt"))


@pytest.mark.parametrize("doc", sorted(GOLD))
def test_passages_are_found_and_nothing_else(found, doc):
    assert [(r["text"], r["kind"]) for r in found[doc]] == [(g["text"], g["kind"]) for g in GOLD[doc]]


def rows(found):
    return [(g, r) for doc in GOLD for g, r in zip(GOLD[doc], found[doc], strict=True)]


@pytest.mark.parametrize(
    ("key", "gold_key", "share"),
    [("speaker", "speaker", 0.97), ("speaker_name", "name", 0.96), ("roster_id", "roster_id", 0.97), ("side", "side", 0.95)],
)
def test_speakers_are_right(found, key, gold_key, share):
    wrong = [(g["doc"], g["text"], g[gold_key], r[key]) for g, r in rows(found) if r[key] != g[gold_key]]
    assert len(wrong) <= (1 - share) * len(rows(found)), wrong


def test_a_side_is_seldom_given_to_the_wrong_party(found):
    wrong = [(g["doc"], g["text"], r["side"]) for g, r in rows(found) if r["side"] not in (g["side"], "unknown")]
    assert len(wrong) <= 1, wrong


def test_organisations_and_descriptions(found):
    """Speakers that are bodies, or people without a name."""
    nominal = [(g, r) for g, r in rows(found) if g["roster_id"] or (g["name"] == "unknown" and g["speaker"] != "unknown" and len(g["speaker"]) > 3)]
    right = [r["speaker"] == g["speaker"] and r["roster_id"] == g["roster_id"] for g, r in nominal]
    assert len(right) > 60
    assert sum(right) / len(right) >= 0.9


def test_what_is_answered_with_confidence_is_right(found):
    answered = [(g, r) for g, r in rows(found) if r["speaker_confidence"] >= 0.9]
    assert len(answered) > 0.7 * len(rows(found))
    assert sum(r["speaker"] == g["speaker"] for g, r in answered) / len(answered) >= 0.96
