"""The tables of benchmarks/README.md and its picture, from benchmarks/results/*.json.

    python benchmarks/report.py
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib.figure import Figure

HERE = Path(__file__).parent
START, END = "<!-- figures: made by benchmarks/report.py -->", "<!-- end of figures -->"
OURS, THEIRS = "#0072B2", "#999999"


def read(name: str) -> dict[str, Any] | None:
    path = HERE / "results" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def table(heads: list[str], rows: list[list[object]]) -> list[str]:
    return ["", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *(f"| {' | '.join(map(str, row))} |" for row in rows), ""]


def described(about: dict[str, Any]) -> str:
    return f"{about['processor']} (family and model {about['family and model']}; {', '.join(about['instruction sets'])}), {about['memory, GiB']} GiB, Python {about['python']}, onnxruntime {about['onnxruntime']}, {about['cores']} cores"


def rates(throughput: dict, heading: str) -> list[str]:
    ours = list(throughput["stance over others"])
    heads = ["system", "statements a second", "peak memory, MiB", *(f"{name} over it" for name in ours)]
    found = [
        f"**{heading}**: {throughput['statements']:,} statements of {throughput['tokens a statement']} tokens, medians of {throughput['rounds']}.",
        *table(heads, [[name, rate, throughput["peak memory, MiB"][name], *(throughput["stance over others"][own].get(name, "") for own in ours)] for name, rate in throughput["statements a second"].items()]),
    ]
    labels = throughput["labels equal to the pipeline's (held-out statements)"]
    for name in ours:
        found.append(f"Labels of {name} equal to the pipeline's on {labels['n']:,} held-out statements: " + ", ".join(f"{axis} {100 * share:.1f}%" for axis, share in labels[name].items()) + ".")
    return [*found, "", f"Int8 matrix products reach {throughput['int8 peak, GOP/s']:,} GOP/s on these cores; stance uses {100 * throughput['share of the peak']:.0f}% of that."]


def tables(throughput: dict | None, cold: dict | None, scaling: dict | None, without_vnni: dict | None) -> list[str]:
    found: list[str] = []
    if throughput:
        about = throughput["machine"]
        found += [f"Measured on {described(about)}, {throughput['threads']} of them used; load before: {about['load before']}.", "", *rates(throughput, "Throughput")]
        found += ["", "**Training**", *table(["system", "statements a second"], [list(row) for row in throughput["training statements a second"].items()]), f"Ratio: {throughput['training, stance over Trainer']}."]
    if cold:
        place = f" On {described(cold['machine'])}." if throughput and described(cold["machine"]) != described(throughput["machine"]) else ""
        found += ["", f"**Cold start**, one statement, medians of {cold['rounds']}.{place}", *table(["system", "seconds", "over stance"], [[name, value, cold["others over stance"].get(name, "")] for name, value in cold["seconds"].items()])]
    if scaling:
        found += ["", f"**Size** ({scaling['form']} form, {scaling['threads']} threads)", *table(["lines", "seconds", "lines a second", "peak memory, MiB"], [[f"{row['lines']:,}", row["seconds"], round(row["lines"] / row["seconds"]), row["peak MiB"]] for row in scaling["sizes"]])]
    if scaling and "ray" in scaling:
        ray = scaling["ray"]
        found.append(f"Two Ray workers of one thread over one: {ray['two over one']} ({ray['statements a second']['1']} and {ray['statements a second']['2']} statements a second, medians of {ray['rounds']}).")
    if without_vnni:
        about, pace = without_vnni["machine"], without_vnni["training statements a second"]
        found += ["", f"**A processor without VNNI and bf16**: {described(about)}, {without_vnni['threads']} of them used; load before: {about['load before']}.", "", *rates(without_vnni, "Throughput there")]
        found += ["", f"Training there: {', '.join(f'{name} {rate}' for name, rate in pace.items())} statements a second; ratio {without_vnni['training, stance over Trainer']}."]
    return found


def draw(throughput: dict | None, cold: dict | None, scaling: dict | None, path: Path) -> None:
    figure = Figure(figsize=(13, 3.6), layout="constrained")
    panels: Any = figure.subplots(1, 3)
    for panel, told, title, label in ((panels[0], throughput and throughput["statements a second"], "throughput", "statements a second"), (panels[1], cold and cold["seconds"], "cold start, one statement", "seconds")):
        if told:
            panel.barh(list(told), list(told.values()), color=[OURS if name.startswith("stance") else THEIRS for name in told])
            panel.bar_label(panel.containers[0], padding=2, fontsize=8)
            panel.invert_yaxis()
        panel.set(title=title, xlabel=label)
        panel.margins(x=0.25)
        panel.tick_params(axis="y", labelsize=8)
    if scaling:
        sizes = [row["lines"] for row in scaling["sizes"]]
        panels[2].plot(sizes, [row["seconds"] for row in scaling["sizes"]], marker="o", color=OURS, label="seconds")
        panels[2].plot(sizes, [row["peak MiB"] for row in scaling["sizes"]], marker="s", color=THEIRS, label="peak memory, MiB")
        panels[2].legend()
    panels[2].set(xscale="log", yscale="log", title="size", xlabel="lines", ylabel="seconds, MiB")
    if throughput:
        panels[0].set_xlabel(f"statements a second (n = {throughput['statements']:,}, {throughput['threads']} threads)")
    figure.savefig(path, dpi=110)


def main() -> None:
    throughput, cold, scaling = (read(name) for name in ("throughput", "cold_start", "scaling"))
    page = HERE / "README.md"
    picture = "![Throughput, cold start and size](results/benchmarks.png)"
    block = "\n".join([START, "", *tables(throughput, cold, scaling, read("throughput_without_vnni")), "", picture, "", END])
    page.write_text(re.sub(f"{re.escape(START)}.*?{re.escape(END)}", lambda _: block, page.read_text(encoding="utf-8"), flags=re.DOTALL), encoding="utf-8")
    draw(throughput, cold, scaling, HERE / "results" / "benchmarks.png")


if __name__ == "__main__":
    main()
