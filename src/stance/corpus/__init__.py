"""Labelled statements: read, checked, deduplicated and split."""

from __future__ import annotations

from stance.corpus.checking import check, fill_card, markdown, tables
from stance.corpus.reading import read_sources, read_split, read_statements
from stance.corpus.splitting import SPLITS, build, splits_of

__all__ = ["SPLITS", "build", "check", "fill_card", "markdown", "read_sources", "read_split", "read_statements", "splits_of", "tables"]
