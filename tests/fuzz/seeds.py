"""Small good inputs of each reader, for fuzzing to begin at."""

from __future__ import annotations

import gzip
import json

import pyarrow as pa

_MODEL = {
    "format": 2, "kind": "encoder", "max_length": 64, "axes": [{"name": "a", "kind": "any-of", "labels": ["x"]}],
    "calibration": {name: {"temperatures": {"a": 1}, "thresholds": {"a": [0.5]}} for name in ("alone", "described")},
}  # fmt: skip
_ROW = b'{"text": "We will wait.", "side": "union", "tone": "firm", "topics": ["pay"], "speaker": "AMPTP"}\n'
_PAGE = b"<html><body><article><p>The talks went on in a hotel all night.</p><p>\xe2\x80\x9cWe wait,\xe2\x80\x9d said Ann Lee.</p></article></body></html>"

SEEDS: dict[str, list[bytes]] = {
    "article": ["“We will wait,” said Ann Lee, who leads the union.\n\nShe told the WGA: “No.”".encode(), b"Q: Why \"now\"?\nA: It is 'late'.\n\n\xe2\x80\x94 Ann Lee (@ann)", "«Nous» „Wir“ ‘no’ According to the AMPTP, they’d said in a statement:\n• one".encode()],
    "html": [_PAGE, b"<p>He said <q>no</q><br>&ldquo;x&rdquo;<table><tr><td>a b c d e f</table>" * 2, b"<blockquote>We wait for a better offer.</blockquote>"],
    "text": [b"We will wait.\nThey lied.\n", b"\xef\xbb\xbfa\r\nb"],
    "table": [b'text,speaker\n"We will, wait.",AMPTP\n"a\nb""c",\n', b"a,a,\n1,2,3,4\n\n5\n"],
    "lines": [_ROW, b'{"text": "\\ud83d a", "n": [1e999, NaN, {"x": [[]]}]}\n\n{}'],
    "packed": [gzip.compress(_ROW), bytes(pa.compress(_ROW, codec="zstd", asbytes=True))],
    "labels": [b'unit = "u"\n[[axis]]\nname = "a"\nkind = "one-of"\nlabels = ["x", "y"]\ncore = ["x"]\n', b'[[axis]]\nname="a"\nkind="any-of"\nquestion="q"\n[[axis.label]]\nname="x"\ndefinition="d"\n'],
    "roster": [b'[[person]]\nid="a"\nname="Ann Lee"\n[[person.roles]]\nside="union"\ntitle="chair"\nfrom=2020\n', b'[[organisation]]\nid="g"\nname="Guild"\naliases=["G"]\nnouns=["the union"]\nside="union"\nkind="union"\n'],
    "manifest": [json.dumps(_MODEL, separators=(",", ":")).encode()],
}
