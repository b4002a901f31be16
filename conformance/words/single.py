"""Words that reports print and that stand alone in the sources, where nothing tells them from keys:
the catalogue holds them too."""

from __future__ import annotations

OUTCOMES = (
    "passed", "failed", "hidden", "advice", "inconclusive", "not shown", "not run", "left out",
    "open", "fails", "corrected", " (advice)",
)  # fmt: skip

SPEAKERS = ("client", "server", "suite", "the server", "server to client")

OF_A_PICTURE = ("ideal", "came")

TALLIED = (
    "{number} passed", "{number} failed", "{number} advice", "{number} inconclusive",
    "{number} not shown", "{number} not run", "{number} left out", "{number} hidden",
    "{number} open", "{number} corrected",
)  # fmt: skip

COUNTED = ("{number} point", "{number} points", "{one} and {other}", "{some}, {more}")

COMPOSED = (
    "{who} to {where}",
    "… {what} …",
    "each about {each} s",
    "each about {each} s and none less than {least} s",
    "as line {number}: {text}",
    "it stands behind clause {names}; mend that first",
    " ({why})",
    "{what} ({why})",
    "{some}; {more}",
    "{what}: {which}",
)

ALONE = (
    "strict", "nothing", "conversation", "once", "line", "tick", "beacon", "datagram", "it",
    "neighbour", "stranger", "seeker", "speaker", "listener", "musician", "auditor",
)  # fmt: skip

COMMENTS = (
    "must be refused", "must still succeed", "lines, words, bytes", "and, in Wireshark: udp",
    "124: still connected; 0: the server closed", "and have your client connect there",
    "$ is the end of a line, ^M a CR, ^I a tab, ^@ a zero byte",
    "then start your client against it", "start it so; then, in another terminal:",
    "say nothing, and have your client connect there", "while musicians play: {musician} piano",
)  # fmt: skip

OF_A_NETWORK = (
    *(f"the network {what} {{number}} packet" for what in ("lost", "doubled", "swapped")),
    *(f"the network {what} {{number}} packets" for what in ("lost", "doubled", "swapped")),
    *(f"{what} {{number}}" for what in ("doubled", "swapped")),
)

WORDS = (
    *OF_A_NETWORK,
    *COMMENTS,
    *OUTCOMES,
    *SPEAKERS,
    *OF_A_PICTURE,
    *TALLIED,
    *COUNTED,
    *COMPOSED,
    *ALONE,
)
