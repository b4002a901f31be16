"""What is read from dumps that py-spy, a JVM and Node's inspector really gave."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conformance.session.stood import java, node, python
from conformance.session.stood.stack import Frame

DUMPS = Path(__file__).parent / "dumps"
JAVA = (DUMPS / "java.txt").read_text()
PYTHON = (DUMPS / "python.json").read_text()


def test_python() -> None:
    worker, main = python.stacks_of(PYTHON).values()
    assert worker.name == "worker"
    assert Frame("/home/student/rec.py", 4) in worker.frames
    assert (main.name, main.frames[0]) == ("main", Frame("/home/student/rec.py", 8))


@pytest.mark.parametrize(
    "text", ["", "Error: no such process", "[1]", '[{"os_thread_id": null}]', '{"a": []}', "[[]]"]
)
def test_what_is_no_dump_of_py_spy(text: str) -> None:
    assert python.stacks_of(text) == {}


def test_a_deadlock_in_java_names_the_holders() -> None:
    stacks = {stack.name: stack for stack in java.stacks_of(JAVA).values()}
    assert stacks["main"].frames[-1] == Frame("Dead.java", 20, "lab")
    assert stacks["main"].lock == ""
    assert stacks["logger"].lock == "of an Object, which Thread-0 holds"
    assert stacks["Thread-0"].lock == "of an Object, which logger holds"
    assert stacks["Thread-0"].frames[0] == Frame("Dead.java", 9, "lab")


def test_threads_of_java_are_known_by_their_numbers() -> None:
    later = re.sub(r"nid=(0x[0-9a-f]+)", lambda found: f"nid={int(found[1], 16)}", JAVA)
    assert java.stacks_of(JAVA).keys() == java.stacks_of(later).keys()  # since Java 19
    assert 0x4645 in java.stacks_of(JAVA)


@pytest.mark.parametrize(("end", "whole"), [(len(JAVA), True), (len(JAVA) // 2, False), (0, False)])
def test_a_thread_dump_has_come_to_its_end(end: int, whole: bool) -> None:
    assert java.is_whole(JAVA[:end]) is whole


def test_what_a_program_prints_is_no_thread_dump() -> None:
    assert java.stacks_of('"main" nid=0x12\n\tat Echo.main(Echo.java:12)\n') == {}


def test_a_hostile_dump_is_read_quickly() -> None:
    name = '"' + "a" * 50_000
    assert java.stacks_of(java.BEGINS + f"{name}\n\tat {'a.' * 50_000}(\n" * 3) == {}


def test_node() -> None:
    told = json.loads((DUMPS / "node.json").read_text())
    frames = node.frames_of(told["paused"], told["scripts"])
    assert frames[:2] == (
        Frame("file:///home/student/spin.js", 3),
        Frame("file:///home/student/spin.js", 7),
    )
