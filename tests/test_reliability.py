"""The table of promises: what it counts, and that what it names is there."""

import pytest
from promises import END, PAGE, START, Promise, exists, read, renew, table


def test_a_lost_attempt_is_counted():
    made = Promise("Faults", "It holds", "tests/test_reliability.py::test_a_lost_attempt_is_counted", "tries")
    with made.attempt():
        pass
    with pytest.raises(ZeroDivisionError), made.attempt():
        print(1 / 0)  # noqa: T201
    with pytest.raises(AssertionError, match=r"more than 0\.01 seconds"), made.attempt(limit=0.01):
        while True:
            pass
    with pytest.raises(AssertionError, match="It holds: 1 of 7 lost"):
        made.count(7, lost=1)
    assert (made.tried, made.lost, made.times(3, 100)) == (10, 3, 3)


def test_rows_of_other_tests_stay_and_those_of_missing_ones_go():
    here = "tests/test_reliability.py::test_a_lost_attempt_is_counted"
    kept, gone = ({"part": "Trust", "said": "Kept", "test": test, "unit": "tries", "tried": 1, "lost": 0, "day": "2026-01-01"} for test in (here, f"{here}_not"))
    that = "tests/test_reliability.py::test_rows_of_other_tests_stay_and_those_of_missing_ones_go"
    made = [Promise("Bad input", "New", that, "files", tried, 0) for tried in (1000, 234)]
    rows = renew([kept, gone, {**kept, "test": that}], made, "2026-01-02")
    assert rows == [{"part": "Bad input", "said": "New", "test": that, "unit": "files", "tried": 1234, "lost": 0, "day": "2026-01-02"}, kept]
    assert f"| New | `{that}` | 1,234 files | 0 | 2026-01-02 |" in table(rows)


def test_the_page_shows_the_rows_and_their_tests_are_there():
    rows = read()
    assert f"{START}\n{table(rows)}\n{END}" in PAGE.read_text(encoding="utf-8")
    assert [row["test"] for row in rows if not exists(row["test"])] == []
    assert [row["said"] for row in rows if row["lost"]] == []
