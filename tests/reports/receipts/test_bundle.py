"""A bundle has the same bytes wherever it is written."""

from __future__ import annotations

import pytest

from conformance.reports.receipts.bundle import digest, is_member_name, packed


def test_the_bytes_are_the_same_on_every_machine_and_python() -> None:
    """If another Python wrote other bytes, a receipt from elsewhere would seem to be changed."""
    members = {"captures/b.pcap": b"two", "a.txt": b"one"}
    told = digest(packed(members))
    assert told == "16af3cd7856853e63716f3d83784d56a0ee6f09d2254163cebbfda52764bbb9f"
    assert packed(dict(reversed(members.items()))) == packed(members)


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("run.jsonl", True),
        ("captures/4.1-hangs_up-1.pcapng", True),
        ("captures/../run.jsonl", False),
        ("captures/a/b", False),
        ("other/a.pcap", False),
        (".hidden", False),
        ("-option", False),
        ("a\nb", False),
        ("a" * 400, False),
        ("", False),
    ],
)
def test_a_member_has_a_plain_name(name: str, may: bool) -> None:
    assert is_member_name(name) is may
