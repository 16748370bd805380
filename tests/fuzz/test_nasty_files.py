"""Files made to break a reader, through the program: answered, or refused in one line, with at most 10 s of processor time and 1 GiB of memory."""

import gzip
import json
import os
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

SECONDS, GIB = 10, 1 << 30
SLOW = 3  # times as slow a machine may be as the one that the seconds are meant for
PROSE = "<p>The talks went on in a hotel near the airport all night, and nobody spoke.</p>"
QUOTED = "“We will wait for a while,” said the WGA.\n"
ROW = b'{"text": "We will wait."}\n'


def page(body, prose=PROSE * 4):
    return f"<html><body><article>{prose}{body}</article></body></html>".encode()


def parquet(columns, **options):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink, **options)
    return sink.getvalue().to_pybytes()


def misdescribed(columns):
    """Parquet whose footer calls the texts required, against what it says of their values."""
    data = parquet(columns)
    assert data.count(b"\x25\x02\x18\x04text") == 1
    return data.replace(b"\x25\x02\x18\x04text", b"\x25\x00\x18\x04text")


def zstd(data):
    return pa.compress(data, codec="zstd", asbytes=True)


def wide_csv():
    heads = ",".join(["text", *(f"c{n}" for n in range(9_999))])
    return (heads + "\n" + ("We will wait." + ",1" * 9_999 + "\n") * 200).encode()


ARTICLES = {
    "an image called text": ("a.txt", lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a binary file (NUL at byte 8), not text"),
    "a zip called text": ("a.txt", lambda: b"PK\x03\x04\x14\0\0\0", "not UTF-8 text but a zip file"),
    "a PDF called HTML": ("a.html", lambda: b"%PDF-1.7\n\xe2\xe3\xcf\xd3", "not UTF-8 text but a PDF"),
    "UTF-16": ("a.txt", lambda: QUOTED.encode("utf-16"), "UTF-16 text (iconv"),
    "Windows-1252": ("a.txt", lambda: b"\x93We will wait,\x94 said Ann Lee.", "not UTF-8 (byte 0x93 at 0); convert it first"),
    "two encodings in one": ("a.txt", lambda: QUOTED.encode() + b"\x93No,\x94 he said.", "not UTF-8 (byte 0x93"),
    "a NUL": ("a.txt", lambda: QUOTED.encode() + b"\0", "NUL at byte"),
    "half a character": ("a.txt", lambda: QUOTED.encode() + b"\xed\xa0\xbd", "not UTF-8 (byte 0xed"),
    "text from right to left, zero width, combining": ("a.txt", lambda: "\u202e“We\u200b wi\u0301ll \u200fwait مرحبا שלום,\u202c” said the WGA.\ufeff\u2028".encode(), ""),
    "nothing but controls": ("a.txt", lambda: bytes(range(1, 32)) * 1000, ""),
    "a line of 100 MB": ("a.txt", lambda: b"a " * 50_000_000, "larger than 10 MiB"),
    "a million quotation marks": ("a.txt", lambda: "“".encode() * 1_000_000, "more than 500,000 characters"),
    "half a million quotation marks": ("a.txt", lambda: ("“‘" * 250_000).encode(), ""),
    "half a million paragraphs": ("a.txt", lambda: b"a\n" * 250_000, ""),
    "30,000 elements in one another": ("a.html", lambda: page("<div>" * 30_000 + QUOTED), None),
    "a million elements": ("a.html", lambda: page("<div>" * 1_000_000), "more than 40,000 tags"),
    "30,000 open paragraphs with attributes": ("a.html", lambda: page("<p a=b c=d>x" * 30_000), ""),
    "entities that multiply": ("a.html", lambda: b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>".encode() for n in range(20)) + b"]>" + page("<p>&u;</p>"), None),
    "no article": ("a.html", lambda: b"<html></html>", "no article text found"),
}
STATEMENTS = {
    "gzip called CSV": ("a.csv", lambda: gzip.compress(ROW), "not UTF-8 text but gzip data"),
    "Parquet called JSON Lines": ("a.jsonl", lambda: parquet({"text": ["We will wait."]}), "not UTF-8 text but a Parquet file"),
    "CSV called JSON Lines": ("a.jsonl", lambda: b"text\nWe will wait.\n", "line 1: not JSON"),
    "text called Parquet": ("a.parquet", lambda: ROW, "not a Parquet file"),
    "text called gzip": ("a.jsonl.gz", lambda: ROW, "damaged, or not gzip at all"),
    "half a gzip": ("a.jsonl.gz", lambda: gzip.compress(os.urandom(9000).hex().encode())[:5000], "a.jsonl.gz"),
    "halves of characters": ("a.jsonl", lambda: b'{"text": "We \\ud83d will \\udfff wait.", "\\ud800": ["\\udc00"]}\n', ""),
    "numbers that JSON lacks": ("a.jsonl", lambda: b'{"text": "We will wait.", "a": NaN, "b": [-Infinity], "c": 1e999}\n', ""),
    "a number of 10,000 digits": ("a.jsonl", lambda: b'{"text": "We will wait.", "a": ' + b"9" * 10_000 + b"}\n", "not JSON"),
    "JSON 100,000 deep": ("a.jsonl", lambda: b'{"text": "We will wait.", "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "not JSON"),
    "JSON 900 deep": ("a.jsonl", lambda: b'{"text": "We will wait.", "a": ' + b"[" * 900 + b"]" * 900 + b"}\n", "nested more than 100 deep"),
    "JSON 90 deep": ("a.jsonl", lambda: b'{"text": "We will wait.", "a": ' + b"[" * 90 + b"]" * 90 + b"}\n", ""),
    "a line of 100 MB, JSON": ("a.jsonl", lambda: b'{"text": "' + b"a " * 50_000_000 + b'"}', "line 1: longer than 4 MiB"),
    "a line of 100 MB, CSV": ("a.csv", lambda: b"text\n" + b"a," * 50_000_000, "longer than 4 MiB"),
    "a line of 100 MB, text": ("a.txt", lambda: b"a" * 100_000_000, "line 1: longer than 4 MiB"),
    "a statement of 4 MB": ("a.txt", lambda: b"We will wait. " * 290_000, ""),
    "lines of 1 MB of brackets": ("a.jsonl", lambda: (b'{"text": "We will wait.", "a": [' + b",".join([b"[]"] * 350_000) + b"]}\n") * 10, ""),
    "a million quotation marks": ("a.csv", lambda: b"text\n" + b'"' * 1_000_000 + b"\n", "not closed"),
    "a quotation mark that is not closed": ("a.csv", lambda: b'text\n"We will wait.\n' + b"And wait.\n" * 2_000_000, "not closed"),
    "10,000 columns": ("a.csv", wide_csv, ""),
    "10,000 columns, Parquet": ("a.parquet", lambda: parquet({"text": ["We will wait."] * 200, **{f"c{n}": [1] * 200 for n in range(9_999)}}), ""),
    "a row of a million cells": ("a.csv", lambda: b"text\nWe will wait." + b"," * 1_000_000, ""),
    "two columns of one name": ("a.csv", lambda: b"text,text\nWe will wait.,No.\n", ""),
    "a gzip bomb": ("a.jsonl.gz", lambda: gzip.compress(b"\n" * 300_000_000, 1), "unpacks to more than 100 times its size"),
    "a zstd bomb": ("a.txt.zst", lambda: zstd(b"\n" * 300_000_000), "unpacks to more than 100 times its size"),
    "a gzip bomb of one line": ("a.txt.gz", lambda: gzip.compress(b"a" * 300_000_000, 1), "longer than 4 MiB"),
    "a column that is not as described, Parquet": ("a.parquet", lambda: misdescribed({"text": ["We will wait."]}), "not a Parquet file that can be read"),
    "a column that is not as described, beside lists, Parquet": ("a.parquet", lambda: misdescribed({"text": ["We will wait."], "topics": [["pay"]]}), "not a Parquet file that can be read"),
    "one text of 8 MB a thousand times, Parquet": ("a.parquet", lambda: parquet({"text": pa.DictionaryArray.from_arrays(pa.array([0] * 1000), pa.array(["a " * 4_000_000]))}), "a text longer than 4 MiB"),
    "one text of 3 MB a thousand times, Parquet": ("a.parquet", lambda: parquet({"b": pa.DictionaryArray.from_arrays(pa.array([0] * 1000), pa.array(["a " * 1_500_000]))}), "no column 'text'"),
    "a Parquet bomb among noise": ("a.parquet", lambda: parquet({"text": pa.array(["a" * 1_000_000] * 300), "noise": [os.urandom(15_000) for _ in range(300)]}, compression="zstd", use_dictionary=False), "unpacks to more than 100 times its size"),
    "a Parquet bomb": ("a.parquet", lambda: parquet({"text": pa.array(["a" * 1_000_000] * 300)}, compression="zstd", use_dictionary=False), "unpacks to more than 100 times its size"),
}


# The child tells its own peak: what the parent's wait would be told counts this process too, from before the exec.
PROGRAM = f"""
import re, resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({SLOW * SECONDS}, {SLOW * SECONDS}))
from stance.cli import main
into = sys.argv.pop(1)
try:
    main()
finally:
    open(into, "w").write(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


def check(arguments, message, folder, stdin=None):
    """Run the program, which is killed past its seconds of processor time; where no message is told, it may answer or refuse."""
    told = folder / "peak"
    with subprocess.Popen([sys.executable, "-c", PROGRAM, told, *map(str, arguments)], stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "STANCE_THREADS": "1"}) as process:
        out, err = (stream.decode() for stream in process.communicate(timeout=30 * SECONDS))
    assert process.returncode in (0, 2), f"ended with {process.returncode}: {err[-1000:]}"
    assert "Traceback" not in err
    peak = int(told.read_text())  # KiB
    assert peak * 1024 <= GIB, f"{peak >> 10} MiB"
    for line in out.splitlines():
        json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    if process.returncode == 2:
        assert message is None or (message and message in err), err
        assert err.splitlines()[-1].startswith("stance: ") and len(err) < 1000
    else:
        assert not message, f"taken, though {message!r} was to be said"


@pytest.mark.parametrize("name", ARTICLES)
def test_articles(name, tmp_path, promise):
    kept = promise("Articles that lie, mix encodings, nest or swell are read or refused in one line: 10 s of processor time (30 s on a slow machine), 1 GiB", part="Bad input", unit="articles")
    file, make, message = ARTICLES[name]
    (tmp_path / file).write_bytes(make())
    with kept.attempt(limit=30 * SECONDS):
        check(["extract", tmp_path / file, "--all", "--indirect"], message, tmp_path)


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements(name, tmp_path, tiny_model, promise):
    kept = promise("Such files of statements are tagged or refused in one line, with the same limits", part="Bad input", unit="files")
    file, make, message = STATEMENTS[name]
    (tmp_path / file).write_bytes(make())
    with kept.attempt(limit=30 * SECONDS):
        check(["classify", tmp_path / file, "--model", tiny_model, "--format", "jsonl"], message, tmp_path)


@pytest.mark.parametrize("data", [b"a" * 100_000_000, b'{"text": "' + b"a" * 100_000_000, b"\xff\xfe", b'{"text": "\\ud83d no"}\n'], ids=["line", "json", "utf-16", "half"])
def test_standard_input(data, tmp_path, tiny_model, promise):
    kept = promise("Such standard input is tagged or refused in one line", part="Bad input", unit="streams")
    (tmp_path / "in").write_bytes(data)
    with kept.attempt(limit=30 * SECONDS), (tmp_path / "in").open("rb") as stdin:
        check(["classify", "-", "--model", tiny_model], "" if b"ud83d" in data else "standard input, line 1", tmp_path, stdin)


SETTINGS = {
    "labels 100,000 deep": (["codebook", "--labels"], "labels.toml", lambda: b"a = " + b"[" * 100_000, "not TOML"),
    "labels that are a table": (["codebook", "--labels"], "labels.toml", lambda: b"axis = 1", "not a labels file"),
    "labels of 100 MB": (["codebook", "--labels"], "labels.toml", lambda: b"#" * 100_000_000, "larger than 64 MiB"),
    "labels in UTF-16": (["codebook", "--labels"], "labels.toml", lambda: "a = 1".encode("utf-16"), "UTF-16"),
    "a roster 100,000 deep": (["roster", "check"], "roster.toml", lambda: b"a = " + b"[" * 100_000, "not TOML"),
    "a roster of numbers": (["roster", "check"], "roster.toml", lambda: b"[[person]]\nid = 'a'\nname = 'A'\nroles = [1]", "roles must be written as"),
    "a manifest 100,000 deep": (["classify", "No.", "--model"], "manifest.json", lambda: b"[" * 100_000, "not a model manifest"),
    "a manifest that names a file elsewhere": (["classify", "No.", "--model"], "manifest.json", lambda: b'{"format": 2, "kind": "encoder", "max_length": 8, "axes": [{"name": "a", "kind": "any-of", "labels": ["x"]}], "files": {"../a\\u0000": "b"}, "calibration": {"alone": {"temperatures": {"a": 1}, "thresholds": {"a": [0.5]}}, "described": {"temperatures": {"a": 1}, "thresholds": {"a": [0.5]}}}}', "no file of this folder"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings(name, tmp_path, promise):
    kept = promise("Such labels files, rosters and manifests are read or refused in one line", part="Bad input", unit="files")
    command, file, make, message = SETTINGS[name]
    (tmp_path / file).write_bytes(make())
    with kept.attempt(limit=30 * SECONDS):
        check([*command, tmp_path if file == "manifest.json" else tmp_path / file], message, tmp_path)


def test_damaged_packed_files_leave_no_memory_behind(tmp_path, promise):
    kept = promise("Thousands of damaged packed files, one after another, leave less than 32 MiB in memory", part="Bad input", unit="files")
    (tmp_path / "a.jsonl.gz").write_bytes(b"\x1f\x8b\x08\x00 cut off")
    (tmp_path / "a.jsonl.zst").write_bytes(b"\x28\xb5\x2f\xfd cut off")
    files = kept.times(2000, 20_000)
    code = f"""
import re
from pathlib import Path
from stance.errors import InputError
from stance.tagging.streams import Inputs

def held():  # KiB; the peak would be inherited
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1])


for number in range({files}):
    try:
        list(Inputs([]).file(Path(("a.jsonl.gz", "a.jsonl.zst")[number % 2])))
    except InputError:
        pass
    if number == 10:
        before = held()
print(held() - before)
"""
    grown = int(subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True).stdout)  # KiB
    kept.count(files, int(grown > 32 << 10))
