"""Out-of-fold predictions and the doubtful labels they show."""

import numpy as np

from stance.labels import load_axes
from stance.records import Statement
from stance.training.encoder import Recipe, targets
from stance.training.folds import out_of_fold
from stance.training.suspects import suspects

AXES = load_axes()


def test_every_statement_is_judged_once_and_a_second_run_takes_up_the_first(tiny_encoder, records, tmp_path):
    statements = [Statement.from_record(r, AXES) for r in records]
    statements.append(Statement.from_record({**records[0], "text": "a primer", "origin": "generated"}, AXES))
    recipe = Recipe(epochs=1, max_length=64)
    found = out_of_fold(statements, AXES, tmp_path, recipe, tiny_encoder, folds=2)
    assert found["with"].shape == (61, 14)
    assert not np.isnan(found["with"][:60]).any()
    assert np.isnan(found["without"][60]).all()
    stamps = {p: p.stat().st_mtime_ns for p in tmp_path.glob("*.safetensors")}
    again = out_of_fold(statements, AXES, tmp_path, recipe, tiny_encoder, folds=2)
    assert stamps == {p: p.stat().st_mtime_ns for p in tmp_path.glob("*.safetensors")}
    np.testing.assert_array_equal(again["with"][:60], found["with"][:60])


def test_planted_faults_are_found(records):
    statements = [Statement.from_record(r, AXES) for r in records]
    # A model that is sure of the true labels...
    logits = np.concatenate([np.eye(3)[targets(statements, AXES)[0]] * 6, np.eye(5)[targets(statements, AXES)[1]] * 6, targets(statements, AXES)[2].numpy() * 12 - 6], axis=1).astype(np.float32)
    # ...and a reader who got two of them wrong.
    spoilt = [s.model_copy(update={"labels": {**s.labels, "tone": "neutral" if s.labels["tone"] != "neutral" else "firm"}}) if n in (3, 20) else s for n, s in enumerate(statements)]
    found = suspects(spoilt, AXES, logits)
    assert {(row["row"], row["axis"]) for row in found} == {(3, "tone"), (20, "tone")}
    assert {row["suggested"] for row in found} == {str(statements[n].labels["tone"]) for n in (3, 20)}
    assert suspects(statements, AXES, logits) == []
