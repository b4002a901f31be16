"""The comments on the packets of a capture: which step each is, and what proves a failure."""

from __future__ import annotations

from dataclasses import replace

from conformance.session.packet_comments import MAX_LOOKED_AT, comments_on
from conformance.verdict.model import Attempt, Clause, Level, Outcome
from conformance.verdict.symptoms import Moment
from conformance.verdict.transcript import Entry, Transcript
from conformance.verdict.violation import Fault
from conformance.wire.packets import Packet

BEGAN = 1_795_370_289_000_000_000
CLAUSE = Clause("4.1", Level.MUST, 3, "hangs_up_after_bye", "`BYE` is answered.")
SYN, ACK, FIN = 0x02, 0x10, 0x11


def packet(milliseconds: float, payload: bytes = b"", flags: int = ACK) -> Packet:
    """A TCP segment over IPv4 and Ethernet, as far as anybody looks at it."""
    frame = bytearray(54)
    frame[12:14], frame[14], frame[23], frame[47] = b"\x08\x00", 0x45, 6, flags
    data = bytes(frame) + payload
    return Packet(BEGAN + round(milliseconds * 1e6), len(data), data)


PACKETS = [
    packet(0.1, flags=SYN),
    packet(1.0, b"BYE\n"),
    packet(1.1),
    packet(2.0, b"> bye\n> caf\xe9\n"),
    packet(900.0, flags=FIN),
]
TALK = Transcript(
    (
        Entry(0.0, "suite", "client connects"),
        Entry(0.0009, "client", "BYE\n"),
        Entry(0.002, "server", "> bye\n"),
        Entry(0.002, "server", "> caf\udce9\n"),
        Entry(0.9001, "suite", "the server closed the connection"),
        Entry(1.5, "suite", "client left"),
    ),
    "capture",
)
FAILED = Attempt(
    Outcome.FAILED, TALK, expected="> BYE", actual="> bye", fault=Fault.WRONG,
    proof=(Moment(0.002, "server", "> bye"),),
)  # fmt: skip


def test_each_step_is_told_at_its_packet_and_the_proof_begins_with_a_word_of_its_own() -> None:
    step = "4.1 hangs up after bye, step"
    assert comments_on(PACKETS, CLAUSE, FAILED, BEGAN) == {
        0: [f"{step} 1 of 6: suite: client connects"],
        1: [f"{step} 2 of 6: client: BYE\\n"],
        3: [
            f"PROOF of {step} 3 of 6: server: > bye\\n (expected > BYE; actual > bye)",
            f"{step} 4 of 6: server: > caf\\xe9\\n",
        ],
        4: [f"{step} 5 of 6: suite: the server closed the connection"],
    }


def test_a_silence_is_told_at_the_last_packet_before_it() -> None:
    silence = Moment(0.002, "client", silence=0.898)
    late = replace(FAILED, actual="nothing", proof=(silence,), fault=Fault.ABSENT)
    at_last = comments_on(PACKETS, CLAUSE, late, BEGAN)[3][-1]
    assert at_last.startswith("PROOF of 4.1 hangs up after bye, step 4 of 6: server: > caf")
    assert at_last.endswith("; then nothing for 0.898 s (expected > BYE; actual nothing)")


def test_what_passed_proves_nothing() -> None:
    passed = replace(FAILED, outcome=Outcome.PASSED)
    told = comments_on(PACKETS, CLAUSE, passed, BEGAN)
    assert told
    assert not any(text.startswith("PROOF") for texts in told.values() for text in texts)


def test_a_program_cannot_write_a_proof_or_a_line_of_its_own() -> None:
    evil = "PROOF of it\nPROOF \x1b[2J\u202e" + "y" * 9_000
    talk = Transcript((Entry(0.001, "server", evil),), "capture")
    sent = [packet(1.0, evil.encode())]
    ((text,),) = comments_on(sent, CLAUSE, replace(FAILED, transcript=talk), BEGAN).values()
    assert text.startswith(("4.1 hangs up after bye, step 1 of 1: ", "PROOF of 4.1 hangs up"))
    assert text.isprintable()
    assert len(text) < 1_000


def test_a_text_that_no_packet_near_it_holds_is_not_told_of() -> None:
    elsewhen = Transcript((Entry(5.0, "server", "> bye\n"),), "capture")
    assert comments_on(PACKETS, CLAUSE, replace(FAILED, transcript=elsewhen), BEGAN) == {}


def test_in_a_flood_few_packets_are_looked_at() -> None:
    seen = 0

    class Counted(bytes):
        def find(self, *words: object) -> int:
            nonlocal seen
            seen += 1
            return -1

    flood = [Packet(BEGAN + number, 60, Counted(60)) for number in range(20_000)]
    talk = Transcript((Entry(0.00001, "server", "> bye\n"),) * 10, "capture")
    assert comments_on(flood, CLAUSE, replace(FAILED, transcript=talk), BEGAN) == {}
    assert 0 < seen <= 10 * 2 * MAX_LOOKED_AT
