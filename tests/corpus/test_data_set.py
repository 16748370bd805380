"""Held-out disputes, the primer, and the faults that `stance data check` must find."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from stance.cli import app
from stance.corpus import build, check, read_sources, read_split
from stance.corpus.disputes import same_disputes
from stance.corpus.grammar import generate
from stance.corpus.held_out import HeldOut, choose
from stance.labels import load_axes
from stance.records import Statement
from stance.roster import load_roster

ROOT = Path(__file__).parents[2]
AXES = load_axes()


def words(texts):
    """Bag-of-words unit vectors stand in for the encoder's."""
    vectors = np.zeros((len(texts), 512), dtype=np.float32)
    for row, text in enumerate(texts):
        for word in text.lower().split():
            vectors[row, sum(map(ord, word)) % 512] += 1
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2023 WGA strike", "WGA strike 2023", True),
        ("WGA and SAG-AFTRA strikes 2023", "SAG-AFTRA TV/theatrical strike 2023", True),
        ("WGA strike 2007-08", "WGA contract talks 2007", True),
        ("WGA strike 2007-08", "WGA strike 2023", False),
        ("NBA lockout 2011", "NFL lockout 2011", False),
        ("", "strike", False),
    ],
)
def test_names_of_one_dispute(one, other, same):
    found = same_disputes([one, other])
    assert (found[one] == found[other]) == same


def test_primer_is_balanced_and_the_stored_one_is_what_the_grammar_makes():
    stored = [json.loads(line) for line in (ROOT / "data" / "sources" / "generated.jsonl").read_text(encoding="utf-8").splitlines()]
    assert stored == list(generate(load_roster(), len(stored)))
    statements = [Statement.from_record(r, AXES) for r in stored]
    assert {s.labels["side"] for s in statements} == {"union", "studio", "other"}
    assert not any(mark in s.text for s in statements for mark in "{}[]|")


def page(number, dispute, text):
    return {"text": text, "side": "union", "tone": "firm", "topics": [], "speaker": "", "origin": "restated", "url": f"https://example.org/{number}", "dispute": dispute}


@pytest.fixture
def small(tmp_path):
    rows = [page(n, "Acme strike 2020" if n < 3 else f"Talks {n} of 2021", f"statement {n} speaks of {n * 7919} and {n * 104729}") for n in range(40)]
    rows.append(page(50, "Talks 9 of 2021", rows[0]["text"] + " indeed so"))
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "a.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    return folder


def test_held_out_dispute_and_its_neighbours_leave_training(small, tmp_path):
    held = HeldOut(frozenset(["Strike at Acme, 2020"]), frozenset())
    sizes = build(read_sources(small, AXES), tmp_path / "s", held, words)
    assert {s.dispute for s in read_split(tmp_path / "s", "test", AXES)} >= {"Acme strike 2020"}
    assert not any(s.dispute == "Acme strike 2020" for part in ("train", "validation") for s in read_split(tmp_path / "s", part, AXES))
    assert sizes["train"] + sizes["validation"] + sizes["test"] + sizes["near the test set"] + sizes["duplicates"] == 41
    assert check(small.glob("*.jsonl"), tmp_path / "s", AXES, words, held) == []


def test_check_finds_what_is_planted(small, tmp_path):
    held = HeldOut(frozenset(["Acme strike 2020"]), frozenset())
    build(read_sources(small, AXES), tmp_path / "s", held, words)
    leaked = (tmp_path / "s" / "test.jsonl").read_text().splitlines()[0]
    with (tmp_path / "s" / "train.jsonl").open("a") as train:
        train.write(leaked + "\n")
    with (small / "a.jsonl").open("a") as source:
        source.write(json.dumps(page(60, "Talks 60 of 2021", "statement 5 speaks of 39595 and 523645")) + "\n")
    faults = "\n".join(check(small.glob("*.jsonl"), tmp_path / "s", AXES, words, held))
    for fault in ("the same words as", "within cosine 1.00 of a test statement", "is held out, but trained on", "stands in train and in test"):
        assert fault in faults


def test_choice_is_of_the_size_asked_and_repeats(records):
    statements = [Statement.from_record(page(n, f"Talks {n // 4} of 2021", f"text {n}"), AXES) for n in range(200)]
    held = choose(statements, AXES, 50)
    assert held == choose(statements, AXES, 50)
    assert 35 <= 4 * len(held.disputes) <= 60


def test_data_commands(sources, tmp_path):
    def run(*args):
        result = CliRunner().invoke(app, ["data", *map(str, args)])
        assert result.exception is None, result.exception
        return result.stdout

    assert "no faults" in run("check", "--data", sources, "--splits", tmp_path / "s")
    assert "| restated | 30 |" in run("stats", "--data", sources, "--splits", tmp_path / "s", "--picture", tmp_path / "p.png")
    assert (tmp_path / "p.png").read_bytes()[1:4] == b"PNG"
    card = tmp_path / "card.md"
    card.write_text("before\n<!-- tables -->\nold\n<!-- /tables -->\nafter\n")
    run("stats", "--data", sources, "--splits", tmp_path / "s", "--card", card)
    assert "old" not in card.read_text()
    assert card.read_text().endswith("<!-- /tables -->\nafter\n")
    run("generate", "-o", tmp_path / "g.jsonl", "--count", 20)
    assert len((tmp_path / "g.jsonl").read_text().splitlines()) == 20
