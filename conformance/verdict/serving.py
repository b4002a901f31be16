"""How a server serves its clients, judged by what its threads wait for while they are silent.

A thread that waits for one client's connection alone serves that client; one that waits for the
connections of several is an event loop. That is seen directly, so the threads of a runtime (garbage
collection, JIT compilers) need not be counted. Pure. What is not seen clearly "cannot be told", and
contradicts nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from conformance.verdict.violation import Fault, Kind, Violation

Identity = tuple[int, int, int]
"""Of a thread: its process, its number, and when it began."""


@dataclass(frozen=True)
class ThreadWait:
    """One thread of a program at one moment, and the sockets that it waits for."""

    pid: int
    thread: int
    started: int
    """When it began, in ticks of the kernel: a thread's number may be used again."""
    name: str
    asleep: bool
    call: str = ""
    """The system call that it waits in, by its simplest form, if that is one that waits for
    sockets."""
    sockets: frozenset[int] = frozenset()
    """The kernel's numbers (inodes) of the sockets that it waits for."""

    @property
    def identity(self) -> Identity:
        return self.pid, self.thread, self.started


@dataclass(frozen=True)
class Look:
    """A program while so many clients are connected and silent."""

    threads: Sequence[ThreadWait]
    listening: frozenset[int] = frozenset()
    """The listening sockets."""
    clients: Sequence[int | None] = ()
    """The server's socket of each client; None or 0 if the program has not accepted it."""
    answered: Collection[int] = ()
    """Which clients have been answered, by their place in `clients`."""
    quiet: bool = True
    """Whether the program had nothing left to do."""

    def __len__(self) -> int:
        """How many clients there are."""
        return len(self.clients)

    def alone_with(self, client: int) -> list[ThreadWait]:
        """The threads that wait for this client and for no other socket of a client or listener."""
        socket = self.clients[client]
        others = ({one for one in self.clients if one} | self.listening) - {socket}
        waiting = [one for one in self.threads if socket and socket in one.sockets]
        return [one for one in waiting if not one.sockets & others]

    def with_all(self) -> list[ThreadWait]:
        """The threads that wait for all of its clients at once."""
        sockets = {one for one in self.clients if one}
        accepted = bool(sockets) and all(self.clients)
        return [one for one in self.threads if accepted and sockets <= one.sockets]

    def serving(self) -> dict[int, ThreadWait]:
        """The thread that serves a client and nobody else, by client."""
        found = {client: self.alone_with(client) for client in range(len(self.clients))}
        return {client: waits[0] for client, waits in found.items() if len(waits) == 1}

    def servants(self) -> set[Identity]:
        """The threads that serve a client each."""
        return {wait.identity for wait in self.serving().values()}

    def accepting(self) -> list[ThreadWait]:
        return [one for one in self.threads if one.sockets & self.listening]


@dataclass(frozen=True)
class Visit:
    """All that was seen: before any client, with ever more of them, and when they had left."""

    before: Look
    one: Look
    few: Look
    """Several clients."""
    many: Look
    newcomer: Look | None = None
    """One client that came when all others had just left."""
    after: Look | None = None
    """The program when those who had served them had had time to end."""
    runtime: str = ""
    """What in the program keeps its clients out of sight, in words: "Go's scheduler"."""


class Model(StrEnum):
    """How clients are served."""

    ONE_AT_A_TIME = "one at a time"
    THREAD_PER_CLIENT = "a thread for each client"
    THREAD_POOL = "a pool of threads"
    GROWING_POOL = "a pool of threads that grows with its clients"
    PROCESS_PER_CLIENT = "a process for each client"
    PRE_FORKED = "processes that were started beforehand"
    EVENT_LOOP = "an event loop"
    CANNOT_TELL = "cannot tell"


_SUITS = {
    "sequential": {Model.ONE_AT_A_TIME},
    "thread-per-client": {Model.THREAD_PER_CLIENT, Model.GROWING_POOL},
    "thread-pool": {Model.THREAD_POOL, Model.GROWING_POOL},
    "process-per-client": {Model.PROCESS_PER_CLIENT},
    "event-loop": {Model.EVENT_LOOP},
}
"""What a class may ask for, and what is seen of a server that does it. A pool that has a thread for
each of many clients may be meant as either."""

_ASKED = {
    "sequential": "clients are served one at a time",
    "thread-per-client": "a thread is started for each client",
    "thread-pool": "clients are served by a pool of threads",
    "process-per-client": "a process is started for each client",
    "event-loop": "all clients are served by one thread, in an event loop",
}


@dataclass(frozen=True)
class Serving:
    """How a server serves its clients, and the sentence that says so."""

    model: Model
    words: str
    size: int = 0
    """Of a pool: how many clients it serves at once."""
    helpers: int = 0
    """Beside an event loop: threads of the program's own, to which it may hand its work."""
    some_wait: bool = False
    """Whether clients wait until others leave."""
    counts: str = ""
    """In words, how many processes or threads there were with how many clients."""

    def unless(self, asked: str) -> Violation | None:
        """A violation if what was seen contradicts the way that a class asks for; `any` asks for
        none. One client at a time is silence to the second, so the clause about that explains
        it."""
        suits = _SUITS.get(asked)
        if self.helpers and asked == "thread-pool":
            return None  # it may be a pool that an event loop feeds
        if suits is None or self.model is Model.CANNOT_TELL or self.model in suits:
            return None
        kind = Kind.SILENCE if self.model is Model.ONE_AT_A_TIME else Kind.FORM
        # That somebody is not served must show again: the machine may have been slow.
        fault = Fault.ABSENT if self.some_wait else Fault.WRONG
        return Violation(_ASKED[asked], self.words.rstrip("."), fault=fault, kind=kind)


def how_it_serves(visit: Visit) -> Serving:
    """The model that explains all that was seen."""
    some_wait = len(visit.many.answered) < len(visit.many)
    return replace(_model(visit), some_wait=some_wait, counts=_counts(visit))


def _counts(visit: Visit) -> str:
    """Processes if their number changes, else threads, a runtime's own among them."""
    looks = (visit.before, visit.one, visit.few, visit.many)
    processes = [len({wait.pid for wait in look.threads}) for look in looks]
    several = max(processes) > 1
    counted = processes if several else [len(look.threads) for look in looks]
    clients = _listed([len(look) for look in looks])
    return f"{'Processes' if several else 'Threads'} with {clients} clients: {_listed(counted)}."


def _listed(numbers: Sequence[int]) -> str:
    return f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _model(visit: Visit) -> Serving:
    looks = (visit.before, visit.one, visit.few, visit.many)
    if visit.runtime:
        return _unclear(f"{visit.runtime} decides which of its threads runs for which client")
    if not all(look.quiet for look in looks):
        return _unclear("it does not come to rest while its clients are silent")
    if not visit.few.answered or not visit.many.answered:
        return _unclear("it answered nobody")
    return _in_one_thread(visit) or _one_each(visit) or _unclear("what its threads do is mixed")


def _in_one_thread(visit: Visit) -> Serving | None:
    """One at a time, or an event loop."""
    few, many = visit.few, visit.many
    started = _started(visit.before, many)
    if len(few.answered) == len(many.answered) == 1 and not few.with_all():
        alone = f"of {len(many)} clients 1 is answered, the others wait"
        if _started(few, many):
            return _unclear(f"{alone}, but threads are started for them")
        return Serving(Model.ONE_AT_A_TIME, f"Your server serves one client at a time: {alone}.")
    loops = many.with_all()
    if len(loops) != 1 or not few.with_all() or len(many.answered) < len(many):
        return None
    if started:
        return _unclear(
            f"one thread waits for all its clients, and it has started {_threads(started)} besides"
        )
    return Serving(
        Model.EVENT_LOOP,
        "Your server serves all clients in one thread, an event loop"
        f" ({_selector(loops[0].call)}): {len(many)} clients, 1 thread.",
        helpers=_helpers(many, loops[0]),
    )


def _one_each(visit: Visit) -> Serving | None:
    """Threads or processes that serve a client each."""
    few, many = visit.few.serving(), visit.many.serving()
    size, clients = len(many), len(visit.many)
    complete = set(few) == set(visit.few.answered) and set(many) == set(visit.many.answered)
    if not complete or len(few) != min(size, len(visit.few)) or size < 2:
        return None
    pids = {wait.pid for wait in many.values()}
    if len(visit.many.servants()) < size:
        return None
    if len(pids) == size:
        return _processes(visit, many, clients)
    return _threads_each(visit, many, clients) if len(pids) == 1 else None


def _processes(visit: Visit, serve: dict[int, ThreadWait], clients: int) -> Serving | None:
    size, before = len(serve), {wait.pid for wait in visit.before.threads}
    old = sum(wait.pid in before for wait in serve.values())
    if old == size:
        told = f"processes that it had started before: {_of(clients, size)}"
        return Serving(Model.PRE_FORKED, f"Your server serves its clients by {told}.", size)
    if old or size < clients or visit.after is None:
        return None
    left = {wait.pid for wait in visit.after.threads} & {wait.pid for wait in serve.values()}
    if left or _used_again(visit):
        return _unclear("each client had a process, but processes stay when the clients have gone")
    count = f"{clients} clients, {len(serve) + len(before)} processes"
    return Serving(
        Model.PROCESS_PER_CLIENT, f"Your server starts a process for each client: {count}."
    )


def _threads_each(visit: Visit, serve: dict[int, ThreadWait], clients: int) -> Serving | None:
    size, before = len(serve), {wait.identity for wait in visit.before.threads}
    old = sum(wait.identity in before for wait in serve.values())
    stay = _used_again(visit) or _left(visit, serve)
    if size < clients:
        if stay or old == size:
            told = f"a pool of {size} threads: {_of(clients, size)}"
            return Serving(Model.THREAD_POOL, f"Your server has {told}.", size)
        return _unclear(f"{size} clients have a thread each, and the others wait")
    if old == size:
        told = f"a pool of at least {size} threads, started before the first client came"
        return Serving(Model.THREAD_POOL, f"Your server has {told}.", size)
    if old or visit.after is None:
        return None
    if _used_again(visit):
        return Serving(
            Model.GROWING_POOL,
            f"Your server has a pool of at least {size} threads: {clients} clients have one each,"
            " and the next client gets one that was there.",
            size,
        )
    if stay:
        return _unclear("each client had a thread, but threads stay when the clients have gone")
    return Serving(Model.THREAD_PER_CLIENT, _thread_for_each(visit, size))


def _thread_for_each(visit: Visit, clients: int) -> str:
    """In the lecture's words: a thread (or two) for each client, and one that accepts."""
    before, few = _started(visit.before, visit.many), _started(visit.few, visit.many)
    each, rest = divmod(few, clients - len(visit.few))
    regular = rest == 0 and each > 1 and before == each * clients
    own = each * clients if regular else clients
    servants = visit.many.servants()
    accept = sum(wait.identity not in servants for wait in visit.many.accepting())
    words = _threads(each) if regular else "a thread"
    return f"Your server starts {words} for each client: {clients} clients, {own + accept} threads."


def _used_again(visit: Visit) -> bool:
    """Whether the next client was served by a thread that had served another."""
    return visit.newcomer is not None and bool(visit.newcomer.servants() & visit.many.servants())


def _left(visit: Visit, serve: dict[int, ThreadWait]) -> bool:
    """Whether half of those who served clients are still there when these have gone."""
    after = {wait.identity for wait in visit.after.threads} if visit.after is not None else set()
    return 2 * sum(wait.identity in after for wait in serve.values()) > len(serve)


def _started(before: Look, later: Look) -> int:
    """How many threads are new, without those that a runtime starts for itself when it likes."""
    known = {wait.identity for wait in before.threads}
    new = [wait for wait in later.threads if wait.identity not in known]
    return sum(not wait.name.startswith(_RUNTIME) for wait in new)


def _helpers(look: Look, loop: ThreadWait) -> int:
    """How many threads beside the loop are not a runtime's. Those of Node all have its name."""
    others = [wait for wait in look.threads if wait.identity != loop.identity]
    own = [wait for wait in others if not wait.name.startswith((*_RUNTIME, "java"))]
    nodes = len(others) + 1 if loop.name.startswith(("node", "MainThread")) else 0
    return len(own) or max(0, nodes - _OF_NODE)


_OF_NODE = 11
"""Threads that Node has without any worker: the loop, four of V8, two watchers, four of libuv."""

_RUNTIME = (
    # Of a Java virtual machine: it starts compilers and collectors as it needs them.
    "GC Thread#", "G1 ", "VM ", "C1 Comp", "C2 Comp", "Reference Handl", "Finalizer",
    "Signal Dispatch", "Service Thread", "Monitor Deflati", "Sweeper thread", "Common-Cleaner",
    "Notification Th", "Attach Listener", "process reaper",
    # Of Node: the four of libuv are started when one is first needed.
    "libuv-worker", "V8 Worker", "V8Worker", "DelayedTaskSche", "SignalInspector", "node",
)  # fmt: skip
"""What names of threads begin with that are not the program's own. The kernel keeps 15 letters."""

VIRTUAL = ("Read-Poller", "Write-Poller", "Master-Poller", "VirtualThread-u")
"""The same of threads that exist only where Java's virtual threads do."""


def _selector(call: str) -> str:
    """The way to wait for many sockets that a system call belongs to."""
    return next((word for word in ("epoll", "select", "poll") if word in call), call)


def _of(clients: int, size: int) -> str:
    return f"of {clients} clients {size} are served at once" + (
        ", the others wait" if size < clients else ""
    )


def _threads(count: int) -> str:
    return {1: "1 thread", 2: "two threads", 3: "three threads"}.get(count, f"{count} threads")


def _unclear(why: str) -> Serving:
    words = f"How your server serves its clients cannot be told from outside: {why}."
    return Serving(Model.CANNOT_TELL, words)


_OPENINGS = ("Your server ", "How your server serves its clients ")
_VERBS = ("serves ", "starts ", "has ", "cannot be told ")


def told_model(note: str) -> str:
    """How a server serves its clients, as a note begins that was made of `Serving.words`: "starts a
    thread for each client"; "" if the note is of something else."""
    for opening in _OPENINGS:
        if note.startswith(opening):
            told = note.removeprefix(opening).partition(":")[0].rstrip(".")
            return told if told.startswith(_VERBS) else ""
    return ""
