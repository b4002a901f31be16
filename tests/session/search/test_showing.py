"""A conversation of turns, held with a server that runs already: what it shows."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.contract.state_model import Act, Turn
from conformance.sandbox import Isolation, Tier
from conformance.session.search.scenarios import LEAVES, Sought, show
from conformance.session.session import hold
from conformance.session.session_plan import Finding, SessionPlan
from conformance.verdict.model import Level, Outcome
from conformance.verdict.violation import Fault, Kind

LAB = load()["echo"]
PARAMETERS = LAB.resolve("echo", {})


class Echo(socketserver.StreamRequestHandler):
    """Answers each line in upper case, and hangs up after BYE."""

    goodbyes: tuple[bytes, ...] = (b"BYE",)

    def handle(self) -> None:
        for line in self.rfile:
            text = line.rstrip(b"\n").upper()
            self.wfile.write(b"> " + text + b"\n")
            if text in self.goodbyes:
                return


class Lenient(Echo):
    goodbyes = (b"BYE", b" BYE")


class Stays(Echo):
    goodbyes = ()


class Deaf(Echo):
    def handle(self) -> None:
        self.rfile.read()


@contextmanager
def serving(handler: type[Echo]) -> Iterator[int]:
    """The port of a server in a thread of this process."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def says(*lines: str, who: int = 0) -> list[Turn]:
    return [Turn(who, Act.SAYS, line) for line in lines]


COMES = Turn(0, Act.COMES)


def shown(handler: type[Echo], folder: Path, *turns: Turn, failed: str = "") -> Finding:
    found: list[Finding] = []
    sought = Sought(LAB, PARAMETERS, frozenset(filter(None, [failed])))
    with serving(handler) as port:
        plan = SessionPlan(
            LAB, (show(sought, turns),), PARAMETERS, seed=1, scale=0.2,
            port=port, remote=("127.0.0.1", port),
        )  # fmt: skip
        hold(plan, Isolation(Tier.NONE), folder, found.append)
    return found[0]


def test_a_server_that_keeps_its_promises(tmp_path: Path) -> None:
    halves = [Turn(1, Act.COMES), Turn(1, Act.BEGINS, "bc def"), *says("a")]
    more = [Turn(1, Act.ENDS, "bc def"), Turn(1, Act.RESETS), *says(" bye", "bye")]
    found = shown(Echo, tmp_path, COMES, *halves, *more)
    assert found.attempt.outcome is Outcome.PASSED
    assert LEAVES not in found.dialect
    said = [entry.what for entry in found.attempt.transcript if entry.who == "client 2"]
    assert said == ["bc ", "def\n"]


@pytest.mark.parametrize(
    ("handler", "lines", "clause", "wanted", "fault", "kind"),
    [
        (Lenient, ("a", " bye"), "4.3", "the connection stays open", Fault.WRONG, Kind.CLOSED),
        (Stays, ("a", "BYE"), "4.1", "the server closes the", Fault.ABSENT, Kind.OPEN),
        (Deaf, ("a",), "3.3", "> A", Fault.ABSENT, Kind.SILENCE),
    ],
)
def test_a_promise_that_is_broken(
    handler: type[Echo], lines: tuple[str, ...], clause: str, wanted: str, fault: Fault,
    kind: Kind, tmp_path: Path,
) -> None:  # fmt: skip
    found = shown(handler, tmp_path, COMES, *says(*lines))
    attempt, left = found.attempt, found.dialect[LEAVES]
    assert attempt.outcome is Outcome.FAILED
    assert (left["clause"], left["at"], left["client"]) == (clause, len(lines), 1)
    assert attempt.expected.startswith(wanted)
    assert (attempt.fault, attempt.kind) == (fault, kind)
    assert attempt.proof, "what shows it is marked in the conversation"


def test_what_is_known_to_be_broken_is_passed_over(tmp_path: Path) -> None:
    """Also what can no longer be said because of it."""
    found = shown(Lenient, tmp_path, COMES, *says(" bye", "a"), failed="4.3")
    assert found.attempt.outcome is Outcome.PASSED


def test_it_is_an_observation_of_no_clause() -> None:
    scenario = show(Sought(LAB, PARAMETERS, frozenset()), [COMES])
    assert (scenario.clause.level, scenario.clause.weight) == (Level.INFO, 0)
