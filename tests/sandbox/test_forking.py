"""A fork to which INT and TERM come only when it has handlers of its own."""

from __future__ import annotations

import os
import signal

import pytest

from conformance.sandbox.kernel import fork_deaf, hear_again


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_comes_too_early_waits_for_the_handlers_of_the_child(number: int) -> None:
    go, going = os.pipe()
    told, telling = os.pipe()
    former = signal.signal(number, lambda *_: os.write(telling, b"as its parent"))
    try:
        pid = fork_deaf()
        if pid == 0:
            os.read(go, 1)
            signal.signal(number, lambda *_: os.write(telling, b"as itself"))
            hear_again()
            os._exit(0)
        os.kill(pid, number)
        os.write(going, b"!")
        _, status = os.waitpid(pid, 0)
    finally:
        signal.signal(number, former)
    assert (os.read(told, 100), status) == (b"as itself", 0)
    for fd in (go, going, told, telling):
        os.close(fd)


def test_the_parent_hears_as_before() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    if (pid := fork_deaf()) == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
