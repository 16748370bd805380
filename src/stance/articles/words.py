"""The word lists of cues.toml, as the reader needs them: one tag a word, and sets by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tomllib import loads

# One letter a word: what the patterns of grammar.py are written in.
_CLOSED = {
    "other": "V", "times": "T", "adverbs": "r", "auxiliaries": "x", "be": "B", "prepositions": "p", "conjunctions": "c", "subordinators": "s",
    "relatives": "w", "determiners": "d", "subject_pronouns": "o", "object_pronouns": "O",
}  # fmt: skip


@dataclass(frozen=True)
class Lexicon:
    """`tags` by lower-case word; `base` the dictionary form of each speech verb's form; `pairs` verbs of two words."""

    tags: dict[str, str]
    base: dict[str, str]
    pairs: dict[str, frozenset[str]]
    past: frozenset[str]
    clause: frozenset[str]
    lists: dict[str, frozenset[str]]


def _forms(verb: str, irregular: dict[str, list[str]]) -> tuple[str, str, str, str]:
    """Third person, past, participle and -ing form."""
    if verb in irregular:
        third, past, *participle, ing = irregular[verb]
        return third, past, participle[0] if participle else past, ing
    stem = verb[:-1] if verb.endswith("e") else verb
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ies", verb[:-1] + "ied", verb[:-1] + "ied", verb + "ing"
    third = verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "o")) else "s")
    return third, stem + "ed", stem + "ed", (verb[:-2] + "y" if verb.endswith("ie") else stem) + "ing"


@cache
def lexicon() -> Lexicon:
    """The lists of cues.toml with every form of their verbs."""
    raw = loads(Path(__file__).with_name("cues.toml").read_text(encoding="utf-8"))
    lists: dict[str, list[str]] = raw["lists"]
    irregular: dict[str, list[str]] = raw["irregular"]
    tags: dict[str, str] = {}
    for verb in lists["other_verbs"]:
        third, past, participle, ing = _forms(verb, irregular)
        tags |= {verb: "V", third: "V", past: "e", participle: "e", ing: "e"}
    tags |= dict.fromkeys(lists["irregular_past"], "V")
    tags |= dict.fromkeys((*lists["heads"], *lists["strikers"], *lists["union_nouns"], *lists["studio_nouns"]), "n")
    base: dict[str, str] = {}
    pairs: dict[str, set[str]] = {}
    past_forms: set[str] = set()
    for verb in raw["speech"]:
        third, past, participle, ing = _forms(verb, irregular)
        for form, tag in ((verb, "v"), (third, "v"), (past, "v"), (participle, "v"), (ing, "g")):
            base[form] = verb
            first, _, second = form.partition(" ")
            if second:
                pairs.setdefault(first, set()).add(second)
                tags[form] = tag
            else:
                tags[form] = tag
        past_forms |= {past, participle}
    for name, tag in _CLOSED.items():
        tags |= dict.fromkeys(lists.get(name, ()), tag)
    tags |= {"that": "t", "according": "k", "to": "p"}
    return Lexicon(
        tags,
        base,
        {first: frozenset(seconds) for first, seconds in pairs.items()},
        frozenset(past_forms),
        frozenset(raw["clause"]),
        {name: frozenset(words) for name, words in lists.items()},
    )
