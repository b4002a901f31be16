"""The engine that a call has asked for by its address: `local:4`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from conformance.classes.machines.engines.engine import ShardEngine
from conformance.classes.machines.engines.local import LocalEngine
from conformance.sandbox import Tier
from conformance.verdict.model import WrongCall

KINDS = "local:N, dask:tls://HOST:PORT, slurm:N and slurm:local:N"
"""The addresses that there are, for messages."""

JOBS = 4
"""Jobs of Slurm at a time, where the address does not say."""


def engine_for(address: str, tier: Tier, out: Path, slurm: Sequence[str] = ()) -> ShardEngine:
    """The engine of that address, not yet entered. `tier`: the lowest that submissions are run in.
    `out`: the folder of the results. `slurm`: options of sbatch, as `KEY=VALUE` or `KEY`. Raises
    WrongCall if there is no such engine, or it makes no sense with these."""
    kind, _, rest = address.partition(":")
    if slurm and kind != "slurm":
        raise WrongCall("--slurm says what Slurm is told: it goes with --on slurm")
    if kind == "local":
        if not re.fullmatch(r"[0-9]{1,4}", rest):
            raise WrongCall(f"--on {address}: local:N says how many processes, such as local:2")
        return LocalEngine(int(rest))
    if kind == "dask":
        from conformance.classes.machines.engines.dask import DaskEngine

        return DaskEngine(rest, tier)
    if kind == "slurm":
        return _slurm(address, out, slurm)
    raise WrongCall(f"--on {address}: there is no such engine; there are {KINDS}")


def _slurm(address: str, out: Path, given: Sequence[str]) -> ShardEngine:
    from conformance.classes.machines.engines.slurm import SlurmEngine
    from conformance.classes.machines.engines.slurm_queue import sbatch_options

    words = re.fullmatch(r"slurm(:local)?(?::([0-9]{1,4}))?", address)
    if words is None:
        raise WrongCall(f"--on {address}: slurm:N says how many jobs at a time, such as slurm:8")
    jobs = int(words[2]) if words[2] else JOBS
    return SlurmEngine(jobs, out, sbatch_options(given), local=bool(words[1]))
