"""When a session looks inside the program: once its evidence is complete, and says that something
was absent; before any client leaves, and before the program is ended.

A look changes nothing that is judged. Its time is no part of the conversation, and what disturbed
the conversation was noted before it. The server is not used for another one.
"""

from __future__ import annotations

import asyncio
import contextlib

from conformance.session.disturbance import Disturbance
from conformance.session.host import Host
from conformance.session.stood.look import WITHIN, Seen, look
from conformance.session.submission_host import SubmissionHost
from conformance.verdict.violation import Fault, Kind, Violation
from conformance.wire.recorder import Recorder

SHOWN_BY_A_LOOK = (Kind.SILENCE, Kind.OPEN, Kind.REFUSED)
"""What a program does not do, and may be seen not to do. What came late has come by then."""


class Looking:
    """The looks of one session: at most one, since the server is not used afterwards."""

    def __init__(self, host: Host, disturbance: Disturbance, *, repeats: bool) -> None:
        """`repeats`: all scenarios of the session have failed before, so that they may fail for
        good now."""
        self._host = host
        self._disturbance = disturbance
        self._repeats = repeats
        self._over = asyncio.Event()
        self.looked = False
        self._found_by: Violation | None = None
        """The violation for which the program was looked at, if there was one yet."""
        self.seen = Seen()
        self.seconds = 0.0
        """How long the look took."""
        self.killed = False
        """Whether the program ended while it was looked at, by our doing perhaps."""

    async def look(self, violation: Violation | None, recorder: Recorder) -> None:
        """Looks at the program, if that is worth while; returns when that is over. Without a
        violation yet, something was awaited in vain, and what that amounts to is judged later."""
        if self.looked:
            await self._over.wait()
            return
        host = self._host
        if not isinstance(host, SubmissionHost) or not self._is_worth(violation):
            return
        if violation is not None and violation.client in [other.name for other in host.others]:
            return  # it is about another program
        if host.ended() or self._disturbance.error or self._disturbance.monitor.exceeded:
            return
        self.looked, self._found_by = True, violation
        if violation is not None:
            self._disturbance.note(recorder)
        looking = self._disturbance.looking()
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            # Whatever goes wrong here, the verdict stands as it is.
            with looking, recorder.paused(), contextlib.suppress(Exception):
                async with asyncio.timeout(2 * WITHIN):
                    self.seen = await look(host, recorder.names(), goes_on=violation is None)
        finally:
            self.seconds = clock() - began
            self.killed = bool(host.ended())
            self._over.set()

    def settle(self, raised: Violation | None = None) -> None:
        """The conversation is over; what it `raised` in the end, if anything. If that is not what
        the look was for, the scenario went on after it."""
        if raised is None or raised is not self._found_by:
            self._disturbance.forget()

    def at(self, raised: Violation | None = None) -> Seen:
        """What was seen when that was found."""
        if raised is None:
            return Seen()
        absent = self._found_by is None and raised.fault is Fault.ABSENT
        return self.seen if raised is self._found_by or absent else Seen()

    def _is_worth(self, violation: Violation | None) -> bool:
        if violation is None or violation.fault is Fault.LATE:
            return violation is None and self._repeats
        absent = violation.fault is Fault.ABSENT or violation.kind in SHOWN_BY_A_LOOK
        return absent and (self._repeats or violation.fault.stands_at_once)
