"""Presence: a room of people, over TCP. The contract stands beside this file, in presence.md.

Each scenario draws names of its own: what is left of another's people disturbs none.

2.1 learns the server's manners: in which words it tells of who came, of what was said and of
who left, who gets to hear that, and how lines end. A fault in them is paid for in the clause
that asks for them, and nowhere else: every other clause goes by what the server really does.
What has no rule, and a room in which no command has any effect, is judged by nobody: that is
not shown, and says behind which clause.
"""

import re

from conformance import Lab, Parameter

from .notices import notice

COMMANDS = ("hello", "say", "who", "bye", "kill")
"""The parameters that are the words of commands."""

HEAR = {
    "included": "everybody in the room, {} included,",
    "left out": "everybody in the room but {}",
    "any": "everybody else in the room",
}
"""Whether who does something is told of it, too: values of the parameter, and who is told."""


def _combination(parameters):
    words = [parameters[command].upper() for command in COMMANDS]
    if not all(re.fullmatch(r"\S+", word) for word in words) or len({*words}) < len(words):
        return "the words of the commands are five, each of them one word"
    return None


def in_any_case(parameters):
    """The words of four commands, each in another case."""
    hello, say, who, bye = (parameters[command] for command in COMMANDS[:4])
    return hello.lower(), say.capitalize(), who[:1].lower() + who[1:].upper(), bye.lower()


def _shown(parameters):
    """What the contract shows of them."""
    hello, say, who = parameters.hello, parameters.say, parameters.who
    others = [f"`{word}`" for word in in_any_case(parameters)]
    example = {"name": "Ann", "message": "hi there"}
    return {
        "hello Ann": f"`{hello} Ann`",
        "say hi there": f"`{say} hi there`",
        "Ann came": f"`{notice(parameters.came, **example).words}`",
        "Ann says": f"`{notice(parameters.says, **example).words}`",
        "Ann left": f"`{notice(parameters.left, **example).words}`",
        "nobody's name": f"`{parameters.anonymous}`",
        "all and Ann": HEAR[parameters.speaker].format("Ann"),
        "all and the speaker": HEAR[parameters.speaker].format("the speaker"),
        "who is there": f"`{who}`",
        "the end": f"`{parameters.kill}`",
        "in any case": ", ".join(others),
    }


presence = Lab(
    "presence",
    __file__,
    teaches="2.1",
    outlives=("4.3",),
    parameters=[
        Parameter("port", 9907, "TCP port that the server listens on"),
        *(
            Parameter(command, command.upper(), f"the word of the command {command.upper()}")
            for command in COMMANDS
        ),
        Parameter(
            "speaker",
            "included",
            "whether who says HELLO or SAY is told of it, as the others are",
            choices=tuple(HEAR),
        ),
        Parameter("anonymous", "An anonymous user", "the name of whoever has not said HELLO"),
        Parameter("came", "{name} is in the room.", "the notice after HELLO"),
        Parameter("says", "{name} says: {message}", "the notice after SAY"),
        Parameter("left", "{name} has left the room.", "the notice when somebody has gone"),
    ],
    check_parameters=_combination,
    shown=_shown,
    see="nc localhost {port}",
)

PATIENCE = 5.0
"""Seconds to wait for what has no deadline of its own."""

BRIEFLY = 1.0
"""Seconds to wait for what is known not to come, or has never come yet: it decides nothing."""

WINDOW = 0.5
"""Seconds over which absence is judged: that something comes once, or to one alone."""


def words_of(server):
    """The words of the commands."""
    return [server.parameters[command] for command in COMMANDS]
