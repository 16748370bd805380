"""The small form of a trained model: some of its layers, taught to say what the whole of it says."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from tokenizers import Tokenizer
from torch import Tensor, nn

from stance.errors import ModelError
from stance.files import written_beside
from stance.labels import ONE_OF, Axis
from stance.records import Statement
from stance.tagging import read_manifest, write_manifest
from stance.tagging.folder import Fast
from stance.tagging.scoring import FAST_GRAPH, by_axis, onnx_scorer
from stance.training.calibration import calibrated
from stance.training.encoder import Recipe, batches, has_bf16, in_length_order, pad
from stance.training.export import write_int8
from stance.training.model import StanceModel, check_device, tokenizer_of


@dataclass(frozen=True)
class Distillation:
    """What decides a distillation, apart from the model and the statements."""

    layers: int = 3
    width: int | None = None  # of the feed-forward part of each layer; None for the teacher's
    epochs: int = 4
    batch: int = 32
    rate: float = 3e-4
    warm_up: float = 0.05
    softening: float = 2.0  # temperature of both sides of the loss
    states_weight: float = 1.0  # of the distance between pooled states
    seed: int = 1


def student_of(teacher: StanceModel, layers: int, width: int | None = None) -> StanceModel:
    """A copy with `layers` of the encoder's layers, spread evenly, the last among them, and `width` of the units of each feed-forward part.

    Raises ModelError for an encoder whose layers are not a plain list, or that has not so many.
    """
    stack = getattr(getattr(teacher.encoder, "encoder", None), "layer", None)
    if not isinstance(stack, nn.ModuleList):
        raise ModelError(f"an encoder of type {teacher.config.encoder['model_type']!r} cannot be distilled; only those like BERT, RoBERTa or MPNet can")
    if not 1 <= layers <= len(stack):
        raise ModelError(f"--layers {layers}: the model has {len(stack)}; name 1 to {len(stack)}")
    student: Any = copy.deepcopy(teacher)
    kept = [round((number + 1) * len(stack) / layers) - 1 for number in range(layers)]
    student.encoder.encoder.layer = nn.ModuleList(student.encoder.encoder.layer[number] for number in kept)
    whole = student.encoder.config.intermediate_size
    width = whole if width is None else width
    if not 1 <= width <= whole:
        raise ModelError(f"--width {width}: the model's feed-forward parts have {whole} units; name 1 to {whole}")
    if width < whole:
        for layer in student.encoder.encoder.layer:
            _narrow(layer, width)
    student.encoder.config.num_hidden_layers, student.encoder.config.intermediate_size = layers, width
    student.encoder.get_input_embeddings().weight.requires_grad = False  # as when the teacher learnt
    student.config.encoder = {**student.config.encoder, "num_hidden_layers": layers, "intermediate_size": width}
    found: StanceModel = student
    return found


def _narrow(layer: Any, width: int) -> None:
    """Keep the `width` units of a layer's feed-forward part that can carry most: norm of the weights in, times norm of those out."""
    inward, outward = layer.intermediate.dense, layer.output.dense
    with torch.no_grad():
        carried = inward.weight.norm(dim=1) * outward.weight.norm(dim=0)
        kept = carried.topk(width).indices.sort().values
        inward.weight, inward.bias = nn.Parameter(inward.weight[kept]), nn.Parameter(inward.bias[kept])
        outward.weight = nn.Parameter(outward.weight[:, kept].contiguous())
    inward.out_features = outward.in_features = width


def parts_of(texts: Sequence[str], rng: random.Random) -> list[str]:
    """A run of sentences out of each text that has several: what the teacher says of these it has not learnt by heart."""
    found = []
    for text in texts:
        starts = [0, *(gap.end() for gap in re.finditer(r"(?<=[.!?])\s+", text)), len(text)]
        if len(starts) > 2:
            wanted = rng.randrange(1, len(starts) - 1)  # sentences
            first = rng.randrange(len(starts) - wanted)
            found.append(text[starts[first] : starts[first + wanted]].rstrip())
    return found


def distance(said: tuple[Tensor, Tensor], wanted: tuple[Tensor, Tensor], axes: tuple[Axis, ...], plan: Distillation) -> Tensor:
    """How far logits (batch, all labels) and pooled states (batch, hidden) of the student are from the teacher's.

    Cross-entropy of the softened answers (Hinton, Vinyals & Dean 2015), and one less the cosine of the states.
    """
    total = plan.states_weight * (1 - nn.functional.cosine_similarity(said[1], wanted[1])).mean()
    ours, theirs = (by_axis(logits / plan.softening, axes) for logits in (said[0], wanted[0]))
    for axis in axes:
        if axis.kind == ONE_OF:
            part = nn.functional.cross_entropy(ours[axis.name], theirs[axis.name].softmax(1))
        else:
            part = len(axis.labels) * nn.functional.binary_cross_entropy_with_logits(ours[axis.name], theirs[axis.name].sigmoid())
        total = total + plan.softening**2 * part
    return total


def teach(student: StanceModel, teacher: StanceModel, statements: Sequence[Statement], tokenizer: Tokenizer, plan: Distillation, sorted_within: int = 20) -> None:
    """Train the student on every statement alone, with its speaker where it has one, and on a part of it; the teacher answers once, before."""
    texts = [s.text for s in statements]
    encoded = tokenizer.encode_batch([*texts, *((s.text, s.speaker) for s in statements if s.speaker), *parts_of(texts, random.Random(plan.seed))])
    labels = sum(len(axis.labels) for axis in teacher.axes)
    device = student.device
    answers = torch.tensor(in_length_order(encoded, lambda **batch: torch.cat(teacher(**batch), dim=1), doing="asking the teacher"), device=device)  # (inputs, labels + hidden)
    learnt = [p for p in student.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(learnt, lr=plan.rate, fused=True)
    steps = plan.epochs * -(-len(encoded) // plan.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min((step + 1) / max(1, plan.warm_up * steps), max(0.0, (steps - step) / (steps * (1 - plan.warm_up)))))
    torch.manual_seed(plan.seed)
    rng = random.Random(plan.seed)
    grouping = Recipe(batch=plan.batch, sorted_within=sorted_within)
    half = torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_bf16(device))
    student.train()
    columns = (TextColumn("distilling"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("distance {task.fields[loss]:.3f}"))
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("distilling", total=plan.epochs * len(encoded), loss=0.0)
        for _ in range(plan.epochs):
            for batch in batches([len(e) for e in encoded], grouping, rng):
                wanted = answers[batch]
                with half:
                    logits, states = student(**pad([encoded[i] for i in batch], device))
                loss = distance((logits.float(), states.float()), (wanted[:, :labels], wanted[:, labels:]), student.axes, plan)
                optimiser.zero_grad()
                torch.autograd.backward(loss)
                nn.utils.clip_grad_norm_(learnt, 1.0)
                optimiser.step()
                schedule.step()
                progress.update(task, advance=len(batch), loss=float(loss.detach()))
    student.eval()


def distil(folder: Path, statements: Sequence[Statement], validation: Sequence[Statement], plan: Distillation, device: str = "cpu") -> Fast:
    """Put a small form beside the whole model of a folder, calibrated by itself; return what the manifest now says of it."""
    check_device(device)
    manifest = read_manifest(folder)
    teacher = StanceModel.from_pretrained(folder).eval()
    tokenizer = tokenizer_of(folder, manifest.max_length)
    student = student_of(teacher, plan.layers, plan.width).to(device)
    shown = [s for s in statements if s.origin != "generated"] or list(statements)  # what a machine made up by rule teaches little
    teach(student, teacher, shown, tokenizer, plan)
    with written_beside(folder / FAST_GRAPH) as beside:
        write_int8(student.to("cpu"), beside, shown, tokenizer)
        small = calibrated(manifest, onnx_scorer(folder, beside.name, manifest.max_length), validation)
    lost = {name: round(100 * (small.metrics[name] - value), 1) for name, value in manifest.metrics.items() if isinstance(value, float)}
    fast = Fast(small.calibration, lost, asdict(plan))
    write_manifest(folder, replace(manifest, fast=fast))
    return fast
