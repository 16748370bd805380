"""The real program on a real terminal, and what is left when it is killed."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pexpect
import pytest
from typer.testing import CliRunner

from stance.cli import app
from stance.labelling import label_keys, read_labelled
from stance.labels import ONE_OF, load_axes
from stance.records import Statement
from stance.training.encoder import targets

AXES = load_axes()
STANCE = [sys.executable, "-c", "from stance.cli import program; program()"]


@pytest.fixture
def statements(tmp_path):
    rows = [{"text": f"We said {n} things.", "speaker": "the guild's chair", "doc": "news.txt"} for n in range(3)]
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    return tmp_path / "s.jsonl"


def start(folder, *args):
    return pexpect.spawn(STANCE[0], [*STANCE[1:], *map(str, args)], cwd=str(folder), dimensions=(40, 120), encoding="utf-8", timeout=60, env={**os.environ, "TERM": "xterm-256color"})


def test_keys_on_a_terminal_kill_and_resume(statements, tmp_path):
    args = ("label", statements, "--annotator", "anna")
    first = start(tmp_path, *args)
    first.expect("0 of 3")
    first.expect("the guild's chair · news.txt")
    first.send("?c")
    first.expect("Attacks: imputes bad motives")
    first.send("\x1b")
    first.expect("We said 0 things")
    first.send("ufp;why\r\r")  # typed ahead: no key may be lost
    first.expect("1 of 3")
    first.kill(signal.SIGKILL)
    first.wait()
    second = start(tmp_path, *args)
    second.expect("1 of 3")
    second.send("\x7f")
    second.expect("note: why")
    second.send("s\r")
    second.expect("We said 1 things")
    second.send("\t")
    second.expect("We said 2 things")
    second.send("-")
    second.expect("2 of 3")
    second.send("\x03")
    second.expect("2 of 3 done")
    second.expect(pexpect.EOF)
    second.close()
    assert second.exitstatus == 0
    (found,) = read_labelled(tmp_path / "labels" / "anna.jsonl", AXES)
    assert found.labels == {"side": "studio", "tone": "firm", "topics": ["pay"]}
    assert found.doc == "news.txt"


def test_every_key_of_a_label_and_the_models_suggestion(tiny_model, statements, tmp_path):
    screen = start(tmp_path, "label", statements, "--annotator", "anna", "--model", tiny_model, "--order", "uncertain")
    screen.expect("model: side ")
    screen.send("=\r")
    screen.expect("1 of 3")
    screen.send("§")
    screen.expect("is no key here")
    screen.send("".join(label_keys(AXES)))  # the last label of a one-of axis stays, and each of an any-of axis
    screen.send("\r")
    screen.expect("2 of 3")
    for key, (axis, name) in label_keys(AXES).items():  # one at a time; of topics each is taken away again
        screen.send(key)
        screen.expect(rf"{name}\S*\*")
        if axis.kind != ONE_OF:
            screen.send(key)
    screen.send("\r")
    screen.expect("All done")
    screen.send("\x04")
    screen.expect("3 of 3 done")
    screen.expect(pexpect.EOF)
    first, second, third = (json.loads(line) for line in (tmp_path / "labels" / "anna.jsonl").read_text().splitlines())
    assert first["labels"] == first["suggested"]
    last = {axis.name: name for axis, name in label_keys(AXES).values() if axis.kind == ONE_OF}
    assert second["labels"] == {**last, "topics": list(AXES[2].names)}
    assert third["labels"] == {**last, "topics": []}


def test_blind_hides_the_model(tiny_model, statements, tmp_path):
    screen = start(tmp_path, "label", statements, "--annotator", "ben", "--model", tiny_model, "--blind")
    screen.expect("0 of 3")
    screen.send("=")
    screen.expect("no suggestion is shown")
    assert "model: side" not in screen.before
    screen.send("\x03")
    screen.expect(pexpect.EOF)


def test_suspects_are_reviewed_and_put_back(tiny_encoder, records, tmp_path, monkeypatch):
    """From `data suspects` through the screen to the mended data set."""
    spoilt = [{**r, "tone": "neutral"} if n == 5 else r for n, r in enumerate(records)]
    assert records[5]["tone"] != "neutral"
    (tmp_path / "sources").mkdir()
    source = tmp_path / "sources" / "all.jsonl"
    source.write_text("".join(json.dumps(r) + "\n" for r in spoilt))
    sure = [Statement.from_record(r, AXES) for r in records]
    side, tone, topics = (t.numpy() for t in targets(sure, AXES))
    logits = np.concatenate([np.eye(3)[side] * 6, np.eye(5)[tone] * 6, topics * 12 - 6], axis=1).astype(np.float32)
    monkeypatch.setattr("stance.training.folds.out_of_fold", lambda *_: {"with": logits})
    found = CliRunner().invoke(app, ["data", "suspects", "--data", str(source.parent), "-o", str(tmp_path / "suspects.jsonl"), "--encoder", str(tiny_encoder)])
    assert found.exception is None, found.exception
    screen = start(tmp_path, "label", "suspects.jsonl", "--annotator", "anna", "-o", "review.jsonl")
    screen.expect(f"tone: was neutral, the model says {records[5]['tone']}")
    screen.send(next(key for key, (_, name) in label_keys(AXES).items() if name == records[5]["tone"]) + "\r")
    screen.expect("All done")
    screen.send("\r")
    screen.expect(pexpect.EOF)
    refused = CliRunner().invoke(app, ["data", "add", str(tmp_path / "review.jsonl"), "--into", str(source)])
    assert "has other labels" in str(refused.exception)
    added = CliRunner().invoke(app, ["data", "add", str(tmp_path / "review.jsonl"), "--into", str(source), "--replace"])
    assert "0 new, 1 replaced, 0 there already" in added.stderr
    assert [json.loads(line) for line in source.read_text().splitlines()] == records


def test_readers_settle_on_a_terminal(tmp_path):
    for name, tone in (("anna", "firm"), ("ben", "combative")):
        rows = [{"text": "Same.", "side": "union", "tone": "firm", "topics": []}, {"text": "Apart.", "side": "union", "tone": tone, "topics": ["pay"]}]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    screen = start(tmp_path, "adjudicate", "anna.jsonl", "ben.jsonl", "-o", "agreed.jsonl", "--annotator", "cleo")
    screen.expect("ben: side union  tone combative  topics pay")
    screen.send("c\r")
    screen.expect("All done")
    screen.send("\r")
    screen.expect(pexpect.EOF)
    assert {s.text: s.labels["tone"] for s in read_labelled(tmp_path / "agreed.jsonl", AXES)} == {"Same.": "firm", "Apart.": "combative"}
    kept = [json.loads(line) for line in (tmp_path / "agreed.jsonl").read_text().splitlines()]
    assert [(a["annotator"], a["said"]["anna"]["tone"]) for a in kept] == [("agreement", "firm"), ("cleo", "firm")]


def test_without_a_terminal_it_says_so(statements, tmp_path):
    found = subprocess.run([*STANCE, "label", str(statements), "--annotator", "anna"], cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (found.returncode, found.stderr.count("\n")) == (2, 1)
    assert "needs a terminal" in found.stderr


KILLED = """
import os, random, sys, time
from pathlib import Path
from stance.labelling import Item, Session, Store
from stance.labels import load_axes

axes, rng = load_axes(), random.Random(1)
items = [Item(f"statement {number} {'x' * 3000}") for number in range(1000)]


def label(out):
    session = Session(items, axes, Store(Path(sys.argv[1]), axes), "anna")
    while True:
        number = session.view().item.text.split()[1]
        for key in ("u", "f", "enter"):
            session.press(key)
        os.write(out, number.encode() + b" ")


for _ in range(int(sys.argv[2])):
    listen, out = os.pipe()
    if not (child := os.fork()):
        label(out)
    os.close(out)
    said = b""
    for _ in range(rng.randint(1, 5)):
        said += os.read(listen, 4096)
    time.sleep(rng.uniform(0, 0.01))
    os.kill(child, 9)
    os.waitpid(child, 0)
    while rest := os.read(listen, 4096):
        said += rest
    os.close(listen)
    print(said.decode(), end="")
"""


def test_fifty_kills_lose_no_answer(tmp_path, promise):
    """Each answer that the session has gone on from is still there, whenever it is killed, and none is asked again."""
    kept = promise("`label`, killed, has every answer that it went on from, and asks none again", part="Faults", unit="kills")
    path, kills = tmp_path / "anna.jsonl", kept.times(50, 100)
    found = subprocess.run([sys.executable, "-c", KILLED, str(path), str(kills)], capture_output=True, text=True, check=True, timeout=240)
    said = [int(number) for number in found.stdout.split()]
    there = [int(s.text.split()[1]) for s in read_labelled(path, AXES)]
    assert len(said) >= kills
    kept.count(kills, int(not set(said) <= set(there)) + int(there != list(range(len(there)))))
