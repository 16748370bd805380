"""What befalls a run: it is killed, interrupted, runs out of disk, loses its output; nothing done is lost, and it goes on as if nothing had happened."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stance.errors import InputError
from stance.labelling import Session, Store, read_items
from stance.labels import load_axes
from stance.sinks import sink

PART = "Faults"
STANCE = [sys.executable, "-c", "from stance.cli import program; program()"]
ALONE = {**os.environ, "STANCE_THREADS": "1", "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Path:
    """Statements, enough for a run to be met at work."""
    path = tmp_path_factory.mktemp("many") / "many.jsonl"
    sides = ("We want a fair deal", "Our offer is generous", "The mayor hopes for peace")
    path.write_text("".join(json.dumps({"text": f"{sides[n % 3]}, and said so on day {n}.", "id": n}) + "\n" for n in range(12_000)))
    return path


@pytest.fixture(scope="module")
def news(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("news")
    for n in range(400):
        body = "\n\n".join(f'"We will not go back without a contract, and this is day {n} of {k}," said Ann Example, a spokeswoman for the Writers Guild of America. "It is time."' for k in range(12))
        (folder / f"{n:03}.txt").write_text(f"Strike goes on\n\n{body}\n")
    return folder


def begin(*words: object) -> subprocess.Popen[str]:
    return subprocess.Popen([*STANCE, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=ALONE)


def finish(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*STANCE, *map(str, words)], capture_output=True, text=True, env=ALONE, check=False)


def ended(process: subprocess.Popen[str], how: int, after: float) -> int:
    """Send a signal after some seconds, unless the run is over before; return how it ended."""
    with process:
        try:
            process.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            process.send_signal(how)
            process.communicate(timeout=60)
    return process.returncode


def killed_again_and_again(command: list[object], output: Path, wanted: bytes, took: float, kept, kills: int, seed: int) -> None:
    """Kill the run at random moments, going on each time; whenever it does come to its end its output is the undisturbed one's."""
    rng, done = random.Random(seed), 0
    while done < kills:
        code = ended(begin(*command, "--resume"), signal.SIGKILL, rng.uniform(0.1, 1.1 * took))
        done += code == -signal.SIGKILL
        if code == 0:
            kept.count(0, int(output.read_bytes() != wanted))
            output.unlink()
    assert finish(*command, "--resume").returncode == 0
    kept.count(done, int(output.read_bytes() != wanted))
    assert [path.name for path in output.parent.iterdir()] == [output.name], "something was left behind"


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv.gz", "out.parquet"])
def test_classify_is_killed(tiny_model, many, tmp_path, promise, name):
    kept = promise("`classify`, killed and taken up again, writes what an undisturbed run writes, to the byte", part=PART, unit="kills")
    command = ["classify", many, "--model", tiny_model, "-o"]
    (tmp_path / "calm").mkdir()
    begun = time.monotonic()
    assert finish(*command, tmp_path / "calm" / name).returncode == 0
    took = time.monotonic() - begun
    output = tmp_path / "torn" / name
    killed_again_and_again([*command, output], output, (tmp_path / "calm" / name).read_bytes(), took, kept, kept.times(2, 20), 1)


def test_extract_is_killed(news, tmp_path, promise):
    kept = promise("`extract`, killed and taken up again, writes what an undisturbed run writes, to the byte", part=PART, unit="kills")
    command = ["extract", news, "-o"]
    (tmp_path / "calm").mkdir()
    begun = time.monotonic()
    assert finish(*command, tmp_path / "calm" / "out.jsonl").returncode == 0
    took = time.monotonic() - begun
    output = tmp_path / "torn" / "out.jsonl"
    killed_again_and_again([*command, output], output, (tmp_path / "calm" / "out.jsonl").read_bytes(), took, kept, kept.times(2, 20), 2)


def test_train_is_killed(tiny_encoder, records, tmp_path, promise):
    kept = promise("`train`, killed and started again, makes the weights of an undisturbed run, to the byte", part=PART, unit="kills")
    source = tmp_path / "sources"
    source.mkdir()
    (source / "all.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))

    def command(name: str) -> list[object]:
        return ["train", "--data", source, "--splits", tmp_path / f"splits-{name}", "--output", tmp_path / name, "--encoder", tiny_encoder, "--epochs", 12]

    begun = time.monotonic()
    calm = finish(*command("calm"))
    assert calm.returncode == 0, calm.stderr
    took = time.monotonic() - begun
    wanted = hashlib.sha256((tmp_path / "calm" / "model.safetensors").read_bytes()).hexdigest()
    rng, kills = random.Random(3), kept.times(1, 10)
    for number in range(kills):
        # From the last third of a calm run on there is something to take up.
        assert ended(begin(*command("torn")), signal.SIGKILL, rng.uniform(0.3, 0.9) * took) in (-signal.SIGKILL, 0), number
    assert finish(*command("torn")).returncode == 0
    found = hashlib.sha256((tmp_path / "torn" / "model.safetensors").read_bytes()).hexdigest()
    kept.count(kills, int(found != wanted))


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray, the extra `ray`, is not installed")
def test_a_ray_worker_is_killed(tiny_model, tmp_path, promise):
    kept = promise("A folder tagged on Ray, its workers killed, comes out as from the local engine, to the byte", part=PART, unit="kills")
    source = tmp_path / "in"
    source.mkdir()
    for shard in range(6):
        (source / f"{shard}.jsonl").write_text("".join(json.dumps({"text": f"We will talk on day {n} of shard {shard}."}) + "\n" for n in range(6000)))
    assert finish("classify", source, "--model", tiny_model, "-o", tmp_path / "calm").returncode == 0
    process = begin("classify", source, "--model", tiny_model, "-o", tmp_path / "torn", "--engine", "ray", "--workers", 1)
    wanted, done = kept.times(1, 5), 0
    while process.poll() is None and done < wanted:
        time.sleep(0.2)
        at_work = [p for p in Path("/proc").glob("[0-9]*/cmdline") if _is_worker(p)]
        if at_work and any((tmp_path / "torn").glob("*.partial")):
            os.kill(int(at_work[0].parent.name), signal.SIGKILL)
            done += 1
            time.sleep(3)
    _, said = process.communicate(timeout=240)
    assert process.returncode == 0, said
    names = sorted(p.name for p in (tmp_path / "calm").glob("*.jsonl"))
    assert names == sorted(p.name for p in (tmp_path / "torn").glob("*.jsonl*"))
    kept.count(done, sum((tmp_path / "calm" / n).read_bytes() != (tmp_path / "torn" / n).read_bytes() for n in names))
    assert done == wanted, "the work was over before the workers were"


def _is_worker(cmdline: Path) -> bool:
    try:
        return cmdline.read_bytes().startswith(b"ray::Worker.tag")
    except OSError:
        return False


def test_ctrl_c_finishes_the_batch_and_says_how_to_go_on(tiny_model, many, tmp_path, promise):
    kept = promise("Ctrl-C ends after the batch at hand, writes it, says how to go on, and exits with 130", part=PART, unit="interrupts")
    command = ["classify", many, "--model", tiny_model, "-o"]
    assert finish(*command, tmp_path / "calm.jsonl").returncode == 0
    for number in range(kept.times(1, 10)):
        output = tmp_path / f"{number}.jsonl"
        process = begin(*command, output)
        while process.poll() is None and not output.with_name(f"{output.name}.partial").exists():
            time.sleep(0.02)
        time.sleep(0.05 * number)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 130, said
        assert said.count("\n") == 1 and "--resume" in said
        partial = output.with_name(f"{output.name}.partial").read_text()
        assert partial and (tmp_path / "calm.jsonl").read_text().startswith(partial)
        assert finish(*command, output, "--resume").returncode == 0
        kept.count(1, int(output.read_bytes() != (tmp_path / "calm.jsonl").read_bytes()))


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.parquet"])
def test_the_disk_is_full(tiny_model, many, tmp_path, promise, name):
    kept = promise("A disk that fills up is one line and exit code 2; with room again the run goes on", part=PART, unit="runs")
    output = tmp_path / name
    command = [*STANCE, "classify", str(many), "--model", str(tiny_model), "-o"]
    assert subprocess.run([*command, str(tmp_path / f"calm-{name}")], env=ALONE, check=False).returncode == 0
    for limit in [300_000, 600_000, 900_000][: kept.times(1, 3)]:
        # Ignored, the signal that comes with the limit leaves what a full disk gives: an error on writing.
        found = subprocess.run(
            [*command, str(output), "--resume"], env=ALONE, capture_output=True, text=True, check=False,
            preexec_fn=lambda limit=limit: (signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))),
        )
        assert found.returncode == 2 and found.stderr.count("\n") == 1 and str(output) in found.stderr, found.stderr
        assert not output.exists()
    assert finish("classify", many, "--model", tiny_model, "-o", output, "--resume").returncode == 0
    kept.count(1, int(output.read_bytes() != (tmp_path / f"calm-{name}").read_bytes()))


PLACES = ["/proc/out.jsonl", "/proc/new/out.jsonl", "{file}/out.jsonl", "{folder}"]


@pytest.mark.parametrize("command", ["classify", "extract", "report"])
def test_a_place_that_cannot_be_written(tiny_model, tmp_path, promise, command):
    kept = promise("A place that cannot be written is one line and exit code 2", part=PART, unit="places")
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.jsonl").mkdir()
    article = tmp_path / "a.txt"
    article.write_text('"We will talk on Monday," said the AMPTP.\n')
    labelled = tmp_path / "s.jsonl"
    labelled.write_text('{"text": "We will talk.", "side": "union", "tone": "firm", "topics": []}\n')
    given = {"classify": ["We will talk.", "--model", tiny_model], "extract": [article], "report": [labelled]}[command]
    for place in PLACES:
        place = place.format(file=tmp_path / "file", folder=tmp_path / "folder.jsonl")
        if command == "report":
            place = place.replace(".jsonl", ".html")
            (tmp_path / "folder.html").mkdir(exist_ok=True)
        found = finish(command, *given, "-o", place)
        assert "Traceback" not in found.stderr, found.stderr
        kept.count(1, int(found.returncode != 2 or found.stderr.count("\n") != 1))
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix == ".partial") == []


def test_the_output_vanishes(tmp_path, promise):
    kept = promise("An output that is removed meanwhile is one line and exit code 2", part=PART, unit="runs")
    for name in ("out.jsonl", "out.csv", "out.parquet"):
        output = tmp_path / name
        with pytest.raises(InputError, match="cannot be written") as error, sink(output, name.rpartition(".")[2], {}) as out:
            out.write([{"a": 1}], 1)
            out.commit()
            (tmp_path / f"{name}.partial").unlink()
            out.write([{"a": 2}], 2)
        kept.count(1, int("\n" in str(error.value)))


def test_the_clock_goes_backwards(tmp_path, promise):
    kept = promise("A clock that goes backwards spoils no answer and no pace", part=PART, unit="answers")
    (tmp_path / "s.txt").write_text("".join(f"We will talk on day {n}.\n" for n in range(20)))
    axes = load_axes()
    items = read_items(tmp_path / "s.txt", axes)
    store = Store(tmp_path / "a.jsonl", axes)
    times = iter(range(100_000, 0, -997))
    session = Session(items, axes, store, "anna", clock=lambda: float(next(times)))
    for _ in items:
        session.press("-")
        view = session.view()
        kept.count(1, int(not (view.left or 0) >= 0 or not (view.hour or 0) >= 0))
    store.close()
    told = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    kept.count(0, sum(answer.get("seconds", 0) < 0 for answer in told))
    assert len(told) == 20


def test_the_reader_of_a_pipe_goes_away(tiny_model, many, tmp_path, promise):
    kept = promise("A closed pipe (`| head`) ends a run in silence", part=PART, unit="pipes")
    shell = shutil.which("bash")
    program = " ".join(f"'{part}'" for part in STANCE)
    for words in (f"classify '{many}' --model '{tiny_model}'", f"classify '{many}' --model '{tiny_model}' --format csv", "codebook", "roster find guild", "classify --help"):
        found = subprocess.run([shell, "-c", f"set -o pipefail; {program} {words} | head -c 10 > /dev/null"], capture_output=True, text=True, env=ALONE, check=False)
        kept.count(1, int(bool(found.stderr) or found.returncode not in (0, 1, 141)))
