from pathlib import Path

import datasets
import pytest
from typer.testing import CliRunner

from stance.cli import app
from stance.corpus import SPLITS, build, read_sources, read_split, read_statements
from stance.corpus.held_out import FILE, read_held_out
from stance.labels import DEFAULT_LABELS, codebook, load_axes

ROOT = Path(__file__).parents[2]
AXES = load_axes()


@pytest.fixture(scope="module")
def splits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("splits")
    build(read_sources(ROOT / "data" / "sources", AXES), folder, read_held_out(ROOT / "data" / FILE))
    return folder


def test_no_set_page_or_document_is_on_two_sides(splits):
    owners: dict[str, str] = {}
    for split in SPLITS:
        for s in read_split(splits, split, AXES):
            for key in filter(None, (s.set, s.url)):
                assert owners.setdefault(key, split) == split


def test_founding_quotations_stand_apart(splits):
    quoted = read_split(splits, "quoted", AXES)
    assert len(quoted) == 26
    assert all(s.origin == "quoted" and s.date and s.doc for s in quoted)
    assert not any(s.origin == "quoted" for split in SPLITS[:3] for s in read_split(splits, split, AXES))


def test_loads_with_datasets(splits, tmp_path):
    files = {split: str(splits / f"{split}.jsonl") for split in SPLITS}
    loaded = datasets.load_dataset("json", data_files=files, cache_dir=str(tmp_path))
    assert set(loaded) == set(SPLITS)
    assert {"text", "side", "tone", "topics", "speaker", "origin"} <= set(loaded["train"].column_names)


def test_building_again_gives_the_same_bytes(splits, tmp_path):
    build(read_sources(ROOT / "data" / "sources", AXES), tmp_path, read_held_out(ROOT / "data" / FILE))
    assert all((tmp_path / f"{s}.jsonl").read_bytes() == (splits / f"{s}.jsonl").read_bytes() for s in SPLITS)


def test_restated_statements_name_their_page():
    assert all(s.url.startswith("http") for s in read_statements(ROOT / "data" / "sources" / "restated.jsonl", AXES))


def test_codebook_page_is_printed_from_the_labels():
    assert (ROOT / "data" / "CODEBOOK.md").read_text(encoding="utf-8") == codebook(DEFAULT_LABELS)


def test_what_ships_passes_its_own_check_and_the_card_says_what_is_in_it(tmp_path):
    """The whole of `stance data check`, leakage by the encoder's embeddings included."""
    sources, card = ROOT / "data" / "sources", ROOT / "data" / "README.md"
    checked = CliRunner().invoke(app, ["data", "check", "--data", str(sources), "--splits", str(tmp_path / "s")])
    assert checked.exception is None, checked.output
    assert "no faults" in checked.stdout
    (tmp_path / "card.md").write_bytes(card.read_bytes())
    told = CliRunner().invoke(app, ["data", "stats", "--data", str(sources), "--splits", str(tmp_path / "s"), "--card", str(tmp_path / "card.md")])
    assert told.exception is None, told.output

    def tables(path):
        # The sizes of the splits hang on cosines near the limit, which differ a little between processors.
        return path.read_text(encoding="utf-8").split("**Length**")[1]

    assert tables(tmp_path / "card.md") == tables(card)
