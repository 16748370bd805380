"""Every reader, given any bytes: read, or refused in one line. The bytes are noise, good inputs with faults, or well-formed files of odd values."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seeds import SEEDS
from targets import READERS, check_quotations, read

from stance.articles import read_article

# What breaks parsers: marks, signs of forms, controls, halves of characters as UTF-8 and as JSON, text that runs the other way.
PIECES = [
    "“", "”", '"', "'", "«", "‘", "’", "„", "\n", "\r", "\r\n", "\0", "\t", ",", ";", "{", "}", "[", "]", "[[", ":", "=", "#", "\\", "\\u", "\\ud800", "\\udfff",
    "&", "&#xD800;", "&#0;", "<", ">", "<p>", "</p>", "<script>", "<!--", "<![CDATA[", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u2028", "\x85", "\x1b[2J", "é", "e\u0301", "👩‍👩‍👧", "ß", "İ", "مرحبا", "שלום",
    "NaN", "1e999", "-", "1" * 50, "true", "null", "said ", " told ", "Ann Lee", "the WGA", "Q: ", "A: ", "According to ", "axis", "name", "kind", "text", "id", "person", "roles",
]  # fmt: skip
_BYTES = st.lists(st.one_of(st.sampled_from(PIECES).map(str.encode), st.binary(max_size=8), st.sampled_from([b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xe2\x80", b"\x1f\x8b", b"PAR1", b"\x93"])), max_size=40).map(b"".join)


@st.composite
def _mutated(draw, name):
    """A good input with some of its bytes changed, doubled or left out."""
    data = bytearray(draw(st.sampled_from(SEEDS[name])))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 12))] = draw(st.one_of(st.binary(max_size=6), st.sampled_from(PIECES).map(str.encode), st.just(bytes(data[at : at + 40]))))
    return bytes(data)


def _values(depth=3):
    plain = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.sampled_from(PIECES), st.sampled_from(["union", "one-of", "any-of", "a", "x", "2023-05"]))
    return st.recursive(plain, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)), max_leaves=depth)


def _toml(value):
    """A value as TOML; what TOML has no word for becomes a text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(str(key))} = {_toml(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(str(value)).replace("\\ud", "\\\\ud")


def _tables(heads, keys):
    """TOML files of tables with fields of the right names and any values."""
    field = st.tuples(st.sampled_from(keys), _values()).map(lambda pair: f"{pair[0]} = {_toml(pair[1])}\n")
    table = st.tuples(st.sampled_from(heads), st.lists(field, max_size=5, unique_by=lambda line: line.split(" = ")[0])).map(lambda pair: f"[[{pair[0]}]]\n{''.join(pair[1])}")
    return st.lists(table, max_size=4).map("".join).map(lambda text: text.encode("utf-8", "replace"))


@st.composite
def _manifests(draw):
    """A good manifest with values of some places, at any depth, replaced by any."""
    raw = json.loads(SEEDS["manifest"][0])
    for _ in range(draw(st.integers(1, 3))):
        place = raw
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and draw(st.booleans()):
                place = place[key]
                continue
            place[key] = draw(_values())
            break
    raw |= draw(st.dictionaries(st.sampled_from(["files", "fast", "metrics", "provenance", "second", "kind", "colour"]), _values(), max_size=2))
    return json.dumps(raw).encode()


def _rows_as(form):
    rows = st.lists(st.dictionaries(st.one_of(st.sampled_from(["text", "side", "tone", "topics", "speaker"]), st.text(max_size=5)), _values(6), max_size=5), max_size=4)
    if form == "lines":
        return rows.map(lambda found: "\n".join(map(json.dumps, found)).encode())
    return st.lists(st.lists(st.one_of(st.text(max_size=8), st.sampled_from(PIECES)), max_size=6).map(lambda row: ",".join(f'"{cell}"' for cell in row)), max_size=5).map("\n".join).map(lambda t: t.encode("utf-8", "replace"))


WELL_FORMED = {
    "lines": _rows_as("lines"),
    "table": _rows_as("table"),
    "labels": _tables(["axis", "axis.label"], ["name", "kind", "labels", "label", "core", "question", "note", "definition"]),
    "roster": _tables(["person", "person.roles", "organisation"], ["id", "name", "side", "kind", "aliases", "nouns", "title", "organisation", "from", "to", "roles"]),
    "manifest": _manifests(),
}
PROMISE = "Any bytes as {} are read, or refused in one line"
CALLED = {"article": "an article", "html": "an HTML page", "text": "lines of text", "table": "CSV", "lines": "JSON Lines", "packed": "gzip or zstd", "labels": "a labels file", "roster": "a roster", "manifest": "a model manifest", "parquet": "Parquet"}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in READERS if name != "parquet"])
def test_any_bytes(name, promise):
    kept = promise(PROMISE.format(CALLED[name]), part="Bad input")
    draws = [_BYTES, _mutated(name), *([WELL_FORMED[name]] if name in WELL_FORMED else [])]

    @given(st.one_of(*draws))
    def check(data):
        with kept.attempt():
            read(name, data)

    check()


_TYPES = [pa.string(), pa.large_string(), pa.binary(), pa.int64(), pa.float64(), pa.float16(), pa.bool_(), pa.date32(), pa.date64(), pa.timestamp("ns"), pa.timestamp("s", "UTC"), pa.duration("us"), pa.time64("ns"), pa.decimal128(20, 3), pa.list_(pa.string()), pa.struct([("text", pa.string())]), pa.map_(pa.string(), pa.int32()), pa.dictionary(pa.int32(), pa.string()), pa.null()]  # fmt: skip


@st.composite
def _parquet(draw):
    """A Parquet file of odd types and extreme values, sometimes with changed bytes."""
    columns, names = [], []
    rows = draw(st.integers(0, 4))
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(_TYPES))
        width = {"date32[day]": 4, "halffloat": 2, "int64": 8, "double": 8, "date64[ms]": 8, "decimal128(20, 3)": 16}.get(str(kind), 8)
        fixed = pa.types.is_temporal(kind) or (pa.types.is_primitive(kind) and kind != pa.bool_())
        if fixed:  # any bits at all as a date or a number
            columns.append(pa.Array.from_buffers(kind, rows, [None, pa.py_buffer(draw(st.binary(min_size=width * rows, max_size=width * rows)))]))
        elif kind in (pa.string(), pa.binary()):  # and any bytes as a text
            cells = draw(st.lists(st.one_of(st.binary(max_size=8), st.sampled_from(PIECES).map(str.encode)), min_size=rows, max_size=rows))
            columns.append(pa.array(cells, pa.binary()).view(kind))
        else:
            columns.append(pa.nulls(rows, kind))
        names.append(draw(st.sampled_from(["text", "side", "", "a\n", str(number)])))
    buffer = io.BytesIO()
    try:
        pq.write_table(pa.table(columns, names), buffer)
    except (pa.ArrowException, ValueError):
        buffer = io.BytesIO(b"PAR1")
    data = bytearray(buffer.getvalue())
    if draw(st.booleans()):
        for at in draw(st.lists(st.integers(0, len(data) - 1), max_size=3)):
            data[at] = draw(st.integers(0, 255))
    return bytes(data)


def test_any_parquet(promise):
    kept = promise(PROMISE.format(CALLED["parquet"]), part="Bad input")

    @given(st.one_of(_BYTES, _parquet()))
    def check(data):
        with kept.attempt():
            read("parquet", data)

    check()


def test_offsets_cut_the_words_out_of_any_text(promise):
    kept = promise("Offsets cut the quoted words, and the speaker's, out of any text", part="Bad input", unit="texts")

    @given(st.one_of(st.text(max_size=300), st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6), st.just(" we will wait for a while ")), max_size=40).map("".join)))
    def check(text):
        with kept.attempt():
            check_quotations(text)

    check()


def test_offsets_count_in_the_text_that_a_page_is_read_as(tmp_path, promise):
    kept = promise("Offsets of an HTML page count in the text that it is read as, the same each time", part="Bad input", unit="pages")
    path = tmp_path / "a.html"

    @given(st.lists(st.sampled_from([*PIECES, "<b>", "<div>", "<li>", "<blockquote>", "<br>", "&ldquo;", "&rdquo;", "“We will wait for a while,” said Ann Lee."]), max_size=30).map("".join))
    def check(body):
        with kept.attempt():
            page = f"<html><body><article><p>{'The talks went on in a hotel near the airport all night. ' * 4}</p><p>{body}</p></article></body></html>"
            path.write_text(page.replace("\0", ""), encoding="utf-8")
            text = read_article(path)
            assert text == read_article(path)
            check_quotations(text)

    check()
