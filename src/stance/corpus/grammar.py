"""Statements made by a grammar over the roster's organisations: a primer for training, never tested on."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stance.roster import Roster, takes_article

_EITHER = re.compile(r"\[([^|\]]*)\|([^\]]*)\]")
GRAMMAR = Path(__file__).with_name("grammar.toml")


def generate(roster: Roster, count: int = 1500, seed: int = 1, grammar: Path = GRAMMAR) -> Iterator[dict[str, Any]]:
    """Yield `count` records that differ, the same ones for a seed; side, tone and topics follow from the rules drawn."""
    rules = tomllib.loads(grammar.read_text(encoding="utf-8"))
    rng = random.Random(seed)
    names = {side: [_with_article(e.name) for e in roster.entries.values() if not e.is_person and e.side == side] for side in ("union", "studio")}
    tones = sorted({rule["tone"] for rule in rules["party"]})
    seen: set[str] = set()
    while len(seen) < count:
        number = len(seen)
        third = number % 5 == 4  # two fifths a side, one fifth third parties
        role = rules["role"][number % 2]
        tone = tones[number // 5 % len(tones)]
        record = _record(rules, role, rng.choice([r for r in rules["third" if third else "party"] if r["tone"] == tone]), names, rng, third)
        if record["text"] not in seen:
            seen.add(record["text"])
            yield record


def _with_article(name: str) -> str:
    return "the " + name if takes_article(name) else name


def _record(rules: dict[str, Any], role: dict[str, Any], rule: dict[str, Any], names: dict[str, list[str]], rng: random.Random, third: bool) -> dict[str, Any]:
    own, other = rng.choice(names[role["side"]]), rng.choice(names[role["opposite"]])
    opposite = next(r for r in rules["role"] if r["side"] == role["opposite"])
    topic = rng.choice(sorted(rules["issues"]))
    template = rng.choice(rule["texts"])
    # A party says "we" of itself half of the time; then only its name for the other side tells who speaks.
    first_person = not third and rng.random() < 0.5
    slots = {
        "us": "we" if first_person else own,
        "them": other,
        "they": rng.choice(["the other side", other]),
        "ours": rng.choice(role["ours"]),
        "theirs": rng.choice(opposite["ours"]).replace("our", "their").replace("we", "they"),
        "issue": rng.choice(rules["issues"][topic]),
        "when": rng.choice(rules["words"]["when"]),
        "time": rng.choice(rules["words"]["time"]),
    }
    text = _EITHER.sub(lambda forms: forms[2 if first_person else 1], template).format(**slots)
    topics = sorted({*rule["topics"], *([topic] if "{issue}" in template else [])})
    speaker = rng.choice(rules["third_speakers"]["names"]) if third else rng.choice(["", rng.choice(role["speakers"]).format(us=own.removeprefix("the "))])
    text = ". ".join(sentence[:1].upper() + sentence[1:] for sentence in text.split(". "))
    return {"text": text, "side": "other" if third else role["side"], "tone": rule["tone"], "topics": topics, "speaker": speaker, "origin": "generated"}

