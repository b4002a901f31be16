"""The text beside a capture: what the scenario did when, for who looks at the packets."""

from __future__ import annotations

import pytest

from conformance.session.evidence_files import account, safe
from conformance.session.packet_comments import printable
from conformance.verdict.model import Attempt, Clause, Level, Outcome
from conformance.verdict.transcript import Entry, Transcript
from conformance.verdict.violation import Fault
from conformance.wire.packets import Packet

BEGAN = 1_795_370_289_123_456_000
CLAUSE = Clause("4.1", Level.MUST, 3, "hangs_up_after_bye", "`BYE` is answered.\nThen it closes.")
TALK = Transcript(
    (Entry(0.0, "suite", "client connects"), Entry(1.5, "server", "> caf\udce9 \\ \x1b[2J\r\n")),
    "capture",
)
FAILED = Attempt(
    Outcome.FAILED, TALK, expected="> BYE\n", actual="> bye\n", hint="h", fault=Fault.LATE
)
PACKETS = [Packet(BEGAN + 500_000_000, 60, b"."), Packet(BEGAN + 1_500_000_000, 60, b".")]


def test_it_reads_as_it_should() -> None:
    assert (
        "\n".join(account(CLAUSE, FAILED, BEGAN, PACKETS, 0))
        == """\
4.1 hangs up after bye: FAILED

`BYE` is answered.
Then it closes.

expected  > BYE\\n
actual    > bye\\n
hint      h
began     2026-11-22 17:58:09.123456 UTC
clock     the kernel's stamp of each packet, as in the capture
packets   2

The times of the conversation: as in the report, since it began; in UTC; and since
the first packet of the capture, as Wireshark shows them.

      report             UTC    Wireshark
    0.000000 17:58:09.123456    -0.500000  suite: client connects
    1.500000 17:58:10.623456     1.000000  server: > caf\\xe9 \\\\ \\x1b[2J\\r\\n"""
    )


def test_what_was_left_out_is_said() -> None:
    text = "\n".join(account(CLAUSE, FAILED, BEGAN, PACKETS, 4_711))
    assert "2, and 4711 between the first and the last that were left out" in text


def test_a_doubt_has_its_reason_and_no_hint() -> None:
    doubt = Attempt(Outcome.INCONCLUSIVE, TALK, reason="the machine stood still", hint="h")
    text = "\n".join(account(CLAUSE, doubt, BEGAN, PACKETS, 0))
    assert "4.1 hangs up after bye: INCONCLUSIVE" in text
    assert "reason    the machine stood still" in text
    assert "hint" not in text


@pytest.mark.parametrize(
    ("name", "is_safe"),
    [
        ("hangs_up", "hangs_up"), ("4.1", "4.1"), ("../../etc/passwd", "_.._etc_passwd"),
        ("-rf", "_rf"), ("..", "_"), ("", "_"), ("a b\n", "a_b_"),
    ],
)  # fmt: skip
def test_a_name_is_one_everywhere(name: str, is_safe: str) -> None:
    assert safe(name) == is_safe


def test_nothing_steers_a_terminal() -> None:
    assert printable("\x1b]0;x\x07\u202e\r\n\t é ␍") == "\\x1b]0;x\\x07\\u202e\\r\\n\\t é ␍"
