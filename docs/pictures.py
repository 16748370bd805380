"""The README's pictures: a report of held-out statements, and the terminal. Run by `make pictures`; needs models/default, Chromium and chromedriver."""

from __future__ import annotations

import base64
import json
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

HERE = Path(__file__).parent
STANCE = str(Path(sys.executable).with_name("stance"))
COLUMNS = 108
COMMANDS = (
    ["classify", "They never meant to bargain; they meant to starve us out.", "Our offer holds the largest raise in thirty years.", "Nobody gets to clone my voice and call it progress.", "Let's keep talking."],
    ["explain", "They walked out on us, and they call it bargaining.", "--similar", "2"],
)


def on_a_terminal(arguments: list[str]) -> str:
    """What the program writes when it has a terminal, colours and all."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "LINES": "60", "TERM": "xterm-256color"}
    with subprocess.Popen([STANCE, *arguments], stdout=follower, stderr=subprocess.DEVNULL, env=environment) as process:
        os.close(follower)
        written = b""
        while True:
            try:
                some = os.read(leader, 65536)
            except OSError:  # how Linux says that nobody writes any more
                break
            if not some:
                break
            written += some
    os.close(leader)
    if process.returncode:
        raise SystemExit(f"stance {arguments[0]} ended with {process.returncode}; is there a model in models/default (make train)?")
    return written.decode().replace("\r\n", "\n")


def terminal(folder: Path) -> Path:
    """The commands and what they wrote, as SVG."""
    console = Console(record=True, width=COLUMNS, file=(folder / "plain.txt").open("w", encoding="utf-8"), force_terminal=True, color_system="truecolor")
    with console.file:
        for command in COMMANDS:
            console.print(Text.assemble(("$ ", "bold green"), " ".join(["stance", *(f'"{a}"' if " " in a else a for a in command)])))
            console.print(Text.from_ansi(on_a_terminal(command)))
        console.save_svg(str(folder / "terminal.svg"), title="stance")
    return folder / "terminal.svg"


def report(folder: Path) -> Path:
    """A report of restated statements that were held back from the model's training."""
    with Path("data/splits/test.jsonl").open(encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["origin"] == "restated" and row["date"]]
    kept = ("text", "speaker", "date", "url", "dispute")
    (folder / "held-out.jsonl").write_text("".join(json.dumps({key: row[key] for key in kept}) + "\n" for row in rows), encoding="utf-8")
    subprocess.run([STANCE, "classify", str(folder / "held-out.jsonl"), "-o", str(folder / "tagged.jsonl")], check=True)
    subprocess.run([STANCE, "report", str(folder / "tagged.jsonl"), "--model", "models/default", "--explain", "20", "--title", "Held-out statements, as the model tags them", "-o", str(folder / "report.html")], check=True)
    return folder / "report.html"


def photograph(browser: Chrome, page: Path, picture: Path, width: int, height: int | None = None, before: str = "") -> None:
    """Write a page from its top down to `height`, or a whole SVG, as PNG."""
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height or 800, "deviceScaleFactor": 1, "mobile": False})
    browser.get(page.as_uri())
    while page.suffix == ".html" and not browser.execute_script("return document.documentElement.dataset.ready"):
        time.sleep(0.1)
    if before:
        browser.execute_script(before)
        time.sleep(0.5)
    size = {"width": width, "height": height or round(width * browser.execute_script("const box = document.documentElement.viewBox.baseVal; return box.height / box.width"))}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**size, "deviceScaleFactor": 1, "mobile": False})
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "scale": 1, **size}})
    picture.write_bytes(base64.b64decode(shot["data"]))


def main() -> None:
    """Make docs/report.png and docs/terminal.png."""
    chromium, chromedriver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not (chromium and chromedriver):
        raise SystemExit("the pictures need chromium and chromedriver (Debian: apt-get install chromium chromium-driver)")
    options = ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    browser = Chrome(options=options, service=ChromeService(chromedriver))
    try:
        with tempfile.TemporaryDirectory() as folder:
            # The picture leaves out the charts' lower half, so that the table is seen too.
            shorter = "for (const figure of [...document.querySelectorAll('figure')].slice(3)) figure.remove(); document.querySelectorAll('details.figures').forEach(d => d.remove()); document.querySelector('button.chip').click();"
            photograph(browser, report(Path(folder)), HERE / "report.png", 1280, 1900, shorter)
            photograph(browser, terminal(Path(folder)), HERE / "terminal.png", 1000)
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
