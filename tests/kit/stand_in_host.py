"""A host without a program: it answers with what the test has set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from conformance.sandbox import Listener
from conformance.session.host import Host
from conformance.verdict.thrown.choice import Printed
from conformance.verdict.thrown.own_files import OwnPaths

LISTENS = Listener("tcp", 2, "0.0.0.0", 2323, 1, 0)


class StandInHost:
    """What parts of a session ask of a host, as fields to set."""

    remote = False
    port = 2323
    zone = "UTC"

    def __init__(self) -> None:
        self.listens: Listener | None = LISTENS
        self.status: int | None = None
        """The program's exit status; None while it runs."""
        self.output = ""
        self.wrote: list[tuple[float, str]] = []
        """What it wrote: (seconds since the conversation began, text)."""
        self.lack = ""
        self.processes: list[int] = []
        self.kills = 0

    def as_host(self) -> Host:
        return cast(Host, self)

    def listener(self) -> Listener | None:
        return self.listens

    def ended(self) -> str:
        return "" if self.status is None else f"the program has ended: exit status {self.status}"

    def exit_status(self) -> int | None:
        return self.status

    def last_output(self) -> str:
        return self.output

    def printed(self, began: int, failed: int) -> Printed:
        until = (failed - began) / 1e9
        return Printed(
            "".join(text for at, text in self.wrote if at < 0),
            "".join(text for at, text in self.wrote if 0 <= at < until),
            "".join(text for at, text in self.wrote if at >= max(until, 0)),
        )

    def own_files(self) -> OwnPaths:
        return OwnPaths(frozenset({"server.py", "Echo.java"}), ("/home/student",))

    def missed(self) -> str:
        return self.lack

    def pids(self) -> Sequence[int]:
        return list(self.processes)

    def kill(self) -> None:
        self.kills += 1
