"""From what threads wait for to how a server serves its clients."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from conformance.verdict.serving import (
    Look,
    Model,
    Serving,
    ThreadWait,
    Visit,
    how_it_serves,
    told_model,
)
from conformance.verdict.violation import Fault, Kind

LISTENER = 1
MAIN = 100


def thread(number: int, *sockets: int, pid: int = MAIN, call: str = "recvfrom") -> ThreadWait:
    return ThreadWait(pid, number, 7, "server", True, call if sockets else "", frozenset(sockets))


def acceptor() -> ThreadWait:
    return thread(MAIN, LISTENER, call="accept")


def look(
    threads: Iterable[ThreadWait], clients: int, *, accepted: int = 99, answered: int = 99
) -> Look:
    """The sockets of clients are 1000, 1001, …; by default all are accepted and answered."""
    sockets = [1000 + each if each < accepted else 0 for each in range(clients)]
    answers = range(min(answered, clients))
    return Look(list(threads), frozenset({LISTENER}), sockets, answers)


def workers(count: int, *, first: int = 0) -> list[ThreadWait]:
    """Threads that serve one client each."""
    return [thread(200 + first + each, 1000 + each) for each in range(count)]


def idle(count: int) -> list[ThreadWait]:
    """The threads of `workers`, that serve nobody."""
    return [thread(200 + each) for each in range(count)]


def visit(
    served: dict[int, list[ThreadWait]],
    *,
    before: Iterable[ThreadWait] = (),
    newcomer: Iterable[ThreadWait] = (),
    after: Iterable[ThreadWait] = (),
    pool: int = 99,
    runtime: str = "",
) -> Visit:
    one, few, many = (
        look([acceptor(), *served[count]], count, answered=pool) for count in (1, 5, 20)
    )
    return Visit(
        look([acceptor(), *before], 0), one, few, many,
        look([acceptor(), *newcomer], 1), look([acceptor(), *after], 0), runtime,
    )  # fmt: skip


def each(make: int = 99) -> dict[int, list[ThreadWait]]:
    return {count: workers(min(count, make)) for count in (1, 5, 20)}


def with_loop(*beside: ThreadWait, call: str = "epoll_wait") -> Visit:
    """One thread waits for the listener and all clients; others are started meanwhile."""

    def seen(count: int, *others: ThreadWait) -> Look:
        sockets = (LISTENER, *range(1000, 1000 + count))
        return look([thread(MAIN, *sockets, call=call), *others], count)

    return Visit(seen(0), seen(1), seen(5), seen(20, *beside))


def processes(count: int) -> list[ThreadWait]:
    return [thread(300 + each, 1000 + each, pid=300 + each) for each in range(count)]


THREAD_EACH = visit(each(), newcomer=workers(1, first=50))
POOL_OF_TEN = visit(each(10), newcomer=workers(1), after=idle(10), pool=10)
PREPARED_POOL = visit(each(10), before=idle(10), newcomer=workers(1), after=idle(10), pool=10)
GROWING = visit(each(), newcomer=workers(1), after=idle(20))
FORKED = visit({n: processes(n) for n in (1, 5, 20)})
PRE_FORKED = visit(
    {n: processes(min(n, 4)) for n in (1, 5, 20)}, before=processes(4), after=processes(4), pool=4
)
LOOP = with_loop()


def with_one_accepted(clients: int) -> Look:
    return look([thread(MAIN, 1000)], clients, accepted=1, answered=1)


ALONE = Visit(
    look([acceptor()], 0), with_one_accepted(1), with_one_accepted(5), with_one_accepted(20)
)

SEEN = {
    "a thread each": (THREAD_EACH, Model.THREAD_PER_CLIENT, "20 clients, 21 threads"),
    "a pool": (POOL_OF_TEN, Model.THREAD_POOL, "a pool of 10 threads"),
    "a pool that was there": (PREPARED_POOL, Model.THREAD_POOL, "a pool of 10 threads"),
    "a pool that grows": (GROWING, Model.GROWING_POOL, "at least 20"),
    "a process each": (FORKED, Model.PROCESS_PER_CLIENT, "20 clients, 21 processes"),
    "processes that were there": (PRE_FORKED, Model.PRE_FORKED, "of 20 clients 4"),
    "an event loop": (LOOP, Model.EVENT_LOOP, "(epoll): 20 clients, 1 thread"),
    "one at a time": (ALONE, Model.ONE_AT_A_TIME, "one client at a time"),
}


@pytest.mark.parametrize(("seen", "model", "words"), SEEN.values(), ids=SEEN)
def test_each_model_is_known(seen: Visit, model: Model, words: str) -> None:
    serving = how_it_serves(seen)
    assert serving.model is model, serving.words
    assert words in serving.words


@pytest.mark.parametrize("seen", [seen for seen, _, _ in SEEN.values()], ids=SEEN)
def test_the_model_is_told_from_a_note_without_its_numbers(seen: Visit) -> None:
    serving = how_it_serves(seen)
    told = told_model(f"{serving.words} {serving.counts}")
    assert told
    assert told in serving.words
    assert "20 clients" not in told


def test_what_cannot_be_told_is_told_with_its_reason_left_out() -> None:
    serving = how_it_serves(next(iter(UNCLEAR.values())))
    assert told_model(serving.words) == "cannot be told from outside"


@pytest.mark.parametrize("note", ["", "Your server answers in German.", "5 clients connected."])
def test_another_note_tells_no_model(note: str) -> None:
    assert told_model(note) == ""


def test_two_threads_for_each_client_are_counted() -> None:
    pairs = {n: [*workers(n), *(thread(500 + i) for i in range(n))] for n in (1, 5, 20)}
    serving = how_it_serves(visit(pairs, newcomer=workers(1, first=50)))
    assert serving.model is Model.THREAD_PER_CLIENT
    assert "two threads for each client: 20 clients, 41 threads" in serving.words


@pytest.mark.parametrize("call", ["select", "pselect6", "poll", "ppoll", "epoll_pwait"])
def test_an_event_loop_is_named_by_its_call(call: str) -> None:
    wanted = "epoll" if "epoll" in call else "select" if "select" in call else "poll"
    assert f"({wanted})" in how_it_serves(with_loop(call=call)).words


def test_a_runtimes_own_threads_may_be_started_at_any_time() -> None:
    compiler = ThreadWait(MAIN, 900, 9, "C2 CompilerThre", True)
    assert how_it_serves(with_loop(compiler)).model is Model.EVENT_LOOP


UNCLEAR = {
    "a loop that starts threads": with_loop(*(thread(900 + each) for each in range(20))),
    "its runtime hides them": visit(each(), newcomer=workers(1, first=50), runtime="Go's"),
    "threads that stay": visit(each(), newcomer=workers(1, first=50), after=idle(20)),
    "so many at a time, by threads that end": visit(
        each(10), newcomer=workers(1, first=50), pool=10
    ),
    "some threads were there": visit(
        each(), before=idle(3), newcomer=workers(1, first=50), after=idle(3)
    ),
    "nobody is answered": visit(each(), newcomer=workers(1, first=50), pool=0),
    "answered by a thread that waits for nobody": visit({n: [] for n in (1, 5, 20)}),
    "two at first, and more later": visit({1: workers(1), 5: workers(2), 20: workers(6)}, pool=6),
}


@pytest.mark.parametrize("seen", UNCLEAR.values(), ids=UNCLEAR)
def test_what_is_not_clear_is_not_told(seen: Visit) -> None:
    serving = how_it_serves(seen)
    assert serving.model is Model.CANNOT_TELL, serving.words
    assert all(serving.unless(asked) is None for asked in ASKED)


def test_a_program_that_never_rests_is_not_told() -> None:
    restless = Look(THREAD_EACH.many.threads, frozenset({LISTENER}), THREAD_EACH.many.clients,
                    range(20), quiet=False)  # fmt: skip
    seen = Visit(THREAD_EACH.before, THREAD_EACH.one, THREAD_EACH.few, restless)
    assert how_it_serves(seen).model is Model.CANNOT_TELL


ASKED = ("sequential", "thread-per-client", "thread-pool", "process-per-client", "event-loop")

KEEPS = {
    Model.ONE_AT_A_TIME: {"sequential"},
    Model.THREAD_PER_CLIENT: {"thread-per-client"},
    Model.THREAD_POOL: {"thread-pool"},
    Model.GROWING_POOL: {"thread-per-client", "thread-pool"},
    Model.PROCESS_PER_CLIENT: {"process-per-client"},
    Model.PRE_FORKED: set[str](),
    Model.EVENT_LOOP: {"event-loop"},
    Model.CANNOT_TELL: {*ASKED},
}


@pytest.mark.parametrize("model", Model)
def test_only_what_contradicts_is_held_against_it(model: Model) -> None:
    seen = Serving(model, "what was seen")
    assert {asked for asked in ASKED if seen.unless(asked) is None} == KEEPS[model]
    assert seen.unless("any") is None


def test_a_loop_that_may_feed_a_pool_does_not_contradict_one() -> None:
    def seen(count: int) -> Look:
        sockets = (LISTENER, *range(1000, 1000 + count))
        return look([thread(MAIN, *sockets, call="epoll_wait"), *idle(4)], count)

    serving = how_it_serves(Visit(seen(0), seen(1), seen(5), seen(20)))
    assert serving.model is Model.EVENT_LOOP
    assert serving.unless("thread-pool") is None
    assert serving.unless("thread-per-client") is not None


def test_what_was_seen_stands_and_what_did_not_come_must_show_again() -> None:
    for seen, fault in ((LOOP, Fault.WRONG), (POOL_OF_TEN, Fault.ABSENT)):
        found = how_it_serves(seen).unless("process-per-client")
        assert found is not None
        assert (found.fault, found.kind) == (fault, Kind.FORM)


def test_the_clause_on_a_second_client_explains_one_at_a_time() -> None:
    found = Serving(Model.ONE_AT_A_TIME, "one").unless("thread-per-client")
    assert found is not None
    assert Kind.SILENCE.explains(found.kind)


def test_it_is_counted_with_each_number_of_clients() -> None:
    assert how_it_serves(THREAD_EACH).counts == (
        "Threads with 0, 1, 5 and 20 clients: 1, 2, 6 and 21."
    )
    assert how_it_serves(FORKED).counts == (
        "Processes with 0, 1, 5 and 20 clients: 1, 2, 6 and 21."
    )
