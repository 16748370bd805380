"""The training loop: one encoder, all axes at once. Reads top to bottom.

The recipe: made-up statements first, as a primer, then those that stand for real ones; the encoder and
the linear reading of the words each with a loss of its own; the speaker as second segment, dropped at
random; organisations changed for others of their side; word embeddings frozen; AdamW with warm-up
and linear decay, lower layers slower than upper ones; label smoothing; bf16 autocast.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    track,
)
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from stance.labels import ONE_OF, Axis, load_axes
from stance.records import Statement
from stance.roster import load_roster
from stance.tagging.scoring import by_axis
from stance.training.model import QuickDropout, StanceModel, encoder_digest, new_model, tokenizer_of
from stance.training.names import Names

PRIMER = ("generated", "composed")  # origins that are made up


@dataclass(frozen=True)
class Recipe:
    """What decides a training run, apart from the data and the encoder."""

    primer_epochs: int = 1
    epochs: int = 3
    batch: int = 16
    sorted_within: int = 20
    encoder_rate: float = 2e-4  # of the last layer; each one below it learns at `layer_decay` of the rate above
    layer_decay: float = 0.8
    head_rate: float = 2e-3
    words_rate: float = 2e-2
    warm_up: float = 0.1
    smoothing: float = 0.05
    any_of_weight: float = 6.0
    speaker_dropout: float = 0.4
    name_swap: float = 0.5
    attention_dropout: float = 0.0
    hidden_dropout: float = 0.1
    max_length: int = 256
    seed: int = 1


def _ours(axes: tuple[Axis, ...]) -> bool:
    """Whether the side is asked as our own labels ask it."""
    return load_axes()[0] in axes


def recipe_for(axes: tuple[Axis, ...], seed: int = 1, epochs: int | None = None) -> Recipe:
    """The recipe; for labels that are not ours the second text, which may be half of the question (a target), is never left out."""
    recipe = Recipe(seed=seed) if _ours(axes) else Recipe(seed=seed, speaker_dropout=0.0)
    return recipe if epochs is None else replace(recipe, epochs=epochs)


def targets(statements: Sequence[Statement], axes: tuple[Axis, ...]) -> list[Tensor]:
    """For each axis class numbers (n,) or 0/1 rows (n, labels)."""
    found = []
    for axis in axes:
        if axis.kind == ONE_OF:
            found.append(torch.tensor([axis.names.index(str(s.labels[axis.name])) for s in statements]))
        else:
            found.append(torch.tensor([[float(name in s.labels[axis.name]) for name in axis.names] for s in statements]))
    return found


def batches(lengths: Sequence[int], recipe: Recipe, rng: random.Random) -> Iterator[list[int]]:
    """Random batches, sorted by length within windows so that little is padded."""
    order = list(range(len(lengths)))
    rng.shuffle(order)
    window = recipe.batch * recipe.sorted_within
    found = []
    for low in range(0, len(order), window):
        part = sorted(order[low : low + window], key=lambda i: lengths[i])
        found += [part[i : i + recipe.batch] for i in range(0, len(part), recipe.batch)]
    rng.shuffle(found)
    yield from found


def pad(encoded: Sequence[Any], device: str | torch.device) -> dict[str, Tensor]:
    """Token ids, mask and segments, each (batch, longest)."""
    width = max(len(e) for e in encoded)
    rows = {"input_ids": [e.ids for e in encoded], "attention_mask": [e.attention_mask for e in encoded], "token_type_ids": [e.type_ids for e in encoded]}
    return {name: torch.tensor([r + [0] * (width - len(r)) for r in values], device=device) for name, values in rows.items()}


def loss_of(logits: Tensor, wanted: dict[str, Tensor], axes: tuple[Axis, ...], recipe: Recipe) -> Tensor:
    """Sum over the axes: cross-entropy for one-of, weighted binary cross-entropy for any-of."""
    total, parts = logits.new_zeros(()), by_axis(logits, axes)
    for axis in axes:
        part, gold = parts[axis.name], wanted[axis.name]
        if axis.kind == ONE_OF:
            total = total + nn.functional.cross_entropy(part, gold, label_smoothing=recipe.smoothing)
        else:
            soft = gold * (1 - recipe.smoothing) + recipe.smoothing / 2
            total = total + recipe.any_of_weight * nn.functional.binary_cross_entropy_with_logits(part, soft)
    return total


def stages(statements: Sequence[Statement], recipe: Recipe) -> list[tuple[str, list[Statement], int]]:
    """Name, statements and epochs of each stage: made-up statements first, then the others; one stage where there is only one kind."""
    primer = [s for s in statements if s.origin in PRIMER]
    rest = [s for s in statements if s.origin not in PRIMER]
    if not primer or not rest:
        return [("main", list(statements), recipe.epochs)]
    return [("primer", primer, recipe.primer_epochs), ("main", rest, recipe.epochs)]


def train(statements: Sequence[Statement], axes: tuple[Axis, ...], folder: Path, recipe: Recipe, encoder: Path, device: str = "cpu") -> StanceModel:
    """Train a model through its stages; checkpoints lie in `folder` after each epoch and are taken up again."""
    torch.manual_seed(recipe.seed)
    model: StanceModel = new_model(encoder, axes, recipe.attention_dropout, recipe.hidden_dropout).to(device)
    tokenizer = tokenizer_of(encoder, recipe.max_length)
    plan = encoder_digest(encoder)
    # Swapping names keeps the side, which only our own labels are known to have.
    names = Names(load_roster()) if recipe.name_swap and _ours(axes) else None
    for name, members, epochs in stages(statements, recipe):
        plan = learn(model, members, epochs, recipe, tokenizer, folder / name, plan, names)
    return model


def learn(model: StanceModel, statements: Sequence[Statement], epochs: int, recipe: Recipe, tokenizer: Tokenizer, checkpoint: Path, before: str = "", names: Names | None = None) -> str:
    """Teach a model some epochs of statements; return the digest of what it has now learnt.

    `before` is that digest for what it knew already. A checkpoint of this very plan is taken up where it was.
    """
    # The dropout is named, for a checkpoint that was made with another would go on with other draws.
    what = [before, QuickDropout.__name__, asdict(recipe), names.pools if names else {}, epochs, [a.as_dict() for a in model.axes], [s.record() for s in statements]]
    plan = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
    device = model.device
    lengths = [len(e) for e in tokenizer.encode_batch([s.text for s in statements])]
    named = [(names.find(s.text), names.find(s.speaker)) for s in statements] if names else []
    wanted = targets(statements, model.axes)
    layers = by_layer(model.encoder)
    body = [p for members in layers for p in members]
    heads = list(model.heads.parameters())
    groups = [{"params": members, "lr": recipe.encoder_rate * recipe.layer_decay**down} for down, members in enumerate(reversed(layers))]
    groups += [{"params": heads, "lr": recipe.head_rate}, {"params": model.words.parameters(), "lr": recipe.words_rate, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, fused=True)
    steps = epochs * math.ceil(len(statements) / recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / max(1, recipe.warm_up * steps), max(0.0, (steps - step) / (steps * (1 - recipe.warm_up))))
    )
    done = _resume(checkpoint, plan, model, optimiser, schedule)
    half = torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_bf16(device))
    columns = (TextColumn("training"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("loss {task.fields[loss]:.3f}"))
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("training", total=epochs * len(statements), completed=done * len(statements), loss=0.0)
        for epoch in range(done, epochs):
            # Seeded by epoch, so that a resumed run draws what an undisturbed one would.
            torch.manual_seed(recipe.seed * 1000 + epoch)
            rng = random.Random(recipe.seed * 1000 + epoch)
            model.train()
            for batch in batches(lengths, recipe, rng):
                read = [_as_read(statements[i], recipe, rng, names, named[i] if names else ()) for i in batch]
                encoded = tokenizer.encode_batch(read)
                with half:
                    logits, words, _ = model.readings(**pad(encoded, device))  # (batch, all labels), (batch, one-of labels)
                gold = {axis.name: classes[batch].to(device) for axis, classes in zip(model.axes, wanted, strict=True)}
                loss = loss_of(logits.float(), gold, model.axes, recipe) + loss_of(words.float(), gold, model.one_of, recipe)
                optimiser.zero_grad()
                torch.autograd.backward(loss)
                nn.utils.clip_grad_norm_([*body, *heads], 1.0)
                optimiser.step()
                schedule.step()
                progress.update(task, advance=len(batch), loss=float(loss.detach()))
            _save(checkpoint, plan, epoch + 1, model, optimiser, schedule)
    model.eval()
    return plan


def by_layer(encoder: nn.Module) -> list[list[nn.Parameter]]:
    """What is learnt of an encoder, from its embeddings up to its last layer; what stands outside the layers goes with the embeddings."""
    found: dict[int, list[nn.Parameter]] = {}
    for name, parameter in encoder.named_parameters():
        if parameter.requires_grad:
            number = re.search(r"\blayers?\.(\d+)\.", name)
            found.setdefault(int(number[1]) if number else -1, []).append(parameter)
    return [found[number] for number in sorted(found)]


def _as_read(statement: Statement, recipe: Recipe, rng: random.Random, names: Names | None, named: Any) -> Any:
    """The text, or text and speaker, as one step of training sees them: organisations changed about and the speaker left out at random."""
    text, speaker = statement.text, statement.speaker
    if names and any(named) and rng.random() < recipe.name_swap:
        text, speaker = names.swap((text, speaker), named, rng)
    return text if not speaker or rng.random() < recipe.speaker_dropout else (text, speaker)


def has_bf16(device: torch.device) -> bool:
    """Whether bf16 pays: on a CPU only where it has instructions for it."""
    return device.type != "cpu" or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def in_length_order(encoded: Sequence[Any], forward: Callable[..., Tensor], batch: int = 64, doing: str = "reading") -> npt.NDArray[np.float32]:
    """`forward` of all texts, batches sorted by length so that little is padded: (n, width), float32. The bar says what is `doing`."""
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    rows: list[Any] = [None] * len(encoded)
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_bf16(torch.device("cpu"))):
        for low in track(range(0, len(order), batch), doing, console=Console(stderr=True), transient=True):
            members = order[low : low + batch]
            for i, row in zip(members, forward(**pad([encoded[i] for i in members], "cpu")).float().numpy(), strict=True):
                rows[i] = row
    return np.stack(rows)


def logits_of(model: StanceModel, encoder: Path, texts: Sequence[str], speakers: Sequence[str], recipe: Recipe) -> npt.NDArray[np.float32]:
    """Logits (n, all labels) of a model in training form."""
    encoded = tokenizer_of(encoder, recipe.max_length).encode_batch([(t, s) if s else t for t, s in zip(texts, speakers, strict=True)])
    return in_length_order(encoded, lambda **batch: model(**batch)[0])


def _save(checkpoint: Path, plan: str, done: int, model: nn.Module, optimiser: Any, schedule: Any) -> None:
    state = optimiser.state_dict()["state"]
    beside = checkpoint.with_name(checkpoint.name + ".partial")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, beside / "model.safetensors")
    save_file({f"{i}.{name}": value.contiguous() for i, values in state.items() for name, value in values.items()}, beside / "optimiser.safetensors")
    (beside / "state.json").write_text(json.dumps({"plan": plan, "done": done, "step": schedule.last_epoch}), encoding="utf-8")
    shutil.rmtree(checkpoint, ignore_errors=True)
    beside.rename(checkpoint)


def _resume(checkpoint: Path, plan: str, model: nn.Module, optimiser: Any, schedule: Any) -> int:
    """Load the checkpoint of this very plan, if there is one; return the epochs done."""
    try:
        state = json.loads((checkpoint / "state.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return 0
    if state["plan"] != plan:
        return 0
    model.load_state_dict(load_file(checkpoint / "model.safetensors"))
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in load_file(checkpoint / "optimiser.safetensors").items():
        number, name = key.split(".", 1)
        moments.setdefault(int(number), {})[name] = value
    schedule.last_epoch = state["step"]
    for group, base, scale in zip(optimiser.param_groups, schedule.base_lrs, schedule.lr_lambdas, strict=True):
        group["lr"] = base * scale(state["step"])
    optimiser.load_state_dict({"state": moments, "param_groups": optimiser.state_dict()["param_groups"]})
    return int(state["done"])
