"""Echo: a TCP server that shouts back. The contract is in echo.md.

Clause 3.1 learns the server's dialect: how it really replies. If that differs from the contract,
3.1 fails, and all other clauses are judged by the server's own form of reply.
"""

from conformance import Lab, Parameter

from .causes import CAUSES
from .dialect import Dialect

CONCURRENCY = (
    "any",
    "sequential",
    "thread-per-client",
    "thread-pool",
    "process-per-client",
    "event-loop",
)
TO_GOODBYE = ("echoed", "silent", "any")
TRANSFORM = {
    "upper": "in upper case",
    "lower": "in lower case",
    "same": "as it was sent",
    "reversed": "from its end to its beginning",
}
"""What becomes of a line: values of the parameter `transform`, and the `case` of a Dialect."""


def usual(parameters):
    """The form of reply that the contract asks for."""
    return Dialect(parameters.prefix, TRANSFORM[parameters.transform])


def _combination(parameters):
    if parameters.goodbye != parameters.goodbye.strip() or "\n" in parameters.goodbye:
        return "goodbye is one line, without spaces around it"
    if parameters.prefix == "" and parameters.greeting == "any":
        return (
            "with an empty prefix a reply cannot be told from a greeting:"
            " set greeting to the number of its lines"
        )
    return None


def in_any_case(goodbye):
    """The word in other cases."""
    mixed = goodbye[:1].lower() + goodbye[1:2].upper() + goodbye[2:].lower()
    return goodbye.lower(), goodbye.capitalize(), mixed


def lines_like(goodbye):
    """Lines that contain the word, but do not end the conversation."""
    word = goodbye.lower()
    return f" {word}", f"{word} {word}", f"good{word}", f"{word.upper()}!"


def _shown(parameters):
    """What the contract shows of the parameters."""
    reply, goodbye = usual(parameters).reply, parameters.goodbye
    answers = {"silent": "nothing", "any": "anything, or nothing"}
    greeting = {"any": "whole lines", 0: "nothing at all"}
    return {
        "how a line comes back": TRANSFORM[parameters.transform],
        "reply to hello": f"`{reply('hello')}⏎`",
        "reply to nothing": f"`{parameters.prefix}⏎`",
        "reply to accents": f"`{reply('héllo ça €')}`",
        "reply to last": f"`{reply('last')}`",
        "greeting of": greeting.get(parameters.greeting, f"{parameters.greeting} whole lines"),
        "one leaves": f"one client's {goodbye}" if goodbye else "one client has left",
        "its leaving": f"the first one's {goodbye}" if goodbye else "the first one's leaving",
        "goodbye line": f"`{goodbye}⏎`",
        "answer to it": answers.get(parameters.goodbye_reply, f"`{reply(goodbye)}⏎`"),
        "in any case": ", ".join(f"`{word}`" for word in in_any_case(goodbye)),
        "lines like it": ", ".join(f"`{line}`" for line in lines_like(goodbye)),
    }


echo = Lab(
    "echo",
    __file__,
    teaches="3.1",
    outlives=("4.4", "6.1"),
    parameters=[
        Parameter("port", 2323, "TCP port that the server listens on"),
        Parameter("prefix", "> ", "what stands before the line in each reply"),
        Parameter("transform", "upper", "what becomes of the line in it", choices=tuple(TRANSFORM)),
        Parameter("greeting", "any", "lines that the server sends first", also=("any",)),
        Parameter("goodbye", "BYE", "the line that ends the conversation; empty: there is none"),
        Parameter("goodbye_reply", "echoed", "what the server answers to it", choices=TO_GOODBYE),
        Parameter("concurrency", "any", "how clients are served", choices=CONCURRENCY),
        Parameter("pool", 10, "clients that a thread pool serves at once"),
        Parameter("clients", 20, "clients of clause 5.2"),
        Parameter("crowd", 200, "clients of clause 5.4"),
    ],
    variants={
        "echo-node": {"port": 9907, "prefix": "", "greeting": 0, "goodbye_reply": "silent"},
        "echo-sequential": {"port": 2424, "concurrency": "sequential"},
    },
    check_parameters=_combination,
    shown=_shown,
    causes=CAUSES,
)

# Which clause pays for a fault that shows in many scenarios: see `needs` and `builds_on`.

MUTE = ("3.1",)  # a server that never answers, so that no conversation is possible
AT_ONCE = ("3.2",)  # a server that answers late, or only after the client's last line
DIALOGUE = ("3.3",)  # a fault that shows in a dialogue of many lines
NEXT_CLIENT = ("4.4",)  # a server that serves one client and no other


def sequential(parameters):
    return parameters.concurrency == "sequential"


def at_the_same_time(parameters):
    return not sequential(parameters)


def asks_for_a_model(parameters):
    return parameters.concurrency != "any"


def has_goodbye(parameters):
    return parameters.goodbye != ""


def in_which_form(server):
    """A hint on what a reply consists of."""
    case = TRANSFORM[server.parameters.transform]
    return f"Each reply is the prefix, then the line {case}, then the end of the line."


STREAM = (
    "TCP carries a stream of bytes, not messages: one read may bring several lines, or half a line."
)
