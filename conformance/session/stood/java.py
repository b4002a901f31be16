"""Reads the thread dump that a JVM writes when it gets SIGQUIT. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from conformance.session.stood.stack import SLEEPS, Frame, Stack

BEGINS = "Full thread dump "
ENDS = "JNI global ref"
"""What follows the last thread."""

_THREAD = re.compile(r'^"(?P<name>.{0,200}?)" .{0,400}?\bnid=(?P<number>0x[0-9a-f]+|\d+)\b', re.M)
_FRAME = re.compile(
    r"^[ \t]+at (?:[^\s/(]*/){0,2}(?P<method>[^\s(/]+)\((?P<file>[^():/]+):(?P<line>\d+)\)", re.M
)
_STATE = re.compile(r"^[ \t]+java\.lang\.Thread\.State: (\w+)(?: \((\w+)\))?", re.M)
_WANTS = re.compile(r"^[ \t]+- waiting to (?:re-)?lock <(0x[0-9a-f]+)> \(an? ([\w.$]+)\)", re.M)
_HOLDS = re.compile(r"^[ \t]+- locked <(0x[0-9a-f]+)>", re.M)


def is_whole(text: str) -> bool:
    """Whether a dump has come to its end."""
    begin = text.find(BEGINS)
    return begin >= 0 and text.find(ENDS, begin) >= 0


def stacks_of(text: str) -> Mapping[int, Stack]:
    """The stack of each Java thread, by its number in the program's own pid namespace; nothing
    where `text` holds no dump."""
    _, begun, dump = text.partition(BEGINS)
    if not begun:
        return {}
    parts = list(_parts(dump))
    holders = {lock: name for name, _, part in parts for lock in _held(part)}
    return {number: _stack(name, part, holders) for name, number, part in parts}


def _parts(dump: str) -> Iterator[tuple[str, int, str]]:
    """(name, number, text) of each thread."""
    found = list(_THREAD.finditer(dump))
    for this, following in zip(found, [*found[1:], None], strict=False):
        part = dump[this.end() : following.start() if following else dump.find(ENDS, this.end())]
        yield this["name"], int(this["number"], 0), part.partition("\n\n")[0]


def _held(part: str) -> list[str]:
    """The locks that a thread holds: not that of an Object.wait(), which it has given back."""
    wanted = {found[1] for found in _WANTS.finditer(part)}
    given_back = set(re.findall(r"^[ \t]+- waiting on <(0x[0-9a-f]+)>", part, re.M))
    return [lock for lock in _HOLDS.findall(part) if lock not in wanted | given_back]


def _stack(name: str, part: str, holders: Mapping[str, str]) -> Stack:
    frames = []
    for found in _FRAME.finditer(part):
        package = found["method"].rpartition(".")[0].rpartition(".")[0]
        frames.append(Frame(found["file"], int(found["line"]), package))
    state = _STATE.search(part)
    lock = ""
    if state and state[1] == "BLOCKED" and (wants := _WANTS.search(part)):
        kind = wants[2].rpartition(".")[2]
        lock = f"of {'an' if kind[0] in 'AEIOU' else 'a'} {kind}"
        if wants[1] in holders:
            lock += f", which {holders[wants[1]]} holds"
    asleep = bool(state and state[2] == "sleeping")
    return Stack(tuple(frames), name, SLEEPS if asleep else "", lock)
