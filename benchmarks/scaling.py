"""What more lines cost: time and peak memory of `stance classify` from 1e3 to 1e6 lines, and two Ray workers against one.

    python benchmarks/scaling.py --sizes 1000 10000 100000 1000000
    python benchmarks/scaling.py --plan     # the table of docs/scale.md from the results, nothing is run

Lines are training statements, each with its number at the end, so that none is a repeat. The plan
takes the rate of one Ray worker of one thread for that of a core.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from machine import machine

STANCE = [str(Path(sys.executable).with_name("stance")), "classify"]
QUOTATIONS = 178_000_000  # in Quotebank (Vaucher et al. 2021)
SHARD = 1_000_000
MACHINES = (1, 16, 256)
START, END = "<!-- plan: made by benchmarks/scaling.py --plan -->", "<!-- end of plan -->"


def lines(splits: Path) -> Iterator[str]:
    texts = [json.loads(line)["text"] for line in (splits / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    for number, text in enumerate(itertools.cycle(texts)):
        yield json.dumps({"text": f"{text} {number}"}) + "\n"


def timed(command: list[str], threads: int) -> tuple[float, float]:
    """Seconds and peak memory (MiB) of a command."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "STANCE_THREADS": str(threads), "RAYON_NUM_THREADS": str(threads)})
    told = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}: {told}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


def by_size(sizes: list[int], model: Path, splits: Path, threads: int, form: list[str]) -> list[dict[str, float]]:
    found = []
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            source = Path(name) / "in.jsonl"
            with source.open("w", encoding="utf-8") as handle:
                handle.writelines(itertools.islice(lines(splits), size))
            into = Path(name) / "out.jsonl"
            seconds, memory = timed([*STANCE, str(source), "--model", str(model), "-o", str(into), *form], threads)
            found.append({"lines": size, "seconds": round(seconds, 2), "peak MiB": round(memory, 1), "bytes in": source.stat().st_size, "bytes out": into.stat().st_size})
            print(json.dumps(found[-1]), file=sys.stderr)
    return found


def by_workers(shards: int, size: int, model: Path, splits: Path, rounds: int) -> dict[str, object]:
    """Statements a second of one and of two Ray workers of one thread, from when each has finished its first shard: Ray's start and the loading of models do not count."""
    found: dict[str, list[float]] = {"1": [], "2": []}
    with tempfile.TemporaryDirectory() as name:
        supply, source = lines(splits), Path(name) / "in"
        source.mkdir()
        for number in range(shards):
            (source / f"{number:03}.jsonl").write_text("".join(itertools.islice(supply, size)), encoding="utf-8")
        for turn in range(rounds):
            for workers in found:
                into = Path(name) / f"out-{workers}-{turn}"
                timed([*STANCE, str(source), "--model", str(model), "-o", str(into), "--engine", "ray", "--workers", workers], 1)
                done = sorted(path.stat().st_mtime for path in into.glob("*.jsonl"))[int(workers) - 1 :]
                found[workers].append((len(done) - 1) * size / (done[-1] - done[0]))
                print(f"round {turn + 1}: {workers} workers, {found[workers][-1]:.0f} statements a second", file=sys.stderr)
    rates = {workers: round(statistics.median(values), 1) for workers, values in found.items()}
    return {"shards": shards, "statements a shard": size, "rounds": rounds, "statements a second": rates, "two over one": round(rates["2"] / rates["1"], 2)}


def plan(result: dict, cores: int, price: float, store: float) -> str:
    """The table for `QUOTATIONS`: time, cost and load on the store for each number of machines."""
    rate = result["ray"]["statements a second"]["1"]
    loss = min(1.0, result["ray"]["two over one"] / 2)
    largest = max(result["sizes"], key=lambda row: row["lines"])
    moved = (largest["bytes in"] + largest["bytes out"]) / largest["lines"]
    shards = -(-QUOTATIONS // SHARD)
    about = result["machine"]
    rows = [
        f"Measured on {about['processor']} ({', '.join(about['instruction sets'])}), onnxruntime {about['onnxruntime']}: {rate:,.0f} statements a second and core, {100 * loss:.0f}% of it kept with a second core at work. A statement moves {moved:,.0f} bytes, read and written.",
        f"Assumed: {cores} cores a machine, {price:.3f} US dollars a core and hour, a store that moves {store:,.0f} MB a second.",
        "",
        "| machines | cores | cores at work | hours | dollars | MB a second to and from the store | share of what the store moves |",
        "|---|---|---|---|---|---|---|",
    ]
    for machines in MACHINES:
        have = machines * cores
        busy = min(have, shards)
        rounds = -(-shards // busy)  # a shard is one worker's: the last round decides
        hours = rounds * SHARD / (rate * loss) / 3600
        flow = QUOTATIONS * moved / 1e6 / (hours * 3600)
        rows.append(f"| {machines} | {have:,} | {busy:,} | {hours:,.1f} | {have * hours * price:,.0f} | {flow:,.1f} | {100 * flow / store:.1f}% |")
    rows += ["", f"{shards} shards of {SHARD:,}. More cores than shards stand idle: for {MACHINES[-1]} machines cut shards of {max(1000, QUOTATIONS // (MACHINES[-1] * cores * 4)):,}, four a core."]
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/default"))
    parser.add_argument("--splits", type=Path, default=Path("data/splits"))
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--fast", action="store_true", help="take the small form for the sizes: what is asked is how time and memory grow, and the largest takes half an hour with the whole model")
    parser.add_argument("--shards", type=int, default=10, help="for Ray")
    parser.add_argument("--shard-size", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/scaling.json"))
    parser.add_argument("--only-ray", action="store_true", help="measure the workers alone, beside the sizes that were measured before")
    parser.add_argument("--plan", action="store_true", help="print the plan from the results")
    parser.add_argument("--page", type=Path, help="with --plan: put it into this page, between its marks")
    parser.add_argument("--cores", type=int, default=16, help="of a machine, in the plan")
    parser.add_argument("--price", type=float, default=0.04, help="US dollars a core and hour, in the plan")
    parser.add_argument("--store", type=float, default=1000, help="MB a second that the shared store moves, in the plan")
    options = parser.parse_args()
    if options.plan:
        if "ray" not in json.loads(options.output.read_text(encoding="utf-8")):
            sys.exit(f"{options.output}: holds no rates of Ray workers; run benchmarks/scaling.py to its end")
        table = plan(json.loads(options.output.read_text(encoding="utf-8")), options.cores, options.price, options.store)
        if options.page:
            text = options.page.read_text(encoding="utf-8")
            options.page.write_text(re.sub(f"{re.escape(START)}.*?{re.escape(END)}", lambda _: f"{START}\n{table}\n{END}", text, flags=re.DOTALL), encoding="utf-8")
        else:
            print(table)
        return
    about = machine()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    form = ["--fast"] if options.fast else []
    if options.only_ray:
        result = json.loads(options.output.read_text(encoding="utf-8"))
    else:
        result = {"machine": about, "threads": options.threads, "form": "fast" if options.fast else "whole", "sizes": by_size(options.sizes, options.model, options.splits, options.threads, form)}
        options.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")  # an hour's work, kept whatever Ray does
    result["ray"] = by_workers(options.shards, options.shard_size, options.model, options.splits, options.rounds)
    options.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
