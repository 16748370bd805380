"""The small form: fewer layers, the whole model's answers."""

import json
import random
import shutil

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel
from typer.testing import CliRunner

from stance.cli import app
from stance.errors import ModelError
from stance.labels import load_axes
from stance.records import Statement
from stance.tagging import load, read_manifest
from stance.training.distil import Distillation, distance, parts_of, student_of, teach
from stance.training.encoder import Recipe
from stance.training.export import export, write_folder
from stance.training.model import new_model, packaged_encoder, tokenizer_of

AXES = load_axes()


@pytest.fixture(scope="module")
def deep_model(tmp_path_factory, records):
    """Two layers, so that one can be left out; not trained."""
    encoder = tmp_path_factory.mktemp("deep") / "encoder"
    torch.manual_seed(0)
    BertModel(BertConfig(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, vocab_size=30522), add_pooling_layer=False).save_pretrained(encoder)
    shutil.copy(packaged_encoder() / "tokenizer.json", encoder)
    statements = [Statement.from_record(r, AXES) for r in records]
    folder = encoder.with_name("model")
    write_folder(new_model(encoder, AXES, 0.0, 0.0).eval(), folder, encoder / "tokenizer.json", statements[:40], statements[40:], Recipe(max_length=64))
    return folder


def test_parts_are_runs_of_sentences():
    text = "We waited. They left! Who pays? Nobody does."
    runs = {part for seed in range(50) for part in parts_of([text, "One sentence only."], random.Random(seed))}
    assert all(run in text and run != text and run[-1] in ".!?" for run in runs)
    assert {"We waited.", "Nobody does.", "They left! Who pays?"} <= runs


def test_student_comes_to_say_what_the_teacher_says(deep_model, records):
    from stance.training.model import StanceModel

    teacher = StanceModel.from_pretrained(deep_model).eval()
    with torch.no_grad():
        for head in teacher.heads:
            head.weight.mul_(3)  # an untrained teacher has nothing to say
    student = student_of(teacher, 1)
    with torch.no_grad():
        for head in student.heads:
            head.weight.zero_()
    assert len(student.encoder.encoder.layer) == 1
    assert torch.equal(student.encoder.encoder.layer[0].output.dense.weight, teacher.encoder.encoder.layer[1].output.dense.weight)
    statements = [Statement.from_record(r, AXES) for r in records]
    tokenizer = tokenizer_of(deep_model, 64)

    def gap():
        with torch.no_grad():
            encoded = tokenizer.encode_batch([s.text for s in statements])
            ids = [torch.tensor([e.ids]) for e in encoded]
            pairs = [(model(i, torch.ones_like(i), torch.zeros_like(i)) for model in (student, teacher)) for i in ids]
            return np.mean([float((ours[0] - theirs[0]).abs().mean()) for ours, theirs in pairs])

    before = gap()
    teach(student, teacher, statements, tokenizer, Distillation(layers=1, epochs=20, rate=1e-2))
    assert gap() < 0.5 * before
    with pytest.raises(ModelError, match="--layers 5: the model has 2"):
        student_of(teacher, 5)


def test_the_narrow_student_keeps_the_units_that_carry_most(deep_model):
    from stance.training.model import StanceModel

    teacher = StanceModel.from_pretrained(deep_model).eval()
    last = teacher.encoder.encoder.layer[1]
    with torch.no_grad():
        last.output.dense.weight[:, ::2] *= 1e-3
    layer = student_of(teacher, 1, 16).encoder.encoder.layer[0]
    assert torch.equal(layer.intermediate.dense.weight, last.intermediate.dense.weight[1::2])
    assert torch.equal(layer.output.dense.weight, last.output.dense.weight[:, 1::2])
    student = student_of(teacher, 2, 16)
    assert student.config.encoder["intermediate_size"] == 16
    student.save_pretrained(deep_model.with_name("narrow"))
    again = StanceModel.from_pretrained(deep_model.with_name("narrow")).eval()
    ids = torch.arange(5, 12)[None]
    given = ids, torch.ones_like(ids), torch.zeros_like(ids)
    with torch.no_grad():
        assert torch.allclose(student.eval()(*given)[0], again(*given)[0], atol=1e-6)
        assert torch.allclose(student_of(teacher, 2, 32)(*given)[0], teacher(*given)[0])
    with pytest.raises(ModelError, match="--width 99: the model's feed-forward parts have 32 units; name 1 to 32"):
        student_of(teacher, 2, 99)


def test_distance_is_least_where_both_say_the_same():
    logits, states = torch.randn(4, 14), torch.randn(4, 8)
    same = distance((logits, states), (logits, states), AXES, Distillation())
    assert same < distance((logits + torch.randn(4, 14), states), (logits, states), AXES, Distillation())
    assert same < distance((logits, states + torch.randn(4, 8)), (logits, states), AXES, Distillation())


def test_distil_and_fast_from_the_command_line(deep_model, records, tmp_path):
    model, data = tmp_path / "m", tmp_path / "data"
    shutil.copytree(deep_model, model)
    data.mkdir()
    for name, part in (("train", records[:40]), ("validation", records[40:])):
        (data / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in part))

    def run(*args):
        result = CliRunner().invoke(app, [str(a) for a in args])
        assert result.exception is None, result.exception
        return result

    told = json.loads(run("distil", "--model", model, "--data", data, "--layers", 1, "--width", 16, "--epochs", 1).stdout)
    assert told == read_manifest(model).fast.lost
    assert {"side macro-F1, alone", "tone macro-F1, described"} <= told.keys()
    whole, fast = (run("classify", records[0]["text"], "--model", model, "--probabilities", *more) for more in ((), ("--fast",)))
    assert json.loads(whole.stdout)["tone_probabilities"] != json.loads(fast.stdout)["tone_probabilities"]
    assert fast.stderr.startswith("--fast, in points against the whole model on held-out statements: side macro-F1, alone")
    assert whole.stderr == ""
    assert (model / "fast.int8.onnx").stat().st_size < (model / "model.int8.onnx").stat().st_size
    export(model, tmp_path / "full", "float32")
    assert load(tmp_path / "full", fast=True).predict(["No."])["side"].tolist() == load(model, fast=True).predict(["No."])["side"].tolist()
