"""Cold start of `stance classify` against a transformers text-classification pipeline with the same encoder.

Each is a fresh process that answers one statement; the two take turns, and medians of five are compared.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from stance.training.model import packaged_encoder

TEXT = "Let's keep talking."
PIPELINE = "import sys, transformers; transformers.logging.set_verbosity_error(); print(transformers.pipeline('text-classification', model=sys.argv[1])(sys.argv[2]))"
COMMANDS = {
    "stance classify": [str(Path(sys.executable).with_name("stance")), "classify", TEXT],
    "transformers pipeline": [sys.executable, "-c", PIPELINE, str(packaged_encoder()), TEXT],
}


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for turn in range(6):
        for name, command in COMMANDS.items():
            begun = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            if turn:  # the first only fills the file cache
                times[name].append(time.perf_counter() - begun)
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        print(f"{name:24} {median:6.2f} s   (median of 5; {min(times[name]):.2f} to {max(times[name]):.2f})")
    print(f"ratio: {medians['transformers pipeline'] / medians['stance classify']:.1f}")


if __name__ == "__main__":
    main()
