import pytest

from stance.errors import DataError
from stance.roster import load_roster

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
        ("[[organisation]]\nid='x'\nname='X'\ncolour='red'", "entry 'x'"),
        ("[[organisation]]\nid='x'\nname='X'\n[[organisation]]\nid='x'\nname='Y'", "id 'x' is given twice"),
    ],
)
def test_bad_roster_is_named(tmp_path, text, message):
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(DataError, match=message):
        load_roster(tmp_path / "r.toml")
