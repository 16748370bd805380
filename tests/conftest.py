"""A tiny random encoder and a handful of statements stand in for the real ones."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

pytest_plugins = ["promises"]
SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the founding articles are not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory) -> Path:
    import torch
    from transformers import BertConfig, BertModel

    from stance.training.model import packaged_encoder

    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    config = BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, vocab_size=30522)
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    (folder / "tokenizer.json").write_bytes((packaged_encoder() / "tokenizer.json").read_bytes())
    return folder


@pytest.fixture(scope="session")
def records() -> list[dict]:
    lines = {
        "union": ["Our members will not work for less pay.", "We thank every striker on the line.", "They came to lie to us about residuals.", "We are ready to talk today."],
        "studio": ["The guild walked away from our generous offer.", "Our proposal raises pay by a tenth.", "We look forward to meeting the union.", "Their leaders do not want a deal."],
        "other": ["The mayor hopes that both of them settle.", "Analysts count the cost of the strike.", "The talks begin on Monday.", "Scanning faces by machine worries the public."],
    }
    tones = ["firm", "supportive", "combative", "conciliatory", "neutral"]
    topics = ["ai", "pay", "residuals", "benefits", "conditions", "bargaining"]
    found = []
    for number in range(60):
        side = list(lines)[number % 3]
        text = f"{lines[side][number % 4]} Day {number}: {['long', 'hot', 'slow', 'loud'][number % 4]} {number * 37}."
        found.append({"text": text, "side": side, "tone": tones[number % 5], "topics": [topics[number // 2 % 6]], "speaker": f"a {side} voice", "origin": "restated" if number % 2 else "composed", "set": f"s{number}", "url": f"https://example.org/{number}"})
    return found


@pytest.fixture(scope="session")
def sources(tmp_path_factory, records) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    (folder / "all.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory, tiny_encoder, records) -> Path:
    from stance.labels import load_axes
    from stance.records import Statement
    from stance.training.encoder import Recipe, train
    from stance.training.export import write_folder

    axes = load_axes()
    statements = [Statement.from_record(r, axes) for r in records]
    folder = tmp_path_factory.mktemp("models") / "tiny"
    recipe = Recipe(epochs=2, max_length=128)
    model = train(statements[:40], axes, folder, recipe, tiny_encoder)
    write_folder(model, folder, tiny_encoder / "tokenizer.json", statements[:40], statements[40:], recipe)
    return folder


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A headless Chromium, one for the whole session."""
    chromium, chromedriver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not (chromium and chromedriver):
        pytest.skip("no browser here: tests in a browser need chromium and chromedriver (Debian: apt-get install chromium chromium-driver)")
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    options = ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-prefers-reduced-motion"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    downloads = tmp_path_factory.mktemp("downloads")
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    driver = Chrome(options=options, service=ChromeService(chromedriver))
    driver.downloads = downloads
    yield driver
    driver.quit()
