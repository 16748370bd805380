"""Organisations changed about in training."""

import random

import pytest

from stance.roster import Entry, Roster
from stance.training.names import Names

ROSTER = Roster(
    [
        Entry("wga", "WGA", False, "union"),
        Entry("ha", "Harbour Actors", False, "union"),
        Entry("guild", "Guild of Pilots", False, "union"),
        Entry("netflix", "Netflix", False, "studio"),
        Entry("board", "Producers Association", False, "studio"),
        Entry("ann", "Ann Lee", True),
    ]
)


@pytest.mark.parametrize(
    ("texts", "possible"),
    [
        (("Netflix lied.", ""), {"Netflix lied."}),
        (("We told the Producers Association no.", ""), {"We told the Producers Association no."}),
        (("Netflix owes WGA members.", "Netflix spokesperson"), {"Netflix owes WGA members.", "Netflix owes Harbour Actors members."}),
        (("The WGA left.", ""), {"The WGA left.", "The Guild of Pilots left."}),
        (("Ann Lee waits.", "Ann Lee"), {"Ann Lee waits."}),
        (("Nobody is named.", "a writer"), {"Nobody is named."}),
    ],
)
def test_a_name_is_changed_for_another_of_its_side_that_goes_with_the_same_article(texts, possible):
    names = Names(ROSTER)
    named = [names.find(text) for text in texts]
    assert {names.swap(texts, named, random.Random(seed))[0] for seed in range(30)} == possible


def test_one_organisation_gets_one_name_in_text_and_speaker():
    names = Names(ROSTER)
    texts = ("WGA members wait. WGA members walk.", "WGA spokesperson")
    named = [names.find(text) for text in texts]
    for seed in range(20):
        text, speaker = names.swap(texts, named, random.Random(seed))
        assert speaker.removesuffix(" spokesperson") == text.split(" members")[0]
        assert text.count(text.split(" members")[0]) == 2
