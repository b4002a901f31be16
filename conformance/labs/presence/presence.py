"""Presence: a room of people, over TCP. The contract is in presence.md.

Each scenario draws names of its own, so that people left behind by another do no harm. Clause 2.1
learns how the server words things (`learning`). A fault in that costs the clause about it; every
other clause is judged by what the server really does (`notices`). What has no rule cannot be
judged: the verdict names the clause that pays (`excuses`).
"""

import re

from conformance import Lab, Parameter, Wording

from .causes import CAUSES

COMMANDS = ("hello", "say", "who", "bye", "kill")  # the parameters that are the words of commands

HEAR = {
    "included": "everybody in the room, {name} included,",
    "left out": "everybody in the room but {name}",
    "any": "everybody else in the room",
}
"""Whether the person who does something is told of it too: values of the parameter, and who is
told."""

PATIENCE = 5.0  # seconds to wait for what has no deadline of its own
BRIEFLY = 1.0  # seconds to wait for what is known not to come, and decides nothing
WINDOW = 0.5  # seconds in which nothing more may come


def five_different_words(parameters):
    """What is wrong with the words of the commands; None where nothing is."""
    words = [word.upper() for word in words_of(parameters)]
    if not all(re.fullmatch(r"\S+", word) for word in words) or len({*words}) < len(words):
        return "the words of the commands are five, each of them one word"
    return None


def words_of(parameters):
    return [parameters[command] for command in COMMANDS]


def in_any_case(parameters):
    """The words of four commands, each in another case."""
    hello, say, who, bye, _ = words_of(parameters)
    return hello.lower(), say.capitalize(), who[:1].lower() + who[1:].upper(), bye.lower()


def shown(parameters):
    """What the contract shows of the parameters."""
    hello, say, who, _, kill = words_of(parameters)

    def example(form):
        return f"`{Wording.template(form, name='Ann', message='hi there').words}`"

    return {
        "hello Ann": f"`{hello} Ann`",
        "say hi there": f"`{say} hi there`",
        "Ann came": example(parameters.came),
        "Ann says": example(parameters.says),
        "Ann left": example(parameters.left),
        "nobody's name": f"`{parameters.anonymous}`",
        "all and Ann": HEAR[parameters.speaker].format(name="Ann"),
        "all and the speaker": HEAR[parameters.speaker].format(name="the speaker"),
        "who is there": f"`{who}`",
        "the end": f"`{kill}`",
        "in any case": ", ".join(f"`{word}`" for word in in_any_case(parameters)),
    }


presence = Lab(
    "presence",
    __file__,
    teaches="2.1",
    outlives=("4.3",),
    causes=CAUSES,
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
    check_parameters=five_different_words,
    shown=shown,
)
