"""A scenario: one conversation that puts one clause to the test, or shares it with others."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.verdict.model import Clause, Level, Parameters

Judge = Callable[..., Any]
"""A scenario's function: of a server (async), or of the evidence of a conversation."""

Condition = Callable[[Parameters], bool]

See = str | Mapping[str, str] | None
"""How a student sees a fault: one command, or several by the value of the sign that was seen, with
the one for any other sign under ""."""


@dataclass(frozen=True)
class Conversation:
    """A conversation by which several clauses are judged; it is held once, on one server."""

    name: str
    hold: Callable[..., Awaitable[Any]]
    """Holds it; called with the server, and with the client of the scenario that `begins` it if
    that was run just before."""


@dataclass(frozen=True)
class Scenario:
    """One conversation, one clause."""

    clause: Clause
    judge: Judge
    alone: bool = False
    """It gets a server of its own: it needs an unused one, or leaves one that nobody else should
    use."""
    destructive: bool = False
    """It can end the server, so it is run after all others that share one. What fails after another
    scenario is tried again on a server of its own."""
    apart: bool = False
    """It is not about the server, but about another program of the submission: it is judged also
    where the gate does not hold."""
    of: Conversation | None = None
    """The shared conversation whose evidence it judges; None: it has its own conversation."""
    begins: Conversation | None = None
    """The shared conversation that goes on with the client that this scenario returns, on the same
    server. A gate that begins one saves a start."""
    joins: Conversation | None = None
    """The shared conversation that may hold this one, too, by a client of its own at the same time:
    that saves a start. Both then count only where all is as it should be; else each is held again,
    on a server of its own. For a scenario that is `alone`."""
    builds_on: tuple[str, ...] = ()
    """Clauses whose faults show here too: if one of them has failed by a fault of the same kind, a
    failure here is NOT RUN, "not shown", and costs nothing extra."""
    needs: tuple[str, ...] = ()
    """Like `builds_on`; and without these clauses the conversation is impossible: if one of them
    failed because nothing came, this one is NOT RUN without a trial."""
    when: Condition | None = None
    """The parameters under which the clause applies; None: always."""
    level_when: Callable[[Parameters], Level] | None = None
    needs_process: bool = False
    """It inspects the program or starts it again, which is impossible with `--connect`."""
    bears_loss: bool = False
    """Of a lab over UDP: whether a pass rests on what has come alone, so that it counts although
    the network (`--network`) has lost something. Where a silence is part of it, it does not."""
    see: See = ""
    """The command with which a student sees a fault that the conversation itself does not show:
    else what the clients did is shown as commands. `{host}`, `{port}`, `{start}` (the command that
    starts the program) and the lab's parameters are filled in, and `{derived}` with those commands,
    where more has to be done before or after. Empty: the lab's; None: no command shows it."""

    @property
    def name(self) -> str:
        return self.clause.scenario

    @property
    def grounds(self) -> tuple[str, ...]:
        """The clauses whose failure would excuse a failure here."""
        return (*self.needs, *self.builds_on)

    @property
    def title(self) -> str:
        """The sentence that a student reads: the first sentence of the docstring."""
        return (inspect.getdoc(self.judge) or "").split("\n\n")[0].replace("\n", " ")

    @property
    def source(self) -> str:
        return textwrap.dedent(inspect.getsource(self.judge))

    def level(self, parameters: Parameters) -> Level:
        return self.level_when(parameters) if self.level_when else self.clause.level
