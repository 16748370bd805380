"""Statements a second against the libraries one would reach for, and training statements a second against the transformers Trainer.

Every system reads the same statements with the same encoder, in a process of its own; they take
turns, and medians of the rounds are compared. Labels of the pipeline, which computes in float32, are
compared with those of stance on statements that no model was trained on.

    python benchmarks/throughput.py --peers .venv-peers/bin/python
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from machine import machine
from onnx import TensorProto, helper, numpy_helper
from systems import TRAINED_ON

from stance.tagging import Scores, Tagger, read_manifest
from stance.tagging.scoring import FAST_GRAPH, sums_overflow
from stance.training.model import tokenizer_of

PEERS = ("transformers pipeline, batch 1", "transformers pipeline, best batch", "sentence-transformers + scikit-learn", "SetFit")
TRAINING = ("stance, training", "transformers Trainer")


def statements(splits: Path, count: int) -> tuple[list[dict], int]:
    """Rows to work on, the held-out ones first, and rows marked `learn`; and how many are held out."""
    held, shown = ([json.loads(line) for line in (splits / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()] for part in ("validation", "train"))
    real = [r for r in shown if r["origin"] == "restated"]
    work = (held + real)[:count]
    return [*work, *({**r, "learn": True} for r in real[-max(TRAINED_ON, 2 * count) :])], min(count, len(held))


class System:
    """A process of systems.py; `go` makes it work once."""

    def __init__(self, name: str, python: str, rows: Path, model: Path, threads: int) -> None:
        # One setting for all libraries that have threads of their own.
        count = {key: str(threads) for key in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "STANCE_THREADS")}
        command = [python, str(Path(__file__).with_name("systems.py")), name, str(rows), str(model), str(threads)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **count})
        self.name = name
        self.read()

    def read(self) -> Any:
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name}: ended early; run it by itself to see why (benchmarks/systems.py)")
        return json.loads(line)

    def go(self) -> dict[str, Any]:
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return self.read()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def peak(threads: int, size: int = 1536, repeats: int = 40) -> float:
    """Thousand millions of int8 operations a second in products of square matrices of bytes, each thread by itself; the best of five."""
    weight = np.random.default_rng(1).integers(-127, 127, (size, size)).astype(np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["a", "b"], ["c"])], "product",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, [size, size])], [helper.make_tensor_value_info("c", TensorProto.INT32, [size, size])],
        [numpy_helper.from_array(weight, "b")],
    )
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    if sums_overflow():
        options.add_session_config_entry("session.x64quantprecision", "1")  # as stance does there
    session = ort.InferenceSession(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10).SerializeToString(), options, providers=["CPUExecutionProvider"])
    given = {"a": np.random.default_rng(2).integers(0, 255, (size, size)).astype(np.uint8)}
    rates = []
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(6):
            begun = time.perf_counter()
            list(pool.map(lambda _: session.run(None, given), range(repeats)))
            rates.append(2 * size**3 * repeats / (time.perf_counter() - begun) / 1e9)
    return max(rates[1:])


def work_of(model: Path, lengths: list[int]) -> float:
    """Operations (2 a multiply and add) of a statement in matrix products: those with weights, and attention's two."""
    inner = json.loads((model / "config.json").read_text())["encoder"]
    hidden, wide, layers = inner["hidden_size"], inner["intermediate_size"], inner["num_hidden_layers"]
    tokens = np.array(lengths, dtype=float)
    return float((2 * layers * (tokens * (4 * hidden**2 + 2 * hidden * wide) + 2 * tokens**2 * hidden)).mean())


def agreement(model: Path, ours: list, theirs: list) -> dict[str, float]:
    """Share of statements with equal labels, an axis, by the calibration of the whole model."""
    manifest = read_manifest(model, ())
    found = []
    for logits in (ours, theirs):
        scores = Scores(np.array(logits, dtype=np.float32), np.zeros((len(logits), 1), dtype=np.float32))
        tagger = Tagger(manifest, lambda texts, speakers, scores=scores: scores)
        chances = tagger.predict(["x"] * len(logits))
        found.append({axis.name: tagger.given(axis, chances[axis.name], [""] * len(logits)) for axis in manifest.axes})
    return {axis.name: round(float((found[0][axis.name] == found[1][axis.name]).all(1).mean()), 4) for axis in manifest.axes}


def measure(names: dict[str, str], rows: Path, model: Path, threads: int, rounds: int) -> dict[str, list[dict]]:
    """What each system said in each round; the first, which warms up, is left out."""
    systems = [System(name, python, rows, model, threads) for name, python in names.items()]
    found: dict[str, list[dict]] = {name: [] for name in names}
    for turn in range(rounds + 1):
        for system in systems:
            told = system.go()
            if turn:
                found[system.name].append(told)
                print(f"round {turn}: {system.name}: {told['seconds']:.2f} s", file=sys.stderr)
    for system in systems:
        system.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/default"))
    parser.add_argument("--splits", type=Path, default=Path("data/splits"))
    parser.add_argument("--peers", default=sys.executable, help="a Python that has the others' libraries")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/throughput.json"))
    options = parser.parse_args()
    about = machine()
    rows, held = statements(options.splits, options.count)
    ours = ["stance"] + (["stance --fast"] if FAST_GRAPH in read_manifest(options.model, ()).files else [])
    lengths = [len(item) for item in tokenizer_of(options.model, 256).encode_batch([r["text"] for r in rows if not r.get("learn")])]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statements.jsonl"
        path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
        trained = measure(dict(zip(TRAINING, (sys.executable, options.peers), strict=True)), path, options.model, options.threads, options.rounds)
        tagged = measure({**dict.fromkeys(ours, sys.executable), **dict.fromkeys(PEERS, options.peers)}, path, options.model, options.threads, options.rounds)

    def rate(told: list[dict], count: int) -> float:
        return round(count / statistics.median(t["seconds"] for t in told), 1)

    n = len(lengths)
    rates = {name: rate(told, n) for name, told in tagged.items()}
    most = peak(options.threads)
    labels = {name: agreement(options.model, tagged[name][-1]["answers"][:held], tagged[PEERS[0]][-1]["answers"][:held]) for name in ours}
    training = {name: rate(told, TRAINED_ON) for name, told in trained.items()}
    result = {
        "machine": about, "threads": options.threads, "rounds": options.rounds, "statements": n, "tokens a statement": round(sum(lengths) / n, 1),
        "statements a second": rates,
        "peak memory, MiB": {name: round(max(t["peak MiB"] for t in told)) for name, told in tagged.items()},
        "stance over others": {name: {peer: round(rates[name] / rates[peer], 2) for peer in PEERS} for name in ours},
        "labels equal to the pipeline's (held-out statements)": {"n": held, **labels},
        "int8 peak, GOP/s": round(most), "share of the peak": round(rates["stance"] * work_of(options.model, lengths) / 1e9 / most, 3),
        "training statements a second": training, "training, stance over Trainer": round(training[TRAINING[0]] / training[TRAINING[1]], 2),
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
