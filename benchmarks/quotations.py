"""Who said it, measured on a copy of PolNeAR: scores and articles a second.

    python benchmarks/quotations.py POLNEAR [--split dev]

POLNEAR is a folder with score.py and, for each split, text/*.txt and attributions/*.ann. The corpus
is not ours to pass on; nothing of it is kept.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from stance.articles import ANSWERED, LABEL_SAFE, quotations
from stance.roster import UNKNOWN, load_roster


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("polnear", type=Path)
    parser.add_argument("--split", default="dev")
    args = parser.parse_args()
    files = sorted((args.polnear / args.split / "text").glob("*.txt"))
    if not files:
        sys.exit(f"{args.polnear / args.split / 'text'}: no articles there; name a copy of PolNeAR")
    texts = {}
    for path in files:
        with path.open(encoding="utf-8", newline="") as handle:
            texts[path.stem] = handle.read()
    roster = load_roster()
    quotations("warm up", roster)
    start = time.perf_counter()
    found = {doc: quotations(text, roster, every_kind=True, min_confidence=0) for doc, text in texts.items()}
    seconds = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        for title, least in (("as extract answers", ANSWERED), ("label-safe", LABEL_SAFE), ("every guess", 0.0)):
            predictions = Path(folder) / "predictions.jsonl"
            predictions.write_text("".join(json.dumps({"doc": doc, "quotes": [_quote(r, least) for r in records]}) + "\n" for doc, records in found.items()), encoding="utf-8")
            print(f"{args.split}, {title}: confidence {least} and up", flush=True)
            subprocess.run([sys.executable, args.polnear / "score.py", args.split, predictions, "--data", args.polnear], check=True)
    print(f"{len(texts)} articles, {len(texts) / seconds:.0f} a second")


def _quote(record: dict, least: float) -> dict:
    quote = {"content": [[record["start"], record["end"]]], "speaker": None, "name": None}
    if record["speaker"] != UNKNOWN and record["speaker_confidence"] >= least:
        quote["speaker"] = [record["speaker_start"], record["speaker_end"]]
        quote["name"] = record["speaker_name"] if record["speaker_name"] != UNKNOWN else record["speaker"]
    return quote


if __name__ == "__main__":
    main()
