"""Statements made up for the pages."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

AI, PAY = "ai", "pay"
WORDS = ["we", "they", "will", "not", "sign", "talk", "wait", "offer", "contract", "residuals", "streaming", "members", "studios", "table", "deal", "fair", "greedy", "proud", "strike", "line", "season", "writers", "actors", "room", "health", "pension", "scan", "voice", "likeness", "week", "night"]


def statements(n: int, seed: int = 1) -> list[dict]:
    """Made-up tagged statements as `stance classify` writes them; number 0 is the only one that says xylophone."""
    pick = random.Random(seed)
    rows = []
    for i in range(n):
        side = pick.choices(["union", "studio", "other"], [5, 4, 1])[0]
        tone = "unsure" if i % 50 == 49 else pick.choice(["combative", "firm", "conciliatory", "supportive", "neutral"])
        topics = pick.sample([AI, PAY, "residuals", "benefits", "conditions", "bargaining"], pick.choice([0, 1, 1, 2]))
        rows.append(
            {
                "text": " ".join(pick.choices(WORDS, k=pick.randint(12, 45))).capitalize() + (" xylophone." if i == 0 else "."),
                "speaker": f"{side} speaker {pick.randint(1, max(2, n // 20))}",
                "date": f"2023-{pick.randint(1, 12):02d}-{pick.randint(1, 28):02d}",
                "url": f"https://example.org/{i // 7}",
                "outlet": f"Paper {pick.randint(1, 9)}",
                "side": side,
                "side_confidence": round(pick.uniform(0.5, 1), 4),
                "side_basis": pick.choice(["model", "roster"]),
                "tone": tone,
                "tone_confidence": 0.3 if tone == "unsure" else round(pick.uniform(0.4, 1), 4),
                "topics": topics,
                "topics_confidence": [round(pick.uniform(0.5, 1), 4) for _ in topics],
            }
        )
    return rows


@pytest.fixture(scope="session")
def made_up():
    return statements


@pytest.fixture(scope="session")
def write_page(tmp_path_factory):
    """Rows to a page on disk, through the file that a user would give; further options are those of `page`."""
    from stance.results.report import page, read_tagged

    folder = tmp_path_factory.mktemp("pages")

    def write(rows: list[dict], name: str, **options) -> Path:
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        path = folder / f"{name}.html"
        path.write_text(page(read_tagged([str(folder / f"{name}.jsonl")]), **options), encoding="utf-8")
        return path

    return write
