import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from stance.errors import ModelError
from stance.labels import ONE_OF, Axis, Label, load_axes
from stance.records import Statement
from stance.tagging import Scores, load
from stance.tagging.scoring import GRAPHS, onnx_scorer
from stance.training import encoder as room
from stance.training.encoder import Recipe, pad, recipe_for, stages, train
from stance.training.export import export, write_folder
from stance.training.model import (
    QuickDropout,
    StanceModel,
    check_device,
    find_encoder,
    new_model,
    packaged_encoder,
)

AXES = load_axes()
TEXTS = ["We are ready to talk.", "They walked out again, and nobody knows why they did.", "No."]


def test_exported_graph_agrees_with_the_model(tiny_model, tmp_path):
    model = StanceModel.from_pretrained(tiny_model).eval()
    assert [a.as_dict() for a in model.axes] == [a.as_dict() for a in AXES]
    tokenizer = Tokenizer.from_file(str(tiny_model / "tokenizer.json"))
    tokenizer.no_padding()
    with torch.no_grad():
        pairs = [model(**pad([tokenizer.encode(t, "AMPTP")], "cpu")) for t in TEXTS]
    wanted = Scores(*(torch.cat(parts).numpy() for parts in zip(*pairs, strict=True)))
    found = onnx_scorer(tiny_model, GRAPHS[0], 128)(TEXTS, ["AMPTP"] * 3)
    assert found.cut == 0
    np.testing.assert_allclose(found.logits, wanted.logits, atol=0.1)
    export(tiny_model, tmp_path / "full", "float32")
    found = onnx_scorer(tmp_path / "full", GRAPHS[1], 128)(TEXTS, ["AMPTP"] * 3)
    np.testing.assert_allclose(found.logits, wanted.logits, atol=1e-5)
    np.testing.assert_allclose(found.pooled, wanted.pooled, atol=1e-5)
    assert load(tmp_path / "full").classify(TEXTS)[0].keys() == load(tiny_model).classify(TEXTS)[0].keys()
    with pytest.raises(ModelError, match="there already"):
        export(tiny_model, tmp_path / "full", "int8")
    with pytest.raises(ModelError, match="no form 'baseline'"):
        export(tiny_model, tmp_path / "other", "baseline")


def test_model_folder_is_plain_files(tiny_model):
    names = {p.name for p in tiny_model.iterdir() if p.is_file()}
    assert names == {"config.json", "manifest.json", "model.safetensors", "model.int8.onnx", "neighbours.jsonl", "neighbours.safetensors", "README.md", "tokenizer.json"}


def test_tags_have_the_stated_fields(tiny_model):
    tags = load(tiny_model).classify(TEXTS, ["AMPTP", "", "a passer-by"])
    assert [t["side_basis"] for t in tags] == ["roster", "model", "model"]
    assert tags[0]["side"] == "studio"
    assert set(tags[1]) == {"side", "side_confidence", "side_basis", "tone", "tone_confidence", "topics", "topics_confidence"}


def test_training_is_deterministic_and_resumes(tiny_encoder, records, tmp_path, monkeypatch):
    statements = [Statement.from_record(r, AXES) for r in records]
    recipe = Recipe(epochs=3, max_length=32, seed=3)
    whole = train(statements, AXES, tmp_path / "whole", recipe, tiny_encoder).state_dict()
    again = train(statements, AXES, tmp_path / "again", recipe, tiny_encoder).state_dict()
    assert all(torch.equal(whole[k], again[k]) for k in whole)

    real, calls = room._save, []

    def killed(checkpoint, plan, done, *rest):
        real(checkpoint, plan, done, *rest)
        calls.append(done)
        if calls == [1, 1]:
            raise KeyboardInterrupt

    monkeypatch.setattr(room, "_save", killed)
    with pytest.raises(KeyboardInterrupt):
        train(statements, AXES, tmp_path / "cut", recipe, tiny_encoder)
    resumed = train(statements, AXES, tmp_path / "cut", recipe, tiny_encoder).state_dict()
    assert calls == [1, 1, 2, 3]  # one pass over the made-up half, then three over the rest
    assert all(torch.equal(whole[k], resumed[k]) for k in whole)


def test_made_up_statements_come_first(records):
    statements = [Statement.from_record(r, AXES) for r in records]
    order = stages(statements, Recipe(primer_epochs=1, epochs=2))
    assert [(name, {s.origin for s in members}, epochs) for name, members, epochs in order] == [("primer", {"composed"}, 1), ("main", {"restated"}, 2)]
    assert stages(statements[1::2], Recipe(epochs=2)) == [("main", statements[1::2], 2)]


def test_a_checkpoint_is_not_taken_up_after_another_primer(tiny_encoder, records, tmp_path):
    statements = [Statement.from_record(r, AXES) for r in records]
    recipe = Recipe(epochs=1, max_length=32)
    train(statements, AXES, tmp_path / "w", recipe, tiny_encoder)
    other = [s.model_copy(update={"text": s.text + " Again."}) if s.origin == "composed" else s for s in statements]
    resumed = train(other, AXES, tmp_path / "w", recipe, tiny_encoder).state_dict()
    anew = train(other, AXES, tmp_path / "n", recipe, tiny_encoder).state_dict()
    assert all(torch.equal(anew[k], resumed[k]) for k in anew)


def test_encoders_that_read_padding_are_refused(tmp_path):
    from transformers import DebertaV2Config, DebertaV2Model

    torch.manual_seed(0)
    config = DebertaV2Config(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, vocab_size=50)
    DebertaV2Model(config).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="does not heed the attention mask"):
        new_model(tmp_path, AXES)


def test_bad_encoder_or_device_is_named(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match=r"holds no tokenizer\.json"):
        find_encoder(tmp_path)
    with pytest.raises(ModelError, match="--device gpu"):
        check_device("gpu")
    check_device("cpu")


def test_neither_padding_nor_neighbours_change_an_answer(tiny_encoder):
    model = new_model(tiny_encoder, AXES).eval()
    torch.nn.init.normal_(model.words.weight)
    tokenizer = Tokenizer.from_file(str(tiny_encoder / "tokenizer.json"))
    tokenizer.no_padding()
    encoded = [tokenizer.encode(text, "AMPTP") for text in TEXTS]
    with torch.no_grad():
        alone = torch.cat([model(**pad([e], "cpu"))[0] for e in encoded])
        torch.testing.assert_close(model(**pad(encoded, "cpu"))[0], alone, atol=1e-5, rtol=1e-5)


def test_words_of_the_second_text_count_apart(tiny_encoder):
    model = new_model(tiny_encoder, AXES).eval()
    torch.nn.init.normal_(model.words.weight)
    ids, mask = torch.tensor([[101, 2054, 102, 2054, 102]]), torch.ones(1, 5, dtype=torch.int64)
    one = model.linear(ids, mask, torch.zeros_like(ids))
    two = model.linear(ids, mask, torch.tensor([[0, 0, 0, 1, 1]]))
    assert not torch.allclose(one, two)


def test_axes_of_one_kind_alone_can_be_learnt_and_exported(tiny_encoder, records, tmp_path):
    axes = tuple(axis for axis in AXES if axis.kind != ONE_OF)
    statements = [Statement.from_record({k: r[k] for k in ("text", "topics")}, axes) for r in records]
    recipe = Recipe(epochs=1, max_length=32)
    model = train(statements, axes, tmp_path / "w", recipe, tiny_encoder)
    write_folder(model, tmp_path / "m", tiny_encoder / "tokenizer.json", statements, statements, recipe)
    assert set(load(tmp_path / "m").classify(TEXTS)[0]) == {"topics", "topics_confidence"}


def test_a_model_of_ours_is_gone_on_from(tiny_model, tmp_path, capsys):
    before = StanceModel.from_pretrained(tiny_model).state_dict()
    whole = new_model(tiny_model, AXES)
    assert all(torch.equal(before[name], value) for name, value in whole.state_dict().items())
    assert not whole.encoder.get_input_embeddings().weight.requires_grad
    assert whole.encoder.config.hidden_dropout_prob == 0.1
    assert capsys.readouterr().err == ""
    other = new_model(tiny_model, AXES[1:]).state_dict()
    assert "has other labels; its encoder is gone on from" in capsys.readouterr().err
    assert all(torch.equal(before[name], value) for name, value in other.items() if name.startswith("encoder."))
    assert [value.shape[0] for name, value in other.items() if name.startswith("heads") and name.endswith("weight")] == [5, 6]
    shutil.copytree(tiny_model, tmp_path / "torn")
    (tmp_path / "torn" / "model.safetensors").write_bytes(b"torn")
    with pytest.raises(ModelError, match="torn"):
        new_model(tmp_path / "torn", AXES)


def test_other_labels_keep_their_second_text():
    other = (Axis("mood", ONE_OF, (Label("glad", ""), Label("sad", ""))),)
    assert recipe_for(AXES, seed=2) == Recipe(seed=2)
    assert recipe_for(other) == replace(Recipe(), speaker_dropout=0.0)
    assert recipe_for(other, epochs=1) == replace(Recipe(), speaker_dropout=0.0, epochs=1)


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_quick_dropout_is_dropout(kind):
    dropout = QuickDropout(0.1)
    given = torch.ones(41, 51, 61, dtype=kind, requires_grad=True)  # not a multiple of eight
    torch.manual_seed(3)
    kept = dropout(given)
    kept.sum().backward()
    assert given.grad.equal(kept.detach())
    share = float((kept == 0).float().mean())
    assert abs(share - 0.1) < 0.005
    assert abs(float(kept.detach().float().mean()) - 1) < 0.01
    # No position, nor any of the eight bytes of a draw, is left out more than others.
    left_out = (kept.detach().reshape(-1)[: 41 * 51 * 61 // 8 * 8].reshape(-1, 8) == 0).float().mean(0)
    assert float((left_out - 0.1).abs().max()) < 0.012
    torch.manual_seed(3)
    assert dropout(given).equal(kept)
    assert dropout.eval()(given).equal(given)


def test_the_encoder_learns_with_quick_dropout():
    model = new_model(packaged_encoder(), AXES)
    kinds = {type(part) for part in model.encoder.modules() if isinstance(part, torch.nn.Dropout)}
    assert kinds == {QuickDropout}
