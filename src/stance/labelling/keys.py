"""A single key for every label of every axis."""

from __future__ import annotations

import string

from stance.errors import InputError
from stance.labels import Axis

POOL = string.ascii_lowercase + string.digits + string.ascii_uppercase


def label_keys(axes: tuple[Axis, ...]) -> dict[str, tuple[Axis, str]]:
    """Key to (axis, label): the label's first letter, else another of its letters, else any free one.

    The same labels file always gives the same keys. Raises InputError for more labels than keys.
    """
    labels = [(axis, name) for axis in axes for name in axis.names]
    if len(labels) > len(POOL):
        raise InputError(f"{len(labels)} labels, but there are keys for {len(POOL)}; label some of the axes at a time, with a smaller labels file")
    keys: dict[str, tuple[Axis, str]] = {}
    left = []
    for axis, name in labels:  # first letters first, so that they go to as many labels as can be
        first = name[0].lower()
        if first in POOL and first not in keys:
            keys[first] = (axis, name)
        else:
            left.append((axis, name))
    for axis, name in left:
        key = next(key for key in (*name.lower(), *POOL) if key in POOL and key not in keys)
        keys[key] = (axis, name)
    return keys
