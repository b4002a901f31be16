"""A program on a terminal of its own: what it sees of it, and what is read of it."""

from __future__ import annotations

import os
from pathlib import Path

from conformance.sandbox import Isolation, Limits, Process, World, start_program
from kit.trials import WITHIN, apart

LOOKS = """
import os, sys
print(all(os.isatty(fd) for fd in (0, 1, 2)), os.get_terminal_size().columns > 1000)
print(repr(input("Name? ")))
sys.stderr.write("bare\\n")
"""
LARGE = "for _ in range(3000): print('y' * 79)"


def started(world: World, source: str) -> Process:
    work, command = world.scratch / "work", ("/usr/bin/python3", "-c", source)
    return start_program(world, command, work, {}, Limits(), terminal=True)


def test_it_has_a_terminal_which_changes_no_byte(isolation: Isolation, scratch: Path) -> None:
    def work() -> tuple[int | None, bytes]:
        with World(isolation, scratch) as world:
            process = started(world, LOOKS)
            os.write(process.output.fileno(), b"Ann\n")
            return process.wait(within=WITHIN), process.output.whole()

    assert apart(work) == (0, b"True True\nName? 'Ann'\nbare\n")


def test_all_that_it_wrote_is_read_when_it_has_ended(isolation: Isolation, scratch: Path) -> None:
    def work() -> tuple[int | None, int]:
        with World(isolation, scratch) as world:
            process = started(world, LARGE)
            return process.wait(within=WITHIN), len(process.output.whole())

    assert apart(work) == (0, 80 * 3000)
