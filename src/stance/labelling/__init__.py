"""Statements in, labels out, one reader at a time: the screen in a terminal or a notebook, what to ask next, and the readers' files."""

from __future__ import annotations

from stance.labelling.items import Item, read_items
from stance.labelling.keys import label_keys
from stance.labelling.opening import open_session
from stance.labelling.session import Session, View
from stance.labelling.store import Answer, Store, read_labelled

__all__ = ["Answer", "Item", "Session", "Store", "View", "label_keys", "open_session", "read_items", "read_labelled"]
