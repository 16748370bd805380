"""Coverage-guided fuzzing of the pure readers; adds up in benchmarks/results/fuzzing.json and is shown in docs/reliability.md.

    python tests/fuzz/atheris_run.py                    # every reader once, 30 seconds each
    python tests/fuzz/atheris_run.py --seconds 300      # five minutes, of the two that are furthest behind

Each run goes on from the corpus that earlier ones found (.fuzz/, not committed). An input that makes
a reader fail is kept there as crash-*, and counted.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "benchmarks" / "results" / "fuzzing.json"
PAGE = ROOT / "docs" / "reliability.md"
CORPUS = ROOT / ".fuzz"
START, END = "<!-- fuzzing: made by tests/fuzz/atheris_run.py -->", "<!-- end of fuzzing -->"
LONGEST = 256  # bytes of an input
# Share of the inputs wanted of each reader: more of what a stranger's file reaches first, few where finding the article in a page takes long.
SHARES = {"article": 0.02, "html": 0.0005, "text": 0.2495, "table": 0.30, "lines": 0.25, "packed": 0.01, "labels": 0.07, "roster": 0.02, "manifest": 0.08}
_AT_ONCE = 2  # readers in one run: each must start Python


def fuzz(name: str, arguments: list[str]) -> None:
    """Run one reader under libFuzzer; called in a process of its own."""
    import atheris

    with atheris.instrument_imports(include=["stance", "targets"]):
        import targets

    reader = targets.read
    atheris.Setup([sys.argv[0], *arguments], lambda data: reader(name, data))
    atheris.Fuzz()


def run(name: str, seconds: int, seed: int) -> dict[str, float]:
    """Fuzz one reader for some seconds; give inputs tried, crashes, seconds and edges covered."""
    from seeds import SEEDS

    corpus, crashes = CORPUS / name, CORPUS / "crashes" / name
    for folder in (corpus, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed_input in enumerate(SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed_input[:LONGEST])
    before = set(crashes.iterdir())
    arguments = [str(corpus), f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-seed={seed}", "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1", "-verbosity=1", f"-artifact_prefix={crashes}/"]
    begun = time.monotonic()
    done = subprocess.run([sys.executable, __file__, "--reader", name, "--", *arguments], capture_output=True, text=True, errors="replace")
    said = done.stderr + done.stdout
    found = [int(number) for number in re.findall(r"number_of_executed_units:\s*(\d+)", said)] or [int(n) for n in re.findall(r"^#(\d+)", said, re.MULTILINE)[-1:]]
    edges = [int(number) for number in re.findall(r"cov: (\d+)", said)]
    lost = len(set(crashes.iterdir()) - before)
    if done.returncode and not lost:
        raise SystemExit(f"{name}: ended with {done.returncode}\n{said[-3000:]}")
    if lost:
        print(said[-3000:])
    return {"inputs": sum(found), "crashes": lost, "seconds": round(time.monotonic() - begun, 1), "edges": max(edges, default=0), "seeds used": [seed]}


def plan(report: dict, seconds: int) -> dict[str, int]:
    """The readers that need most time to come to their share, with the seconds each has."""
    done = {name: report["readers"].get(name, {}).get("inputs", 0) for name in SHARES}
    goal = max(10_000_000, sum(done.values()))
    wanted = {name: (share * goal - done[name]) / max(1, report["readers"].get(name, {}).get("inputs a second", 1)) for name, share in SHARES.items()}
    return dict.fromkeys(sorted(wanted, key=lambda name: -wanted[name])[:_AT_ONCE], seconds // _AT_ONCE)


def add(report: dict, name: str, found: dict) -> None:
    row = report["readers"].setdefault(name, {"inputs": 0, "crashes": 0, "seconds": 0.0, "edges": 0, "seeds used": []})
    for key in ("inputs", "crashes", "seconds", "seeds used"):
        row[key] = row[key] + found[key]
    row["seconds"] = round(row["seconds"], 1)
    row["edges"] = max(row["edges"], found["edges"])
    row["inputs a second"] = round(row["inputs"] / row["seconds"])
    report["inputs"] = sum(one["inputs"] for one in report["readers"].values())
    report["crashes"] = sum(one["crashes"] for one in report["readers"].values())
    report["hours"] = round(sum(one["seconds"] for one in report["readers"].values()) / 3600, 2)


def table(report: dict) -> str:
    """The report as Markdown."""
    rows = [f"| {name} | {row['inputs']:,} | {row['inputs a second']:,} | {row['edges']:,} | {row['crashes']} |" for name, row in report["readers"].items()]
    told = f"{report['inputs']:,} inputs of at most {LONGEST} bytes in {report['hours']} hours by atheris {report['atheris']} on one core, {report['day']}: {report['crashes']} crashes, hangs (10 s) or breaches of memory (1 GiB)."
    return "\n".join([told, "", "| reader | inputs | a second | edges covered | lost |", "|---|--:|--:|--:|--:|", *rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, help="in all, for the readers that are furthest behind")
    parser.add_argument("--reader", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.reader:
        fuzz(options.reader, options.rest)
        return
    report = json.loads(REPORT.read_text()) if REPORT.exists() else {"readers": {}}
    seconds = plan(report, options.seconds) if options.seconds else dict.fromkeys(SHARES, 30)
    for name, some in seconds.items():
        seed = 1 + len(report["readers"].get(name, {}).get("seeds used", []))
        found = run(name, some, seed)
        add(report, name, found)
        report |= {"atheris": version("atheris"), "day": time.strftime("%Y-%m-%d"), "longest input, bytes": LONGEST}
        REPORT.write_text(json.dumps(report, indent=1) + "\n")
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
        PAGE.write_text(f"{before}{START}\n{table(report)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
        print(f"{name}: {found['inputs']:,} inputs in {found['seconds']} s, {found['crashes']} crashes; {report['inputs']:,} in all", flush=True)


if __name__ == "__main__":
    main()
