"""From what was said in a conversation to the commands that say it again."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.run.see_yourself import Door, see_yourself
from conformance.run.see_yourself.shell import written
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.symptoms import Moment
from conformance.verdict.transcript import Entry, Series, Transcript, as_text, assemble
from conformance.verdict.violation import Kind

HERE = Door("localhost", 2323)
COMES = (0.0, "suite", "client connects")
LEFT = (9.0, "suite", "client left")


def failed(*entries: tuple[float, str, str], kind: Kind = Kind.FORM, **more: Any) -> Attempt:
    talk = Transcript(tuple(Entry(*entry) for entry in entries))
    return Attempt(Outcome.FAILED, talk, kind=kind, **more)


def shown(*entries: tuple[float, str, str], door: Door = HERE, **more: Any) -> list[str]:
    return see_yourself(failed(*entries, **more), door).splitlines()


# -- the very bytes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "command"),
    [
        (b"hello\n", r"printf 'hello\n'"),
        ("h\u00e9llo\r\n".encode(), r"printf 'h\303\251llo\r\n'"),
        (b"\xff\x0012\n", r"printf '\377\00012\n'"),
        (b"it's 100 % \\n\t", r"printf 'it\047s 100 %% \\n\t'"),
        (b"-n", r"printf '\055n'"),
        (b"", "printf ''"),
    ],
)
def test_what_was_sent_is_quoted(data: bytes, command: str) -> None:
    assert written(data) == command


@given(st.binary(max_size=200))
def test_a_shell_writes_the_very_bytes(data: bytes) -> None:
    done = subprocess.run(["sh", "-c", written(data)], capture_output=True, check=True)
    assert done.stdout == data


# -- how long ---------------------------------------------------------------------------


def test_what_counts_lines_listens_until_all_have_come() -> None:
    """Also where the client spoke, and gave up before the stream should have ended."""
    said = ((1.0, "client", "hello\n"), (4.0, "suite", "client left"))
    rhythm = Series("line", 1.0, 0.25, (0.1, 1.1, 1.2, 2.1), count=15)
    attempt = failed(COMES, *said, expected="15 lines", actual="19 lines, and no end")
    talk = replace(attempt.transcript, series=(rhythm,))
    counted = replace(attempt, transcript=talk)
    assert "timeout 17 nc" in see_yourself(counted, HERE)
    text = replace(counted, expected="{'time'}", actual="time")
    assert "timeout 17" not in see_yourself(text, HERE)
    long = replace(talk, series=(replace(rhythm, count=900),))
    assert "timeout 30 nc" in see_yourself(replace(counted, transcript=long), HERE)


# -- one client ---------------------------------------------------------------------------


def test_a_wrong_line() -> None:
    talk = [COMES, (0.1, "client", "hello\n"), (0.2, "server", "> hello\n"), LEFT]
    words: dict[str, Any] = {"expected": "> HELLO", "actual": "> hello", "lines": True}
    assert shown(*talk, **words) == [r"printf 'hello\n' | timeout 2 nc localhost 2323"]


def test_what_was_tried_after_the_fault_is_left_out() -> None:
    talk = [COMES, (0.1, "client", "a\n"), (0.2, "server", "> a\n"), (0.3, "client", "b\n"),
            (0.4, "server", "> b\n"), LEFT]  # fmt: skip
    words: dict[str, Any] = {"expected": "as line 1: > A", "actual": "as line 1: > a"}
    assert shown(*talk, **words) == [r"printf 'a\n' | timeout 2 nc localhost 2323"]
    proven: dict[str, Any] = {
        "expected": "A",
        "actual": "another",
        "proof": (Moment(0.2, "server"),),
    }
    assert shown(*talk, **proven) == [r"printf 'a\n' | timeout 2 nc localhost 2323"]


def test_a_reply_that_does_not_come_keeps_the_input_open() -> None:
    talk = [COMES, (0.1, "client", "hello\n"), (5.1, "suite", "client left")]
    words: dict[str, Any] = {
        "kind": Kind.SILENCE,
        "expected": "> HELLO",
        "actual": "nothing within 5 s",
    }
    assert shown(*talk, **words) == [
        r"{ printf 'hello\n'; sleep 2; } | timeout 2 nc localhost 2323"
    ]


def test_a_reply_that_comes_late_is_cut_off_at_its_deadline() -> None:
    talk = [COMES, (0.1, "client", "a"), (0.5, "client", "b\n"), (2.0, "server", "> AB\n"), LEFT]
    words: dict[str, Any] = {
        "kind": Kind.LATE,
        "expected": "a reply within 1 s",
        "actual": "it came after 1.5 s",
    }
    assert shown(*talk, **words) == [
        r"{ printf 'a'; sleep 0.4; printf 'b\n'; sleep 1; } | timeout 1.4 nc localhost 2323"
    ]


def test_a_greeting_that_does_not_come() -> None:
    talk = [COMES, (1.1, "client", "hello\n"), (1.2, "server", "Welcome\n"), LEFT]
    words: dict[str, Any] = {"kind": Kind.LATE, "expected": "a greeting that arrives within 1 s"}
    assert shown(*talk, **words) == ["timeout 1 nc localhost 2323 </dev/null"]


def test_a_connection_that_is_not_closed_shows_in_the_exit_status() -> None:
    talk = [COMES, (0.1, "client", "BYE\r\n"), (0.2, "server", "> BYE\n"), LEFT]
    words: dict[str, Any] = {
        "kind": Kind.OPEN,
        "expected": "the server closes the connection within 5 s",
    }
    [line] = shown(*talk, **words)
    assert line.startswith(
        r"""printf 'BYE\r\n' | timeout 5 nc localhost 2323; echo "exit status $?"   # 124:"""
    )


def test_a_half_close() -> None:
    talk = [COMES, (0.1, "client", "last"), (0.2, "suite", "client closed its sending side"), LEFT]
    words: dict[str, Any] = {"kind": Kind.SILENCE, "actual": "nothing within 5 s"}
    assert shown(*talk, **words) == ["printf 'last' | timeout 2 nc -N localhost 2323"]


def test_a_program_that_ends_is_asked_again() -> None:
    talk = [COMES, (0.1, "client", "\n"), (0.2, "suite", "the server closed the connection")]
    assert shown(*talk, kind=Kind.ENDED) == [
        r"printf '\n' | timeout 1 nc localhost 2323",
        "sleep 1; nc -zv -w1 localhost 2323   # must still succeed",
    ]


@pytest.mark.parametrize(
    ("program", "last"),
    [
        ("server.py", "sleep 1; pgrep -af '[s]erver.py'   # must find nothing"),
        ("", "sleep 1; nc -zv -w1 localhost 2323   # must be refused"),
        ("a b'", "sleep 1; nc -zv -w1 localhost 2323   # must be refused"),
    ],
)
def test_a_program_that_should_end_is_looked_for(program: str, last: str) -> None:
    talk = [COMES, (0.1, "client", "KILL\n"), LEFT]
    door = Door("localhost", 2323, program=program)
    words: dict[str, Any] = {
        "kind": Kind.OPEN,
        "expected": "the program ends within 5 s, and its port is closed",
    }
    assert shown(*talk, door=door, **words)[-1] == last


def test_a_long_line_is_made_where_it_is_sent() -> None:
    line = "x" * 100_000 + "\n"
    talk = assemble([Entry(*COMES), Entry(0.1, "client", line), Entry(*LEFT)], "capture")
    [command] = shown(*((e.at, e.who, e.what) for e in talk), actual="another")
    made, _, rest = command.partition(" | ")
    done = subprocess.run(["sh", "-c", made], capture_output=True, check=True)
    assert len(done.stdout) == len(line)
    assert done.stdout.endswith(b"a\n")
    assert rest.startswith("timeout 2 nc localhost 2323 | wc")


@pytest.mark.parametrize("count", [7, 32])
def test_many_numbered_lines_are_counted(count: int) -> None:
    sent = [(0.1 * n, "client", f"{n} words and words\n") for n in range(1, count + 1)]
    words: dict[str, Any] = {"kind": Kind.SILENCE, "actual": "nothing within 5 s"}
    [command] = shown(COMES, *sent, LEFT, **words)
    assert f"$(seq {count})" in command
    assert len(command) < 120


def test_a_difference_that_cannot_be_seen_is_made_visible() -> None:
    talk = [COMES, (0.1, "client", "a b\n"), (0.2, "server", "a b \n"), LEFT]
    [command] = shown(*talk, expected="a b", actual="a b ", lines=True)
    assert "| cat -vet" in command


# -- several clients ------------------------------------------------------------------------

TWO_COME = (COMES, (0.1, "suite", "client 2 connects"))
BOTH_LEFT = (LEFT, (9.1, "suite", "client 2 left"))


def test_two_clients_at_once_take_two_terminals() -> None:
    talk = [*TWO_COME, (0.3, "client 2", "hello\n"), *BOTH_LEFT]
    assert shown(*talk, kind=Kind.SILENCE, actual="nothing within 5 s") == [
        "terminals 1 and 2: nc localhost 2323",
        "terminal 2: type hello",
    ]


def test_clients_that_come_one_after_another_are_commands_in_a_row() -> None:
    first = [COMES, (0.1, "client", "a\n"), (0.5, "suite", "client left")]
    second = [(1.0, "suite", "client 2 connects"), (1.1, "client 2", "b\n")]
    words: dict[str, Any] = {"kind": Kind.SILENCE, "actual": "nothing within 5 s"}
    assert shown(*first, *second, (6.1, "suite", "client 2 left"), **words) == [
        r"printf 'a\n' | timeout 1 nc -N localhost 2323",
        r"{ printf 'b\n'; sleep 2; } | timeout 2 nc localhost 2323",
    ]


def test_somebody_vanishes_while_another_is_there() -> None:
    gone = (0.4, "suite", "client 2 closed its connection")
    talk = [*TWO_COME, (0.3, "client 2", "HELLO Ann\n"), gone, LEFT]
    assert shown(*talk, kind=Kind.SILENCE, actual="nothing within 5 s") == [
        "terminals 1 and 2: nc localhost 2323",
        "terminal 2: type HELLO Ann, press Ctrl-C",
    ]


def test_what_is_too_long_to_be_typed_one_client_sends() -> None:
    talk = [*TWO_COME, (0.3, "client 2", f"SAY {'x' * 1000}\n"), *BOTH_LEFT]
    assert shown(*talk, actual="b") == [
        """python3 -c "print('SAY ' + 'a' * 1000)" | timeout 2 nc localhost 2323 | wc"""
        "   # lines, words, bytes"
    ]


# -- how it is reached ----------------------------------------------------------------------


def test_another_host_and_port() -> None:
    talk = [COMES, (0.1, "client", "a\n"), LEFT]
    [command] = shown(*talk, door=Door("10.1.2.3", 7), actual="b")
    assert command == r"printf 'a\n' | timeout 2 nc 10.1.2.3 7"


def test_udp_is_sent_to_an_address_that_is_no_other() -> None:
    talk = [(0.1, "Ann", "HELLO Ann"), (0.2, "server", "who?"), (9.0, "Ann", "BYE")]
    words: dict[str, Any] = {"kind": Kind.SILENCE, "actual": "nothing within 5 s"}
    assert shown(*talk, door=Door("localhost", 9907, udp=True), **words) == [
        "{ printf 'HELLO Ann'; sleep 2; } | timeout 2 nc -u 127.0.0.1 9907"
    ]


def test_of_what_a_server_remembers_nothing_is_left_out() -> None:
    sent = [(0.1 * n, "client", f"{n}\n") for n in range(1, 6)]
    talk = [COMES, *sent, (0.6, "server", "b\n"), LEFT]
    [all_of_it] = shown(*talk, door=Door("localhost", 2323, remembers=True), actual="b")
    assert [f"printf '{n}\\n'" in all_of_it for n in range(1, 6)] == [True] * 5
    [last] = shown(*talk, actual="b")
    assert last == r"printf '5\n' | timeout 2 nc localhost 2323"


# -- what cannot be shown --------------------------------------------------------------------


def crowd(size: int) -> list[tuple[float, str, str]]:
    return [(0.01 * n, "suite", f"client {n} connects") for n in range(2, size + 1)]


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param([], id="nobody came"),
        pytest.param([COMES, *crowd(20), (1.0, "client 2", "a\n")], id="a crowd"),
        pytest.param(
            [COMES, (0.1, "suite", "client has sent 5,000,000 bytes and read nothing")], id="deaf"
        ),
        pytest.param([(0.1, "seeker to 255.255.255.255", "DISCOVER")], id="sent to everybody"),
        pytest.param(
            [*TWO_COME, (0.3, "client 2", as_text(b"\xff\n")), *crowd(5)],
            id="nobody can type that",
        ),
        pytest.param([*TWO_COME, (0.3, "client 2", " a\n"), *BOTH_LEFT], id="spaces unseen"),
        pytest.param(
            [*TWO_COME, (0.3, "suite", "client 2 reset its connection"), LEFT], id="a reset"
        ),
        pytest.param([COMES, (0.1, "suite", "… 9 more entries left out here …")], id="cut"),
    ],
)
def test_what_cannot_be_done_by_hand_is_left_out(talk: list[tuple[float, str, str]]) -> None:
    assert shown(*talk, actual="nothing") == []


@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.FAILED])
def test_only_a_failure_is_shown(outcome: Outcome) -> None:
    talk = Transcript((Entry(*COMES), Entry(0.1, "client", "a\n")))
    assert see_yourself(Attempt(outcome, talk), HERE) == ""


WHO = ["client", "client 2", "server", "server to client 2", "Ann", "10.9.9.2 to Ann", "suite"]
REMARKS = [
    "client connects",
    "client 2 connects",
    "client left",
    "client 2 closed its connection",
    "client reset its connection",
    "client 2 closed its sending side",
    "the server closed the connection",
    "the server reset the connection (RST) of client 2",
    "the program was stopped, and started again",
]
ENTRIES = st.builds(
    Entry, st.floats(0, 9), st.sampled_from(WHO), st.sampled_from(REMARKS) | st.text(max_size=9)
)


@given(
    st.lists(ENTRIES, max_size=9),
    st.sampled_from(Kind),
    st.sampled_from(["", "client", "client 2"]),
    st.sampled_from(["", "nothing within 2 s", "> a"]),
    st.lists(st.builds(Moment, st.floats(0, 9), st.just("server")), max_size=1),
    st.booleans(),
)
def test_any_conversation_is_shown_or_left_out(
    entries: list[Entry], kind: Kind, client: str, actual: str, proof: list[Moment], udp: bool
) -> None:
    talk = assemble(entries, "clock")
    attempt = Attempt(Outcome.FAILED, talk, kind=kind, client=client, actual=actual,
                      proof=tuple(proof))  # fmt: skip
    for line in see_yourself(attempt, Door("localhost", 7, udp=udp)).splitlines():
        if not line.startswith("terminal"):
            subprocess.run(["sh", "-nc", line], check=True)
