"""The real program on a real terminal, and what is left when it is killed."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pexpect
import pytest

from stance.labelling import Store, read_labelled
from stance.labels import load_axes

AXES = load_axes()
STANCE = [sys.executable, "-c", "from stance.cli import main; main()"]


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


WRITER = """
import os, sys
from pathlib import Path
from stance.labelling.store import Answer, Store
store = Store(Path(sys.argv[1]), ())
number = len(store.answers)
while True:
    store.add(Answer({"text": str(number)}, "labelled", "anna", note="x" * 3000))
    os.write(1, b"%d\\n" % number)
    number += 1
"""


def test_fifty_kills_lose_no_answer(tmp_path):
    """Each answer that the program has gone on from is still there, whenever it is killed."""
    path, rng = tmp_path / "anna.jsonl", random.Random(1)
    code = f"import os, sys, time\nfor _ in range(50):\n    if not (child := os.fork()):\n        exec({WRITER!r})\n    time.sleep(float(sys.argv[2].split(',')[_])); os.kill(child, 9); os.waitpid(child, 0)"
    waits = ",".join(f"{rng.uniform(0.005, 0.05):.4f}" for _ in range(50))
    began = time.monotonic()
    found = subprocess.run([sys.executable, "-c", f"import stance.labelling\n{code}", str(path), waits], capture_output=True, text=True, check=True, timeout=60)
    said = [int(line) for line in found.stdout.splitlines()]
    store = Store(path, ())
    store.close()
    there = [int(answer.statement["text"]) for answer in store.answers.values()]
    assert len(said) > 50, f"hardly anything was written in {time.monotonic() - began:.1f} s"
    assert set(said) <= set(there)
    assert there == list(range(len(there)))
