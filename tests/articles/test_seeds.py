import json

import pytest

from stance.articles import quotations, read_article
from stance.roster import load_roster

ROSTER = load_roster()


def test_every_founding_quotation_and_nothing_else(shared):
    gold = [json.loads(line) for line in (shared / "gold" / "seeds.jsonl").read_text(encoding="utf-8").splitlines()]
    wanted = [(g["doc"], g["start"], g["end"], g["group"], ROSTER.find(g["speaker"]).id, g["side"]) for g in gold if g["kind"] == "quote"]
    found = [r for path in sorted((shared / "seeds").glob("*.txt")) for r in quotations(read_article(path), ROSTER, path.name)]
    assert len(wanted) == 26
    assert [(r["doc"], r["start"], r["end"], r["group"], r["roster_id"], r["side"]) for r in found] == wanted


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ('"We will not move," Fran Drescher said. "Not an inch."', ["Fran Drescher"] * 2),
        ('"We will not move," said Drescher, the president.', ["unknown"]),
        ("“We are open to talks,” a spokesperson for the AMPTP said.", ["Alliance of Motion Picture and Television Producers"]),
        ("According to the WGA, the offer was “far too little to accept.”", ["Writers Guild of America"]),
        ("“Nobody signed this line at all.”", ["unknown"]),
        ("“It opens here and never closes, said the AMPTP.", ["unknown"]),
    ],
)
def test_speakers(text, speakers):
    assert [r["speaker_name"] for r in quotations(text, ROSTER)] == speakers


def test_offsets_cut_the_text():
    text = "Hello. “One more time with feeling,” said the WGA. He saw “The Rookie” on television."
    for record in quotations(text, ROSTER, every_kind=True):
        assert text[record["start"] : record["end"]] == record["text"]
        if record["speaker_start"] is not None:
            assert text[record["speaker_start"] : record["speaker_end"]] == record["speaker"]


def test_html_is_read_without_its_furniture(tmp_path):
    page = tmp_path / "a.html"
    words = "The talks went on for hours in a hotel near the airport, and nobody would say how far apart they were. "
    page.write_text(f"<html><body><nav>Menu</nav><article><h1>Talks</h1><p>{words * 3}</p><p>“We will be back tomorrow morning,” the AMPTP said.</p></article></body></html>", encoding="utf-8")
    assert [r["roster_id"] for r in quotations(read_article(page), ROSTER)] == ["amptp"]
