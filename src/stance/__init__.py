"""Reads what the two sides of a labour dispute say.

    import stance
    tagger = stance.load("models/default")
    tagger.classify(["Let's keep talking."], ["AMPTP spokesperson"])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stance.tagging import load

__all__ = ["load"]


def __getattr__(name: str) -> Any:
    """Import `load` on first use, so that `import stance` costs nothing."""
    if name == "load":
        from stance.tagging import load

        return load
    raise AttributeError(f"module 'stance' has no attribute {name!r}")
