"""Folders of shards on many cores and machines, through Ray. Each worker loads the model once and computes with one thread."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from stance.errors import InputError, StanceError
from stance.sinks import form_of
from stance.tagging.shards import Report, shards, tag_files, unfinished
from stance.tagging.streams import Fields
from stance.tagging.tagger import load

_RETRIES = 10  # of a shard whose worker or machine was lost


class Worker:
    """One loaded model, to be run as a Ray actor."""

    def __init__(self, model: Path, roster: Path | None, fast: bool, fields: Fields, settings: dict[str, Any]) -> None:
        from stance.roster import load_roster

        self.tagger = load(model, load_roster(roster), threads=1, fast=fast)
        self.fields, self.settings = fields, settings

    def tag(self, source: Path, into: Path) -> tuple[int, str]:
        """Tag a file; return how many statements it holds and, if it could not be tagged, what there is to mend."""
        try:
            # Always from where an earlier try came to.
            return tag_files([str(source)], into, form_of(into), self.tagger, self.fields, self.settings, resume=True), ""
        except StanceError as error:
            return 0, str(error)


def tag_folder_on_ray(
    folder: Path, output: Path, form: str, loading: tuple[Path, Path | None, bool], fields: Fields, settings: dict[str, Any], resume: bool, workers: int, report: Report
) -> int:
    """`tag_folder` by `workers` actors (0 for one a core of the cluster); return how many statements were tagged.

    `loading` is the model folder, a roster file and whether its fast form is used. All folders must be
    the same on every machine. A shard whose worker was lost is taken up again by another; a fault of
    the input is raised when the other shards are done. RAY_ADDRESS names a cluster; without it this
    machine is one.
    """
    try:
        import ray
        from ray.util import ActorPool
    except ImportError as error:
        raise InputError("--engine ray needs Ray; in the project's folder: .venv/bin/pip install -c constraints.txt -e '.[ray]'") from error

    pairs = unfinished(shards(folder.resolve(), output.resolve(), form), output, settings, resume)
    if not pairs:
        return 0
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    # A worker has one thread; without this the tokenizer would take every core.
    environment = {"env_vars": {"RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}}
    try:
        ray.init(ignore_reinit_error=True, log_to_driver=False, include_dashboard=False, logging_level="ERROR", runtime_env=environment)
    except Exception as error:  # Ray raises bare ones
        raise InputError(f"--engine ray: no cluster could be reached or started ({str(error).splitlines()[0]}); check RAY_ADDRESS, or whether this machine is overloaded") from error
    try:
        count = min(workers or int(ray.cluster_resources()["CPU"]), len(pairs))
        actor = ray.remote(num_cpus=1, max_restarts=-1, max_task_retries=_RETRIES)(Worker)
        pool = ActorPool([actor.remote(*loading, fields, settings) for _ in range(count)])
        total, faults = 0, []
        for held, fault in pool.map_unordered(lambda worker, pair: worker.tag.remote(*pair), pairs):
            total += held
            faults += [fault] if fault else []
            report(held, 0)
    except ray.exceptions.RayError as error:
        raise InputError(f"--engine ray: the work was lost ({str(error).splitlines()[0]}); go on with --resume") from error
    finally:
        ray.shutdown()
    if faults:
        raise InputError(faults[0] + (f" (and {len(faults) - 1} more files)" if len(faults) > 1 else ""))
    return total
