"""Faults that cost several clauses, and the sentence that is said of each before all else.

A sentence says what was seen, and is true of every program that shows it: who was told of what, not
which line of the program is wrong. More special ones come first.
"""

from conformance import Cause, Sign, Symptom, never_served


def nothing(**facts):
    """Nothing came, and this is known of it: see `hearing.who_was` and `learning`."""
    return Symptom(Sign.NOTHING, facts=facts)


NOBODY = nothing(told="nobody")
SPEAKER = nothing(told="the speaker alone")
SOME = nothing(told="some")
STAYS = Symptom(Sign.FORM, facts={"leaver": "stays"})


def queued(client, waiting):
    """So many clients, from this one on, had not been accepted."""
    return Symptom(Sign.NOT_ACCEPTED, client=client, facts={"waiting": waiting})


NOT_SERVED = [
    *never_served(),
    Cause(
        "nothing is sent",
        "No client gets anything in time: no welcome, and no answer to HELLO, SAY or WHO.",
        {"2.1": [nothing(answers="nothing at all")]},
    ),
    Cause(
        "one client at a time",
        "It serves one client at a time: the second waits until the first leaves.",
        {"2.1": [queued("client 2", 2)], "2.2": [queued("client 2", 2)]},
        passed=("1.3",),
        explains={"1.4": [Sign.NOTHING], "3.1": [], "4.1": [Sign.NOTHING], "4.5": [Sign.NOTHING]},
    ),
    Cause(
        "two clients at a time",
        "It serves two clients at a time: a third gets nothing, not even a welcome.",
        {"2.1": [nothing(told="some", served="not at all")], "2.2": [SOME]},
        passed=("1.3", "1.4"),
        explains={"3.1": [], "4.2": [SOME]},
    ),
    Cause(
        "no command works",
        "No command works: nobody is told of a HELLO or a SAY, and WHO lists nobody.",
        {"2.1": [nothing(answers="no command")]},
    ),
]

TOLD = [
    Cause(
        "only the named are told",
        "Only clients that have said HELLO are told of a HELLO or a SAY.",
        {"2.1": [nothing(told="who has said HELLO")], "2.2": [nothing(told="who has said HELLO")]},
    ),
    Cause(
        "told to the sender alone",
        "HELLO and SAY are told to their sender alone.",
        {"2.1": [SPEAKER], "2.2": [SPEAKER]},
    ),
    Cause(
        "told to all but the sender",
        "HELLO and SAY are told to all but their sender.",
        {
            "2.1": [nothing(told="all but the speaker")],
            "2.2": [nothing(told="all but the speaker")],
        },
    ),
    Cause(
        "some are not told",
        "Each notice reaches only some of the clients in the room.",
        {"2.1": [SOME], "2.2": [SOME], "4.2": [SOME]},
    ),
    Cause(
        "some are not told",
        "HELLO and SAY are told only to some of the clients in the room.",
        {"2.1": [SOME], "2.2": [SOME]},
    ),
    Cause(
        "HELLO has no effect",
        "HELLO gives nobody a name, and nobody is told who has come.",
        {"2.1": [NOBODY]},
        passed=("2.2",),
        hides=("2.5",),
    ),
    Cause(
        "no ends of lines",
        "Its lines do not end: no newline follows them.",
        {"2.1": [Sign.UNENDED]},
        hides=("3.1",),
    ),
    Cause(
        "said to the speaker alone",
        "What somebody says is told to the speaker alone.",
        {"2.2": [SPEAKER]},
        passed=("2.1",),
    ),
    Cause(
        "nothing after HELLO",
        "After HELLO neither SAY nor WHO has any effect.",
        {"2.2": [NOBODY], "3.1": [Sign.NOTHING]},
        passed=("2.1",),
    ),
    Cause(
        "closes without BYE",
        "It closes the connections of people who have not said BYE.",
        {"2.2": [Sign.CLOSED], "3.1": [Sign.CLOSED], "4.1": [Sign.CLOSED]},
    ),
    Cause(
        "SAY tells nobody",
        "What somebody says is told to nobody.",
        {"2.2": [NOBODY]},
        passed=("2.1", "3.1"),
    ),
    Cause("messages cut", "Only the beginning of a message is passed on.", {"2.2": [Sign.CUT]}),
    Cause(
        "names are lost",
        "What somebody says is told under another name than the one given with HELLO.",
        {"2.2": [Sign.MISNAMED]},
        passed=("2.1",),
        hides=("2.5",),
    ),
]

TOGETHER = "It takes what comes together for one command: of several lines only the first counts."

SEVERAL_TALK = [
    Cause(
        "one name for all",
        "All have one name: WHO lists everybody under it, and what one says is told under it.",
        {"3.1": [Symptom(Sign.FORM, facts={"list": "one name for all"})], "5.1": [Sign.MISNAMED]},
        explains={"2.5": [Sign.NOTHING]},
    ),
    Cause(
        "names mixed up",
        "When several talk at once, what one says is told under another's name.",
        {"5.1": [Sign.MISNAMED]},
        explains=("5.3",),
    ),
    Cause(
        "messages mixed up",
        "When several talk at once, one message is told in place of another.",
        {"5.1": [Sign.OTHERS]},
    ),
    Cause(
        "lines torn",
        "When several talk at once, their lines are written into one another.",
        {"5.1": [Symptom(Sign.FORM, facts={"line": "of several"})]},
    ),
    Cause(
        "messages lost",
        "When several talk at once, not all messages arrive.",
        {"5.1": [Sign.CUT, Sign.LOST]},
        hides=("5.3",),
    ),
    Cause(
        "a full room ends the program",
        "The program ends by itself while 20 clients are there.",
        {"5.1": [Sign.ENDED]},
        passed=("2.2",),
    ),
    Cause(
        "chunks for lines",
        TOGETHER,
        {"5.1": [Sign.UNCHANGED]},
        explains={"5.2": [Sign.NOTHING], "5.3": [Sign.UNCHANGED]},
    ),
    Cause(
        "chunks for lines", TOGETHER, {"5.3": [Sign.UNCHANGED]}, explains={"5.2": [Sign.NOTHING]}
    ),
]

LEAVING = [
    Cause(
        "BYE has no effect",
        "BYE has no effect: the connection stays open, nobody is told, and WHO lists the name.",
        {"3.2": [STAYS], "4.1": [Sign.OPEN], "4.2": [NOBODY]},
    ),
    Cause(
        "hangs after BYE",
        "It hangs after a BYE: the connection stays open, and nobody is told anything more.",
        {"3.2": [NOBODY], "4.1": [Sign.OPEN], "4.2": [NOBODY]},
    ),
    Cause(
        "BYE ends the program",
        "The program ends when somebody says BYE.",
        {"3.2": [Sign.ENDED], "4.1": [Sign.ENDED]},
        passed=("2.1", "2.2", "3.1"),
        explains={"4.2": [Sign.ENDED]},
    ),
    Cause(
        "BYE only hangs up",
        "BYE closes the connection, and that is all: nobody is told, and WHO still lists the name.",
        {"3.2": [STAYS], "4.2": [NOBODY]},
        passed=("4.1",),
    ),
    Cause(
        "still listed after BYE",
        "Whoever has said BYE is still listed.",
        {"3.2": [STAYS]},
        passed=("4.1", "4.2"),
    ),
    Cause(
        "some are not told who left",
        "Only some are told when somebody has left by BYE.",
        {"4.2": [SOME]},
        passed=("2.1", "2.2"),
    ),
    Cause(
        "only BYE is told",
        "The others are told after a BYE, but not when a connection just closes.",
        {"4.3": [NOBODY]},
        passed=("2.2", "3.2", "4.1", "4.2"),
        hides=("4.4",),
    ),
    Cause(
        "still listed after a close",
        "Whoever has closed the connection without BYE is still listed.",
        {"4.3": [STAYS]},
        passed=("3.2",),
    ),
    Cause(
        "some are not told of a close",
        "Only some are told when a client has closed its connection without BYE.",
        {"4.3": [SOME]},
        passed=("2.2", "4.2"),
    ),
    Cause(
        "a close ends the program",
        "The program ends when a client has closed its connection without BYE.",
        {"4.3": [Sign.ENDED]},
        passed=("2.2", "3.1", "4.1", "4.2"),
    ),
    Cause(
        "a close closes others",
        "When one client closes its connection, another one's is closed, too.",
        {"4.3": [Sign.CLOSED]},
        passed=("2.2", "3.1", "4.1", "4.2"),
    ),
    Cause(
        "a reset ends the program",
        "The program ends when a client has reset its connection.",
        {"4.4": [Sign.ENDED]},
        passed=("2.2", "3.1", "4.3"),
        explains={"5.3": [Sign.ENDED]},
    ),
]

CAUSES = (*NOT_SERVED, *TOLD, *SEVERAL_TALK, *LEAVING)
