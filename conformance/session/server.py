"""What a scenario is given: the server, and the lab author's words for what clients do.

Everything that its clients send and receive goes into the scenario's transcript. A scenario that
needs an unused server says so in its declaration, not here.
"""

from __future__ import annotations

from dataclasses import dataclass

from conformance.sandbox import SandboxError
from conformance.session.beside import Beside
from conformance.session.serving_watch import Speak, watch_serving
from conformance.verdict.serving import Serving
from conformance.verdict.violation import LeftOut


@dataclass(eq=False, repr=False)
class Server(Beside):
    """The submission's server, and the clients that talk to it."""

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
