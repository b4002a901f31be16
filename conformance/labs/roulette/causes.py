"""Faults that cost several clauses, and the sentence for each. The first that was seen is told."""

from conformance import Cause, Sign, Symptom, never_served

DEAD = (Sign.ENDED,)
NOBODY = Symptom(Sign.FORM, facts={"kept": "nobody"})

CAUSES = (
    *never_served(),
    Cause(
        "nothing is sent",
        "No client gets anything in time: no greeting, and no answer to any command.",
        {"1.2": (Sign.NOTHING,), "2.1": (Sign.NOTHING,)},
        hides=("2.2", "2.3"),
    ),
    Cause(
        "no answers",
        "It answers no command.",
        {"2.1": (Sign.NOTHING,)},
        passed=("1.2",),
        hides=("2.2", "2.3"),
    ),
    Cause(
        "hangs up at once",
        "It closes the connection of whoever sends a command.",
        {"2.1": (Sign.CLOSED,)},
        hides=("2.2", "2.3"),
    ),
    Cause(
        "keeps nobody",
        "It keeps no student whom it is sent.",
        {"2.4": (NOBODY,)},
        hides=("2.5", "4.1"),
    ),
    Cause(
        "BYE has no effect",
        "BYE has no effect: it is not answered, and the connection stays open.",
        {"3.4": (Sign.OPEN,)},
        hides=("3.3",),
    ),
    Cause(
        "a close ends the program",
        "The program ends when a client has closed its connection without BYE.",
        {"5.1": DEAD},
        explains={"5.2": DEAD},
    ),
)
