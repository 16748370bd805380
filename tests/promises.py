"""Plug-in for pytest: tests say which promise they show, how often it was tried and how often lost; docs/reliability.md is written from that.

    def test_a_killed_run_goes_on(promise):
        kept = promise("A killed run goes on as if nothing had happened", part="Faults", unit="kills")
        for seed in range(kept.times(3, 100)):
            with kept.attempt():
                ...

`pytest --reliability` runs only such tests, with the long numbers, and renews their rows; those of
other tests stay as they are.
"""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.errors import UnsatisfiedAssumption

ROOT = Path(__file__).parents[1]
ROWS = ROOT / "benchmarks" / "results" / "reliability.json"
PAGE = ROOT / "docs" / "reliability.md"
PARTS = ("Bad input", "Faults", "Trust", "Same everywhere", "Packaging")
Row = dict[str, Any]
LIMIT = 10.0  # seconds for one attempt
PROMISED = "promise"
START, END = "<!-- promises: made by make reliability -->", "<!-- end of promises -->"

# CI draws the same few inputs on every run, so that a change is never blamed for another's fault; the long run draws new ones.
settings.register_profile("ci", max_examples=100, deadline=1000 * LIMIT, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
settings.register_profile("long", max_examples=5_000, deadline=1000 * LIMIT, database=None, suppress_health_check=list(HealthCheck))


@dataclass
class Promise:
    """A promise, the test that shows it, and how often it was tried and lost."""

    part: str
    said: str
    test: str
    unit: str
    tried: int = 0
    lost: int = 0
    is_long: bool = False

    def times(self, ci: int, long: int) -> int:
        """How often to try: a few times in CI, often where the table is made."""
        return long if self.is_long else ci

    @contextmanager
    def attempt(self, limit: float = LIMIT) -> Iterator[None]:
        """One try; it is lost when anything is raised inside, or when it takes more than `limit` seconds."""

        def hang(*_: object) -> None:
            raise AssertionError(f"more than {limit} seconds")

        self.tried += 1
        before = signal.signal(signal.SIGALRM, hang)
        signal.setitimer(signal.ITIMER_REAL, limit)
        try:
            yield
        except UnsatisfiedAssumption:  # an input that hypothesis is to pass over
            self.tried -= 1
            raise
        except BaseException:
            self.lost += 1
            raise
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def count(self, tried: int, lost: int = 0) -> None:
        """Tries that the test has counted itself; the test fails where one was lost."""
        self.tried += tried
        self.lost += lost
        assert not lost, f"{self.said}: {lost} of {tried} lost"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--reliability", action="store_true", help="run the tests that show a promise, long, and write their rows into docs/reliability.md")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("long" if config.getoption("--reliability") else "ci")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--reliability"):
        wanted = [item for item in items if "promise" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if item not in wanted])
        items[:] = wanted


_made: list[Promise] = []


@pytest.fixture
def promise(request: pytest.FixtureRequest) -> Callable[..., Promise]:
    """`promise("what is promised", part="Bad input", unit="files")`; the cases of one test add up to one row."""

    def make(said: str, *, part: str, unit: str = "inputs") -> Promise:
        assert part in PARTS, part
        test = request.node.nodeid.partition("[")[0]
        made = Promise(part, said, test, unit, is_long=request.config.getoption("--reliability"))
        _made.append(made)
        request.node.user_properties.append((PROMISED, made))
        return made

    return make


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A test that fails for another reason than a count of its own has lost its promise too."""
    yield
    made = [value for name, value in item.user_properties if name == PROMISED]
    if call.excinfo and not call.excinfo.errisinstance(pytest.skip.Exception) and not any(one.lost for one in made):
        for one in made:
            one.lost += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--reliability") and _made:
        write(renew(read(), [made for made in _made if made.tried or made.lost], time.strftime("%Y-%m-%d")))


def read() -> list[Row]:
    """The rows of earlier runs."""
    return json.loads(ROWS.read_text(encoding="utf-8")) if ROWS.exists() else []


def renew(rows: list[Row], made: list[Promise], day: str) -> list[Row]:
    """The rows with those of the tests that ran renewed, and those of tests that are gone left out; by part, then test."""
    ran = {one.test for one in made}
    found = {(row["test"], row["said"]): row for row in rows if row["test"] not in ran and exists(row["test"])}
    for one in made:
        row = found.setdefault((one.test, one.said), {"part": one.part, "said": one.said, "test": one.test, "unit": one.unit, "tried": 0, "lost": 0, "day": day})
        row["tried"] += one.tried
        row["lost"] += one.lost
    return sorted(found.values(), key=lambda row: (PARTS.index(row["part"]), row["test"]))


def exists(test: str) -> bool:
    """Whether a test of this id (file::function) is there."""
    path, _, name = test.partition("::")
    file = ROOT / path
    return file.is_file() and re.search(rf"^def {re.escape(name)}\(", file.read_text(encoding="utf-8"), re.MULTILINE) is not None


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table for each part."""
    lines: list[str] = []
    for part in PARTS:
        of_part = [row for row in rows if row["part"] == part]
        if of_part:
            lines += [f"**{part}**", "", "| promise | test | tried | lost | on |", "|---|---|--:|--:|---|"]
            lines += [f"| {row['said'].replace('|', chr(92) + '|')} | `{row['test']}` | {row['tried']:,} {row['unit']} | {row['lost']} | {row['day']} |" for row in of_part]
            lines += [""]
    return "\n".join(lines).rstrip()


def write(rows: list[Row]) -> None:
    """Keep the rows, and put them into the page between its marks."""
    ROWS.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(re.sub(f"{re.escape(START)}.*?{re.escape(END)}", lambda _: f"{START}\n{table(rows)}\n{END}", page, flags=re.DOTALL), encoding="utf-8")
