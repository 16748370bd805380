import pytest

from stance.errors import DataError
from stance.labels import codebook, load_axes
from stance.records import Statement

AXES = load_axes()
GOOD = {"text": "Let us talk.", "side": "union", "tone": "firm", "topics": ["pay", "ai"], "origin": "composed"}


def test_default_axes_have_definitions_and_examples():
    assert [axis.name for axis in AXES] == ["side", "tone", "topics"]
    assert all(label.definition and label.example for axis in AXES for label in axis.labels)


def test_codebook_prints_every_label():
    page = codebook()
    assert all(f"| `{name}` |" in page for axis in AXES for name in axis.names)


def test_record_round_trip_orders_topics_as_the_axis_does():
    record = Statement.from_record(GOOD, AXES).record()
    assert record == {**GOOD, "topics": ["ai", "pay"], "speaker": ""}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"side": "boss"}, "side 'boss' is unknown; allowed: union, studio, other"),
        ({"topics": "ai"}, "topics must be a list of labels, not 'ai'"),
        ({"topics": ["weather"]}, "topics 'weather' is unknown"),
        ({"text": "  "}, "text: String should have at least 1 character"),
        ({"colour": "red"}, "field 'colour' is not known; allowed: side, tone"),
        ({"date": "May"}, "date: String should match pattern"),
    ],
)
def test_bad_record_is_named(change, message):
    with pytest.raises(DataError, match=message.replace("(", r"\(")):
        Statement.from_record({**GOOD, **change}, AXES)


@pytest.mark.parametrize("text", ["not toml [", "[[axis]]\nname='a'\nkind='some'\nlabels=['x','y']", "x = 1"])
def test_bad_labels_file_is_named(tmp_path, text):
    path = tmp_path / "labels.toml"
    path.write_text(text)
    with pytest.raises(DataError, match=r"labels\.toml: "):
        load_axes(path)
