"""Cold start of `stance classify` against a transformers pipeline and sentence-transformers with scikit-learn, all with the same encoder.

Each is a fresh process that answers one statement; they take turns, and medians are compared. The
others' programs do the least that gives an answer: load, read one statement, classify. The classifier
of the second is fitted beforehand and stored.

    python benchmarks/cold_start.py --peers .venv-peers/bin/python
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from machine import machine

from stance.training.model import packaged_encoder

TEXT = "Let's keep talking."
PIPELINE = "import sys, transformers; transformers.logging.set_verbosity_error(); print(transformers.pipeline('text-classification', model=sys.argv[1])(sys.argv[2]))"
SENTENCES = "import sys, numpy; from sentence_transformers import SentenceTransformer; import sklearn.linear_model; head = sklearn.linear_model.LogisticRegression(); head.classes_, head.coef_, head.intercept_ = numpy.arange(3), numpy.load(sys.argv[3]), numpy.zeros(3); print(head.predict(SentenceTransformer(sys.argv[1], device='cpu').encode([sys.argv[2]])))"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="models/default")
    parser.add_argument("--peers", default=sys.executable, help="a Python that has the others' libraries")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/cold_start.json"))
    options = parser.parse_args()
    about = machine()
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.npy"
        np.save(weights, np.random.default_rng(1).normal(size=(3, 384)))
        commands = {
            "stance": [str(Path(sys.executable).with_name("stance")), "classify", TEXT, "--model", options.model],
            "transformers pipeline": [options.peers, "-c", PIPELINE, str(packaged_encoder()), TEXT],
            "sentence-transformers + scikit-learn": [options.peers, "-c", SENTENCES, str(packaged_encoder()), TEXT, str(weights)],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(options.rounds + 1):
            for name, command in commands.items():
                begun = time.perf_counter()
                subprocess.run(command, check=True, capture_output=True)
                if turn:  # the first only fills the file cache
                    times[name].append(time.perf_counter() - begun)
    medians = {name: round(statistics.median(values), 3) for name, values in times.items()}
    ratios = {name: round(median / medians["stance"], 1) for name, median in medians.items() if name != "stance"}
    result = {"machine": about, "rounds": options.rounds, "seconds": medians, "others over stance": ratios}
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
