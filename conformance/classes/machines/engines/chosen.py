"""The engine that a call has asked for by its address: `local:4`."""

from __future__ import annotations

import re

from conformance.classes.machines.engines.engine import ShardEngine
from conformance.classes.machines.engines.local import LocalEngine
from conformance.verdict.model import WrongCall

KINDS = "local:N"
"""The addresses that there are, for messages."""


def engine_for(address: str) -> ShardEngine:
    """The engine of that address, not yet entered. Raises WrongCall if there is none."""
    kind, _, rest = address.partition(":")
    if kind == "local":
        if not re.fullmatch(r"[0-9]{1,4}", rest):
            raise WrongCall(f"--on {address}: local:N says how many processes, such as local:2")
        return LocalEngine(int(rest))
    raise WrongCall(f"--on {address}: there is no such engine; there are {KINDS}")
