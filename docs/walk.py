"""Thirty new articles to an adapted model: runs the commands of `docs/walk.md` on real terminals, and writes down what they said.

The articles are composed: `data/examples/animators` holds what is said in them, with the labels its author
meant. Two readers are played: the first gives those labels; the second gives another tone to every seventh
statement. Both press the keys of the real labelling screen. Needs models/default.

    python docs/walk.py --page docs/walk.md
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import pexpect

from stance.labelling import label_keys
from stance.labels import load_axes

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "data" / "examples" / "animators"
COLUMNS = 118
OTHER_READER = 7  # the second reader parts from the first on one statement in as many
PEOPLE = {"union": "Ines Calloway, the president of the Lanternlight Animators' Guild", "studio": "Tobias Renn, the chief executive of Brightwater Animation", "other": "Della Marsh, the mayor of Harl"}
COMMANDS = (
    "stance extract news/ --roster roster.toml -o statements.jsonl",
    "stance label statements.jsonl --annotator anna --model models/default",
    "stance label statements.jsonl --annotator ben --blind --order random",
    "stance agree labels/anna.jsonl labels/ben.jsonl",
    "stance adjudicate labels/anna.jsonl labels/ben.jsonl --annotator anna -o labels/agreed.jsonl",
    "stance data add labels/agreed.jsonl --into strike/sources/agreed.jsonl",
    "stance train --data strike/sources --encoder models/default --output models/strike",
    "stance evaluate --model models/strike --against models/default --data strike/splits",
    "stance history models",
    'stance classify "They waited for our cheques to run out, and they smiled." --speaker "an ink artist" --model models/strike',
)
ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>78])")


def write_articles(folder: Path) -> dict[str, dict[str, Any]]:
    """Write the articles; give the labels meant for each quotation."""
    folder.mkdir()
    quotes = [json.loads(line) for line in (EXAMPLE / "quotes.jsonl").read_text(encoding="utf-8").splitlines()]
    for number in sorted({quote["article"] for quote in quotes}):
        said = [quote for quote in quotes if quote["article"] == number]
        lines = [f"Animators' strike, week {number}", "The strike of the animators of Harl went into another week."]
        lines += [f"“{quote['text'].rstrip('.')},” said {PEOPLE[quote['side']]}." for quote in said]
        (folder / f"week-{number:02}.txt").write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    return {quote["text"].rstrip("."): {axis.name: quote[axis.name] for axis in load_axes()} for quote in quotes}


def keys_for(labels: dict[str, Any]) -> str:
    """The keys that give these labels where none is given yet."""
    keys = {(axis.name, name): key for key, (axis, name) in label_keys(load_axes()).items()}
    pressed = ""
    for axis, value in labels.items():
        pressed += "".join(keys[axis, name] for name in sorted(value)) if isinstance(value, list) else keys[axis, value]
    return pressed + "\r"


def started(command: str, folder: Path) -> Any:
    """The program on a terminal of its own."""
    name, *rest = shlex.split(command)
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "NO_COLOR": "1"}
    return pexpect.spawn(str(Path(sys.executable).with_name(name)), rest, cwd=str(folder), dimensions=(45, COLUMNS), encoding="utf-8", timeout=3600, env=environment)


def ended(child: Any, command: str) -> str:
    """What a program still writes until it ends."""
    child.expect(pexpect.EOF)
    child.close()
    if child.exitstatus != 0:  # None after a signal
        raise SystemExit(f"{command}: exit code {child.exitstatus}\n{child.before}")
    return str(child.before)


def labelled(command: str, folder: Path, wanted: dict[str, dict[str, Any]]) -> str:
    """Label what the screen shows until all is done; give the first screen and the last line."""
    child = started(command, folder)
    wait = {" ".join(text.split()[:6]): text for text in wanted}  # of a statement as much as stands on one line
    first = ""
    while True:
        at = child.expect_exact(["All done", *wait])
        if at == 0:
            break
        start = list(wait)[at - 1]
        labels = wanted[wait.pop(start)]
        before = child.before + child.after
        child.expect_exact("ctrl-c leave")
        first = first or before + child.before + child.after
        child.send(keys_for(labels))
    child.send("\r")
    rest = ended(child, command)
    return f"{plain(first)}\n...\n{plain(rest).splitlines()[-1].strip()}"


def plain(text: str) -> str:
    """What is left on a terminal of lines that were redrawn, without colours."""
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1].rstrip() for line in ESCAPES.sub("", text).split("\n")]
    return "\n".join(lines).strip("\n")


def walk(folder: Path, models: Path) -> list[tuple[str, str]]:
    """Run the commands in a folder: each with what it wrote."""
    meant = write_articles(folder / "news")
    shutil.copy(EXAMPLE / "roster.toml", folder)
    (folder / "models").mkdir()
    for name in ("default", "default-baseline"):
        shutil.copytree(models / name, folder / "models" / name)
    tones = load_axes()[1].names
    found = []
    for command in COMMANDS:
        if " label " in command or " adjudicate " in command:
            extracted = [json.loads(line)["text"].rstrip(".,") for line in (folder / "statements.jsonl").read_text(encoding="utf-8").splitlines()]
            wanted = {text: meant[text] for text in extracted}
            moved = {text: {**labels, "tone": tones[(tones.index(labels["tone"]) + 1) % len(tones)]} for n, (text, labels) in enumerate(wanted.items()) if n % OTHER_READER == 0}
            if " adjudicate " in command:
                wanted = {text: {"tone": wanted[text]["tone"]} for text in moved}  # all else is agreed on already
            elif "ben" in command:
                wanted |= moved
            said = labelled(command, folder, wanted)
        else:
            said = plain(ended(started(command, folder), command))
        found.append((command, said))
        print(f"$ {command}\n{said}\n")
    return found


def page(found: list[tuple[str, str]]) -> str:
    """The walk as Markdown."""
    text = (HERE / "walk.md").read_text(encoding="utf-8")
    head, rest = text.split("<!-- walk: made by docs/walk.py -->")
    tail = rest.split("<!-- end of walk -->")[1]
    blocks = "\n".join(f"\n```console\n$ {command}\n{said}\n```" for command, said in found)
    return f"{head}<!-- walk: made by docs/walk.py -->\n{blocks}\n\n<!-- end of walk -->{tail}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("models"), help="folder that holds default and default-baseline")
    parser.add_argument("--page", type=Path, help="put the commands and what they said into this page")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = walk(Path(folder), options.models)
    if options.page:
        options.page.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
