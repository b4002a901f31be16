"""What wrong beacons show of the program that sends them. Pure."""

from conformance import Sign

AT_ONCE = 0.1  # seconds between two copies of one datagram, or a question and its answer, at most

BEACON_TEXT = "A timer of its own sends the beacon, whether or not anybody sends, or is there."
BEACON = dict.fromkeys(
    ("nothing came", "late by itself", "another rhythm", "another text"), BEACON_TEXT
)
ONLY_IN_SILENCE = (
    "While nobody sends it comes, while people send it does not: is it sent where waiting for a"
    " datagram times out? A timer of its own must send it."
)
TO_THE_GROUP = (
    "The answer to DISCOVER went to the group: send it to the address and the port that DISCOVER"
    " came from."
)
ANSWERS = (
    "Each DISCOVER was followed by one at once, and not answered to its sender: these are answers"
    " to DISCOVER, sent to the group."
)

WHICH_PORT = "Behind the word comes the number of the port it listens on."
ITS_SOURCE = "That is the port that the beacon comes from, not the one it listens on."
THE_GROUPS = "That is the port of the group, not the one it listens on."


def of_a_number(text, source, group):
    """A hint for a beacon with a wrong number, which may be the port that the beacon came from
    (`source`), or that of the group."""
    known = {f"PRESENCE {group}": THE_GROUPS, f"PRESENCE {source}": ITS_SOURCE}
    return {Sign.FORM: known.get(text, WHICH_PORT), Sign.CUT: WHICH_PORT}


def only_in_silence(times, begun, until):
    """Whether beacons came until people began to send, and none while they did."""
    early = [at for at in times if at <= begun]
    return len(early) > 2 and not any(begun + AT_ONCE < at <= until for at in times)


def answers(times, asked, begun):
    """Whether nearly each DISCOVER (`asked`: when) was followed by one beacon at once, since people
    `begun` to send; before, only few came."""
    before, since = [at for at in times if at <= begun], [at for at in times if at > begun]
    followed = [sent for sent in asked if any(0 <= at - sent <= AT_ONCE / 2 for at in since)]
    usual = len(before) < len(asked) / 4
    return usual and 0.9 * len(asked) <= len(followed) and len(since) < 1.5 * len(asked)
