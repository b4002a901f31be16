"""How wrong our times of arrival are, beside those of a clock that is read when a reader wakes.

Twenty sessions as in a class: each a forked process with two hosts, a capture, a pulse and a
connection of its own. A sender on the submission's host stamps each line with the clock that
the kernel stamps segments with, just before it sends it. Each line then has two times more:
the capture's, which is the one that verdicts rest on, and the one at which the event loop
was woken to read it, which is all that a suite without a capture would know. The error is
the difference to the sender's: it holds what the sender was held up between its clock and
the kernel, so that the capture's is rather smaller than what is printed.
"""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import random
import signal
import socket
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.sandbox import Isolation, Tier, World, die_with_parent, preload, probe
from conformance.session.loop_lag import LoopLag
from conformance.wire.capture import Capture
from conformance.wire.recorder import Recorder, now
from conformance.wire.tcp_client import Client

from .machine import busy
from .tables import Sizes, Table, met, say, share, times

STREAMS = 20
LOADS = (0, 8, 24)
PERIOD = 0.1
"""Seconds from one line of a stream to the next, on average."""
SETTLED = 2.0
"""Seconds for all sessions to be under way, before the first line is sent."""
LEAST = 0.5
"""Milliseconds that 99 of 100 of our errors shall be below."""
BETTER = 20.0
MILLISECONDS = 1e6
"""Nanoseconds of one."""


@dataclass(frozen=True)
class Errors:
    """Of one line, in milliseconds."""

    capture: float
    loop: float


def run(sizes: Sizes, folder: Path) -> Iterator[Table]:
    preload()
    isolation = probe()
    assert isolation.tier is not Tier.NONE, f"no hosts of our own here: {isolation.reason}"
    streams = sizes.of(STREAMS)
    rows = []
    for loops in LOADS if sizes.loops is None else (sizes.loops,):
        say(f"timing: {streams} streams for {sizes.seconds:g} s, {loops} busy loops")
        with busy(loops):
            errors = measured(isolation, folder / str(loops), streams, sizes.seconds)
        ours, loop = [each.capture for each in errors], [each.loop for each in errors]
        ratio = share(loop, 0.99) / share(ours, 0.99)
        rows.append([
            f"{loops} busy loops" if loops else "idle",
            times(ratio),
            met(ratio, over=BETTER) if loops else "",
            met(share(ours, 0.99), under=LEAST),
            *(f"{share(ours, part):.3f}" for part in (0.5, 0.99, 1.0)),
            *(f"{share(loop, part):.3f}" for part in (0.5, 0.99, 1.0)),
            str(len(errors)),
        ])  # fmt: skip
    yield Table(
        f"Error of the times of arrival, {streams} streams; milliseconds",
        [
            *("load", "p99 of the loop's / ours", "target", "ours p99, target"),
            *("capture p50", "p99", "max", "event loop p50", "p99", "max", "lines"),
        ],
        rows,
    )


def measured(isolation: Isolation, folder: Path, streams: int, seconds: float) -> list[Errors]:
    """The errors of all lines of so many sessions beside one another."""
    folder.mkdir(mode=0o711)
    first = time.monotonic() + SETTLED
    with ExitStack() as sessions:
        pipes = [
            _session(isolation, folder / str(number), number, first, seconds, sessions)
            for number in range(streams)
        ]
        told = []
        for pipe in pipes:
            with open(pipe, "rb") as file:
                told.append(file.read())
    assert all(told), "a session died; what it said stands above"
    return [each for data in told for each in pickle.loads(data)]


def _session(
    isolation: Isolation, scratch: Path, seed: int, first: float, seconds: float, ends: ExitStack
) -> int:
    """Forks one: a world is entered once in a process. Returns the pipe on which it tells."""
    scratch.mkdir(mode=0o711)
    reading, writing = os.pipe()
    parent, child = os.getpid(), os.fork()
    if child == 0:
        try:
            os.close(reading)
            die_with_parent(parent)
            gc.freeze()  # as a session's worker does
            with World(isolation, scratch) as world, open(writing, "wb") as pipe:
                pipe.write(pickle.dumps(asyncio.run(receive(world, seed, first, seconds))))
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writing)
    ends.callback(os.waitpid, child, 0)
    ends.callback(os.kill, child, signal.SIGKILL)  # ours until we have waited for it
    return reading


class Woken(Client):
    """A client that also notes when it was woken to read each line."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.woken: list[int] = []

    def _read(self) -> None:
        at = now()
        super()._read()
        self.woken += [at] * (len(self.lines) - len(self.woken))


async def receive(world: World, seed: int, first: float, seconds: float) -> list[Errors]:
    """What a session of ours makes of one stream."""
    capture = Capture(world.socket("suite", socket.AF_PACKET, socket.SOCK_RAW), "eth0")
    capture.open()
    port, sender = start_sender(world, seed, first, seconds)
    address, recorder = (world.submission_address, port), Recorder()
    began = recorder.now()
    wire = world.socket("suite", socket.AF_INET, socket.SOCK_STREAM)
    await asyncio.get_running_loop().sock_connect(wire, address)
    connection = Woken(wire, address, recorder, began=began, capture=capture)
    async with LoopLag().measuring():
        await connection.watch(lambda: False, within=SETTLED + seconds + 60)  # to its close
    os.waitpid(sender, 0)
    assert connection.stamped_by == "capture"
    return [
        Errors(
            (connection.arrival(line) - recorder.seconds(int(line.text))) * 1_000,
            (woken - int(line.text)) / MILLISECONDS,
        )
        for line, woken in zip(connection.lines, connection.woken, strict=True)
    ]


def start_sender(world: World, seed: int, first: float, seconds: float) -> tuple[int, int]:
    """A forked process that serves one client on the submission's host: port and pid."""
    listener = world.socket("submission", socket.AF_INET, socket.SOCK_STREAM)
    listener.setblocking(True)
    listener.bind((world.submission_address, 0))
    listener.listen()
    port, parent = listener.getsockname()[1], os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            die_with_parent(parent)
            _send(listener, random.Random(seed), first, seconds)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    listener.close()
    return port, pid


def _send(listener: socket.socket, chance: random.Random, first: float, seconds: float) -> None:
    """Lines at moments of its own, from `first` on (monotonic); each is its time, in ns."""
    client, _ = listener.accept()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    gc.disable()
    first = max(first, time.monotonic())
    due = first + chance.random() * PERIOD
    while due < first + seconds:
        time.sleep(max(0.0, due - time.monotonic()))
        client.send(b"%d\n" % time.time_ns())
        due = max(due, time.monotonic()) + PERIOD * (0.5 + chance.random())
    client.close()
