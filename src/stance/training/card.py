"""The model card: what a model folder holds, how it was made and what it scored, with a header the hub reads."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from huggingface_hub import EvalResult, ModelCardData

from stance.labels import load_axes
from stance.tagging import Manifest

OURS = "Tags public statements about labour disputes by who speaks, in what tone and about what."
OWN = "Tags short texts."


def card(manifest: Manifest, rows: Sequence[dict[str, Any]] = ()) -> str:
    """The card as Markdown with a YAML header; `rows` are an evaluation's figures of this model, if there are any."""
    is_ours = [axis.as_dict() for axis in manifest.axes] == [axis.as_dict() for axis in load_axes()]
    scored = [row for row in rows if row["system"] == "model" and row["figure"] != "calibration error"]
    results = [
        EvalResult(
            task_type="text-classification", dataset_type="stance", dataset_name=f"{row['origin'] or 'held-out'} test statements",
            dataset_config=_speaker(row), metric_type="accuracy" if row["figure"].startswith("accuracy") else "f1", metric_name=f"{row['axis']}, {row['figure']}", metric_value=row["value"],
        )
        for row in scored
    ]
    header = ModelCardData(language="en" if is_ours else None, license="apache-2.0" if is_ours else None, library_name="stance", pipeline_tag="text-classification", tags=["stance", "onnx"], model_name="stance", eval_results=results or None)
    origins = manifest.provenance.get("origins", {})
    learnt = ", ".join(f"{count:,} {origin}".rstrip() for origin, count in origins.items())
    lines = ["---", header.to_yaml(), "---", "", "# Model card", "", f"{OURS if is_ours else OWN} Made by `stance train`; read by `stance classify`, or by `stance.training.model.StanceModel.from_pretrained`.", ""]
    lines += ["| axis | kind | labels |", "|---|---|---|", *(f"| {a.name} | {a.kind} | {', '.join(a.names)} |" for a in manifest.axes), ""]
    begun = manifest.provenance.get("encoder", {}).get("name", "")
    lines += [f"Trained{f' from {begun}' if begun else ''} on {learnt} statements{'; no real quotation' if origins and not origins.keys() & {'quoted', ''} else ''}. The recipe, the versions and the digest of the data are in `manifest.json`.", ""]
    lines += ["| on the validation split, which also set temperatures and thresholds | |", "|---|---|", *(f"| {name} | {value} |" for name, value in manifest.metrics.items()), ""]
    if scored:
        lines += ["| held out | axis | figure | speaker | n | value | 95% interval |", "|---|---|---|---|---|---|---|"]
        lines += [f"| {row['origin']} | {row['axis']} | {row['figure']} | {_speaker(row)} | {row['n']} | {row['value']:.3f} | {row['low']:.3f} to {row['high']:.3f} |" for row in scored]
        lines += ["", "Printed by `stance evaluate --card`; the roster took no part.", ""]
    else:
        lines += ["Figures on held-out statements, with intervals, the baseline beside them and real quotations apart: `stance evaluate`.", ""]
    if is_ours:
        lines += [files("stance.training").joinpath("recipe.md").read_text(encoding="utf-8")]
    lines += ["**Not for** deciding anything about a person, nor for texts of another kind than it was trained on: it gives every text some label. `--min-confidence` makes it say `unsure`.", ""]
    return "\n".join(lines)


def _speaker(row: dict[str, Any]) -> str:
    return "described" if row["speaker"] else "not given"
