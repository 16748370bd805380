"""Labels that are not ours: `stance train` on TweetEval's stance (target as second text) and emotion, scored on its validation sets.

Give the folder of a copy of TweetEval; nothing of it is kept. A tenth of the training part calibrates;
the validation part is only scored. Stance: predictions of the five targets pooled, (F1 of against +
F1 of favor) / 2; emotion: macro-F1. Mean and 95% interval over the seeds.

    python benchmarks/other_labels.py path/to/tweeteval --seeds 1 2 3 4 5
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from scipy.stats import t
from sklearn.metrics import f1_score

from stance.tagging import load
from stance.training.baseline import load_baseline

TASKS = {"stance": ("none", "against", "favor"), "emotion": ("anger", "joy", "optimism", "sadness")}


def rows(folder: Path, part: str, task: str) -> list[dict[str, str]]:
    folders = sorted(p for p in folder.iterdir() if p.is_dir()) if task == "stance" else [folder]
    found = []
    for place in folders:
        texts = (place / f"{part}_text.txt").read_text(encoding="utf-8").splitlines()
        labels = (place / f"{part}_labels.txt").read_text(encoding="utf-8").splitlines()
        target = {"target": place.name} if task == "stance" else {}
        found += [{"text": text, task: TASKS[task][int(label)], **target} for text, label in zip(texts, labels, strict=True) if text.strip()]
    return found


def score(task: str, gold: list[str], said: list[str]) -> float:
    wanted = ["against", "favor"] if task == "stance" else None
    return 100 * float(f1_score(gold, said, labels=wanted, average="macro"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tweeteval", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--epochs", type=int, help="another number than the recipe's")
    parser.add_argument("--tasks", nargs="+", choices=list(TASKS), default=list(TASKS))
    options = parser.parse_args()
    stance = str(Path(sys.executable).with_name("stance"))
    epochs = ["--epochs", str(options.epochs)] if options.epochs else []
    for task in options.tasks:
        train, held = (rows(options.tweeteval / task, part, task) for part in ("train", "val"))
        found: dict[str, list[float]] = {"encoder": [], "baseline": []}
        for seed in options.seeds:
            with tempfile.TemporaryDirectory() as name:
                work = Path(name)
                (work / "labels.toml").write_text(f'[[axis]]\nname = "{task}"\nkind = "one-of"\nlabels = {json.dumps(TASKS[task])}\n')
                (work / "data").mkdir()
                for part, lines in (("train", [r for i, r in enumerate(train) if i % 10]), ("validation", train[::10]), ("test", held)):
                    (work / "data" / f"{part}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in lines))
                where = ["--data", str(work / "data"), "--labels", str(work / "labels.toml"), "--output", str(work / "m"), "--baseline", str(work / "b"), "--second", "target"]
                subprocess.run([stance, "train", *where, *epochs, "--seed", str(seed)], check=True, stderr=subprocess.DEVNULL)
                for kind, tagger in (("encoder", load(work / "m")), ("baseline", load_baseline(work / "b"))):
                    tags = tagger.classify([r["text"] for r in held], [r.get("target", "") for r in held])
                    found[kind].append(score(task, [r[task] for r in held], [tag[task] for tag in tags]))
            print(f"{task}, seed {seed}: " + ", ".join(f"{kind} {values[-1]:.1f}" for kind, values in found.items()), file=sys.stderr)
        for kind, values in found.items():
            mean, n = statistics.mean(values), len(values)
            half = t.ppf(0.975, n - 1) * statistics.stdev(values) / n**0.5 if n > 1 else float("nan")
            print(f"{task:8} {kind:9} {mean:5.1f} ± {half:.1f} ({n} seeds, {len(held)} statements)")


if __name__ == "__main__":
    main()
