"""What is asked first: orders that can be worked out by hand, and the command with a model."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from stance.cli import app
from stance.labelling import Item
from stance.labelling.opening import in_order
from stance.labelling.order import doubt, farthest_first, order
from stance.labels import Axis, load_axes

AXES = (Axis.from_dict({"name": "side", "kind": "one-of", "labels": ["a", "b", "c"]}), Axis.from_dict({"name": "topics", "kind": "any-of", "labels": ["x", "y"]}))
CHANCES = {
    "side": np.array([[0.98, 0.01, 0.01], [0.4, 0.4, 0.2], [0.6, 0.3, 0.1]], dtype=np.float32),
    "topics": np.array([[0, 1], [0.5, 0.5], [0.5, 1]], dtype=np.float32),
}
STATES = np.array([[1, 0], [0.99, 0.1], [0, 1]], dtype=np.float32)


def test_doubt_is_the_mean_rank_over_axes():
    # side: margins .97, 0, .3; topics, of the variances over those of labels given in 1 of 3 and 5 of 6: 0, much, some
    assert doubt(CHANCES, AXES) == pytest.approx([0, 1, 0.5])
    one = {"side": np.array([[0.9, 0.1, 0], [0.9, 0.1, 0], [0.5, 0.5, 0], [0.7, 0.3, 0]], dtype=np.float32)}
    assert doubt(one, AXES[:1]) == pytest.approx([0, 0, 1, 0.5])  # ties stay ties
    # the rarer label is the more worth asking about
    rare = {"topics": np.array([[0.2, 0.9], [0.01, 0.5], [0.01, 0.9], [0.01, 0.9], [0.01, 0.9]], dtype=np.float32)}
    assert doubt(rare, AXES[1:]).argmax() == 0


def test_the_farthest_comes_first():
    even = np.ones(3, dtype=np.float32)
    assert farthest_first(STATES, even) == [1, 2, 0]  # the most central, then what is least like it
    assert farthest_first(STATES, even, known=STATES[2:])[0] == 0
    assert farthest_first(STATES, np.array([1, 1, 0.001], dtype=np.float32), known=STATES[2:])[:2] == [0, 1]


@pytest.mark.parametrize(("how", "expected"), [("uncertain", [1, 2, 0]), ("mixed", [1, 2, 0]), ("diverse", [1, 2, 0])])
def test_orders(how, expected):
    assert order(how, CHANCES, STATES, AXES) == expected
    assert order(how, CHANCES, STATES, AXES, count=1)[0] == expected[0]


def test_random_is_the_seeds():
    many = np.ones((50, 2), dtype=np.float32)
    chances = {"side": np.full((50, 3), 1 / 3, dtype=np.float32), "topics": np.full((50, 2), 0.5, dtype=np.float32)}
    one, same, other = (order("random", chances, many, AXES, seed) for seed in (1, 1, 2))
    assert one == same != other and sorted(one) == list(range(50))


def test_a_model_orders_and_suggests(tiny_model):
    axes = load_axes()
    items = [Item(f"They said {n} {'lies' * n}.", "a voice") for n in range(6)]
    ordered, suggest = in_order(items, axes, tiny_model, "", 1, {items[3].key})
    assert ordered[0] is items[3] and sorted(i.text for i in ordered) == [i.text for i in items]
    assert all(axis.check(suggest(items[0])[axis.name]) == suggest(items[0])[axis.name] for axis in axes)


@pytest.mark.parametrize(
    ("args", "message"),
    [(["--order", "best"], "'best' is unknown"), (["--order", "mixed"], "--model"), (["--annotator", "../x"], "cannot name a file")],
)
def test_options_are_checked(tmp_path, args, message):
    (tmp_path / "s.jsonl").write_text(json.dumps({"text": "A"}) + "\n")
    found = CliRunner().invoke(app, ["label", str(tmp_path / "s.jsonl"), *args])
    assert message in str(found.exception)
