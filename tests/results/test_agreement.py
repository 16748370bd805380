"""Agreement between readers: figures that can be worked out by hand, and the command."""

import json

import pytest
from typer.testing import CliRunner

from stance.cli import app
from stance.errors import DataError
from stance.labels import load_axes
from stance.records import Statement
from stance.results.agreement import (
    agreement,
    agreement_tables,
    confusion,
    disagreements,
    read_readers,
)

AXES = load_axes()
LABELS = [("union", "firm", ["pay"]), ("studio", "neutral", []), ("other", "neutral", ["ai"]), ("studio", "firm", ["pay", "ai"])]


def reader(labels):
    return [Statement.from_record({"text": f"statement {n}", "side": side, "tone": tone, "topics": topics, "origin": "restated"}, AXES) for n, (side, tone, topics) in enumerate(labels)]


def test_alpha_is_one_for_the_same_answers_and_worked_out_by_hand_otherwise():
    same = {row["axis"] + row["label"]: row for row in agreement({"a": reader(LABELS), "b": reader(LABELS)}, AXES)}
    assert same["side"]["alpha"] == same["tone"]["alpha"] == same["topicspay"]["alpha"] == 1.0
    assert same["topicsresiduals"]["alpha"] is None  # nobody ever used it
    changed = [LABELS[0], LABELS[1], LABELS[2], ("studio", "neutral", ["pay", "ai"])]
    tone = next(row for row in agreement({"a": reader(LABELS), "b": reader(changed)}, AXES) if row["axis"] == "tone")
    # 3 x firm, 5 x neutral in 8 values: disagreement observed 2/8, expected 2*3*5/(8*7)
    assert tone["alpha"] == pytest.approx(1 - (2 / 8) / (30 / 56), abs=5e-4)
    assert tone["low"] <= tone["alpha"] <= tone["high"]
    assert tone["agree"] == 0.75


def test_readers_are_matched_by_text_and_their_differences_listed():
    a, b = reader(LABELS), list(reversed(reader([("other", "firm", ["pay"]), *LABELS[1:]])))
    found = disagreements({"a": a, "b": b}, AXES)
    assert found == [{"text": "statement 0", "side": {"a": "union", "b": "other"}}]
    table = confusion(a, list(reversed(b)), AXES[0])
    assert table[0] == {"side": "union", "union": 0, "studio": 0, "other": 1}
    with pytest.raises(DataError, match="no statement in common"):
        agreement({"a": a[:1], "b": b[:1]}, AXES)


def test_adjudicated_reading_is_reported_apart():
    readers = {"first": reader(LABELS), "second": reader([("other", "firm", ["pay"]), *LABELS[1:]]), "agreed": reader(LABELS)}
    kept = agreement_tables(readers, AXES, "agreed", "pilot")["pilot: share of each reading that was kept"]
    assert kept[0] == {"axis": "side", "first kept": "100.0%", "second kept": "75.0%"}


def test_command(tmp_path):
    for name, labels in (("a", LABELS), ("b", [("other", "firm", ["pay"]), *LABELS[1:]])):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(s.record()) + "\n" for s in reader(labels)))
    result = CliRunner().invoke(app, ["agree", str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"), "-o", str(tmp_path / "settle.jsonl")])
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["axis"] for row in rows] == ["side", "tone"] + ["topics"] * 6
    assert json.loads((tmp_path / "settle.jsonl").read_text())["side"] == {"a": "union", "b": "other"}


def test_readers_of_one_name_and_second_texts_are_told_apart(tmp_path):
    for name in ("anna", "ben"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "labels.jsonl").write_text("".join(json.dumps({**s.record(), "text": "same", "speaker": f"about {n}"}) + "\n" for n, s in enumerate(reader(LABELS))))
    paths = [tmp_path / "anna" / "labels.jsonl", tmp_path / "ben" / "labels.jsonl"]
    readers = read_readers(paths, AXES)
    assert list(readers) == [str(p) for p in paths]
    assert agreement(readers, AXES)[0]["n"] == 4
    with pytest.raises(DataError, match="named twice"):
        read_readers([paths[0], paths[0]], AXES)


def test_three_readers(tmp_path):
    # Two readers say a a b, the third a b b: of nine answers in three units 7 coincide within, 20/36 of the pairs would differ by chance.
    for name, tones in (("anna", "ffn"), ("ben", "ffn"), ("cleo", "fnn")):
        rows = [{"text": f"Statement {n}.", "side": "union", "tone": {"f": "firm", "n": "neutral"}[tone], "topics": []} for n, tone in enumerate(tones)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    files = [tmp_path / f"{name}.jsonl" for name in ("anna", "ben", "cleo")]
    found = CliRunner().invoke(app, ["agree", *map(str, files), "-o", str(tmp_path / "apart.jsonl")])
    tone = next(row for row in map(json.loads, found.stdout.splitlines()) if row["axis"] == "tone")
    assert (tone["alpha"], tone["agree"], tone["n"]) == (0.6, 0.667, 3)
    assert [json.loads(line)["tone"] for line in (tmp_path / "apart.jsonl").read_text().splitlines()] == [{"anna": "firm", "ben": "firm", "cleo": "neutral"}]
    tables = agreement_tables(read_readers(files, AXES), AXES)
    assert [title for title in tables if title.startswith("tone")] == [f"tone by {one} (rows) and {other} (columns)" for one, other in (("anna", "ben"), ("anna", "cleo"), ("ben", "cleo"))]
    assert tables["tone by anna (rows) and cleo (columns)"][1] == {"tone": "firm", "combative": 0, "firm": 1, "conciliatory": 0, "supportive": 0, "neutral": 1}
