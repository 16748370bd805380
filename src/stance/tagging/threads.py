"""How many threads to compute with: a second one on a busy core costs more than it brings."""

from __future__ import annotations

import os
from pathlib import Path

from stance.errors import InputError

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def free_threads() -> int:
    """STANCE_THREADS where it is set; else the cores that this process may use, less those that others keep busy, at least 1."""
    told = os.environ.get("STANCE_THREADS", "").strip()
    if told:
        if not told.isdecimal() or told == "0":
            raise InputError(f"STANCE_THREADS is {told!r}; a number of threads is wanted, 1 or more")
        return int(told)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores - round(_load()), quota(_QUOTA, cores)))


def _load() -> float:
    try:
        return os.getloadavg()[0]
    except OSError:
        return 0.0


def quota(path: Path, cores: int) -> int:
    """Whole cores that a control group's file (`quota period`, microseconds) allows; `cores` where there is no limit."""
    try:
        allowed, period = path.read_text(encoding="ascii").split()
        return max(1, int(allowed) // int(period))
    except (OSError, ValueError):
        return cores
