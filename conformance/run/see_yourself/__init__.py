"""The commands with which a student sees a fault without the suite: what our clients did in the
conversation that failed, as commands for a shell. Pure."""

from conformance.run.see_yourself.commands import see_yourself
from conformance.run.see_yourself.terminals import Door

__all__ = ["Door", "see_yourself"]
