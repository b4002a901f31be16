"""Faults that cost several clauses, and the sentence that is said of each before all else.

A sentence says what was seen, and is true of every program that shows it: who was told of what, not
which line of the program is wrong. More special ones come first.
"""

from conformance import Cause, Sign, Symptom, never_served


def nothing(**facts):
    """Nothing came, and this is known of it: see `hearing.who_was`."""
    return Symptom(Sign.NOTHING, facts=facts)


def other(**facts):
    """Something else came, and this is known of it."""
    return Symptom(Sign.FORM, facts=facts)


NOBODY = nothing(told="nobody")
SILENT = nothing(told="nobody", answers="nothing at all")
STRANGE = other(answer="as to a stranger")
STAYS = other(leaver="stays")
FORGOTTEN = other(forgets="who goes on sending")
FORGOTTEN_WITH_ALIVE = Symptom(Sign.EXTRA, facts=FORGOTTEN.facts)

NOT_SERVED = [
    *never_served("udp"),
    Cause(
        "answers to its own port number",
        "It answers to its own port number at the client's address, not to the port of the client.",
        {"1.3": [other(answers="to its own port number")], "2.1": [SILENT]},
    ),
    Cause(
        "nothing is answered",
        "No client gets an answer in time, whatever it sends.",
        {"2.1": [SILENT]},
    ),
    Cause(
        "bound to loopback",
        "It is bound to the loopback address: other hosts cannot reach it.",
        {"1.3": [Sign.NOTHING]},
        hides=("1.2",),
    ),
    Cause(
        "nobody is known again",
        "It does not know again who has said HELLO, and asks who that is.",
        {"2.6": [STRANGE], "3.1": [STRANGE]},
    ),
    Cause(
        "all are one person",
        "It takes several people for one: a HELLO from another port is answered with the name of"
        " the first.",
        {
            "2.1": [nothing(**{"taken for": "the first"})],
            "3.1": [other(lists="the asker alone")],
        },
        explains=("2.3", "2.8", "3.3", "3.4"),
    ),
]

HELLO, SAY, BYE = "2.1", "2.3", "3.4"
SEVERAL = (
    ("HELLO, SAY and BYE", (HELLO, SAY, BYE)),
    ("HELLO and SAY", (HELLO, SAY)),
    ("SAY and BYE", (SAY, BYE)),
    ("HELLO and BYE", (HELLO, BYE)),
)
WHOM = {
    "the speaker alone": (
        "told to the sender alone",
        "{commands} are told to their sender alone.",
    ),
    "all but the speaker": (
        "told to all but the sender",
        "{commands} are told to all but their sender.",
    ),
    "some": (
        "some are not told",
        "{commands} are told only to some of those present.",
    ),
}
TOLD = [
    # 3.3: whoever is forgotten too early is not told either
    Cause(
        name,
        sentence.format(commands=commands),
        dict.fromkeys(clauses, (nothing(told=whom),)),
        ("3.3",),
    )
    for commands, clauses in SEVERAL
    for whom, (name, sentence) in WHOM.items()
]
IN_OWN_WORDS = [
    Cause(
        "words of its own",
        f"{commands} are told in words of its own.",
        dict.fromkeys(clauses, (other(words="its own"),)),
    )
    for commands, clauses in SEVERAL
]
SAID = [
    Cause(
        "one person is known",
        "WHO lists only the one who asks, and SAY is told to the speaker alone.",
        {SAY: [nothing(told="the speaker alone")], "3.1": [other(lists="the asker alone")]},
    ),
    Cause(
        "said to the speaker alone",
        "What somebody says is told to the speaker alone.",
        {SAY: [nothing(told="the speaker alone")]},
        passed=(HELLO, "3.3"),
    ),
    Cause(
        "names are lost",
        "What somebody says is told under another name.",
        {SAY: [Sign.MISNAMED]},
        passed=(HELLO,),
    ),
    Cause(
        "messages cut",
        "Only the beginning of a message is passed on.",
        {SAY: [Sign.CUT]},
    ),
    Cause(
        "SAY tells nobody",
        "What somebody says is told to nobody.",
        {SAY: [NOBODY]},
        passed=(HELLO, "3.3"),
    ),
]

WHO = [
    Cause("nobody is listed", "The answer to WHO names nobody.", {"3.1": [other(lists="nobody")]}),
    Cause(
        "the list in several datagrams",
        "It answers WHO with several datagrams, though the list fits into one.",
        {"3.1": [other(lists="in several datagrams")]},
    ),
    Cause(
        "a list in another form",
        "The answer to WHO has the names, but not each on a line of its own behind ` - `.",
        {"3.1": [other(lists="in another form")]},
    ),
]

DATAGRAMS = [
    Cause(
        "NUL bytes",
        "NUL bytes stand behind the text that it sends.",
        {"2.8": [other(datagram="NUL bytes")]},
    ),
    Cause(
        "datagrams run on",
        "The rest of a longer datagram is taken for part of the next one.",
        {"2.8": [other(datagram="runs on")]},
    ),
    Cause("datagrams cut", "Only the beginning of a long message arrives.", {"2.8": [Sign.CUT]}),
]

PRESENT = [
    Cause(
        "beacons stop",
        "Its beacons stop, and DISCOVER is not answered.",
        {"1.2": [nothing(beacons="stop")], "1.3": [Sign.NOTHING]},
    ),
    Cause(
        "nothing happens in silence",
        "While nobody sends, no beacon reaches the group, and nobody is forgotten.",
        {"1.2": [Sign.NOTHING], "3.2": [nothing(forgets="only while others send")]},
    ),
    Cause(
        "forgets too early",
        "It forgets people too early, also while they go on sending.",
        {"3.2": [other(forgets="too early")], "3.3": [FORGOTTEN_WITH_ALIVE]},
    ),
    Cause(
        "no sign of life counts",
        "It forgets people while they go on sending.",
        {"3.2": [FORGOTTEN], "3.3": [FORGOTTEN_WITH_ALIVE]},
    ),
    Cause(
        "ALIVE does not count",
        "Whoever goes on sending ALIVE is forgotten all the same.",
        {"3.3": [FORGOTTEN_WITH_ALIVE]},
        passed=("3.2",),
    ),
    Cause(
        "ALIVE is answered",
        "It answers ALIVE, which should have no answer.",
        {"3.3": [Symptom(Sign.EXTRA, facts={"answers": "ALIVE"})]},
    ),
    Cause(
        "nobody leaves the room",
        "Whoever is said to have left, by BYE or by silence, is still treated as present.",
        {"3.2": [STAYS], BYE: [STAYS]},
    ),
    Cause(
        "still there after BYE",
        "Whoever has said BYE is still listed, or told what others say.",
        {BYE: [STAYS]},
    ),
    Cause(
        "BYE is not told", "Nobody is told of a BYE.", {BYE: [NOBODY]}, passed=(HELLO, SAY, "3.3")
    ),
    Cause("BYE ends the program", "The program ends at a BYE.", {BYE: [Sign.ENDED]}),
]

CAUSES = (*NOT_SERVED, *TOLD, *IN_OWN_WORDS, *SAID, *WHO, *DATAGRAMS, *PRESENT)
