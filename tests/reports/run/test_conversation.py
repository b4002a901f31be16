"""What is shown of a conversation: what proves the failure, and a little around it."""

from __future__ import annotations

import pytest

from conformance.reports.run.conversation import MAX_ROWS, conversed
from conformance.reports.text.page import MOST_THRIFT, Page
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.proof import MAX_ALIKE
from conformance.verdict.symptoms import Moment
from conformance.verdict.transcript import Entry, Transcript, assemble
from conformance.verdict.violation import Fault

Said = tuple[float, str, str]


def shown(
    said: list[Said], *proof: Moment, whole: bool = False, width: int = 80, encoding: str = "utf-8",
    **facts: object,
) -> list[str]:  # fmt: skip
    """The rows of a failed attempt's conversation."""
    transcript = Transcript(tuple(Entry(*each) for each in said), "capture")
    held = Attempt(Outcome.FAILED, transcript, proof=proof, **facts)  # type: ignore[arg-type]
    page = Page(width=width, encoding=encoding, whole=whole)
    return [row.plain for row in conversed(held, page)]


def marked(rows: list[str]) -> list[str]:
    """What the marked rows say, behind the time and the voice."""
    return [
        row.removeprefix("  ▶ ").split("  ")[-1].strip() for row in rows if row.startswith("  ▶")
    ]


DIALOGUE: list[Said] = [
    (0.0, "suite", "client connects"),
    *(
        (0.1 * number, who, f"{text} {number}\n")
        for number in range(1, 31)
        for who, text in (("client", "line"), ("server", "> LINE"))
    ),
    (9.0, "suite", "client left"),
]


def test_the_proof_is_shown_with_five_rows_before_and_after_it() -> None:
    rows = shown(DIALOGUE, Moment(1.5, "server"))
    assert marked(rows) == ["> LINE 15⏎"]
    assert rows[0] == "    … 25 lines …"
    assert rows[6].startswith("  ▶")
    assert rows[-1] == "    … 26 lines …"
    assert len(rows) == 13


def test_two_that_prove_it_together_are_both_marked() -> None:
    twice = [*DIALOGUE[:-1], (3.0, "server", "> LINE 30\n")]
    rows = shown(twice, Moment(3.0, "server", "> LINE 30"))
    assert marked(rows) == ["> LINE 30⏎", "> LINE 30⏎"]


def test_the_line_that_provoked_it_is_shown_however_few_rows_there_are() -> None:
    flood: list[Said] = [(1.5 + number / 100, "server", f"> NO {number}\n") for number in range(9)]
    said = [*DIALOGUE[:-1], (1.5, "client", "line 15 again\n"), *flood]
    said.sort(key=lambda each: each[0])
    transcript = Transcript(tuple(Entry(*each) for each in said), "capture")
    held = Attempt(Outcome.FAILED, transcript, proof=(Moment(1.58, "server", "> NO 8"),))
    rows = [row.plain for row in conversed(held, Page(thrift=MOST_THRIFT))]
    assert marked(rows) == ["> NO 8⏎"]
    assert any("line 15 again⏎" in row for row in rows)
    assert len(rows) <= 5


def test_of_lines_in_one_segment_the_text_says_which() -> None:
    together: list[Said] = [(0.1, "client", "go\n")]
    together += [(0.2, "server", f"{number} came\n") for number in range(20)]
    assert marked(shown(together, Moment(0.2, "server", "7 came"))) == ["7 came⏎"]
    assert len(marked(shown(together, Moment(0.2, "server")))) == MAX_ALIKE
    closed = [*together[:4], (0.2, "suite", "the server closed the connection")]
    assert marked(shown(closed, Moment(0.2))) == ["0 came⏎", "1 came⏎", "2 came⏎"]


def test_a_silence_is_a_row_behind_what_was_said_last() -> None:
    said = [*DIALOGUE[:5], (5.21, "suite", "client left")]
    rows = shown(said, Moment(0.2, "client", silence=5.0), fault=Fault.ABSENT)
    assert rows[-3].startswith("  ▶ ")
    assert rows[-3].endswith("> LINE 2⏎")
    assert rows[-2] == "  ▶ … 5.00 s of silence …"
    assert rows[-1].endswith("client left")


def test_a_late_reply_stands_behind_the_silence_that_it_ended() -> None:
    said: list[Said] = [(0.1, "client", "hello\n"), (1.72, "server", "> HELLO\n")]
    rows = shown(said, Moment(0.1, silence=1.62), Moment(1.72))
    assert rows == [
        "  ▶   0.100 s  client  hello⏎",
        "  ▶ … 1.62 s of silence …",
        "  ▶   1.720 s  server  > HELLO⏎",
    ]


def test_a_client_that_speaks_meanwhile_hears_nothing_all_the_same() -> None:
    said: list[Said] = [
        (0.1, "suite", "client connects"),
        (2.6, "client", "hello\n"),
        (2.7, "server", "12:00:00\n"),
    ]
    rows = shown(said, Moment(0.1, silence=2.6), fault=Fault.ABSENT)
    assert marked(rows) == ["client connects", "… nothing from the server for 2.60 s …"]
    assert rows[-1].endswith("12:00:00⏎")


def test_what_was_said_meanwhile_is_no_silence() -> None:
    said: list[Said] = [
        (0.1, "client", "hello\n"),
        (0.5, "server", "Welcome\n"),
        (1.72, "server", "> HELLO\n"),
    ]
    rows = shown(said, Moment(0.1, silence=1.62), Moment(1.72))
    assert not [row for row in rows if "silence" in row]
    assert marked(rows) == ["hello⏎", "> HELLO⏎"]


def crowd(clients: int, lines: int) -> list[Said]:
    """A room of clients who talk at the same time; the last of them get the first's lines."""
    said: list[Said] = []
    for number in range(1, clients + 1):
        name, server = voices(number)
        said.append((0.01 * number, "suite", f"{name} connects"))
        said += [(1.0 + each, name, f"{number} says {each}\n") for each in range(lines)]
        said += [(1.5 + each, server, f"{number} hears {each}\n") for each in range(lines)]
        said.append((90.0, "suite", f"{name} left"))
        closed = "the server closed the connection" + f" of {name}" * (number > 1)
        said.append((90.1, "suite", closed))
    return sorted(said, key=lambda each: each[0])


def voices(number: int) -> tuple[str, str]:
    """What a transcript calls a client, and the server that speaks to it."""
    if number == 1:
        return "client", "server"
    return f"client {number}", f"server to client {number}"


def test_the_clients_who_are_not_concerned_are_counted_only() -> None:
    rows = shown(crowd(20, 30), Moment(16.5, "server to client 7"), client="client 7")
    assert rows[0] == "    20 clients connected (0.010 to 0.200 s)"
    assert rows[-1] == "    everybody left"
    assert marked(rows) == ["7 hears 15⏎"]
    spoken = [row for row in rows if " s  " in row]
    assert len(spoken) == 11
    assert all("client 7" in row for row in spoken)
    before, after = (int(row.split()[1].replace(",", "")) for row in rows if " …" in row)
    assert before + len(spoken) + after == 20 * 30 * 2
    assert len(rows) <= MAX_ROWS[0] + 2


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ([2], "client 2"),
        ([2, 4], "clients 2 and 4"),
        ([3, 4, 5, 6], "clients 3 to 6"),
        ([3, 4, 6], "3 clients"),
    ],
)
def test_others_are_named_as_shortly_as_they_can_be(others: list[int], words: str) -> None:
    said = [(0.1 * number, *voices(1)[:1], f"{number}\n") for number in range(16)]
    said += [(0.95 + n / 1e4, f"client {n}", "x\n") for n in others for _ in range(3)]
    said.sort(key=lambda each: each[0])
    rows = shown(said, Moment(1.0, "client"))
    assert f"    … between them {3 * len(others)} lines of {words} …" in rows


def test_who_waits_to_be_told_is_shown_beside_who_has_spoken() -> None:
    said = [
        *crowd(3, 0)[:3],
        (0.2, "server to client 3", "Welcome\n"),
        (0.5, "client 2", "SAY x\n"),
    ]
    said += [(5.6, "suite", f"{voices(number)[0]} left") for number in (1, 2, 3)]
    rows = shown(said, Moment(0.2, "client 3", silence=5.3), fault=Fault.ABSENT)
    assert marked(rows) == ["Welcome⏎", "SAY x⏎", "… nothing to client 3 for 5.30 s …"]


def test_all_of_it_is_shown_where_all_is_asked_for() -> None:
    rows = shown(crowd(20, 3), Moment(2.5, "server"), whole=True, width=100)
    assert len(rows) == len(crowd(20, 3))
    assert marked(rows) == ["1 hears 1⏎"]


def test_a_short_conversation_of_one_client_stays_as_it_was() -> None:
    said = [*DIALOGUE[:5], DIALOGUE[-1]]
    assert [row[4:] for row in shown(said, Moment(0.2, "server"))] == [
        row[4:] for row in shown(said)
    ]


def test_without_a_proof_the_line_that_is_quoted_is_found() -> None:
    assert marked(shown(DIALOGUE, actual="as line 9: > LINE 9")) == ["> LINE 9⏎"]
    assert marked(shown(DIALOGUE, actual="client got: > LINE 21")) == ["> LINE 21⏎"]
    assert marked(shown(DIALOGUE, actual="> LINE 3, without an end of line")) == ["> LINE 3⏎"]
    assert not marked(shown(DIALOGUE, actual="3"))


def test_what_is_absent_is_quoted_by_nobody() -> None:
    rows = shown(DIALOGUE, actual="29 lines; missing: > LINE 3", fault=Fault.ABSENT)
    assert not marked(rows)
    assert "line 26⏎" in rows[1] or "LINE" in rows[1]
    assert rows[-1].endswith("client left")


def test_what_did_not_fail_has_no_proof() -> None:
    transcript = Transcript(tuple(Entry(*each) for each in DIALOGUE))
    held = Attempt(Outcome.PASSED, transcript, actual="> LINE 3", proof=(Moment(0.3, "server"),))
    assert not marked([row.plain for row in conversed(held, Page())])


def test_a_long_line_that_proves_it_is_cut_around_the_difference() -> None:
    line = "> " + "ABCDEFGHI " * 60
    wrong = line[:301] + "x" + line[302:]
    said: list[Said] = [(0.1, "client", "go\n"), (0.2, "server", f"{wrong}\n")]
    proof = Moment(0.2, "server")
    (row,) = marked(shown(said, proof, expected=line, actual=wrong, lines=True))
    assert "x" in row
    assert row.startswith("…")
    assert len(row) < 80


def test_a_line_that_proves_it_is_wrapped_where_nothing_is_compared() -> None:
    words = " ".join(f"word{number}" for number in range(20))
    said: list[Said] = [(0.1, "client", "go\n"), (0.2, "server", f"{words}\n")]
    text = " ".join(row.strip() for row in shown(said, Moment(0.2, "server"), expected="silence"))
    assert all(f"word{number}" in text for number in range(20))


def test_the_mark_is_one_that_the_output_can_show() -> None:
    rows = shown(DIALOGUE[:4], Moment(0.1, "server"), encoding="ascii")
    assert [row for row in rows if row.startswith("  > ")]


def test_a_moment_of_which_nothing_is_in_the_transcript_marks_nothing() -> None:
    rows = shown(DIALOGUE, Moment(77.0, "server to client 9", "::error::"))
    assert not marked(rows)
    assert rows[-1].endswith("client left")


def test_what_is_around_the_proof_is_kept_of_a_long_conversation() -> None:
    entries = [Entry(number / 100, "server", f"{number}\n") for number in range(5_000)]
    kept = assemble(entries, "capture", proof=[Moment(25.0, "server", "2500")])
    assert Entry(25.0, "server", "2500\n") in kept.entries
    assert [entry.at for entry in kept] == sorted(entry.at for entry in kept)
    assert len([entry for entry in kept if entry.is_remark]) == 2
    held = Attempt(Outcome.FAILED, kept, proof=(Moment(25.0, "server", "2500"),))
    rows = [row.plain for row in conversed(held, Page())]
    assert marked(rows) == ["2500⏎"]
    assert rows[0] == "    … 2,495 lines …"
    assert rows[-1] == "    … 2,494 lines …"
