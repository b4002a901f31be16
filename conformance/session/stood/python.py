"""Reads what py-spy says of a Python program. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from conformance.session.stood.stack import MAIN, Frame, Stack

MAX_FRAMES = 200


def arguments(pid: int) -> list[str]:
    """Those of the call of py-spy whose output `stacks_of` reads."""
    return ["dump", "--json", "--full-filenames", "--pid", str(pid)]


def stacks_of(text: str) -> Mapping[int, Stack]:
    """The stack of each thread, by its number as the kernel has it, of what `py-spy dump --json`
    wrote; nothing where that is no such dump."""
    try:
        told = json.loads(text)
        return {int(one["os_thread_id"]): _stack(one) for one in told if one["os_thread_id"]}
    except (ValueError, KeyError, TypeError):
        return {}


def _stack(told: Mapping[str, Any]) -> Stack:
    frames = tuple(
        Frame(str(one["filename"]), int(one["line"])) for one in told["frames"][:MAX_FRAMES]
    )
    name = str(told.get("thread_name") or "")
    return Stack(frames, MAIN if name == "MainThread" else name)
