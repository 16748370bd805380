"""The systems that the benchmarks compare, each in a process of its own that works when it is told to.

    python benchmarks/systems.py NAME STATEMENTS MODEL THREADS

STATEMENTS is a file of JSON Lines with labels, of which the first are for work and those marked
`learn` to fit a classifier on. The process prints a line of JSON when it is ready; then, for each
line it is given, it goes through the statements once and prints the seconds, its answers and its
peak memory. Systems of others run in an environment of their own, made from benchmarks/peers.txt.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
BATCHES = (8, 16, 32, 64)
TRAINED_ON = 320  # statements that a training benchmark goes through once
Work = Callable[[], Any]


def pipeline(rows: list[dict], model: Path, threads: int, size: int | None = 1) -> Work:
    """The transformers pipeline over the trained model; answers are its logits. Without a size: the best of `BATCHES`."""
    import torch
    import transformers
    from transformers.modeling_outputs import SequenceClassifierOutput

    from stance.training.model import StanceModel

    transformers.logging.set_verbosity_error()

    class Whole(StanceModel):
        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> SequenceClassifierOutput:
            return SequenceClassifierOutput(logits=super().forward(input_ids, attention_mask, token_type_ids)[0])

    torch.set_num_threads(threads)
    network = Whole.from_pretrained(model).eval()
    names = [f"{axis.name}:{label}" for axis in network.axes for label in axis.names]
    network.config.id2label, network.config.num_labels = dict(enumerate(names)), len(names)
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(model / "tokenizer.json"), pad_token="[PAD]", model_max_length=256, model_input_names=INPUTS)  # noqa: S106
    run = transformers.TextClassificationPipeline(model=network, tokenizer=tokenizer, function_to_apply="none", top_k=None, device="cpu")
    texts = [r["text"] for r in rows if not r.get("learn")]

    def work(size: int, texts: list[str]) -> list[list[float]]:
        found = [{entry["label"]: entry["score"] for entry in answer} for answer in run(texts, batch_size=size, truncation=True)]
        return [[answer[name] for name in names] for answer in found]

    if size is None:
        sample = texts[:: max(1, len(texts) // 200)]
        work(8, sample)
        size = min(BATCHES, key=lambda size: _seconds(lambda: work(size, sample)))
    return lambda: work(size, texts)


def _seconds(work: Work) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def sentence_transformers(rows: list[dict], model: Path, threads: int) -> Work:
    """Embeddings of the packaged encoder, a logistic regression an axis."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.preprocessing import MultiLabelBinarizer

    from stance.training.model import packaged_encoder

    torch.set_num_threads(threads)
    encoder = SentenceTransformer(str(packaged_encoder()), device="cpu")
    shown = [r for r in rows if r.get("learn")]
    states = encoder.encode([r["text"] for r in shown], batch_size=32)
    heads = [LogisticRegression(max_iter=300).fit(states, [r[name] for r in shown]) for name in ("side", "tone")]
    heads.append(OneVsRestClassifier(LogisticRegression(max_iter=300)).fit(states, MultiLabelBinarizer().fit_transform([r["topics"] for r in shown])))
    texts = [r["text"] for r in rows if not r.get("learn")]

    def work() -> None:
        found = encoder.encode(texts, batch_size=32)
        for head in heads:
            head.predict_proba(found)

    return work


def setfit(rows: list[dict], model: Path, threads: int) -> Work:
    """SetFit with the packaged encoder and one multi-label head for all axes; its body is not fine-tuned, which changes no speed."""
    import torch
    from sentence_transformers import SentenceTransformer
    from setfit import SetFitModel
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.preprocessing import MultiLabelBinarizer

    from stance.training.model import packaged_encoder

    torch.set_num_threads(threads)
    encoder = SentenceTransformer(str(packaged_encoder()), device="cpu")
    shown = [r for r in rows if r.get("learn")]
    labels = MultiLabelBinarizer().fit_transform([[f"side:{r['side']}", f"tone:{r['tone']}", *r["topics"]] for r in shown])
    head = OneVsRestClassifier(LogisticRegression(max_iter=300)).fit(encoder.encode([r["text"] for r in shown]), labels)
    network = SetFitModel(model_body=encoder, model_head=head, multi_target_strategy="one-vs-rest")
    texts = [r["text"] for r in rows if not r.get("learn")]

    def work() -> None:
        network.predict_proba(texts, batch_size=32, as_numpy=True)

    return work


def stance(rows: list[dict], model: Path, threads: int, fast: bool = False) -> Work:
    """This project; answers are its logits."""
    from stance.tagging import load

    tagger = load(model, threads=threads, fast=fast)
    texts = [r["text"] for r in rows if not r.get("learn")]

    def work() -> list[list[float]]:
        tagger.classify(texts)
        return []

    work()
    logits = tagger.score(texts, [""] * len(texts)).logits.tolist()
    return lambda: (work(), logits)[1]


def learn(rows: list[dict], model: Path, threads: int) -> Work:
    """This project's training loop, one epoch."""
    import torch

    from stance.labels import load_axes
    from stance.records import Statement
    from stance.training.encoder import Recipe
    from stance.training.encoder import learn as teach
    from stance.training.model import new_model, packaged_encoder, tokenizer_of

    torch.set_num_threads(threads)
    axes, recipe = load_axes(), Recipe()
    statements = [Statement.from_record({k: v for k, v in r.items() if k != "learn"}, axes) for r in rows if r.get("learn")][:TRAINED_ON]
    tokenizer = tokenizer_of(packaged_encoder(), recipe.max_length)

    def work() -> None:
        torch.manual_seed(1)
        network = new_model(packaged_encoder(), axes, recipe.attention_dropout, recipe.hidden_dropout)
        with tempfile.TemporaryDirectory() as checkpoint:
            teach(network, statements, 1, recipe, tokenizer, Path(checkpoint) / "c")

    return work


def trainer(rows: list[dict], model: Path, threads: int) -> Work:
    """The same model, statements, batch size, loss and bf16 through the transformers Trainer, one epoch, a checkpoint at its end."""
    import torch
    import transformers

    from stance.labels import load_axes
    from stance.records import Statement
    from stance.training.encoder import Recipe, has_bf16, loss_of, targets
    from stance.training.model import new_model, packaged_encoder

    torch.set_num_threads(threads)
    transformers.logging.set_verbosity_error()
    axes, recipe = load_axes(), Recipe()
    statements = [Statement.from_record({k: v for k, v in r.items() if k != "learn"}, axes) for r in rows if r.get("learn")][:TRAINED_ON]
    gold = targets(statements, axes)
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(packaged_encoder() / "tokenizer.json"), pad_token="[PAD]", model_input_names=INPUTS)  # noqa: S106
    encoded = [tokenizer(s.text, s.speaker, truncation=True, max_length=recipe.max_length) if s.speaker else tokenizer(s.text, truncation=True, max_length=recipe.max_length) for s in statements]
    examples = [{**one, "number": n} for n, one in enumerate(encoded)]

    def collate(batch: list[dict]) -> dict:
        padded = tokenizer.pad([{k: v for k, v in one.items() if k != "number"} for one in batch], return_tensors="pt")
        return {**padded, "numbers": torch.tensor([one["number"] for one in batch])}

    class Ours(transformers.Trainer):
        def compute_loss(self, model: Any, inputs: dict, return_outputs: bool = False, **_: Any) -> Any:
            numbers = inputs.pop("numbers")
            logits, words, _ = model.readings(**inputs)
            wanted = {axis.name: classes[numbers] for axis, classes in zip(axes, gold, strict=True)}
            return loss_of(logits.float(), wanted, axes, recipe) + loss_of(words.float(), wanted, model.one_of, recipe)

    def work() -> None:
        network = new_model(packaged_encoder(), axes, recipe.attention_dropout, recipe.hidden_dropout)
        with tempfile.TemporaryDirectory() as folder:
            settings = transformers.TrainingArguments(
                folder, num_train_epochs=1, per_device_train_batch_size=recipe.batch, bf16=has_bf16(torch.device("cpu")), use_cpu=True, report_to=[], logging_strategy="no",
                save_strategy="epoch", disable_tqdm=True, remove_unused_columns=False, learning_rate=recipe.encoder_rate, train_sampling_strategy="group_by_length",
            )
            Ours(network, settings, train_dataset=examples, data_collator=collate).train()

    return work


SYSTEMS: dict[str, Callable[[list[dict], Path, int], Work]] = {
    "transformers pipeline, batch 1": pipeline,
    "transformers pipeline, best batch": lambda *given: pipeline(*given, size=None),
    "sentence-transformers + scikit-learn": sentence_transformers,
    "SetFit": setfit,
    "stance": stance,
    "stance --fast": lambda *given: stance(*given, fast=True),
    "stance, training": learn,
    "transformers Trainer": trainer,
}


def main() -> None:
    name, statements, model, threads = sys.argv[1:]
    # Libraries talk on stdout now and then; the answers have a channel of their own.
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    rows = [json.loads(line) for line in Path(statements).read_text(encoding="utf-8").splitlines()]
    work = SYSTEMS[name](rows, Path(model), int(threads))
    print(json.dumps("ready"), file=channel, flush=True)
    for _ in sys.stdin:
        begun = time.perf_counter()
        answers = work()
        seconds = time.perf_counter() - begun
        print(json.dumps({"seconds": seconds, "answers": answers, "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), file=channel, flush=True)


if __name__ == "__main__":
    main()
