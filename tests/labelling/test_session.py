"""Labelling without a terminal: keys in, views and answers out; the readers' files."""

import json

import pytest

from stance.errors import DataError, InputError
from stance.labelling import Item, Session, Store, label_keys, read_items, read_labelled
from stance.labels import Axis, load_axes

AXES = load_axes()
ITEMS = [Item(f"statement {n}", "a voice", {"doc": "a.txt"}) for n in range(4)]
GUESS = {"side": "studio", "tone": "firm", "topics": ["pay"]}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def sitting(tmp_path):
    stores = []

    def start(items=ITEMS, clock=None, **options):
        while stores:
            stores.pop().close()
        stores.append(Store(tmp_path / "labels" / "anna.jsonl", AXES))
        return Session(items, AXES, stores[0], "anna", clock=clock or Clock(), **options)

    yield start
    for store in stores:
        store.close()


def press(session, *keys):
    for key in keys:
        session.press(key)
    return session.view()


def labelled(tmp_path):
    return [(s.text, s.labels) for s in read_labelled(tmp_path / "labels" / "anna.jsonl", AXES)]


def test_every_label_has_a_key_of_its_own_whatever_the_labels():
    keys = label_keys(AXES)
    assert list(keys.values()) and len(keys) == sum(len(axis.labels) for axis in AXES)
    assert {key: name for key, (axis, name) in keys.items() if axis.name == "side"} == {"u": "union", "s": "studio", "o": "other"}
    same = Axis.from_dict({"name": "x", "kind": "any-of", "labels": [f"a{n}" for n in range(40)]})
    assert len(label_keys((same,))) == 40
    assert len(label_keys((Axis.from_dict({"name": "x", "kind": "one-of", "labels": ["Über", "über", "-"]}),))) == 3
    with pytest.raises(InputError, match="63 labels"):
        label_keys((Axis.from_dict({"name": "x", "kind": "any-of", "labels": [f"a{n}" for n in range(63)]}),))


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("uf", {"side": "union", "tone": "firm", "topics": []}),
        ("usfp", {"side": "studio", "tone": "firm", "topics": ["pay"]}),  # a second label of a one-of axis replaces the first
        ("pafupa", {"side": "union", "tone": "firm", "topics": []}),  # of an any-of axis it takes it away again
        ("rafu", {"side": "union", "tone": "firm", "topics": ["ai", "residuals"]}),  # in the codebook's order
    ],
)
def test_keys_choose_labels(sitting, tmp_path, keys, expected):
    press(sitting(), *keys, "enter")
    assert labelled(tmp_path) == [("statement 0", expected)]


def test_an_answer_needs_every_one_of_axis(sitting, tmp_path):
    view = press(sitting(), "u", "enter")
    assert "tone" in view.message and view.done == 0
    assert labelled(tmp_path) == []
    assert "no key" in press(sitting(), "§").message


def test_undo_opens_the_last_answer_with_its_labels_and_note_also_in_the_next_sitting(sitting, tmp_path):
    press(sitting(), *"uf;", *"hm", "enter", "enter", *"so", "n", "enter")
    session = sitting()
    assert session.view().item.text == "statement 2"
    view = press(session, "backspace", "backspace")
    assert (view.item.text, view.chosen, view.note, view.done) == ("statement 0", {"side": "union", "tone": "firm", "topics": []}, "hm", 0)
    assert labelled(tmp_path) == []
    press(session, "s", "enter")
    assert labelled(tmp_path)[0][1]["side"] == "studio"
    assert "nothing to undo" in press(session, "backspace", "backspace").message


def test_skipped_ones_come_last_and_what_cannot_be_told_is_no_label(sitting, tmp_path):
    view = press(sitting(), "tab", "-")
    assert (view.item.text, view.done) == ("statement 2", 1)
    session = sitting()
    assert press(session, *"uf", "enter", *"uf", "enter").item.text == "statement 0"
    view = press(session, *"uf", "enter")
    assert view.item is None and view.done == view.total == 4
    assert [text for text, _ in labelled(tmp_path)] == ["statement 2", "statement 3", "statement 0"]
    session.press("enter")
    assert session.is_over


def test_suggestions_and_labels_of_the_file_are_shown_unless_blind(sitting, tmp_path):
    items = [Item("one", given={"side": "other"}, doubts=("side: was other, the model says studio",))]
    session = sitting(items, suggest=lambda item: GUESS, blind=True)
    assert (session.view().suggested, session.view().chosen, session.shows_given) == ({}, {}, False)
    assert "no suggestion" in press(session, "=").message
    session = sitting(items, suggest=lambda item: GUESS)
    assert (session.view().suggested, session.view().chosen) == (GUESS, {"side": "other"})
    press(session, "=", "enter")
    assert labelled(tmp_path) == [("one", GUESS)]
    assert json.loads((tmp_path / "labels" / "anna.jsonl").read_text())["suggested"] == GUESS


def test_notes_take_any_key_and_the_codebook_answers_for_each_label(sitting, tmp_path):
    session = sitting()
    view = press(session, ";", "u", "?", "x", "backspace", "enter")
    assert (view.note, view.mode, view.chosen) == ("u?", "", {})
    assert press(session, ";", "z", "escape").note == ""
    view = press(session, "?", "c")
    assert view.looked_up[1] == "combative" and view.chosen == {}
    assert press(session, "escape").mode == ""


def test_pace_leaves_pauses_out(sitting):
    clock = Clock()
    session = sitting(clock=clock)
    assert session.view().hour is None
    clock.now = 30
    assert press(session, *"uf", "enter").hour == 120
    clock.now = 90_000
    view = press(session, *"uf", "enter")
    assert (view.hour, view.left) == (48, 150)


def test_a_torn_line_is_cut_and_a_missing_newline_is_mended(sitting, tmp_path):
    press(sitting(), *"uf", "enter", *"sn", "enter")
    path = tmp_path / "labels" / "anna.jsonl"
    whole = path.read_bytes()
    for raw, kept in ((whole[:-9], 1), (whole[:-1], 2), (whole + b'{"answer": "lab', 2), (whole, 2)):
        path.write_bytes(raw)
        press(sitting(), *"oi", "enter")
        assert [text for text, _ in labelled(tmp_path)] == [f"statement {n}" for n in range(kept + 1)]


def test_one_file_one_session_one_labels_file(sitting, tmp_path):
    press(sitting(), *"uf", "enter")
    path = tmp_path / "labels" / "anna.jsonl"
    with pytest.raises(InputError, match="another session"):
        Store(path, AXES)
    with pytest.raises(DataError, match=r"line 1: mood is missing.*--labels"):
        read_labelled(path, (Axis.from_dict({"name": "mood", "kind": "one-of", "labels": ["a", "b"]}),))
    path.write_text('{"answer": "maybe", "statement": {"text": "x"}}\n')
    with pytest.raises(DataError, match="'maybe' is unknown"):
        read_labelled(path, AXES)


def test_items_of_extracted_statements_and_of_suspects(tmp_path):
    rows = [
        {"text": "A", "speaker": "x", "side": "unknown", "kind": "quotation", "doc": "a.txt"},
        {"text": "A", "speaker": "x"},
        {"axis": "tone", "given": "firm", "suggested": "neutral", "score": 0.1, "text": "B", "speaker": "", "labels": GUESS, "file": "f", "statement": 3},
        {"axis": "topics", "given": "with pay", "suggested": "without pay", "score": 0.2, "text": "B", "speaker": "", "labels": GUESS, "file": "f", "statement": 3},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    one, two = read_items(path, AXES)
    assert (one.fields, one.given, one.source) == ({"doc": "a.txt"}, {}, "a.txt")
    assert two.given == GUESS
    assert two.doubts == ("tone: was firm, the model says neutral", "topics: was with pay, the model says without pay")
    path.write_text('{"quote": "A"}\n')
    with pytest.raises(InputError, match=r"line 1: text is missing.*--column"):
        read_items(path, AXES)
