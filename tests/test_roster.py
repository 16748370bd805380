import pytest

from stance.errors import DataError
from stance.roster import faults, load_roster, matches

ROSTER = load_roster()


def test_the_roster_keeps_its_schema():
    assert len(ROSTER.entries) >= 150
    for entry in ROSTER.entries.values():
        assert entry.is_person or (entry.side in ("union", "studio", "other") and entry.kind)
        assert not entry.is_person or entry.roles
        for role in entry.roles:
            assert role.side in ("union", "studio", "other")
            assert not (role.start and role.end) or role.start <= role.end


def test_no_name_belongs_to_two_entries():
    owners = {}
    for entry in ROSTER.entries.values():
        for name in {entry.name, *entry.aliases}:
            assert owners.setdefault(name.casefold(), entry.id) == entry.id


@pytest.mark.parametrize(
    ("speaker", "date", "side"),
    [("the AMPTP", "", "studio"), ("WGA spokesperson", "", "union"), ("a spokesperson for the Writers Guild", "", "union"), ("Nick Counter", "2007-11", "studio"), ("Nick Counter", "2020", None), ("a passer-by", "", None)],
)
def test_side_of(speaker, date, side):
    found = ROSTER.side_of(speaker, date)
    assert (found[0] if found else None) == side


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[person]]\nid='x'\nname='X'\n[[person.roles]]\nside='union'\norganisation='nobody'", "organisation 'nobody' is not in the roster"),
        ("[[organisation]]\nid='x'\nname='X'\ncolour='red'", "entry 'x': 'colour' is unknown; allowed: id, name, aliases"),
        ("[[organisation]]\nid='x'", "entry 'x': name is missing"),
        ("[[organisation]]\nid='x'\nname='X'\naliases='Y'", "aliases must be a list"),
        ("[[person]]\nid='x'\nname='X'\nroles=[{title='chair'}]", "entry 'x': side is missing"),
        ("[organisation]\nid='x'", r"must be written as \[\[organisation\]\]"),
        ("extend = 'no'", "extend is 'no'; allowed: true"),
        ("people = []", "'people' is unknown; allowed: extend"),
        ("[[", r"not TOML .* \(a roster was wanted\)"),
        ("[[organisation]]\nid='x'\nname='X'\n[[organisation]]\nid='x'\nname='Y'", "id 'x' is given twice"),
    ],
)
def test_bad_roster_is_named(tmp_path, text, message):
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(DataError, match=message):
        load_roster(tmp_path / "r.toml")


def test_missing_roster_is_named(tmp_path):
    with pytest.raises(DataError, match=r"no such file \(a roster was wanted\)"):
        load_roster(tmp_path / "none.toml")


OWN = """
[[organisation]]
id = "harbour-actors"
name = "Harbour Actors"
side = "union"
kind = "union"
aliases = ["WGA"]

[[organisation]]
id = "netflix"
name = "Netflix"
side = "other"
kind = "streamer"

[[person]]
id = "ann-lee"
name = "Ann Lee"
roles = [{ side = "union", organisation = "sag-aftra", title = "steward", from = 2020 }]
"""


def test_own_roster_lies_over_ours(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(OWN)
    both = load_roster(file)
    assert len(both.entries) == len(ROSTER.entries) + 2
    assert both.entries["netflix"].side == "other"
    assert both.find("WGA").id == "harbour-actors"
    assert both.find("Writers Guild of America").id == "wga"
    assert both.side_of("Ann Lee", "2021")[0] == "union"


def test_extend_false_replaces_ours(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('extend = false\n[[organisation]]\nid = "x"\nname = "X"\nside = "union"\nkind = "union"\n')
    assert list(load_roster(file).entries) == ["x"]


@pytest.mark.parametrize(("name", "ids"), [("amptp", ["amptp"]), ("the WGA", ["wga"]), ("drescher", ["fran-drescher"]), ("Fran Dresher", ["fran-drescher"]), ("nobody at all", [])])
def test_matches(name, ids):
    assert [entry.id for entry in matches(ROSTER, name)][: max(1, len(ids))] == ids


def test_our_roster_has_no_faults():
    assert faults(ROSTER) == []


def test_faults_name_the_entry(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(
        """
extend = false
[[organisation]]
id = "a"
name = "A"
side = "left"
from = 2010
to = 2009
[[organisation]]
id = "b"
name = "the a"
side = "union"
kind = "union"
from = "spring"
[[person]]
id = "c"
name = "C"
"""
    )
    assert faults(load_roster(file)) == [
        "a: no kind (union, studio, employers' body ...)",
        "a: side 'left' is unknown; allowed: union, studio, other",
        "a: from 2010 comes after to 2009",
        "b: date 'spring' is no year and no YYYY-MM",
        "b: 'the a' is a name of a too; only a is found by it",
        "c: a person without [[person.roles]]; their side is never known",
    ]
