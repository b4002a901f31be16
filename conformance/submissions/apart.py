"""Reads what a student wrote in a process of its own, so that a crash there harms nobody else.

A parser can crash on deep nesting, run for hours, or use up the memory. So submissions are read in
a forked process with limits, which pipes its results back. It runs only our code, nothing that was
handed in, so its results can be trusted and unpickled.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import faulthandler
import gc
import os
import pickle
import resource
import select
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar

from conformance.submissions.recipe import TooMuch
from conformance.verdict.model import WrongCall

RECOGNISED_WITHIN = 10.0
"""Seconds for finding out what was handed in: a project of a thousand sources takes one or two."""

MEMORY = 1 << 30
"""Bytes that it may use on top of our own: the largest source that is read takes a tenth."""
PATIENCE = 6.0
"""The factor by which it may exceed its deadline if the machine keeps it waiting for a core."""
TOLD = 16 << 20
"""Bytes of one message from it: a result is about a page long."""
MAX_SENTENCE = 500
"""Characters of a sentence about a submission; it may quote the submission."""
KILL_WITHIN = 5.0
"""Seconds for a killed process to be gone; the kernel takes milliseconds."""
KILL_LOOK = 0.001
"""Seconds between two checks whether it is gone."""

_HEADER = 8
_PR_SET_PDEATHSIG = 1
_HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

T = TypeVar("T")


class Unread(TooMuch):
    """A submission could not be read to the end: it went beyond a limit, or we made an error."""


@dataclass(frozen=True)
class Step:
    """A part of the work, with a deadline of its own."""

    failed: str
    """What to say if it fails: "it could not be recognised"."""
    within: float
    """Seconds, not counting those in which it waits for a core."""


Enter = Callable[[Step], None]
"""Tells that the next step begins."""
Work = Callable[[Enter], T]


def apart(work: Work[T], step: Step) -> T:
    """Runs `work`, which begins with that step, in a process of its own; returns its result.

    A WrongCall or OSError that it raises is raised here; so is an OSError if the process cannot
    be started. Any other end (too late, no memory, a crash, our error) raises Unread.
    """
    [outcome] = each_apart([work], step)
    if isinstance(outcome, Raised):
        raise outcome.error
    return outcome


@dataclass(frozen=True)
class Raised:
    """Why a piece of work failed."""

    error: Exception


def each_apart(works: Sequence[Work[T]], step: Step) -> Iterator[T | Raised]:
    """Runs several pieces of work, each of which begins with that step; yields their results in
    order. One process does them all; if one of them ends it, a new process does the rest."""
    done = 0
    while done < len(works):
        with _Process(works[done:], step) as process:
            for outcome in process.outcomes():
                done += 1
                yield outcome


def shortened(sentence: str) -> str:
    """The sentence, with its middle cut out if it is too long."""
    half = MAX_SENTENCE // 2
    return sentence if len(sentence) <= MAX_SENTENCE else f"{sentence[:half]} … {sentence[-half:]}"


# -- here -----------------------------------------------------------------------------


class _Process(Generic[T]):
    """A process that does several pieces of work. It ends with the block, whatever it is doing."""

    def __init__(self, works: Sequence[Work[T]], step: Step) -> None:
        self._works = len(works)
        self._first = step
        self._heard = bytearray()
        parent = os.getpid()
        self._pipe, writing = os.pipe()
        held = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
        self._pid = -1
        try:
            with warnings.catch_warnings():
                # A fork with threads is safe: the child takes no lock that one could hold.
                warnings.filterwarnings("ignore", ".*fork.*", DeprecationWarning)
                self._pid = os.fork()
            if self._pid == 0:
                _be_apart(parent, works, step, writing)
            signal.pthread_sigmask(signal.SIG_SETMASK, held)  # pending signals may raise here
        except BaseException:
            self._end()
            raise
        finally:
            os.close(writing)
            signal.pthread_sigmask(signal.SIG_SETMASK, held)

    def __enter__(self) -> _Process[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        """Kills the process and waits until it is gone, until when its pid is not reused. One that
        hangs in the kernel (a file system whose server is gone) is left."""
        os.close(self._pipe)
        if self._pid < 0:
            return
        os.kill(self._pid, signal.SIGKILL)
        until = time.monotonic() + KILL_WITHIN
        while not os.waitpid(self._pid, os.WNOHANG)[0] and time.monotonic() < until:
            time.sleep(KILL_LOOK)

    def outcomes(self) -> Iterator[T | Raised]:
        """Results, one after another, until all work is done or one has ended the process."""
        for _ in range(self._works):
            told: Any = self._first
            while isinstance(told, Step):
                try:
                    told = self._message(told, _Moment.of(self._pid))
                except Unread as ended:
                    yield Raised(ended)
                    return
            yield _outcome(told)
        self._await_end()

    def _await_end(self) -> None:
        """Waits for it to end by itself: it has nothing left to do."""
        poller = select.poll()
        poller.register(self._pipe, 0)  # a pipe that nobody holds any more is always reported
        poller.poll(KILL_WITHIN * 1000)

    def _message(self, step: Step, began: _Moment) -> Any:
        """Its next message. Raises Unread if no more comes."""
        wanted = _HEADER
        while True:
            if len(self._heard) >= _HEADER:
                wanted = _HEADER + int.from_bytes(self._heard[:_HEADER], "big")
            if len(self._heard) >= wanted > _HEADER:
                told = pickle.loads(memoryview(self._heard)[_HEADER:wanted])
                del self._heard[:wanted]
                return told
            if wanted > TOLD:
                raise Unread(f"{step.failed}: its description is too long")
            if not self._readable(step, began):
                raise Unread(f"{step.failed}: that takes more than {step.within:g} s")
            data = os.read(self._pipe, 1 << 16)
            if not data:
                raise self._died(step)
            self._heard += data

    def _readable(self, step: Step, began: _Moment) -> bool:
        """Waits for a message, or until its time is over."""
        poller = select.poll()
        poller.register(self._pipe, select.POLLIN)
        while (left := step.within - _Moment.of(self._pid).own_since(began, step.within)) > 0:
            if poller.poll(left * 1000 + 1):
                return True
        return False

    def _died(self, step: Step) -> Unread:
        ended = os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOWAIT)
        number = ended.si_status if ended and ended.si_code != os.CLD_EXITED else 0
        if number == signal.SIGKILL:  # Only the kernel kills it so, for lack of memory.
            wrong = Unread(f"{step.failed}: this machine has too little memory")
            wrong.__cause__ = OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
            return wrong
        how = signal.strsignal(number) if number else f"status {ended.si_status if ended else '?'}"
        return Unread(f"{step.failed}: the process that read it crashed ({how})")


@dataclass(frozen=True)
class _Moment:
    """A moment, and the seconds for which the process had waited for a core by then."""

    at: float
    kept: float

    @classmethod
    def of(cls, pid: int) -> _Moment:
        kept = 0
        with contextlib.suppress(OSError, ValueError, IndexError):  # no Linux, or no counters
            kept = int(Path(f"/proc/{pid}/schedstat").read_bytes().split()[1])
        return cls(time.monotonic(), kept / 1e9)

    def own_since(self, began: _Moment, within: float) -> float:
        """Seconds since then, not counting time spent waiting for a core, up to a bound."""
        waited = min(self.kept - began.kept, (PATIENCE - 1) * within)
        return self.at - began.at - max(0.0, waited)


def _outcome(told: Any) -> Any:
    """The result, or the error that was raised, with its causes."""
    good, value, numbers = told
    if good:
        return value
    error: BaseException = value
    for number in numbers:
        error.__cause__ = OSError(number, os.strerror(number))
        error = error.__cause__
    return Raised(value)


# -- there ----------------------------------------------------------------------------


def _be_apart(parent: int, works: Sequence[Work[T]], step: Step, writing: int) -> NoReturn:
    """The child's side: does the work, and ends without the parent's exit handlers."""
    try:
        gc.freeze()  # The child does not clean up what belongs to the parent.
        _settle(parent)

        def tell(told: object) -> None:
            data = pickle.dumps(told)
            data = len(data).to_bytes(_HEADER, "big") + data
            while data:
                data = data[os.write(writing, data) :]

        for work in works:
            entered = [step]

            def enter(following: Step, entered: list[Step] = entered) -> None:
                entered.append(following)
                tell(following)

            try:
                told: tuple[bool, object, list[int]] = (True, work(enter), [])
                pickle.dumps(told)
            except Exception as error:
                if isinstance(error, MemoryError):  # make room to report it
                    traceback.clear_frames(error.__traceback__)
                    gc.collect()
                told = (False, _tellable(error, entered[-1]), _numbers(error))
            tell(told)
    finally:
        os._exit(0)


def _settle(parent: int) -> None:
    """Dies with its parent, ignores Ctrl-C, prints nothing, and has limits."""
    faulthandler.disable()
    with contextlib.suppress(ValueError):
        signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD)
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    _limit(resource.RLIMIT_CORE, 0)
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_bytes().split()[0])
        _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + MEMORY)


def _limit(what: int, most: int) -> None:
    """Lowers a limit to this value, unless it is lower already."""
    soft, hard = resource.getrlimit(what)
    limits = [limit for limit in (soft, most) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(what, (min(limits), hard))


def _tellable(error: Exception, step: Step) -> Exception:
    """The error, in a form that the caller can raise: unexpected ones become a sentence."""
    known = isinstance(error, (WrongCall, OSError))
    if known and error.args and isinstance(error.args[0], str):
        error.args = (shortened(error.args[0]), *error.args[1:])
    with contextlib.suppress(Exception):
        if known and type(pickle.loads(pickle.dumps(error))) is type(error):
            return error
    if isinstance(error, MemoryError):
        return Unread(f"{step.failed}: that takes more than {MEMORY >> 20} MiB of memory")
    if isinstance(error, RecursionError):
        return Unread(f"{step.failed}: something in it is nested too deeply")
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return Unread(shortened(f"{step.failed}: {type(error).__name__}: {error} ({where})"))


def _numbers(error: BaseException) -> list[int]:
    """The system's errors among its causes: they say whose fault it is."""
    numbers: list[int] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and len(numbers) < 10:
        if isinstance(cause, OSError) and cause.errno:
            numbers.append(cause.errno)
        cause = cause.__cause__ or cause.__context__
    return numbers
