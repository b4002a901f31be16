"""Our end of a TCP connection, against a server of the test's own.

Deadlines are put to the test by what happened, never by how long it took: what comes
must be found however late we look, and a wait ends only when its deadline has passed.
"""

from __future__ import annotations

import asyncio
import re
import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.verdict.expectations import Wording
from conformance.verdict.transcript import REMARK, as_bytes
from conformance.verdict.violation import Fault, Violation
from conformance.wire.recorder import MAX_TAKEN, Recorder
from conformance.wire.tcp_client import DeafClient
from kit.peers import WITHIN, meeting, together

SOON = 0.05
"""A deadline for what never comes: only that it ends is tested, not when."""

TEXT = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12)


# -- lines ----------------------------------------------------------------------------


def test_the_first_expected_line_may_come_after_a_greeting() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"Welcome.\n> HELLO, you there\n", b"> HELLO\n", b"> AGAIN\n")
            line = await client.expect_line("> HELLO")
            assert client.lines.index(line) == 2
            assert (await client.expect_line("> AGAIN")).text == "> AGAIN"

    together(work)


def test_once_in_dialogue_nothing_may_come_between() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"> HELLO\nlog: oops\n> AGAIN\n")
            await client.expect_line("> HELLO")
            with pytest.raises(Violation) as told:
                await client.expect_line("> AGAIN")
            assert (told.value.expected, told.value.actual) == ("> AGAIN", "log: oops")
            assert told.value.fault is Fault.WRONG

    together(work)


@pytest.mark.parametrize("how", ["read_line", "wait_for_line"])
def test_what_was_read_as_a_reply_ends_the_greeting(how: str) -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"READY\nlog: oops\n> A\n")
            words = () if how == "read_line" else ("READY",)
            await getattr(client, how)(*words)
            with pytest.raises(Violation) as told:
                await client.expect_line("> A")
            assert (told.value.actual, told.value.fault) == ("log: oops", Fault.WRONG)

    together(work)


@pytest.mark.parametrize("how", ["gather", "pass_over"])
def test_what_was_passed_over_may_be_half_a_greeting(how: str) -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"Welcome.\n")
            await client.watch(lambda: bool(client.lines))
            await getattr(client, how)(1 if how == "pass_over" else SOON)
            await peer.say(b"Type HELP.\n> A\n")
            assert (await client.expect_line("> A")).text == "> A"

    together(work)


def test_lines_that_may_come_before_are_no_proof() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"READY\ntick\n")
            await client.expect_line("READY")
            with pytest.raises(Violation) as told:
                await client.wait_for_line("> A", patience=SOON)
            assert told.value.actual.endswith("the last line before was: tick")
            assert told.value.fault is Fault.ABSENT

    together(work)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_line_ends(end: bytes) -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"> A" + end + end + b"> B\rC" + end)
            await client.wait_for_line("> A")
            assert (await client.read_line()).text == ""
            line = await client.read_line()
            assert (line.text, line.ending.encode()) == ("> B\rC", end)

    together(work)


def test_a_line_in_pieces_also_within_a_character_and_a_line_end() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            for piece in (b">", b" H\xc3", b"\x89L", b"LO\r", b"\n"):
                await peer.say(piece)
                await asyncio.sleep(0)
            assert (await client.expect_line("> HÉLLO")).ending == "\r\n"
            assert client.unfinished == ""

    together(work)


@settings(max_examples=30, deadline=None)
@given(
    lines=st.lists(st.tuples(TEXT, st.sampled_from(["\n", "\r\n"])), max_size=8),
    rest=TEXT,
    size=st.integers(1, 9),
)
def test_lines_do_not_depend_on_segments(
    lines: list[tuple[str, str]], rest: str, size: int
) -> None:
    data = as_bytes("".join(text + end for text, end in lines) + rest)

    async def work() -> None:
        async with meeting() as (client, _):
            for start in range(0, len(data), size):
                client.take(data[start : start + size], seen=start)
            assert [(line.text, line.ending) for line in client.lines] == lines
            assert client.unfinished == rest
            for line in client.lines:
                assert data[line.begins : line.ends] == as_bytes(line.text + line.ending)

    together(work)


def test_bytes_that_are_not_text_survive() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"\xff\x00\xc3\n")
            line = await client.read_line()
            assert as_bytes(line.text) == b"\xff\x00\xc3"

    together(work)


def test_patterns_and_wordings() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"a\n12:30\n> hello\n> oh\n")
            assert (await client.expect_line(re.compile(r"\d+:\d+"))).text == "12:30"
            loud = Wording("> HELLO, in any case", lambda text: text.upper() == "> HELLO")
            await client.expect_line(loud)
            with pytest.raises(Violation, match="> HELLO, in any case"):
                await client.expect_line(loud)

    together(work)


# -- nothing comes --------------------------------------------------------------------


def test_silence_is_absence() -> None:
    async def work() -> None:
        async with meeting() as (client, _):
            with pytest.raises(Violation) as told:
                await client.expect_line("> HELLO", patience=SOON)
            assert told.value.fault is Fault.ABSENT
            assert told.value.actual == "nothing within 0.05 s"

    together(work)


def test_a_line_without_its_end_is_told() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"> HEL")
            await client.watch(lambda: bool(client.unfinished))
            with pytest.raises(Violation) as told:
                await client.expect_line("> HELLO", patience=SOON)
            assert told.value.actual.startswith("> HEL, without an end of line")
            assert told.value.fault is Fault.ABSENT

    together(work)


def test_what_came_instead_is_told() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"Welcome.\n>HELLO\n")
            with pytest.raises(Violation) as told:
                await client.expect_line("> HELLO", patience=0.3)
            assert told.value.actual.endswith("the last line before was: >HELLO")

    together(work)


def test_what_arrived_is_found_however_late_we_look() -> None:
    """A deadline that has passed accuses nobody whose line is there."""

    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"> HELLO\n")
            await client.watch(lambda: bool(client.lines))
            line = await client.expect_line("> HELLO", patience=0.0)
            assert client.arrival(line) > 0

    together(work)


@pytest.mark.parametrize("how", ["expect_line", "wait_for_line", "expect_unended"])
def test_a_line_that_comes_too_late_is_late_and_not_absent(how: str) -> None:
    """What counts is when it came: neither how long we waited, nor when we looked."""

    async def work() -> None:
        async with meeting() as (client, peer):
            await client.send_line("hello")
            await peer.say(b"> HELLO" if how == "expect_unended" else b"> HELLO\n")
            since = client.sent_at - 3.0
            with pytest.raises(Violation) as told:
                await getattr(client, how)("> HELLO", within=1.0, since=since, what="a reply")
            late = told.value
            assert (late.expected, late.fault) == ("a reply within 1 s", Fault.LATE)
            [delay] = late.delays
            assert delay.begin == since
            assert delay.end == client.arrival(client.lines[-1])
            assert late.actual == f"it came after {delay.end - delay.begin:.2f} s"

    together(work)


def test_a_line_in_time_counts_from_what_was_sent_last_or_from_the_connection() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            assert client.sent_at == client.connected_at
            await peer.say(b"Welcome.\n")
            await client.wait_for_line("Welcome.", within=60.0)
            client.connected_at -= 100.0
            await client.send_line("hello")
            await peer.say(b"> HELLO\n")
            await client.expect_line("> HELLO", within=60.0)

    together(work)


def test_a_slow_machine_is_given_more_time() -> None:
    async def work() -> None:
        async with meeting(scale=10.0) as (client, peer):
            await peer.say(b"> HELLO\n")
            await client.expect_line("> HELLO", within=1.0, since=client.sent_at - 3.0)

    together(work)


def test_one_deadline_for_the_whole_wait_not_one_for_each_read() -> None:
    """A server that goes on chattering does not keep us for ever."""

    async def work() -> None:
        async with meeting() as (client, peer):

            async def chatter() -> None:
                while True:
                    await peer.say(b"tick\n")
                    await asyncio.sleep(0.01)

            chattering = asyncio.create_task(chatter())
            try:
                with pytest.raises(Violation):
                    await client.wait_for_line("never", patience=0.3)
            finally:
                chattering.cancel()

    together(work)


def test_expected_silence() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await client.expect_silence(SOON)
            await peer.say(b"psst\n")
            await client.watch(lambda: bool(client.lines))
            with pytest.raises(Violation) as told:
                await client.expect_silence(SOON)
            assert told.value.expected == f"nothing for {SOON:g} s"
            assert (told.value.actual, told.value.fault) == ("psst", Fault.WRONG)
            with pytest.raises(Violation) as named:
                await client.expect_silence(SOON, awaited="nothing before the newline")
            assert named.value.expected == "nothing before the newline"

    together(work)


# -- the end --------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["FIN", "RST"])
def test_the_server_closes(how: str) -> None:
    recorder = Recorder()

    async def work() -> None:
        async with meeting(recorder=recorder) as (client, peer):
            await peer.say(b"> BYE\n")
            await client.expect_line("> BYE")
            peer.close() if how == "FIN" else peer.reset()
            ending = await client.expect_close()
            assert ending.how == how
            assert client.closed_at is not None
            assert client.closed_at >= client.connected_at

    together(work)
    said = [entry.what for entry in recorder.transcript() if entry.who == REMARK]
    words = {"FIN": "the server closed the connection", "RST": "the server reset the connection"}
    assert said[-1].startswith(words[how])


@pytest.mark.parametrize("how", ["FIN", "RST"])
def test_a_close_in_place_of_a_line_is_proof(how: str) -> None:
    async def work() -> None:
        gone = "the program has ended: exit status 3"
        async with meeting(why_gone=lambda: gone) as (client, peer):
            peer.close() if how == "FIN" else peer.reset()
            with pytest.raises(Violation) as told:
                await client.expect_line("> HELLO")
            assert told.value.fault is Fault.WRONG
            verb = "closed" if how == "FIN" else "reset"
            assert told.value.actual == f"the server {verb} the connection ({gone})"

    together(work)


def test_no_close_is_absence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.wire.tcp_client.PATIENCE", SOON)

    async def work() -> None:
        async with meeting() as (client, _):
            with pytest.raises(Violation) as told:
                await client.expect_close(within=SOON)
            assert told.value.fault is Fault.ABSENT
            assert "still open after" in told.value.actual
            with pytest.raises(Violation) as named:
                await client.expect_close(within=SOON, after="`BYE` CR LF")
            awaited = "after `BYE` CR LF the server closes the connection within 0.05 s"
            assert named.value.expected == awaited

    together(work)


def test_a_late_close_is_late_not_absent() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await client.send_line("BYE")
            await asyncio.sleep(SOON)  # the lateness itself
            peer.close()
            with pytest.raises(Violation) as told:
                await client.expect_close(within=SOON / 10)
            assert told.value.fault is Fault.LATE
            assert "it closed after" in told.value.actual

    together(work)


def test_the_last_words_before_a_close_are_read_and_kept() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"> BYE\n", b"See you.\n", b"no end")
            peer.close()
            await client.expect_line("> BYE")
            await client.expect_close()
            assert [line.text for line in client.gather_now()] == ["See you."]
            assert client.unfinished == "no end"

    together(work)


def test_the_first_ending_stands() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            peer.close()
            first = await client.expect_close()
            client.start_reading()
            await asyncio.sleep(0)
            assert client.ending is first

    together(work)


# -- how we leave ---------------------------------------------------------------------


async def what_the_server_sees(leave: Any, *said: bytes) -> str:
    """How a client that leaves this way looks from the other end."""
    async with meeting() as (client, peer):
        await peer.say(*said)
        reading = asyncio.create_task(peer.read_to_end())
        result = leave(client)
        if result is not None:
            await result
        try:
            await reading
        except ConnectionResetError:
            return "RST"
        try:
            await peer.say(b"are you there?\n")
            await peer.read_to_end()
        except (ConnectionResetError, BrokenPipeError):
            return "FIN, then RST"
        return "FIN"


@pytest.mark.parametrize("said", [(), (b"unread\n",), (b"x" * 300_000,)])
def test_to_leave_never_resets(said: tuple[bytes, ...]) -> None:
    assert together(lambda: what_the_server_sees(lambda client: client.leave(), *said)) in (
        "FIN",
        "FIN, then RST",  # of what the server says to one that is long gone
    )


def test_to_leave_twice_is_to_leave() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            peer.close()
            await client.leave()
            await client.leave()

    together(work)


def test_to_leave_waits_for_the_servers_own_close(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.wire.connection.PARTING", WITHIN)  # we may stand still

    async def work() -> None:
        async with meeting() as (client, peer):

            async def hang_up() -> None:
                await peer.read_to_end()
                await peer.say(b"bye\n")
                peer.close()

            await asyncio.gather(client.leave(), hang_up())
            assert [line.text for line in client.lines] == ["bye"]
            assert client.ending is not None
            assert client.ending.how == "FIN"

    together(work)


def test_to_vanish_is_fin_first() -> None:
    assert together(lambda: what_the_server_sees(lambda client: client.vanish())).startswith("FIN")


def test_to_vanish_reads_what_is_there_first() -> None:
    """Whatever is unread would make a reset of the close."""

    async def work() -> str:
        async with meeting() as (client, peer):
            await peer.say(b"unread\n")
            await client.watch(lambda: bool(client.lines))
            await peer.say(b"x" * 100_000)
            reading = asyncio.create_task(peer.read_to_end())
            await client.watch(lambda: len(client.unfinished) == 100_000)
            await client.vanish()
            await reading
            return "FIN"

    assert together(work) == "FIN"


@pytest.mark.parametrize("said", [(), (b"unread\n",)])
def test_to_reset_resets(said: tuple[bytes, ...]) -> None:
    seen = together(lambda: what_the_server_sees(lambda client: client.reset(), *said))
    assert seen == "RST"


def test_to_half_close_leaves_the_other_direction() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await client.send("last")
            await client.half_close()
            assert await peer.read_to_end() == b"last"
            await peer.say(b"> LAST\n")
            peer.close()
            await client.expect_line("> LAST")
            await client.expect_close()

    together(work)


# -- sending --------------------------------------------------------------------------


def test_what_is_sent_arrives() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await client.send_line("héllo")
            await client.send_line("x", end="\r\n")
            await client.send(b"\xff")
            assert await peer.read(11) == "héllo\nx\r\n".encode() + b"\xff"
            assert client.sent_at >= client.connected_at

    together(work)


def test_a_server_that_does_not_read_is_told_after_the_deadline() -> None:
    async def work() -> None:
        async with meeting() as (client, _):
            with pytest.raises(Violation) as told:
                await client.send(b"x" * 50_000_000, within=0.3)
            assert told.value.fault is Fault.ABSENT
            assert "read no further" in told.value.actual

    together(work)


def test_to_send_to_a_server_that_has_gone_is_no_error_of_ours() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            peer.reset()
            await client.expect_close()
            await client.send_line("anybody there?")
            await client.send_line("hello?")

    together(work)


def test_a_deaf_client_sends_until_nothing_is_taken_and_reads_nothing() -> None:
    async def work() -> None:
        def small() -> socket.socket:
            made = socket.socket()
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            return made

        async with meeting(small, small) as (client, peer):
            client.stop_reading()
            await peer.say(b"hello\n")
            deaf = DeafClient(client, b"x\n" * 10_000_000)
            first = await deaf.stuff()
            assert 0 < first == deaf.pushed < 20_000_000
            while await deaf.stuff():  # the kernel may find more room
                pass
            assert deaf.pushed < 20_000_000
            assert client.lines == []
            deaf.close()
            with pytest.raises(ConnectionResetError):
                await peer.read_to_end()

    together(work)


def test_a_deaf_client_gets_everything_off_where_the_server_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("conformance.wire.connection.STUCK", WITHIN)  # we may stand still

    async def work() -> None:
        async with meeting() as (client, peer):
            client.stop_reading()
            reading = asyncio.create_task(peer.read(1_000_000))
            deaf = DeafClient(client, b"x" * 1_000_000)
            await deaf.stuff()
            assert deaf.pushed == len(await reading) == 1_000_000
            deaf.close()

    together(work)


# -- the transcript -------------------------------------------------------------------


def test_the_transcript_tells_who_said_what_in_order() -> None:
    recorder = Recorder()

    async def work() -> None:
        async with (
            meeting(recorder=recorder) as (client, peer),
            meeting(recorder=recorder) as (other, _),
        ):
            await client.send_line("hello")
            await peer.read(6)
            await peer.say(b"> HELLO\n")
            await client.expect_line("> HELLO")
            await other.send_line("me too")
            recorder.remark("the server was stopped")

    together(work)
    transcript = recorder.transcript()
    told = [(entry.who, entry.what) for entry in transcript]
    assert [each for each in told if each[0] != REMARK] == [
        ("client", "hello\n"), ("server", "> HELLO\n"), ("client 2", "me too\n"),
    ]  # fmt: skip
    assert (REMARK, "the server was stopped") in told
    times = [entry.at for entry in transcript]
    assert times == sorted(times)
    assert transcript.clock in ("kernel", "clock")


def test_pieces_found_wherever_lines_end() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"{'time': 1}{'time': 2}\n", b"{'time': 3}")
            await client.watch(lambda: bool(client.unfinished))
            braces = re.compile(rb"\{.*?\}\r?\n?")
            found = client.take_apart(
                lambda came, reads: [match.span() for match in braces.finditer(came)]
            )
            assert [(piece.text, piece.ending) for piece in found] == [
                ("{'time': 1}", ""), ("{'time': 2}", "\n"), ("{'time': 3}", ""),
            ]  # fmt: skip
            assert found[0].seen <= found[2].seen

    together(work)


def test_what_was_taken_apart_is_not_taken_apart_again_before_more_has_come() -> None:
    asked: list[bytes] = []

    def lines(came: bytes, reads: object) -> list[tuple[int, int]]:
        asked.append(came)
        return [match.span() for match in re.finditer(rb"[^\n]+\n?", came)]

    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"one\n")
            await client.watch(lambda: bool(client.lines))
            assert [piece.text for piece in client.take_apart(lines)] == ["one"]
            await peer.say(b"two\n", b"three\n")
            await client.watch(lambda: len(client.lines) == 3)
            for _ in range(2):
                found = client.take_apart(lines)
                assert [piece.text for piece in found] == ["one", "two", "three"]
            assert asked == [b"one\n", b"one\ntwo\nthree\n"]

    together(work)


def test_whoever_never_stops_sending_does_not_keep_a_deadline_from_coming() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):

            def never() -> bool:
                peer.wire.send(b"m")  # there is always something to be read
                return False

            await peer.say(b"first\n")
            assert not await asyncio.wait_for(client.watch(never, SOON), WITHIN)
            assert not client.flooded

    together(work)


def test_where_all_has_been_taken_in_each_client_reads_a_reply_and_no_buffer() -> None:
    recorder = Recorder()
    recorder.has_room(MAX_TAKEN, 0)  # another client has read that much

    async def work() -> None:
        async with meeting(recorder=recorder) as (client, peer):
            await peer.say(b"> HELLO\n" + b"more\n" * 10_000)
            assert (await client.expect_line("> HELLO")).text == "> HELLO"
            assert client.flooded
            assert len(client.lines) < 1_000

    together(work)
