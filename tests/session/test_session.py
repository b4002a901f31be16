"""A whole session with a server that runs already: what it reports, and when it stops."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.contract.catalog import load
from conformance.sandbox import Isolation, Tier
from conformance.session.session import hold
from conformance.session.session_plan import Finding, SessionPlan
from conformance.verdict.model import Blame, Outcome

LAB = load()["echo"]


class Echo(socketserver.StreamRequestHandler):
    """Answers each line in upper case, and hangs up after BYE."""

    def answer(self, line: bytes) -> bytes:
        return b"> " + line.upper()

    def handle(self) -> None:
        for line in self.rfile:
            self.wfile.write(self.answer(line))
            if line.strip() == b"BYE":
                return


class LowerCase(Echo):
    def answer(self, line: bytes) -> bytes:
        return b"> " + line


class WithoutGoodbye(Echo):
    def answer(self, line: bytes) -> bytes:
        return b"" if line.strip() == b"BYE" else super().answer(line)


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


def findings(handler: type[Echo], folder: Path, *numbers: str) -> list[Finding]:
    """What a session with that server reports of these clauses."""
    parameters = LAB.resolve("echo", {})
    wanted = {each.clause.number: each for each in LAB.scenarios_for(parameters)}
    found: list[Finding] = []
    with serving(handler) as port:
        plan = SessionPlan(
            LAB, tuple(wanted[number] for number in numbers), parameters, seed=1, scale=1.0,
            port=port, remote=("127.0.0.1", port),
        )  # fmt: skip
        hold(plan, Isolation(Tier.NONE), folder, found.append)
    return found


def outcomes(found: list[Finding]) -> dict[str, Outcome]:
    return {each.number: each.attempt.outcome for each in found}


def test_each_scenario_is_reported_in_its_turn(tmp_path: Path) -> None:
    found = findings(Echo, tmp_path, "3.1", "4.1")
    assert outcomes(found) == {"3.1": Outcome.PASSED, "4.1": Outcome.PASSED}
    assert [each.number for each in found] == ["3.1", "4.1"]
    assert all(each.attempt.shared for each in found), "others may have used the server before"
    assert ("server", "> BYE\n") in [(e.who, e.what) for e in found[1].attempt.transcript]


def test_of_a_server_that_runs_already_there_is_no_fresher_one(tmp_path: Path) -> None:
    """So the session goes on with it, whatever it has failed."""
    found = findings(WithoutGoodbye, tmp_path, "4.1", "3.1")
    assert outcomes(found) == {"4.1": Outcome.FAILED, "3.1": Outcome.PASSED}


def test_what_others_are_judged_by_has_to_be_known_first(tmp_path: Path) -> None:
    assert LAB.teaches == "3.1"
    assert outcomes(findings(LowerCase, tmp_path, "3.1", "4.1")) == {"3.1": Outcome.FAILED}


def test_what_needs_the_program_itself_is_left_out(tmp_path: Path) -> None:
    (found,) = findings(Echo, tmp_path, "6.7")
    assert (found.attempt.outcome, found.attempt.blame) == (Outcome.NOT_RUN, Blame.CALL)
    assert "with --connect the program is not ours" in found.attempt.reason
