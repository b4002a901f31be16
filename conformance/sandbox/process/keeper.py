"""The keeper: the parent of a program that is started without bubblewrap.

A keeper is a fork of the worker. It starts one program, and becomes the parent of whatever that
leaves behind. It ends all of it when the program ends, or when the control pipe closes: the worker
asks for that, or is gone. Where possible, it is process 1 of a pid namespace, so that nothing can
outlive it; else it kills descendants until none is left.

Its reports are those of bubblewrap's --json-status-fd: {"child-pid": …}, {"exit-code": …}.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import select
import signal
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from conformance.sandbox import kernel
from conformance.sandbox.bubblewrap import HOST_NAME
from conformance.sandbox.hosts import loopback
from conformance.sandbox.measure import proc


@dataclass(frozen=True)
class Orders:
    """What a keeper starts, and how."""

    command: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str]
    resources: Mapping[str, int]
    uid: int | None = None
    """The user that the program runs as, where the keeper is root."""
    network: int | None = None
    """Descriptor of the network namespace to run in; None: stay."""
    loopback_only: bool = False
    """Run it on a network of its own with loopback only: a build."""
    door: int | None = None
    """The door of that network: see `loopback.enter`."""
    process_one: bool = False
    """The keeper becomes process 1 of a pid namespace of its own."""
    etc: Path | None = None
    """A folder of files that replace those in /etc."""
    system_calls: bytes | None = None
    """The filter for the system calls of the program."""


@dataclass(frozen=True)
class Pipes:
    """The keeper's ends of its four pipes."""

    stdin: int
    output: int
    control: int
    status: int


def keep(orders: Orders, pipes: Pipes) -> NoReturn:
    """Be the keeper, in a child that was just forked. Never returns, never raises."""
    code = 125  # used by env(1) and its like for a failure before the program starts
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        if orders.network is not None:
            kernel.setns(orders.network, kernel.CLONE_NEWNET)
        if orders.loopback_only:
            orders = replace(orders, uid=loopback.enter(orders.uid, orders.door))
        close_all_but({pipes.stdin, pipes.output, pipes.control, pipes.status})
        if orders.process_one:
            _enter_pid_namespace(pipes)
        else:
            kernel.adopt_orphans()
            _report(pipes, {"child-pid": os.getpid()})
        if orders.etc is not None:
            _put_in_place(orders.etc, orders.process_one)
        code = _keep(orders, pipes)
    except BaseException as error:
        with suppress(OSError):
            _report(pipes, {"keeper": repr(error)})
    finally:
        os._exit(code)


def _report(pipes: Pipes, what: Mapping[str, object]) -> None:
    os.write(pipes.status, json.dumps(what).encode() + b"\n")


def _enter_pid_namespace(pipes: Pipes) -> None:
    """Go on as process 1 of a new pid namespace; the old process waits for it to end. Only a child
    can be in the new namespace, and a worker could not undo the unsharing."""
    kernel.die_with_parent()
    kernel.unshare(kernel.CLONE_NEWPID)
    child = os.fork()
    if child == 0:
        kernel.die_with_parent()
        return
    _report(pipes, {"child-pid": child})
    for fd in (pipes.stdin, pipes.output, pipes.control):
        os.close(fd)
    os._exit(kernel.shell_status(os.waitpid(child, 0)[1]))


def close_all_but(kept: set[int]) -> None:
    """Close all other descriptors: the worker's connections would stay open otherwise."""
    for name in os.listdir("/dev/fd"):
        if int(name) not in kept:
            with suppress(OSError):  # the descriptor that the folder was listed with
                os.close(int(name))


def _put_in_place(etc: Path, process_one: bool) -> None:
    """Enter a mount namespace with our files in /etc, as far as the kernel allows."""
    with suppress(OSError):
        kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS)
        socket.sethostname(HOST_NAME)
        kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
        if process_one:
            with suppress(OSError):  # a container that hides parts of /proc
                kernel.mount("proc", "/proc", "proc")
        for name in ("hosts", "nsswitch.conf", "resolv.conf"):
            with suppress(OSError):
                kernel.mount(str(etc / name), f"/etc/{name}", flags=kernel.MS_BIND)


def _keep(orders: Orders, pipes: Pipes) -> int:
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    program = os.fork()
    if program == 0:
        _become_program(orders, pipes)
    os.close(pipes.stdin)
    os.close(pipes.output)
    _report(pipes, {"program": program})
    code = None
    while (code := _reap(program)) is None:
        ready, _, _ = select.select([pipes.control, wake], [], [])
        if pipes.control in ready:
            break
        os.read(wake, 4096)
    if code is not None:
        _report(pipes, {"exit-code": code})
    _end_all(orders.process_one)
    return 128 + signal.SIGKILL if code is None else code


def _become_program(orders: Orders, pipes: Pipes) -> NoReturn:
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.setsid()
        os.dup2(pipes.stdin, 0)
        os.dup2(pipes.output, 1)
        os.dup2(pipes.output, 2)
        kernel.be_ended_first()
        for name, value in orders.resources.items():
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
        if orders.uid is not None:
            os.setgroups([])
            os.setresgid(orders.uid, orders.uid, orders.uid)
            os.setresuid(orders.uid, orders.uid, orders.uid)
        kernel.forbid_new_privileges()
        os.chdir(orders.directory)
        close_all_but({0, 1, 2, pipes.status})  # the exec closes the last
        if orders.system_calls is not None:
            kernel.filter_system_calls(orders.system_calls)
        _execute(orders, pipes)
    except OSError as error:  # nothing of the submission has run yet
        _report(pipes, {"keeper": f"cannot start {orders.command[0]}: {error}"})
    finally:
        os._exit(125)


def _execute(orders: Orders, pipes: Pipes) -> NoReturn:
    try:
        os.execvpe(orders.command[0], list(orders.command), dict(orders.environment))
    except OSError as error:
        program = orders.command[0]
        problem = f"cannot start {program}: {error.strerror}"
        # The submission's own, and not this machine's.
        theirs = "/" in program and (orders.directory / program).is_relative_to(orders.directory)
        if error.errno == errno.EACCES and not can_execute(orders.directory):
            problem += f" ({NO_EXECUTION})"
            _report(pipes, {"keeper": problem})
        elif not theirs or error.errno not in _NO_PROGRAM:
            _report(pipes, {"keeper": problem})
        os.write(2, problem.encode() + b"\n")
        os._exit(127 if error.errno == errno.ENOENT else 126)  # as the shell does


NO_EXECUTION = "it lies where this machine executes nothing: mounted noexec, see TMPDIR"

_NO_PROGRAM = frozenset(
    {errno.ENOENT, errno.EACCES, errno.ENOEXEC, errno.ENOTDIR, errno.EISDIR, errno.ELOOP,
     errno.EINVAL, errno.ELIBBAD}
)  # fmt: skip
"""Errors of execve(2) that are the file's fault. All others are the machine's: no memory, too many
processes or open files, a policy that forbids it."""


def can_execute(folder: Path) -> bool:
    """Whether programs on the file system of `folder` can be executed at all."""
    return not os.statvfs(folder).f_flag & os.ST_NOEXEC


def _reap(program: int) -> int | None:
    """Reap children that have ended; the exit status of the program if it is one of them."""
    code = None
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            if pid == program:
                code = kernel.shell_status(status)
    return code


def _end_all(process_one: bool) -> None:
    """KILL every descendant until none is left: new ones may appear meanwhile."""
    while True:
        if process_one:
            with suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        else:
            for pid in proc.descendants(os.getpid()):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return
