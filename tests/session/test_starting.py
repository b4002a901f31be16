"""How long a program is waited for that has not opened its port: as long as it has had so many
seconds of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.sandbox import Listener
from conformance.session.server import Server
from conformance.session.submission_host import SubmissionHost
from conformance.submissions import Program
from conformance.verdict.delays import NOBODY_KNOWS, START_AT_MOST, Waited, time_to_start
from conformance.verdict.model import Parameters
from conformance.verdict.violation import Fault, Violation
from kit.peers import together

OWN = 0.05
LISTENS = Listener("tcp", 2, "0.0.0.0", 2323, 1, 0)


class Starting(SubmissionHost):
    """A program that opens its port when it was asked `after` so many times what kept it."""

    def __init__(self, waited: Waited, after: int = 1_000) -> None:
        program = Program(Path(), ("never",))
        super().__init__(
            None,  # type: ignore[arg-type]
            program, Path(), protocol="tcp", port=2323, zone="UTC",
        )  # fmt: skip
        self._waited, self._after = waited, after
        self.asked = 0

    def kept_waiting(self, since: int) -> Waited:
        self.asked += 1
        return self._waited

    def listener(self) -> Listener | None:
        return LISTENS if self.asked >= self._after else None

    def require_seen(self) -> None:
        """Nothing of it is hidden."""

    def require_no_rival(self) -> None:
        """Nobody else has its port."""

    def other_ports(self) -> list[Listener]:
        return []

    def ended(self) -> str:
        return ""

    def exit_status(self) -> int | None:
        return None


def expect(host: Starting) -> list[str]:
    """The notes of a conversation that expects it to listen."""
    server = Server(host, Parameters({}), protocol="tcp", kept_waiting=host.kept_waiting)

    async def work() -> list[str]:
        await server.expect_listening(OWN)
        return server.recorder.notes

    notes: list[str] = together(work)
    return notes


def test_who_is_kept_waiting_is_waited_for() -> None:
    host = Starting(Waited(core=30.0), after=1)
    expect(host)
    assert host.asked == 1


def test_a_reader_is_told_of_a_late_start() -> None:
    class Late(Starting):
        polls = 0

        def listener(self) -> Listener | None:
            self.polls += self.asked
            return LISTENS if self.polls > 20 else None  # 0.4 s at the least

    (note,) = expect(Late(Waited(core=30.0)))
    assert "30.00 s of it waiting for a core" in note
    assert "costs nothing" in note


@pytest.mark.parametrize("waited", [Waited(), NOBODY_KNOWS])
def test_who_only_keeps_itself_busy_gets_its_own_time(waited: Waited) -> None:
    host = Starting(waited)
    with pytest.raises(Violation, match=r"no port was opened within 0\.05 s; ") as raised:
        expect(host)
    assert raised.value.fault is Fault.ABSENT
    assert host.asked == 1


def test_what_it_was_kept_waiting_comes_on_top_once() -> None:
    host = Starting(Waited(machine=1.0))
    with pytest.raises(Violation, match=r"1\.\d s, .*1\.00 s held up by the machine; the program"):
        expect(host)
    assert host.asked == 2


@pytest.mark.parametrize(
    ("own", "waited", "seconds"),
    [
        (10.0, Waited(), 10.0),
        (10.0, NOBODY_KNOWS, 10.0),
        (10.0, Waited(core=2.0, machine=1.0, unseen=0.5), 13.5),
        (10.0, Waited(core=2.0, unseen=None), 12.0),
        (10.0, Waited(core=500.0), START_AT_MOST),
        (200.0, Waited(core=500.0), 200.0),
    ],
)
def test_the_time_that_it_has(own: float, waited: Waited, seconds: float) -> None:
    assert time_to_start(own, waited) == seconds
