"""The program with any arguments: an answer, or one line and exit code 2; nothing is trained."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seeds import SEEDS
from typer.testing import CliRunner

from stance.cli import app
from stance.errors import StanceError

FILES = {
    "a.txt": "“We will wait,” said the WGA.\n".encode(), "bad.txt": b"\xff\xfe", "empty.csv": b"", "a.csv": SEEDS["table"][0], "a.jsonl": SEEDS["lines"][0],
    "odd.jsonl": b'{"text": "We \\ud800 wait.", "side": ["x"], "tone_confidence": NaN}\n', "torn.jsonl": b'{"text": ', "a.html": SEEDS["html"][0], "labels.toml": SEEDS["labels"][0],
    "roster.toml": SEEDS["roster"][0], "torn.toml": b"[[", "bad.parquet": b"PAR1PAR1", "bad.jsonl.gz": b"\x1f\x8b\x08", "answers.jsonl": b'{"answer": "labelled", "statement": {"text": "a"}}\n', "tasks.json": b'[{"annotations": [{}]}]',
}  # fmt: skip
COMMANDS = [
    ["extract"], ["codebook"], ["history"], ["classify"], ["classify", "--article"], ["explain"], ["report"], ["agree"], ["evaluate"], ["adjudicate"], ["export"], ["roster", "find"], ["roster", "check"],
    ["data", "check"], ["data", "stats"], ["data", "add"], ["data", "import"], ["data", "export"], ["data", "suspects"], ["data", "hold-out"],
]  # fmt: skip
OPTIONS = [
    "--output", "-o", "--model", "--roster", "--labels", "--data", "--into", "--form", "--format", "--column", "--speaker-column", "--speaker", "--date", "--min-confidence", "--min-speaker-confidence",
    "--coverage", "--second", "--similar", "--splits", "--title", "--uncertain-below", "--engine", "--resume", "--all", "--indirect", "--replace", "--probabilities", "--fast", "--full", "--card",
]  # fmt: skip
# Not "/": reading a whole disk is no fault.
VALUES = ["", ".", "..", "-", "--", "no-such-file", "no/such/folder", "nan", "-1", "0.9", "1e999", "csv", "jsonl", "parquet", "label-studio", "doccano", "datasets", "local", "int8", "2023", "2023-99", "\udcff.txt", "x" * 5000, "x" * 300 + ".jsonl", "a\nb", "\u202e", "o.jsonl", "o.csv", "o.parquet", "o.html", "o.jsonl.zst", "folder"]  # fmt: skip


@pytest.fixture
def desk(tmp_path, tiny_model, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
        (tmp_path / "folder" / name).write_bytes(data)
    return tmp_path


@pytest.mark.filterwarnings("ignore")
def test_any_arguments(desk, tiny_model, promise):
    kept = promise("Any arguments are answered, or refused in one line with exit code 2", part="Bad input", unit="calls")
    value = st.one_of(st.sampled_from([*FILES, *VALUES, str(tiny_model)]), st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8))
    option = st.one_of(st.tuples(st.sampled_from(OPTIONS), value), st.tuples(value), st.just(("--model", str(tiny_model))))

    @settings(max_examples=kept.times(100, 3000))
    @given(st.sampled_from(COMMANDS), st.lists(option, max_size=5))
    def check(command, options):
        arguments = [*command, *(word for pair in options for word in pair)]
        with kept.attempt():
            found = CliRunner().invoke(app, arguments, input="")
            if isinstance(found.exception, StanceError):
                said = str(found.exception)
                assert said.strip() and "\n" not in said, said
            else:
                assert found.exception is None or (isinstance(found.exception, SystemExit) and found.exit_code in (0, 2)), (arguments, found.exception)

    check()


def test_one_bad_article_does_not_stop_the_others(desk, tiny_model):
    (desk / "news").mkdir()
    for name in ("a.txt", "bad.txt", "c.txt"):
        (desk / "news" / name).write_bytes(FILES["bad.txt" if name == "bad.txt" else "a.txt"])
    for command in (["extract"], ["classify", "--article", "--model", str(tiny_model)]):
        for output in ([], ["-o", "out.jsonl"]):
            found = CliRunner().invoke(app, [*command, "news", *output])
            assert str(found.exception) == "1 of 3 articles could not be read and are named above; the others are done"
            assert isinstance(found.exception, StanceError)
            assert "stance: news/bad.txt: not UTF-8 text but UTF-16 text" in found.stderr
            assert (desk / "out.jsonl").read_text().count("We will wait") == 2 if output else found.stdout.count("We will wait") == 2
    alone = CliRunner().invoke(app, ["extract", "news/bad.txt"])
    assert str(alone.exception).startswith("news/bad.txt: not UTF-8 text")
    assert alone.stderr == ""
