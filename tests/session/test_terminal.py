"""The terminal of a client: what is read of it, and which questions are answered."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from collections.abc import Sequence

import pytest

from conformance.sandbox import Output
from conformance.session.terminal import Terminal

WITHIN = 30.0
"""Seconds for what takes less than one."""

ANSWERS = {"host": "www.site.test", "port": "80"}


def answered(*prompts: str) -> tuple[dict[str, str], bytes, bytes]:
    """What a program is answered that prints these, and waits behind each for what it is told: the
    questions, all that was answered, and all that was read."""

    async def main() -> tuple[dict[str, str], bytes, bytes]:
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        output = Output(ours)
        terminal = Terminal(output, ANSWERS)
        terminal.begin()
        told = b""
        try:
            for prompt in prompts:
                os.write(theirs, prompt.encode())
                told += await _told(theirs, expected="?" in prompt)
            return dict(terminal.answered), told, output.whole()
        finally:
            terminal.end()
            os.close(theirs)
            output.close()

    return asyncio.run(main())


async def _told(terminal: int, *, expected: bool) -> bytes:
    """What the program is told; nothing is awaited for as long as a question waits at most."""
    told: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    os.set_blocking(terminal, False)
    loop = asyncio.get_running_loop()

    def read() -> None:
        if not told.done():
            told.set_result(os.read(terminal, 100))

    loop.add_reader(terminal, read)
    try:
        async with asyncio.timeout(WITHIN if expected else 1.0):
            return await told
    except TimeoutError:
        return b""
    finally:
        loop.remove_reader(terminal)


@pytest.mark.parametrize(
    ("prompts", "questions", "told"),
    [
        (["Host? ", "Port? "], {"Host?": "host", "Port?": "port"}, b"www.site.test\n80\n"),
        (["Server's name?"], {"Server's name?": "host"}, b"www.site.test\n"),
        (["Quel hôte ? "], {"Quel hôte ?": "host"}, b"www.site.test\n"),
        (["connecting to the host\n"], {}, b""),
        (["press Enter "], {}, b""),
    ],
)
def test_questions_for_the_server_are_answered(
    prompts: Sequence[str], questions: dict[str, str], told: bytes
) -> None:
    assert answered(*prompts) == (questions, told, "".join(prompts).encode())


def test_each_is_answered_once() -> None:
    questions, told, read = answered("Host? ", "host again: ")
    assert (questions, told) == ({"Host?": "host"}, b"www.site.test\n")
    assert read == b"Host? host again: "
