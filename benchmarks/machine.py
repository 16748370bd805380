"""What a benchmark ran on, without a name that would tell whose it is."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

_SETS = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16", "asimd", "asimddp", "i8mm")


def machine() -> dict[str, object]:
    """Cores, processor, instruction sets that matter to matrix products, memory, versions, and the load before the benchmark."""
    told = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    lines = dict(line.split(":", 1) for line in told.split("\n\n")[0].splitlines() if ":" in line)
    fields = {key.strip(): value.strip() for key, value in lines.items()}
    flags = (fields.get("flags") or fields.get("Features") or "").split()
    return {
        "processor": fields.get("model name", platform.processor() or platform.machine()),
        "family and model": f"{fields.get('cpu family', '?')}/{fields.get('model', '?')}",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "instruction sets": [name for name in _SETS if name in flags],
        "memory, GiB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "python": platform.python_version(),
        "onnxruntime": version("onnxruntime"),
        "load before": round(os.getloadavg()[0], 2),
    }
