"""Statements out to other programs and back, and into a data set."""

import json

import pytest
from typer.testing import CliRunner

from stance.cli import app
from stance.errors import DataError, InputError
from stance.labels import load_axes

AXES = load_axes()
ROWS = [
    {"text": 'He said "no";\nthen, =left.', "side": "union", "tone": "firm", "topics": ["ai", "pay"], "speaker": "chair", "doc": "a.txt", "start": 3, "end": 9},
    {"text": "Ça va; 1,000 days.", "side": "other", "tone": "neutral", "topics": [], "speaker": "", "date": "2023-10"},
]


def write(path, rows):
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    return path


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def run(*args):
    found = CliRunner().invoke(app, [str(a) for a in args])
    if found.exception:
        raise found.exception
    return found


@pytest.mark.parametrize("form", ["csv", "doccano", "label-studio", "datasets"])
def test_out_and_back(tmp_path, form):
    run("data", "export", write(tmp_path / "a.jsonl", ROWS), "--form", form, "-o", tmp_path / "out")
    run("data", "import", tmp_path / "out", "--form", form, "-o", tmp_path / "b.jsonl")
    assert rows(tmp_path / "b.jsonl") == ROWS


@pytest.mark.parametrize(
    ("form", "content", "message"),
    [
        ("csv", "text,side,tone,topics\nA,union,loud,\n", "line 2: tone 'loud' is unknown"),
        ("doccano", '{"text": "A", "label": ["union"]}\n', "names no axis"),
        ("doccano", '{"text": "A", "label": ["side:union", "side:other"]}\n', "given twice"),
        ("label-studio", '[{"data": {"text": "A"}, "annotations": []}]', "task 1: side is missing"),
        ("label-studio", "{}x", "not an export"),
        ("datasets", "x", "save_to_disk"),
        ("xml", "x", "'xml' is unknown"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, form, content, message):
    (tmp_path / "in").write_text(content)
    with pytest.raises((DataError, InputError), match=message):
        run("data", "import", tmp_path / "in", "--form", form, "-o", tmp_path / "b.jsonl")
    assert not (tmp_path / "b.jsonl").exists()


def test_add_merges_and_writes_nothing_when_labels_clash(tmp_path):
    (tmp_path / "set").mkdir()
    old, new = write(tmp_path / "set" / "old.jsonl", ROWS[:1]), tmp_path / "set" / "new.jsonl"
    assert "1 new, 0 replaced, 1 there already" in run("data", "add", write(tmp_path / "in.jsonl", ROWS), "--into", new).stderr
    assert rows(new) == ROWS[1:] and rows(old) == ROWS[:1]
    changed = write(tmp_path / "in.jsonl", [{**ROWS[1], "text": "Fresh."}, {**ROWS[0], "tone": "neutral"}])
    with pytest.raises(DataError, match=r"old.jsonl, statement 1: .* other labels"):
        run("data", "add", changed, "--into", new)
    assert rows(new) == ROWS[1:] and rows(old) == ROWS[:1]
    assert "1 new, 1 replaced" in run("data", "add", changed, "--into", new, "--replace").stderr
    assert rows(old) == [{**ROWS[0], "tone": "neutral"}]
