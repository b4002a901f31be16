"""What a scenario is given: the server, and the lab author's words for what clients do.

Everything that its clients send and receive goes into the scenario's transcript. A scenario that
needs an unused server says so in its declaration, not here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from conformance.contract.laid import Laid
from conformance.sandbox import SandboxError
from conformance.session.beside import Beside
from conformance.session.serving_watch import Speak, watch_serving
from conformance.verdict.serving import Serving
from conformance.verdict.violation import HeldApart, LeftOut, Violation


@dataclass(eq=False, repr=False)
class Server(Beside):
    """The submission's server, and the clients that talk to it."""

    joinable: set[str] = field(default_factory=set, init=False)
    """The clauses whose scenarios may be held in a shared conversation of this session."""
    together: set[str] = field(default_factory=set, init=False)
    """Those that were held in one, and hold like it."""
    left_apart: Callable[[str, str], None] = field(default=lambda clause, why: None, init=False)
    """Called when one of them is left to another server, with the reason."""

    @property
    def laid(self) -> Mapping[str, Laid]:
        """What was laid in the folder in which the program was started, by path."""
        return self._own_host("the suite lays no files for it").laid

    def lay(self, laid: Mapping[str, Laid]) -> None:
        """Lays these now: a file that stands there is replaced in one step. Violation where the
        program has put something else in the way."""
        host = self._own_host("the suite lays no files for it")
        try:
            host.lay(laid)
        except OSError as error:
            wanted = "the files that were laid for the program, as they were laid"
            why = os.strerror(error.errno or 0).lower()
            raise Violation(wanted, f"something else stands there: {why}") from None

    def may_join(self, clause: str, *, so_far: bool = True) -> bool:
        """Whether the scenario of `clause`, which `joins` this conversation, may be held in it now,
        by another client. That must disturb nobody: the program waits for new clients just now,
        and `so_far` all was as it should be. If it may not, it gets a server of its own, at
        once."""
        if clause not in self.joinable:
            return False
        if so_far and self._waits_for_clients():
            return True
        self.joinable.discard(clause)
        why = "the program does not wait for new clients" if so_far else "something is wrong"
        self.left_apart(clause, f"it could not be held beside another conversation: {why}")
        return False

    def joined(self, clause: str, *, held: bool) -> None:
        """Both conversations are over. If they `held`, the scenario of `clause` passes; else
        neither proves anything, and each is held on a server of its own: what follows is not
        reached."""
        if not held:
            raise HeldApart(f"clause {clause} was tried beside it, and not all was as it should be")
        self.together.add(clause)

    def _waits_for_clients(self) -> bool:
        """Whether a thread of the program waits for a new client, alone or among others."""
        host = self._own_host("its threads are not seen")
        listening = host.listening_sockets()
        return any(listening & thread.sockets for thread in host.threads())

    def takes(self) -> str:
        """The program's threads and memory as a sentence, with a space before it; "" where they
        are not seen."""
        try:
            used = self.usage()
        except (LeftOut, SandboxError):
            return ""
        has = f"{used.threads:,} thread{'s' if used.threads > 1 else ''}"
        if used.processes > 1:
            has = f"{used.processes:,} processes"
        return f" The server has {has} then, and takes {used.memory_bytes / 2**20:.0f} MiB."

    async def how_it_serves(self, speak: Speak) -> Serving:
        """Brings the program 1, 5 and 20 clients, and sees which of its threads waits for whom.
        `speak(client)` says one line that is answered; then the client is silent. Needs a server
        that nobody has used."""
        return await watch_serving(self, self._own_host("its threads are not seen"), speak)
