"""The notebook's screen: in a running JupyterLab with a real browser, and what it shows and takes without one."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

pytest.importorskip("anywidget")
from stance.errors import InputError
from stance.labelling import read_labelled
from stance.labelling.widget import LabelWidget, label
from stance.labels import load_axes

AXES = load_axes()
HOSTILE = "</script><img src=x onerror=window.hit=1>"


@pytest.fixture
def statements(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [{"text": f"We said {n} things. {HOSTILE}", "speaker": "the guild's chair", "doc": "news.txt"} for n in range(4)]
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    return tmp_path / "s.jsonl"


def press(widget, *keys):
    for key in keys:
        widget._handle_custom_msg({"key": key}, [])
    return widget.shown


def labelled(folder):
    return [s.labels for s in read_labelled(folder / "labels" / "anna.jsonl", AXES)]


def test_every_answer_is_on_disk_at_once_and_a_cell_run_again_goes_on(statements, tmp_path):
    first = label(statements, annotator="anna")
    assert first.shown["statement"] == {"text": f"We said 0 things. {HOSTILE}", "speaker": "the guild's chair", "source": "news.txt"}
    shown = press(first, "u", "f", "p")
    assert [name["name"] for axis in shown["axes"] for name in axis["labels"] if name["on"]] == ["union", "firm", "pay"]
    press(first, "enter")
    assert labelled(tmp_path) == [{"side": "union", "tone": "firm", "topics": ["pay"]}]
    second = label(statements, annotator="anna")
    assert (first.shown["over"], "another cell" in first.shown["message"]) == (True, True)
    assert second.shown["progress"] == "1 of 4"
    press(first, "s", "n", "enter")  # nobody writes through a screen that is closed
    assert len(labelled(tmp_path)) == 1
    assert press(second, "leave")["over"]
    label(statements, annotator="anna").leave()


def test_suggestions_are_shown_or_hidden(statements, tiny_model):
    open_, blind = (label(statements, annotator=name, model=tiny_model, blind=blind) for name, blind in (("anna", False), ("ben", True)))
    assert [kind for kind, _ in open_.shown["lines"]] == ["model"]
    assert blind.shown["lines"] == []
    assert press(open_, "=")["axes"] != open_.shown["axes"] or any(name["on"] for name in open_.shown["axes"][0]["labels"])
    for widget in (open_, blind):
        widget.leave()


def test_a_full_disk_is_told_on_the_screen(statements, monkeypatch):
    widget = label(statements, annotator="anna")
    monkeypatch.setattr(widget.session._store, "add", lambda answer: (_ for _ in ()).throw(InputError("anna.jsonl: cannot be written (No space left on device)")))
    shown = press(widget, "-")
    assert (shown["over"], shown["message"]) == (True, "anna.jsonl: cannot be written (No space left on device)")
    assert not LabelWidget._open


@pytest.fixture
def lab(statements, tmp_path, browser):
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": [], "source": 'from stance.labelling.widget import label\nlabel("s.jsonl", annotator="anna")'}
    (tmp_path / "n.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}, "nbformat": 4, "nbformat_minor": 5}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "RUNTIME", "DATA")} | {"IPYTHONDIR": str(tmp_path / "ipython")}
    options = ["--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=", f"--ServerApp.root_dir={tmp_path}", "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen([sys.executable, "-m", "jupyterlab", *options], cwd=tmp_path, env={**os.environ, **own}, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < end, (tmp_path / "server.log").read_text()[-2000:]
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/doc/tree/n.ipynb"
    finally:
        try:
            browser.get("about:blank")
            browser.get_log("browser")  # what JupyterLab said is not for the tests that follow
        finally:
            server.kill()  # its kernel sees that and ends; asked to go, the server waits for open pages
            server.wait(30)


def test_labelling_in_jupyterlab(lab, browser, tmp_path):
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait

    def until(look):
        # A drawing that comes between two looks takes the nodes away.
        return WebDriverWait(browser, 60, 0.05, [StaleElementReferenceException]).until(lambda _: look())

    def screen():
        return browser.execute_script("return document.querySelector('.stance-label')?.innerText ?? ''")

    def field():
        return browser.find_element(By.CSS_SELECTOR, ".stance-label .keys")

    def send(*keys):
        browser.switch_to.active_element.send_keys(*keys)

    browser.get(lab)
    until(lambda: [cell for cell in browser.find_elements(By.CSS_SELECTOR, ".jp-CodeCell .cm-content") if cell.is_displayed()])
    until(lambda: browser.execute_script("return document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status") == "idle")
    browser.find_element(By.CSS_SELECTOR, ".jp-CodeCell .cm-content").click()
    send(Keys.SHIFT, Keys.ENTER)
    until(lambda: "0 of 4" in screen())
    assert "We said 0 things. </script><img" in screen() and "the guild's chair · news.txt" in screen()
    assert not browser.execute_script("return window.hit")

    field().click()
    send("?")
    until(lambda: "Attacks: imputes bad motives" in screen())
    send(Keys.ESCAPE)
    until(lambda: "We said 0 things" in screen())
    send("ufp;why", Keys.ENTER, Keys.ENTER)  # typed ahead: no key may be lost
    until(lambda: "1 of 4" in screen())
    assert labelled(tmp_path) == [{"side": "union", "tone": "firm", "topics": ["pay"]}]
    send(Keys.BACKSPACE)
    until(lambda: "note: why" in screen())
    assert labelled(tmp_path) == []
    until(lambda: browser.find_element(By.XPATH, "//button[contains(., 'studio')]").click() is None)
    until(lambda: browser.find_element(By.XPATH, "//button[contains(., 'studio')]").get_attribute("aria-pressed") == "true")
    send(Keys.ENTER)
    until(lambda: "We said 1 things" in screen())
    send("dd")  # in Jupyter two of them delete a cell
    send(Keys.TAB)
    until(lambda: "We said 2 things" in screen())
    send("-")
    until(lambda: "2 of 4" in screen())
    assert browser.find_elements(By.CSS_SELECTOR, ".stance-label")
    until(lambda: browser.find_element(By.XPATH, "//button[contains(., 'leave')]").click() is None)
    until(lambda: "run the cell again" in screen())
    assert labelled(tmp_path) == [{"side": "studio", "tone": "firm", "topics": ["pay"]}]
    answers = [json.loads(line)["answer"] for line in (tmp_path / "labels" / "anna.jsonl").read_text().splitlines()]
    assert answers == ["labelled", "undone", "labelled", "skipped", "cannot tell"]
