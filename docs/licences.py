"""docs/licences.md from what pip-licenses prints as JSON: a name, a version and the first line of the licence a row."""

from __future__ import annotations

import json
import sys
from pathlib import Path

PAGE = Path(__file__).with_name("licences.md")


def main() -> None:
    rows = [(p["Name"], p["Version"], p["License"].strip().splitlines()[0].replace("UNKNOWN", "not in its metadata")) for p in json.load(sys.stdin)]
    table = "".join(f"| {name} | {version} | {licence} |\n" for name, version, licence in rows)
    PAGE.write_text(f"# Licences of all dependencies\n\nOf what `make setup` installs, with what only development needs. Made by `make audit`.\n\n| package | version | licence |\n|---|---|---|\n{table}", encoding="utf-8")


if __name__ == "__main__":
    main()
