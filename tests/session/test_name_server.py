"""The name server that a client's host asks."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import dpkt
import pytest

from conformance.session.name_server import FIRST, MAX_NAMES, NameServer


def with_server(work: Callable[[NameServer], Any]) -> Any:
    async def main() -> Any:
        wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        wire.setblocking(False)
        server = NameServer(wire, {"www.site.test": "10.9.9.2"})
        try:
            return work(server)
        finally:
            server.close()

    return asyncio.run(main())


def question(name: str, kind: int = dpkt.dns.DNS_A) -> bytes:
    return bytes(dpkt.dns.DNS(id=7, qd=[dpkt.dns.DNS.Q(name=name, type=kind)]))


def addresses(server: NameServer, name: str, kind: int = dpkt.dns.DNS_A) -> list[str]:
    answer = dpkt.dns.DNS(server.answer(question(name, kind)))
    assert (answer.id, answer.qr) == (7, 1)
    return [socket.inet_ntoa(found.ip) for found in answer.an]


def test_the_suites_name_has_its_address_however_it_is_written() -> None:
    def work(server: NameServer) -> list[list[str]]:
        return [addresses(server, name) for name in ("www.site.test", "WWW.Site.test")]

    assert with_server(work) == [["10.9.9.2"], ["10.9.9.2"]]


def test_each_other_name_has_an_address_of_its_own() -> None:
    def work(server: NameServer) -> Any:
        asked = [addresses(server, name) for name in ("a.test", "b.test", "a.test")]
        return asked, server.others

    first, second = str(FIRST), str(FIRST + 1)
    assert with_server(work) == ([[first], [second], [first]], {first: "a.test", second: "b.test"})


def test_there_is_no_address_of_another_family() -> None:
    def work(server: NameServer) -> Any:
        return addresses(server, "www.site.test", dpkt.dns.DNS_AAAA), server.others

    assert with_server(work) == ([], {})


def test_of_very_many_names_the_last_have_none() -> None:
    def work(server: NameServer) -> Any:
        return [addresses(server, f"host{n}.test") for n in range(MAX_NAMES + 1)], server.others

    asked, others = with_server(work)
    assert asked[-1] == []
    assert len(others) == MAX_NAMES


@pytest.mark.parametrize("data", [b"", b"\0" * 12, b"\xff" * 40, question("a.test")[:20]])
def test_what_asks_nothing_gets_no_answer(data: bytes) -> None:
    def work(server: NameServer) -> bytes:
        try:
            return server.answer(data)
        except (dpkt.UnpackError, UnicodeError):
            return b""

    assert with_server(work) == b""


def test_a_question_that_comes_by_the_wire_is_answered() -> None:
    async def main() -> bytes:
        loop = asyncio.get_running_loop()
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking,
        ):
            wire.bind(("127.0.0.1", 0))
            for each in (wire, asking):
                each.setblocking(False)
            server = NameServer(wire, {"www.site.test": "10.9.9.2"})
            try:
                await loop.sock_sendto(asking, b"nonsense", wire.getsockname())
                await loop.sock_sendto(asking, question("www.site.test"), wire.getsockname())
                async with asyncio.timeout(30.0):
                    return await loop.sock_recv(asking, 512)
            finally:
                server.close()

    assert socket.inet_ntoa(dpkt.dns.DNS(asyncio.run(main())).an[0].ip) == "10.9.9.2"
