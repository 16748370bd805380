"""Tagged statements to one self-contained page."""

from __future__ import annotations

from stance.results.report.page import page
from stance.results.report.reading import Tagged, read_tagged
from stance.results.report.reasons import reasons

__all__ = ["Tagged", "page", "read_tagged", "reasons"]
