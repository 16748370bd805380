"""Articles to tagged quotations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from stance.articles import quotations, speaker_description
from stance.files import Record
from stance.roster import Roster
from stance.tagging.streams import Fields, tag
from stance.tagging.tagger import Tagger, with_roster_side

_DESCRIBED = "described"


def tag_articles(articles: Iterable[tuple[str, Path]], text_of: Callable[[Path], str], tagger: Tagger, people: Roster, fields: Fields) -> Iterator[list[Record]]:
    """The tagged quotations of each article (name, file), which `text_of` reads; for a speaker that was found on the roster the side is the one found there."""
    side = next((axis for axis in tagger.axes if axis.name == "side"), None)
    date = fields.options.get("date", "")
    for name, file in articles:
        found = quotations(text_of(file), people, name, date)
        described = [(name, {**record, _DESCRIBED: speaker_description(record, people, date)}) for record in found]
        tagged = tag(described, tagger, replace(fields, text="text", second=_DESCRIBED, speaker=""))
        bare = ({key: value for key, value in record.items() if key != _DESCRIBED} for record in tagged)
        yield [with_roster_side(record, was["side"], side) if side else record for record, was in zip(bare, found, strict=True)]
