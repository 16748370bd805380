"""The walk in the docs: its commands exist and parse, and its articles are read as they were meant."""

import importlib.util
import json
import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from stance.cli import app

DOCS = Path(__file__).parents[1] / "docs"
SHOWN = re.findall(r"^\$ (.+)$", (DOCS / "walk.md").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def walk():
    spec = importlib.util.spec_from_file_location("walk", DOCS / "walk.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_shows_the_commands_that_were_run(walk):
    assert tuple(SHOWN) == walk.COMMANDS
    assert len(SHOWN) < 15


@pytest.mark.parametrize("line", SHOWN)
def test_each_command_parses(line):
    program, *rest = shlex.split(line)
    command, context = typer.main.get_command(app), None
    assert program == "stance"
    while hasattr(command, "commands"):
        name, *rest = rest
        command = command.commands[name]
    context = command.make_context(name, rest)  # raises for an option that is not known, or an argument too few
    assert context.params


def test_the_articles_are_read_as_meant(walk, tmp_path):
    meant = walk.write_articles(tmp_path / "news")
    found = CliRunner().invoke(app, ["extract", str(tmp_path / "news"), "--roster", str(walk.EXAMPLE / "roster.toml")])
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    assert len({row["doc"] for row in rows}) == 30
    assert {row["text"].rstrip(".,"): row["side"] for row in rows} == {text: labels["side"] for text, labels in meant.items()}
