"""What a violation rests on is found in the transcript."""

from __future__ import annotations

import pytest

from conformance.verdict.symptoms import Moment
from conformance.verdict.transcript import Entry
from conformance.verdict.violation import Violation
from conformance.wire.tcp_client import Client
from kit.peers import meeting, together

SOON = 0.05
"""A deadline for what never comes: only that it ends is tested, not when."""


def entry_of(moment: Moment, entries: list[Entry]) -> str:
    """The text of the one entry that the moment is about."""
    (text,) = [
        entry.what
        for entry in entries
        if (entry.who, entry.at) == (moment.who, moment.at) and entry.what.startswith(moment.what)
    ]
    return text


async def expect(client: Client, *words: str) -> Violation:
    """Expects these lines, of which the last does not come."""
    *before, last = words
    for word in before:
        await client.expect_line(word)
    with pytest.raises(Violation) as told:
        await client.expect_line(last, patience=SOON)
    return told.value


def test_what_came_instead_is_the_proof() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"> A\n> X\n> B\n")
            wrong = await expect(client, "> A", "> B")
            (moment,) = wrong.proof
            said = [Entry(*each) for each in client.said()]
            assert entry_of(moment, said) == "> X\n"
            assert wrong.client == "client"

    together(work)


def test_a_silence_begins_with_what_was_said_last() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"> A\n")
            await client.expect_line("> A")
            (silence,) = (await expect(client, "> B")).proof
            assert silence.at == client.arrival(client.lines[0])
            assert silence.who == "client"
            assert silence.silence >= SOON
            await client.send_line("more")
            (later,) = (await expect(client, "> B")).proof
            assert later.at == client.sent_at

    together(work)


def test_a_line_without_its_end_is_a_proof_and_so_is_what_follows() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"> A\n> half")
            unended, silence = (await expect(client, "> A", "> half")).proof
            said = [Entry(*each) for each in client.said()]
            assert entry_of(unended, said) == "> half"
            assert silence.silence > 0

    together(work)


def test_the_close_is_a_proof() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"> A\n")
            peer.close()
            (closed,) = (await expect(client, "> A", "> B")).proof
            said = [Entry(*each) for each in client.said()]
            assert entry_of(closed, said) == "the server closed the connection"

    together(work)


def test_a_late_line_is_a_proof_with_the_silence_before_it() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await client.send_line("hello")
            sent = client.sent_at
            await peer.say(b"> HELLO\n")
            with pytest.raises(Violation) as told:
                await client.expect_line("> HELLO", within=0.5, since=sent - 60.0)
            silence, came = told.value.proof
            assert came.at == client.arrival(client.lines[0])
            assert silence.at + silence.silence == pytest.approx(came.at)

    together(work)


def test_a_lab_says_which_lines_prove_it() -> None:
    async def work() -> None:
        async with meeting() as (client, peer):
            await peer.say(b"a\nb\na\n")
            lines = [await client.read_line() for _ in range(3)]
            wrong = Violation("once: a", "2 times: a")
            assert client.shows(wrong, lines[0], lines[2]) is wrong
            assert [moment.what for moment in wrong.proof] == ["a", "a"]
            assert client.shows(None, lines[0]) is None

    together(work)
