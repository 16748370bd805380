"""Files of any size, pipes, folders and runs that were cut off."""

import fcntl
import gzip
import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from stance.cli import app
from stance.errors import InputError
from stance.files import compress, open_input, safe_cell
from stance.tagging import load, shards, streams
from stance.tagging.scoring import batches
from stance.tagging.streams import is_file_name
from stance.tagging.threads import free_threads, quota


def run(*args, stdin=None):
    return CliRunner().invoke(app, [str(a) for a in args], input=stdin)


def good(*args, **kwargs):
    result = run(*args, **kwargs)
    assert result.exception is None, result.exception
    return result


@pytest.fixture
def many(tmp_path, records):
    path = tmp_path / "many.jsonl"
    path.write_text("".join(json.dumps({"id": n, "text": f"{records[n % 60]['text']} {n}", "speaker": ["", "AMPTP"][n % 2]}) + "\n" for n in range(300)))
    return path


def test_an_answer_does_not_hang_on_its_neighbours(tiny_model, records):
    texts = [r["text"] * (1 + n % 4) for n, r in enumerate(records)]
    speakers = ["", "AMPTP", "a very long description of somebody who speaks"] * 20
    tagger = load(tiny_model, threads=1)
    together = tagger.predict(texts, speakers)
    mixed = np.random.default_rng(1).permutation(60)
    shuffled = load(tiny_model, threads=3).predict([texts[i] for i in mixed], [speakers[i] for i in mixed])
    alone = [tagger.predict([t], [s]) for t, s in zip(texts, speakers, strict=True)]
    for axis, chances in together.items():
        np.testing.assert_allclose(shuffled[axis], chances[mixed], atol=1e-4)
        np.testing.assert_allclose(np.concatenate([one[axis] for one in alone]), chances, atol=1e-4)


def test_batches_hold_like_lengths_within_a_budget():
    lengths = [5, 40, 6, 300, 5, 41, 7]
    found = batches(lengths, tokens=84, rows=3)
    assert sorted(i for batch in found for i in batch) == list(range(7))
    assert found == [[0, 4, 2], [6], [1, 5], [3]] or found == [[0, 4, 2], [6, 1], [5], [3]]
    assert all(len(b) == 1 or len(b) * max(lengths[i] for i in b) <= 84 for b in found)


def test_equal_statements_are_scored_once(tiny_model, monkeypatch):
    import onnxruntime as ort

    seen = []
    real = ort.InferenceSession.run
    monkeypatch.setattr(ort.InferenceSession, "run", lambda self, names, inputs: seen.append(len(inputs["input_ids"])) or real(self, names, inputs))
    scores = load(tiny_model, threads=1).score(["A.", "B.", "A.", "A."], ["", "", "", "AMPTP"])
    assert sum(seen) == 3
    np.testing.assert_array_equal(scores.logits[0], scores.logits[2])
    assert abs(scores.logits[0] - scores.logits[3]).max() > 0


@pytest.mark.parametrize(("said", "load", "cores", "wanted"), [("3", 9.0, 4, 3), ("", 0.1, 4, 4), ("", 2.6, 4, 1), ("", 8.0, 2, 1)])
def test_threads_are_those_that_are_free(monkeypatch, said, load, cores, wanted):
    monkeypatch.setenv("STANCE_THREADS", said)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0, 0))
    assert free_threads() == wanted


def test_threads_that_are_no_number_are_refused_and_a_quota_is_heeded(monkeypatch, tmp_path):
    monkeypatch.setenv("STANCE_THREADS", "two")
    with pytest.raises(InputError, match="STANCE_THREADS is 'two'"):
        free_threads()
    for text, wanted in (("200000 100000\n", 2), ("50000 100000\n", 1), ("max 100000\n", 8)):
        (tmp_path / "cpu.max").write_text(text)
        assert quota(tmp_path / "cpu.max", 8) == wanted


@pytest.mark.parametrize("name", ["o.jsonl", "o.jsonl.gz", "o.jsonl.zst", "o.csv", "o.csv.gz", "o.parquet"])
def test_a_run_that_was_cut_off_ends_as_if_it_had_not_been(tiny_model, many, tmp_path, monkeypatch, name):
    monkeypatch.setattr(streams, "WINDOW", 64)
    monkeypatch.setattr("stance.sinks._COMMIT", 1 << 13)
    whole, cut = tmp_path / "whole" / name, tmp_path / "cut" / name
    good("classify", many, "--model", tiny_model, "-o", whole)
    real, calls = shards.tag, []

    def killed(group, *rest):
        calls.append(len(group))
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(group, *rest)

    monkeypatch.setattr(shards, "tag", killed)
    run("classify", many, "--model", tiny_model, "-o", cut)
    assert not cut.exists()
    with (cut.parent / f"{name}.partial").open("ab") as torn:
        torn.write(b'{"id": 9, "te')
    refused = run("classify", many, "--model", tiny_model, "-o", cut, "--resume", "--probabilities").exception
    assert isinstance(refused, InputError)
    assert "other options" in str(refused)
    good("classify", many, "--model", tiny_model, "-o", cut, "--resume")
    assert sum(calls[4:]) < 300  # what was answered was not tagged again
    assert cut.read_bytes() == whole.read_bytes()
    assert [p.name for p in cut.parent.iterdir()] == [name]


def test_parquet_keeps_types_and_row_order(tiny_model, tmp_path, monkeypatch):
    import datetime

    monkeypatch.setattr(streams, "WINDOW", 16)
    rows = [{"n": n, "text": f"We will talk on day {n}.", "when": datetime.datetime(2023, 5, 2, n % 24), "note": None if n < 40 else "late"} for n in range(100)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet", row_group_size=30)
    good("classify", tmp_path / "in.parquet", "--model", tiny_model, "-o", tmp_path / "out.parquet", "--min-confidence", 0.9)
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.column("n").to_pylist() == list(range(100))
    assert found.schema.field("when").type == pq.read_schema(tmp_path / "in.parquet").field("when").type
    assert found.column("note").to_pylist()[-1] == "late"
    assert json.loads(good("classify", tmp_path / "in.parquet", "--model", tiny_model).stdout.splitlines()[5])["when"] == "2023-05-02 05:00:00"


def test_packed_files_are_read_and_written(tiny_model, many, tmp_path):
    plain = good("classify", many, "--model", tiny_model).stdout
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress(many.read_bytes()))
    good("classify", tmp_path / "in.jsonl.gz", "--model", tiny_model, "-o", tmp_path / "out.jsonl.zst")
    with open_input(tmp_path / "out.jsonl.zst") as handle:
        assert handle.read().decode() == plain
    (tmp_path / "bad.jsonl.gz").write_bytes(compress(many.read_bytes(), tmp_path / "x.gz")[:300])
    message = str(run("classify", tmp_path / "bad.jsonl.gz", "--model", tiny_model).exception)
    assert message.startswith(f"{tmp_path / 'bad.jsonl.gz'}")
    assert "\n" not in message


def test_a_line_in_a_pipe_is_answered_before_the_next_is_given(tiny_model):
    command = [sys.executable, "-c", "from stance.cli import program; program()", "classify", "-", "--model", str(tiny_model)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "STANCE_THREADS": "1"}) as process:
        for number in range(3):
            process.stdin.write(f"We will talk on day {number}.\n\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["text"] == f"We will talk on day {number}."
        process.stdin.write(b"No newline at the end")
        process.stdin.close()
        assert json.loads(process.stdout.readline())["text"] == "No newline at the end"
    assert process.returncode == 0


def test_two_runs_at_one_output(tiny_model, many, tmp_path, promise):
    kept = promise("Of two runs on one output the second is refused in one line", part="Faults", unit="runs")
    out = tmp_path / "o.jsonl"
    with (tmp_path / "o.jsonl.partial").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        refused = f"{out}: another run is writing it; wait for that one, or name another file"
        for asked in (("classify", many), ("explain", "They lied.", "--similar", 0)):
            kept.count(1, int(str(run(*asked, "--model", tiny_model, "-o", out).exception) != refused))
    good("classify", many, "--model", tiny_model, "-o", out)


@pytest.fixture
def shard_folder(tmp_path, many):
    folder = tmp_path / "in"
    (folder / "older").mkdir(parents=True)
    lines = many.read_text().splitlines(keepends=True)
    (folder / "a.jsonl").write_text("".join(lines[:50]))
    (folder / "b.jsonl.gz").write_bytes(gzip.compress("".join(lines[50:90]).encode()))
    pq.write_table(pa.Table.from_pylist([json.loads(line) for line in lines[90:150]]), folder / "older" / "c.parquet")
    return folder


def read(folder):
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".json"):
        with open_input(path) as handle:
            found.append((path.relative_to(folder).as_posix(), pq.read_table(path).to_pylist() if path.suffix == ".parquet" else handle.read()))
    return found


def test_a_folder_of_shards(tiny_model, shard_folder, tmp_path):
    out = tmp_path / "out"
    assert "150 statements tagged" in good("classify", shard_folder, "--model", tiny_model, "-o", out).stderr
    assert [name for name, _ in read(out)] == ["a.jsonl", "b.jsonl.gz", "older/c.parquet"]
    assert [r["id"] for r in read(out)[2][1]] == list(range(90, 150))
    assert "holds 3 finished shards of 3; go on with --resume" in str(run("classify", shard_folder, "--model", tiny_model, "-o", out).exception)
    (out / "a.jsonl").unlink()
    assert "tagged by another model or with other options" in str(run("classify", shard_folder, "--model", tiny_model, "-o", out, "--resume", "--date", "2023").exception)
    assert "50 statements tagged" in good("classify", shard_folder, "--model", tiny_model, "-o", out, "--resume").stderr
    good("classify", shard_folder, "--model", tiny_model, "-o", tmp_path / "p", "--format", "parquet")
    assert [name for name, _ in read(tmp_path / "p")] == ["a.parquet", "b.parquet", "older/c.parquet"]


BAD_ASKED = [
    (["{in}"], "needs an --output"),
    (["{in}", "-o", "{in}/out"], "lies in the folder that is read"),
    (["x.txt", "--engine", "ray"], "tags a folder into a folder"),
    (["x.txt", "--engine", "spark"], "allowed: local, ray"),
    (["x.txt", "--resume"], "needs an --output"),
    (["x.txt", "-o", "o.xlsx"], "its suffix is not known"),
    (["x.txt", "--format", "parquet"], "cannot be written to a pipe"),
    (["x.txt", "--fast"], "make it first: stance distil"),
]


@pytest.mark.parametrize(("asked", "message"), BAD_ASKED)
def test_what_cannot_be_done_is_one_line(tiny_model, shard_folder, asked, message):
    found = str(run("classify", *(a.replace("{in}", str(shard_folder)) for a in asked), "--model", tiny_model).exception)
    assert message in found
    assert "\n" not in found


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray, the extra `ray`, is not installed")
def test_ray_tags_as_the_local_engine_does(tiny_model, shard_folder, tmp_path, promise):
    kept = promise("Ray writes what the local engine writes, to the byte", part="Same everywhere", unit="shards")
    good("classify", shard_folder, "--model", tiny_model, "-o", tmp_path / "local")
    later = tmp_path / "later"
    later.mkdir()
    for name in ("b.jsonl.gz", "older"):
        (shard_folder / name).rename(later / name)
    good("classify", shard_folder, "--model", tiny_model, "-o", tmp_path / "ray")  # one shard is finished before
    stamp = (tmp_path / "ray" / "a.jsonl").stat().st_mtime_ns
    for name in ("b.jsonl.gz", "older"):
        (later / name).rename(shard_folder / name)
    (shard_folder / "z.jsonl").write_text('{"text": ""}\n')
    code = "from stance.cli import program; program()"
    command = [sys.executable, "-c", code, "classify", str(shard_folder), "--model", str(tiny_model), "-o", str(tmp_path / "ray"), "--engine", "ray", "--workers", "1", "--resume"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1] == f"stance: {shard_folder}/z.jsonl, line 1: text is empty; a statement needs words"
    assert (tmp_path / "ray" / "a.jsonl").stat().st_mtime_ns == stamp
    local, by_ray = read(tmp_path / "local"), read(tmp_path / "ray")
    kept.count(len(local), sum(here != there for here, there in zip(local, by_ray, strict=True)))


def test_extract_goes_on_past_a_bad_article(tmp_path):
    news = tmp_path / "news"
    news.mkdir()
    for n in range(5):
        (news / f"{n}.txt").write_text(f"“We will wait for {n} days,” said the WGA.\n\n“No,” said the AMPTP.\n")
    good("extract", news, "-o", tmp_path / "whole.jsonl.gz")
    with open_input(tmp_path / "whole.jsonl.gz") as handle:
        whole = handle.read().splitlines(keepends=True)
    (news / "3.txt").write_bytes(b"caf\xe9")
    found = run("extract", news, "-o", tmp_path / "most.jsonl")
    assert str(found.exception) == "1 of 5 articles could not be read and are named above; the others are done"
    assert f"{news / '3.txt'}: not UTF-8" in found.stderr
    assert (tmp_path / "most.jsonl").read_bytes() == b"".join(line for line in whole if b'"3.txt"' not in line)


def test_memory_is_the_same_for_more_lines(tiny_model, tmp_path):
    def peak(lines):
        path = tmp_path / f"{lines}.txt"
        with path.open("w") as handle:
            handle.writelines(f"We will talk on day {n}.\n" for n in range(lines))
        code = f"import sys, resource\nsys.argv = ['stance', 'classify', {str(path)!r}, '--model', {str(tiny_model)!r}, '-o', {str(path.with_suffix('.jsonl'))!r}]\nfrom stance.cli import main\ntry: main()\nexcept SystemExit: pass\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        return int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)

    assert peak(8_000) < 1.2 * peak(1_000)


@pytest.mark.parametrize(
    ("value", "cell"),
    [("=1+1", "'=1+1"), (" @SUM(A1)", "' @SUM(A1)"), ("\tcmd", "'\tcmd"), ("\rcmd", "'\rcmd"), ("We walked.", "We walked."), (0.5, 0.5)],
)
def test_what_a_spreadsheet_would_run_is_made_text(value, cell):
    assert safe_cell(value) == cell


def test_a_file_may_have_a_space_in_its_name(tmp_path):
    (tmp_path / "my file.csv").write_text("text\nWe walked.\n", encoding="utf-8")
    assert is_file_name(str(tmp_path / "my file.csv"))
    assert not is_file_name("We signed it in a file called x.csv")
    assert not is_file_name("We walked. " * 400 + "x.csv")
