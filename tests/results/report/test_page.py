"""What is read, packed and written, without a browser."""

import base64
import gzip
import json
import re
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from stance.cli import app
from stance.errors import InputError
from stance.labels import load_axes
from stance.results.report import page, read_tagged, reasons
from stance.roster import load_roster
from stance.tagging import load

ROW = {"text": "We will wait.", "side": "union", "side_confidence": 0.9, "tone": "firm", "tone_confidence": 0.6, "topics": ["pay"], "topics_confidence": [0.8]}


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def pack_of(html):
    return json.loads(gzip.decompress(base64.b64decode(re.search(r'id="data">([^<]*)<', html)[1])))


@pytest.fixture
def of(tmp_path):
    return lambda *rows, **options: pack_of(page(read_tagged([write(tmp_path / "t.jsonl", *rows)]), **options))


def test_classify_output_reads_alike_in_every_format(tiny_model, tmp_path, made_up):
    rows = [{k: v for k, v in row.items() if k in ("text", "speaker", "date", "url")} for row in made_up(12)]
    source = write(tmp_path / "in.jsonl", *rows)
    folder = tmp_path / "tagged"
    for suffix in ("jsonl", "csv"):
        assert CliRunner().invoke(app, ["classify", source, "--model", str(tiny_model), "--min-confidence", "0.4", "-o", str(folder / f"a.{suffix}")]).exit_code == 0
    pq.write_table(pa.Table.from_pylist([json.loads(line) for line in (folder / "a.jsonl").read_text().splitlines()]), folder / "a.parquet")
    packs = [pack_of(page(read_tagged([str(folder / f"a.{s}")]))) for s in ("jsonl", "csv", "parquet")]
    for pack in packs[1:]:
        assert pack["axes"] == packs[0]["axes"]
        assert pack["roles"] == packs[0]["roles"]
    (folder / "b c.jsonl.gz").write_bytes(gzip.compress((folder / "a.jsonl").read_bytes()))
    assert pack_of(page(read_tagged([str(folder)])))["n"] == 48


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "We will wait."}, "line 2: no 'side'; this statement is not tagged, or tagged with other labels; tag them first: stance classify"),
        ({k: v for k, v in ROW.items() if not k.startswith("tone")}, "line 2: no 'tone'"),
        ({**ROW, "side": "left"}, "line 2: side 'left' is unknown; allowed: union, studio, other (labels of your own: --labels FILE)"),
        ({**ROW, "topics": "pay"}, "line 2: topics must be a list of labels, not 'pay'"),
        ({**ROW, "tone_confidence": 60}, "line 2: tone_confidence 60 is no confidence; a number from 0 to 1 is wanted"),
        ({**ROW, "topics_confidence": []}, None),
        ({**ROW, "topics_confidence": [0.8, 0.9]}, "line 2: topics_confidence holds 2 numbers for 1 labels"),
        ({**ROW, "text": " "}, "line 2: no 'text'; a statement needs words (name its field with --column)"),
    ],
)
def test_rows_that_are_not_tagged_are_one_line(tmp_path, row, message):
    path = write(tmp_path / "t.jsonl", ROW, row)
    if message is None:
        assert len(read_tagged([path]).texts) == 2
        return
    with pytest.raises(InputError, match=re.escape(message)):
        read_tagged([path])


def test_untagged_files_and_empty_folders_are_one_line(tmp_path):
    for path, message in ((write(tmp_path / "a.jsonl", {"text": "Hello."}), "no 'side', so this is not tagged; tag them first"), (write(tmp_path / "b.jsonl"), "no statements")):
        result = CliRunner().invoke(app, ["report", path, "-o", str(tmp_path / "r.html")])
        assert message in str(result.exception)
        assert "\n" not in str(result.exception)
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="no tagged statements in this folder"):
        read_tagged([str(tmp_path / "none")])


def test_other_labels_come_from_the_rows_or_their_file(tmp_path):
    rows = [{"text": "Yes!", "stand": "for", "stand_confidence": 0.9, "grounds": ["cost"], "grounds_confidence": [0.7], "speaker": "A", "speaker_confidence": 0.9}, {"text": "No.", "stand": "against", "stand_confidence": 0.8, "grounds": [], "grounds_confidence": []}]
    path = write(tmp_path / "t.jsonl", *rows)
    assert [(axis.name, axis.kind, axis.names) for axis in read_tagged([path]).axes] == [("stand", "one-of", ("for", "against")), ("grounds", "any-of", ("cost",))]
    labels = tmp_path / "l.toml"
    labels.write_text('[[axis]]\nname = "stand"\nkind = "one-of"\nlabels = ["against", "for", "neither"]\n')
    assert CliRunner().invoke(app, ["report", path, "--labels", str(labels), "-o", str(tmp_path / "r.html")]).exit_code == 0
    written = (tmp_path / "r.html").read_text()
    assert [(axis["name"], axis["labels"], axis["values"]) for axis in pack_of(written)["axes"]] == [("stand", ["against", "for", "neither"], [1, 0])]
    assert "<h1>Statements by stand</h1>" in written


def test_fields_find_their_places(of):
    pack = of(
        {**ROW, "speaker": "he", "speaker_name": "Ann Lee", "date": "2023-05-02T10:00:00", "url": "https://www.example.org/a", "organisation": "Guild"},
        {**ROW, "speaker": "WGA", "date": "not a date", "doc": "b.txt"},
        {**ROW, "tone": "unsure", "topics": [], "topics_confidence": [], "topics_unsure": ["ai"]},
        roster=load_roster(),
    )
    values = {role: [column["values"][k] if k >= 0 else None for k in column["index"]] for role, column in pack["roles"].items()}
    assert values == {"speaker": ["Ann Lee", "WGA", None], "date": ["2023-05-02", None, None], "url": ["https://www.example.org/a", None, None], "source": ["example.org", "b.txt", None]}
    organisation = next(group for group in pack["groups"] if group["name"] == "organisation")
    assert organisation["values"] == ["Guild", "Writers Guild of America"]
    _, tone, topics = pack["axes"]
    assert (tone["values"], tone["confidence"]) == ([1, 1, -1], [60, 60, 60])
    assert topics["doubted"] == {"2": [0]}


def test_cautions_are_those_of_these_rows(tmp_path, tiny_model):
    path = write(tmp_path / "t.jsonl", ROW, {**ROW, "tone": "unsure"})
    told = page(read_tagged([path]))
    assert "How often is not in these rows" in told
    assert "(1 of tone)" in told
    assert "date could not be read" not in told
    assert "1 date could not be read (&#x27;5/2/23&#x27;)" in page(read_tagged([write(tmp_path / "d.jsonl", {**ROW, "date": "5/2/23"}, {**ROW, "date": "2023"})]))
    assert "100% of tone" in told
    assert "macro-F1" in page(read_tagged([path]), manifest=load(tiny_model).manifest)
    bare = write(tmp_path / "b.jsonl", {k: v for k, v in ROW.items() if not k.endswith("confidence")})
    assert "The labels came without confidences" in page(read_tagged([bare]))


def test_words_are_found_for_the_latest_statements(tmp_path, tiny_model):
    texts = {"2023-01": "Old words here.", "2023-03": "🎬 They lied to us."}
    path = write(tmp_path / "in.jsonl", *({"text": text, "date": date} for date, text in texts.items()))
    assert CliRunner().invoke(app, ["classify", path, "--model", str(tiny_model), "-o", str(tmp_path / "t.jsonl")]).exit_code == 0
    tagged = read_tagged([str(tmp_path / "t.jsonl")], load_axes())
    found = reasons(tagged, load(tiny_model), 1)
    assert list(found) == [1]
    assert found[1]["words"][:2] == [(0, 2), (3, 7)]  # a browser counts the picture as two
    assert len(found[1]["weights"]["tone"][tagged.answers[1]["tone"].labels[0]]) == 5


def test_a_page_needs_only_the_base_install(tmp_path):
    path = write(tmp_path / "t.jsonl", ROW)
    code = f"import sys; from stance.results.report import page, read_tagged; page(read_tagged([{path!r}])); print([m for m in ('torch', 'transformers', 'sklearn', 'pandas', 'matplotlib', 'altair', 'selenium') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_the_page_asks_nothing_of_the_network(tmp_path):
    written = page(read_tagged([write(tmp_path / "t.jsonl", ROW)]))
    assert "default-src 'none'" in written
    shown = written.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"""(src|href)=["']?(https?:)?//|@import|url\(|https?://""", re.sub(r'id="data">[^<]*<', "", shown))
