"""The reader on small texts: each row a style or a trap."""

import itertools
import re
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.articles import quotations, read, speaker_description
from stance.roster import load_roster

ROSTER = load_roster()
AMPTP = "Alliance of Motion Picture and Television Producers"

MENTIONS = [
    ("“We will wait,” Hugh Hill, a doctor, said.", ["Hugh Hill"]),
    ("“We will wait,” said Hugh Hill, a doctor from Reading.", ["Hugh Hill"]),
    ("Hugh Hill, who owns a shop, said, “We will wait.”", ["Hugh Hill"]),
    ("“We will wait,” says the ad’s narrator.", ["the ad’s narrator"]),
    ("Studio chiefs said they were “ready to wait a while.”", ["Studio chiefs"]),
    ("“We will wait,” a spokesman for the shop’s owners said.", ["a spokesman for the shop’s owners"]),
    ("According to two aides, it is “a matter of days, not weeks.”", ["two aides"]),
    ("Hugh Hill: “We will wait.”", ["Hugh Hill"]),
    ("From Hugh Hill: “We will wait.”", ["Hugh Hill"]),
    ("“We will wait.” — Hugh Hill", ["Hugh Hill"]),
    ("“We will wait.”\n— Hugh Hill, doctor", ["Hugh Hill"]),
    ("Hugh Hill spoke for an hour, saying “we will wait” and adding that “waiting is free.”", ["Hugh Hill", "Hugh Hill"]),
    ("“We will wait,” Hugh Hill barked.", ["Hugh Hill"]),
    ("“Will you wait?” Hugh Hill asked. “Will anybody wait?”", ["Hugh Hill", "Hugh Hill"]),
    ("Hugh Hill said he believes “waiting is the best of it.”", ["Hugh Hill"]),
    ("The plan was described by Hugh Hill as “a long wait for nothing.”", ["Hugh Hill"]),
    ("The plan was described as “a long wait for nothing.”", ["unknown"]),
    ("Hugh Hill declined to say. “Waiting is free and easy.”", ["unknown"]),
    ("After the talks in Ohio, Hugh Hill said, “We will wait.”", ["Hugh Hill"]),
    ("“We will wait,” Hill said. Jo Day disagreed. “I will not wait,” she said.", ["Hill", "she"]),
    ("Speaking of delays, Hugh Hill, 44, told us: “We will wait.”", ["Hugh Hill"]),
    ("As Hugh Hill puts it, “waiting is a kind of work.”", ["Hugh Hill"]),
    ("The union, “which waits for nobody at all,” left.", ["unknown"]),
]


@pytest.mark.parametrize(("text", "speakers"), MENTIONS)
def test_mentions(text, speakers):
    assert [r["speaker"] for r in quotations(text, ROSTER)] == speakers


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Fran Drescher spoke. “We will wait,” Ms. Drescher said.", ["Fran Drescher"]),
        ("Ann Lee and Bob Day met. “We will wait,” he said.", ["Bob Day"]),
        ("Kit Lee met Lou Day at noon. Sam Roe came too. “We will wait,” he said.", ["Sam Roe"]),
        ("Ann Lee, a striker, met Eva Day. They shook hands. “We will wait,” she said.", ["unknown"]),
        ("The AMPTP met at noon. “We will wait,” the alliance said.", [AMPTP]),
        ("The AMPTP met the WGA. “We will wait,” the guild said. “So will we,” the studios said.", ["Writers Guild of America", AMPTP]),
        ("The AMPTP spoke. “We will wait,” a source said.", ["unknown"]),
        ("The Harbour Actors Guild (HAG) met. “We will wait,” HAG said.", ["Harbour Actors Guild"]),
        ("The Canadian Media Producers Association (CMPA) met. “We will wait,” CMPA said.", ["Canadian Media Producers Association"]),
        ("J.K. Lee spoke. “We will wait,” Mr. Lee said.", ["J.K. Lee"]),
        ("The WGA met SAG-AFTRA. “We will wait,” the union said.", ["unknown"]),
        ("“We will wait,” said Bill Lee. Jan Lee nodded. “So will I,” Lee said.", ["Bill Lee", "unknown"]),
    ],
)
def test_names(text, names):
    assert [r["speaker_name"] for r in quotations(text, ROSTER)] == names


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("“We will wait,” said Ann Lee, president of the WGA.", "union"),
        ("AMPTP spokeswoman Ann Lee said, “We will wait.”", "studio"),
        ("“We will wait,” said Ann Lee, a critic of the WGA.", "unknown"),
        ("“We will wait,” said Ann Lee, a writer for Netflix.", "unknown"),
        ("“We will wait,” said Ann Lee, who fought with Netflix for years.", "unknown"),
        ("“We will wait,” said Ann Lee, who has been at Netflix parties.", "unknown"),
        ("“We will wait,” said Ann Lee, who works for Netflix.", "studio"),
        ("Netflix executive Ann Lee said, “We will wait.”", "studio"),
        ("Netflix writer Ann Lee said, “We will wait.”", "unknown"),
        ("“We will wait,” said a Netflix spokeswoman.", "studio"),
        ("“We will wait,” said a striking writer.", "union"),
        ("“We will wait,” said a studio executive.", "studio"),
        ("“We will wait,” said a person close to the talks.", "unknown"),
        ("“We will wait,” said the mayor.", "unknown"),
        ("“We will wait,” said picketers outside Netflix.", "union"),
        ("“We will wait,” said fans of Netflix.", "unknown"),
        ("“We will wait,” said an official of Netflix.", "studio"),
    ],
)
def test_sides(text, side):
    assert [r["side"] for r in quotations(text, ROSTER)] == [side]


@pytest.mark.parametrize(
    ("text", "passages", "broken"),
    [
        ("“One two three four, she said.\n\nNext.", ["One two three four, she said."], [1]),
        ("One two three four,” she said.", ["One two three four,"], [1]),
        ("“One two three four,“ she said. “Five six.”", ["One two three four,", "Five six."], [1]),
        ("““One two three four,”” she said.", ["One two three four,"], []),
        ("“One two three four.\n\n“Five six,” she said.", ["One two three four.", "Five six,"], []),
        ("“One two three four.\n\nFive six,” she said.", ["One two three four.", "Five six,"], []),
        ('"One two" three four," she said.', ["One two", "three four,"][:1], []),
        ('She said "he said "no" to me twice" and left.', ['he said "no" to me twice'], []),
        ("«One two three four», she said.", ["One two three four"], []),
        ("„One two three four“, she said.", ["One two three four"], []),
        ("»One two three four«, she said.", ["One two three four"], []),
        ("``One two three four,'' she said.", ["One two three four,"], []),
        ("‘One two three four,’ she said.", ["One two three four,"], []),
        ("「One two three four」 she said.", ["One two three four"], []),
        ('A 6" nail and a 7" nail.', [], []),
        ("It's the actors' strike and the writers' strike.", [], []),
    ],
)
def test_marks(text, passages, broken):
    reading = read(text, ROSTER)
    assert [r["text"] for r in reading.records] == passages
    assert reading.broken == broken


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("SAG-AFTRA said the figure was overestimated by 60%.", [("SAG-AFTRA", "the figure was overestimated by 60%")]),
        ("The WGA told its members on Monday that the talks would go on.", [("The WGA", "the talks would go on")]),
        ("The talks would go on for weeks, the WGA said on Monday.", [("the WGA", "The talks would go on for weeks")]),
        ("According to the WGA, the talks will go on.", [("the WGA", "the talks will go on")]),
        ("SAG-AFTRA said the figure was “overestimated by 60 per cent.”", []),
        ("If the WGA said the talks were over, nobody heard.", []),
        ("SAG-AFTRA claimed responsibility for the long delay.", []),
    ],
)
def test_indirect(text, clauses):
    records = [r for r in quotations(text, ROSTER, indirect=True) if r["kind"] == "indirect"]
    assert [(r["speaker"], r["text"]) for r in records] == clauses
    assert not [r for r in quotations(text, ROSTER) if r["kind"] == "indirect"]


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("“We will wait,” said the WGA.", "Writers Guild of America"),
        ("“We will wait,” said a striking writer.", "a striking writer"),
        ("Ann Lee spoke. “We will wait,” she said.", "Ann Lee"),
        ("It rained. “We will wait,” she said.", ""),
        ("“We will wait for a bus.”", ""),
        ("“We will wait,” Fran Drescher said.", "SAG-AFTRA president"),
    ],
)
def test_what_the_model_is_told_of_a_speaker(text, description):
    assert [speaker_description(r, ROSTER) for r in quotations(text, ROSTER)] == [description]


def test_low_confidence_becomes_unknown():
    text = "“We will wait,” said the WGA. “It is late.”\n\nThe WGA spoke first. “Nobody else came at all.”"
    sure = quotations(text, ROSTER, min_confidence=0.9)
    assert [r["side"] for r in quotations(text, ROSTER)] == ["union"] * 3
    assert [r["side"] for r in sure] == ["union", "union", "unknown"]
    assert (sure[2]["speaker"], sure[2]["speaker_start"], sure[2]["roster_id"]) == ("unknown", None, None)


TEXTS = st.one_of(
    st.text(max_size=400),
    st.lists(
        st.sampled_from(
            ["“", "”", '"', "‘", "’", "''", "«", "»", "(", ")", "—", ":", ",", ".", "?", "\n", "\n\n", " ", " said ", " told ", "According to ", "the AMPTP", "Ann Lee", " he ", "who ", "that ", "Q: ", "A: ", "Dear members,\n", "In solidarity,\n", "— Ann Lee (@ann)", "said in a statement:\n", "• ", "the union", "’s", "one two three four", "\u2028", "\0", "é"]
        ),
        max_size=60,
    ).map("".join),
)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_any_string_is_survived_and_offsets_cut_it(text):
    records = quotations(text, ROSTER, every_kind=True, indirect=True)
    for record in records:
        assert text[record["start"] : record["end"]] == record["text"] != ""
        assert 0 <= record["speaker_confidence"] <= 1
        if record["speaker_start"] is not None:
            assert text[record["speaker_start"] : record["speaker_end"]] == record["speaker"] != ""
    spans = [(r["start"], r["end"]) for r in records if r["kind"] != "indirect"]
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    assert [r["start"] for r in records] == sorted(r["start"] for r in records)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["alpha", "beta", "gamma", "union", "talks", "offer"]), min_size=4, max_size=12), st.sampled_from(["“”", '""', "«»", "„“", "‘’"]), st.sampled_from(["", "He said ", "Talks ended. "]), st.sampled_from([".", " the board said.", " — and left"]))
def test_no_quotation_is_lost(words, marks, before, after):
    inside = " ".join(words)
    records = quotations(f"{before}{marks[0]}{inside},{marks[1]}{after}", ROSTER, every_kind=True)
    assert [r["text"] for r in records] == [inside + ","]


@pytest.mark.parametrize("piece", ["“a b c d” said ", "“a b c d ", "Ann Lee said “we go now” and she ", "the big red house of the ", "(a (b ", "Q: a b c d\nA: e f g h\n", "the committee said “it is fine now”. ", "'a b' "])
def test_time_grows_with_the_text(piece):
    def seconds(size):
        text = piece * (size // len(piece))
        start = time.process_time()
        read(text, ROSTER, indirect=True)
        return time.process_time() - start

    seconds(2_000)
    assert seconds(80_000) < 16 * seconds(20_000) + 0.1


def test_no_heavy_library_is_loaded():
    code = "import sys, stance.articles; print([m for m in ('torch', 'transformers', 'sklearn', 'pandas', 'onnxruntime', 'trafilatura', 'numpy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_word_lists_are_in_order():
    from stance.articles.words import lexicon

    words = lexicon()
    assert words.base["said"] == "say"
    assert words.clause <= set(words.base)
    for name in ("also_nouns", "weak"):
        assert not [w for w in words.lists[name] if not re.fullmatch(r"[a-z ]+", w)], name
