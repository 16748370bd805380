"""The program as a user runs it: output, exit codes and messages."""

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import ModelCard
from typer.testing import CliRunner

from stance.cli import app, main
from stance.errors import StanceError

RUNNER = CliRunner()


def run(*args, stdin=None):
    return RUNNER.invoke(app, [str(a) for a in args], input=stdin)


def lines(result):
    assert result.exception is None, result.exception
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_light_imports():
    code = "import sys, stance.cli, stance.tagging; print([m for m in ('torch', 'transformers', 'sklearn', 'datasets', 'pandas', 'matplotlib') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_classify_keeps_fields_in_every_format(tiny_model, tmp_path):
    rows = [{"id": 1, "text": "We will talk.", "speaker": "AMPTP"}, {"id": 2, "text": "They lied.", "speaker": ""}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    (tmp_path / "a.csv").write_text("id,text,speaker\n1,We will talk.,AMPTP\n2,They lied.,\n")
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    found = [lines(run("classify", tmp_path / f"a.{s}", "--model", tiny_model)) for s in ("jsonl", "csv", "parquet")]
    assert [int(r["id"]) for r in found[1]] == [1, 2]
    for other in found:
        assert [(r["side"], r["tone"], r["topics"], r["side_basis"]) for r in other] == [(r["side"], r["tone"], r["topics"], r["side_basis"]) for r in found[0]]


def test_classify_text_stdin_and_probabilities(tiny_model):
    (one,) = lines(run("classify", "We will talk.", "--model", tiny_model, "--probabilities"))
    (two,) = lines(run("classify", "-", "--model", tiny_model, "--probabilities", stdin="We will talk.\n"))
    assert one == two
    assert sum(one["tone_probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_csv_output_neutralises_formulas(tiny_model, tmp_path, promise):
    kept = promise("What a spreadsheet would take for a formula is written to CSV as text", part="Trust", unit="cells")
    cells = [start + rest for start in ("=", "+", "-", "@", "\t=", " =", "\r=") for rest in ("HYPERLINK(1)", "1+1", "cmd|' /C calc'!A0")]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": cell, "note": cell}) + "\n" for n, cell in enumerate(cells)))
    assert run("classify", tmp_path / "in.jsonl", "--model", tiny_model, "-o", tmp_path / "o.csv").exit_code == 0
    with (tmp_path / "o.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    found, cells = [row[name] for name in ("text", "note") for row in rows], cells * 2
    kept.count(len(cells), sum(cell != "'" + before for cell, before in zip(found, cells, strict=True)))


def test_article_prints_every_founding_statement(shared, tiny_model):
    found = lines(run("classify", "--article", *sorted((shared / "seeds").glob("*.txt")), "--model", tiny_model))
    assert len(found) == 26
    assert all(r["side_basis"] == "roster" for r in found)


KEYS = ["doc", "start", "end", "text", "kind", "group", "speaker", "speaker_start", "speaker_end", "speaker_name", "roster_id", "side", "cue", "speaker_confidence"]


@pytest.fixture
def news(tmp_path):
    folder = tmp_path / "news"
    (folder / "older").mkdir(parents=True)
    (folder / "b.txt").write_text("“We will wait for a while,” said the WGA.\n\nThe WGA said the talks had gone well.\n")
    (folder / "a.txt").write_text("“One mark is missing here, said the AMPTP.\n\nNobody else spoke.\n")
    (folder / "older" / "c.HTM").write_text(f"<html><body><article><p>{'The talks went on in a hotel near the airport all night. ' * 6}</p><p>“We are here and we are awake,” Netflix said.</p></article></body></html>")
    (folder / "notes.md").write_text("“Not an article at all,” said the WGA.")
    return folder


def test_extract_walks_a_folder(news):
    result = run("extract", news)
    found = lines(result)
    assert [list(r) for r in found] == [KEYS] * 3
    assert [(r["doc"], r["side"]) for r in found] == [("a.txt", "unknown"), ("b.txt", "union"), ("older/c.HTM", "studio")]
    assert "a.txt: quotation marks missing or out of place on 1 lines (1)" in result.stderr


def test_extract_indirect_and_confidence(news, tmp_path):
    assert [r["kind"] for r in lines(run("extract", news / "b.txt", "--indirect"))] == ["quote", "indirect"]
    assert [r["side"] for r in lines(run("extract", news / "b.txt", "--min-speaker-confidence", 0.99))] == ["unknown"]
    assert run("extract", news / "b.txt", "-o", tmp_path / "o.jsonl").exit_code == 0
    assert json.loads((tmp_path / "o.jsonl").read_text())["roster_id"] == "wga"


def test_extract_from_an_empty_folder_is_one_line(tmp_path):
    assert str(run("extract", tmp_path).exception) == f"{tmp_path}: no articles in this folder (.txt, .html, .htm)"


def test_roster_commands(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text('[[organisation]]\nid = "ha"\nname = "Quillhaven Actors"\nside = "union"\nkind = "union"\n')
    assert lines(run("roster", "find", "amptp"))[0]["side"] == "studio"
    assert [r["id"] for r in lines(run("roster", "find", "quillhaven", "--roster", mine))] == ["ha"]
    assert "'quillhaven' is not in the roster; add it in a file of your own" in str(run("roster", "find", "quillhaven").exception)
    assert "no faults" in run("roster", "check", mine).stdout
    mine.write_text('[[organisation]]\nid = "ha"\nname = "Quillhaven Actors"\nside = "left"\nkind = "union"\n')
    checked = run("roster", "check", mine)
    assert checked.stdout == "ha: side 'left' is unknown; allowed: union, studio, other\n"
    assert str(checked.exception) == f"{mine}: 1 faults, listed above"


def test_own_roster_gives_sides(news, tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text('[[organisation]]\nid = "wga"\nname = "Writers Guild of America"\naliases = ["WGA"]\nside = "other"\nkind = "union"\n')
    assert [r["side"] for r in lines(run("extract", news, "--roster", mine))] == ["unknown", "other", "studio"]


def test_over_long_text_is_cut_with_a_warning(tiny_model):
    with pytest.warns(UserWarning, match="1 of 1 texts were cut to 128 tokens"):
        run("classify", "word " * 400, "--model", tiny_model)


def test_train_and_evaluate_end_to_end(sources, tiny_encoder, tmp_path):
    models = tmp_path / "models"
    out = run("train", "--data", sources, "--output", models / "m", "--baseline", models / "m-baseline", "--splits", tmp_path / "s", "--encoder", tiny_encoder, "--epochs", 1)
    assert out.exception is None, out.exception
    shown = run("evaluate", "--model", models / "m", "--baseline", models / "m-baseline", "--data", tmp_path / "s", "--against", models / "m-baseline", "-o", tmp_path / "e.json", "--picture", tmp_path / "risk.png", "--card")
    assert shown.exception is None, shown.exception
    assert "Model minus another system" in shown.stdout
    assert "calibration of side" not in shown.stdout
    history = lines(run("history", models))
    assert [(line["what"], line["model"], line["seed"] if "seed" in line else line["against"]) for line in history] == [("trained", "m", 1), ("evaluated", "m", str(models / "m-baseline"))]
    assert history[0]["digest"] == history[1]["digest"] == hashlib.sha256((models / "m" / "manifest.json").read_bytes()).hexdigest()
    assert (history[0]["recipe"]["epochs"], history[0]["data_sha256"]) == (1, history[1]["data_sha256"])
    assert {figure["figure"] for figure in history[1]["figures"]} >= {"side accuracy, alone", "topics core macro-F1, described"}
    assert all(figure["n"] and figure["low"] <= figure["high"] for figure in history[1]["figures"] + history[1]["differences"])
    (models / "history.jsonl").rename(tmp_path / "kept")
    (models / "history.jsonl").mkdir()  # cannot be written: told, and no harm done
    again = run("evaluate", "--model", models / "m", "--data", tmp_path / "s", "--full")
    assert "the history is not kept" in again.stderr
    assert "calibration of side" in again.stdout
    header = ModelCard.load(models / "m" / "README.md").data
    assert {result.metric_name for result in header.eval_results} >= {"side, accuracy", "tone, macro-F1", "topics, micro-F1"}
    told = json.loads((tmp_path / "e.json").read_text())
    rows = told["figures"]
    assert len(told["behaviour"]) == 12
    assert (tmp_path / "risk.png").read_bytes()[1:4] == b"PNG"
    assert {r["system"] for r in rows} == {"model", "against", "baseline", "majority"}
    assert all(r["low"] <= r["value"] + 0.1 and r["value"] <= r["high"] + 0.1 for r in rows if r["low"] is not None)
    assert {r["speaker"] for r in rows} == {True, False}


def test_history_in_a_table_and_after_a_kill(tmp_path):
    from stance.files import append_line
    from stance.results.history import FILE, table

    figures = [{"figure": "side accuracy, alone", "value": 0.7, "n": 20}, {"figure": "side macro-F1, alone", "value": 0.6, "n": 20}]
    append_line(tmp_path / FILE, {"at": "2026-11-26T20:00:00+00:00", "what": "trained", "model": "m", "digest": "0123456789", "statements": 90, "recipe": {"epochs": 3}, "seed": 1, "on": "validation", "figures": figures})
    with (tmp_path / FILE).open("a") as handle:
        handle.write('{"at": "2026')  # torn
    append_line(tmp_path / FILE, {"what": "evaluated", "on": "test statements", "figures": figures, "against": "models/old", "differences": []})
    first, second = table(lines(run("history", tmp_path)))
    assert (first["date"], first["digest"], first["learnt from"]) == ("2026-11-26 20:00", "01234567", "90, 3 epochs, seed 1")
    assert (first["figures"], second["figures"]) == ("side macro-F1, alone 0.600 (n 20, validation)", "side macro-F1, alone 0.600 (n 20, test statements)")
    append_line(tmp_path / FILE, {"figures": ["none"]})
    assert "line 3: not a line of a history" in str(run("history", tmp_path).exception)
    assert "`stance train`" in str(run("history", tmp_path / "none").exception)


BAD = [
    ("no.jsonl", None, "no such file"),
    ("a.jsonl", b'{"text": "x"}\n{oops\n', "line 2: not JSON"),
    ("a.jsonl", b'{"words": "x"}\n', "no column 'text'; there are: words"),
    ("a.csv", b"words\nx\n", "no column 'text'"),
    ("a.jsonl", b'{"text": " "}\n', "line 1: text is empty"),
    ("a.txt", b"caf\xe9\n", "not UTF-8 (byte 0xe9 at 3)"),
    ("a.txt", b"a\0b\n", "a binary file"),
    ("a.parquet", b"PAR0", "not a Parquet file"),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD)
def test_bad_input_is_one_line(tiny_model, tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    result = run("classify", tmp_path / name, "--model", tiny_model)
    assert isinstance(result.exception, StanceError)
    assert message in str(result.exception)
    assert "\n" not in str(result.exception)
    assert str(tmp_path / name) in str(result.exception)


def test_no_model_yet_names_the_remedy(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["stance", "classify", "Hello there.", "--model", str(tmp_path)])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert capsys.readouterr().err == f"stance: {tmp_path}: no model there; train one first: make train (or name one with --model)\n"


def test_changed_model_file_is_refused(tiny_model, tmp_path):
    for file in tiny_model.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "tokenizer.json").write_text("{}")
    assert "does not match the manifest's digest" in str(run("classify", "Hello.", "--model", tmp_path).exception)


def test_unknown_label_in_the_data_is_named(tmp_path):
    (tmp_path / "d.jsonl").write_text('{"text": "x", "side": "boss", "tone": "firm", "topics": [], "origin": "composed"}\n')
    result = run("train", "--data", tmp_path, "--output", tmp_path / "m", "--splits", tmp_path / "s")
    assert "d.jsonl, line 1: side 'boss' is unknown" in str(result.exception)


def test_label_that_no_statement_has_is_named(tiny_encoder, records, tmp_path):
    (tmp_path / "d.jsonl").write_text("".join(json.dumps({**r, "topics": []}) + "\n" for r in records))
    result = run("train", "--data", tmp_path, "--output", tmp_path / "m", "--baseline", tmp_path / "b", "--splits", tmp_path / "s", "--encoder", tiny_encoder)
    assert "no training statement has topics ai, pay" in str(result.exception)


def test_model_with_other_axes_is_refused(sources, tiny_encoder, tmp_path):
    (tmp_path / "labels.toml").write_text('[[axis]]\nname = "side"\nkind = "one-of"\nlabel = [{name = "union"}, {name = "studio"}, {name = "other"}]\n')
    rows = [json.loads(line) for line in (sources / "all.jsonl").read_text().splitlines()]
    own = tmp_path / "own"
    own.mkdir()
    (own / "d.jsonl").write_text("".join(json.dumps({k: v for k, v in r.items() if k not in ("tone", "topics")}) + "\n" for r in rows))
    where = ("--baseline", tmp_path / "b", "--splits", tmp_path / "own_splits")
    out = run("train", "--data", own, "--labels", tmp_path / "labels.toml", "--output", tmp_path / "m", *where, "--encoder", tiny_encoder, "--epochs", 1)
    assert out.exception is None, out.exception
    assert lines(run("classify", "Hello there.", "--model", tmp_path / "m"))[0].keys() == {"text", "side", "side_confidence", "side_basis"}
    from stance.corpus import build, read_sources
    from stance.labels import load_axes

    build(read_sources(sources, load_axes()), tmp_path / "s")
    refused = run("evaluate", "--model", tmp_path / "m", "--baseline", tmp_path / "b", "--data", tmp_path / "s").exception
    assert isinstance(refused, StanceError)
    assert "its axes (side) do not fit the data" in str(refused)


def test_own_axes_second_text_and_split_from_train_to_explain(tiny_encoder, tmp_path):
    """A stranger's data: two axes, a target as second text, split already."""
    (tmp_path / "labels.toml").write_text('[[axis]]\nname = "stand"\nkind = "one-of"\nlabels = ["for", "against"]\n[[axis]]\nname = "about"\nkind = "any-of"\nlabels = ["cost", "safety"]\n')
    rows = [{"text": f"[b]Bridge[/] {'fine' if n % 2 else 'bad'}: {' '.join(str((n + 7) ** k) for k in range(3, 9))}.", "target": ["bridge", "tunnel"][n % 3 % 2], "stand": ["against", "for"][n % 2], "about": [["cost"], ["safety"], ["cost", "safety"], []][n % 4]} for n in range(60)]
    data = tmp_path / "data"
    data.mkdir()
    for name, part in (("train", rows[:30]), ("validation", rows[30:45]), ("test", rows[45:])):
        (data / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in part))
    model = tmp_path / "m"
    own = ("--labels", tmp_path / "labels.toml", "--second", "target")
    out = run("train", "--data", data, *own, "--output", model, "--encoder", tiny_encoder, "--epochs", 1)
    assert out.exception is None, out.exception
    assert (tmp_path / "m-baseline" / "manifest.json").is_file()
    shown = run("evaluate", "--model", model, "--data", data, "-o", tmp_path / "e.json", "--card")
    assert shown.exception is None, shown.exception
    told = json.loads((tmp_path / "e.json").read_text())
    assert told["behaviour"] == []
    assert {r["axis"] for r in told["figures"]} == {"stand", "about"}
    card = (model / "README.md").read_text()
    assert "labour" not in card
    assert "license" not in card
    found = lines(run("classify", data / "test.jsonl", "--model", model, "--min-confidence", 0.99, "--coverage", 0.8))
    assert {"stand", "stand_set", "about", "about_set", "about_unsure", "target"} <= found[0].keys()
    table = run("classify", data / "test.jsonl", "--model", model, "--format", "table")
    assert table.exception is None, table.exception
    assert "[b]Bridge" in table.stdout
    why = lines(run("explain", rows[0]["text"], "--speaker", "bridge", "--model", model))
    assert set(why[0]["words"]) == {"stand", "about"}
    listed = run("data", "suspects", "--data", data, *own, "-o", tmp_path / "s.jsonl", "--work", tmp_path / "folds", "--encoder", tiny_encoder)
    assert listed.exception is None, listed.exception
    assert "may have learnt these very labels" in str(run("data", "suspects", "--data", data, *own, "-o", tmp_path / "s2.jsonl", "--encoder", model).exception)
    exported = run("export", "--model", model, "--form", "int8", "-o", tmp_path / "copy")
    assert exported.exception is None, exported.exception
    assert lines(run("classify", "A bridge.", "--model", tmp_path / "copy")) == lines(run("classify", "A bridge.", "--model", model))
    assert run("export", "--model", tmp_path / "m-baseline", "--form", "baseline", "-o", tmp_path / "b2").exception is None
    refused = str(run("train", "--data", data, "--labels", tmp_path / "labels.toml", "--second", "targte", "--output", tmp_path / "x", "--encoder", tiny_encoder).exception)
    assert "field 'target' is not known" in refused
    assert "--second" in refused


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("command", ["codebook", "--help", "roster find Writers", "extract data/examples/first_look.txt"])
def test_a_full_place_behind_stdout_is_one_line(command):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", "from stance.cli import program; program()", *command.split()], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr == "stance: the output: No space left on device; make room or name another place\n"


@pytest.mark.parametrize(("command", "code"), [("codebook", 0), ("codebook --nothing", 2), ("roster find", 2)])
def test_the_program_leaves_with_all_written_and_its_code(command, code):
    done = subprocess.run([sys.executable, "-c", "from stance.cli import program; program()", *command.split()], capture_output=True, text=True)
    assert done.returncode == code
    assert (done.stdout.endswith("\n"), bool(done.stderr)) == (not code, bool(code))
