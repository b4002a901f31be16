"""A suite's host that answers to a name, and to every address."""

from __future__ import annotations

import socket
from pathlib import Path

from conformance.sandbox import Isolation, World
from conformance.sandbox.hosts.network import SUITE_ADDRESS
from kit.trials import WITHIN, apart, python

ASKS = f"""
import socket
for name in ("www.site.test", "{{}}"):
    print(socket.gethostbyname(name))
for address in ("{SUITE_ADDRESS}", "192.0.2.7", "www.site.test"):
    with socket.create_connection((address, 80), 5) as there:
        print(there.recv(100).decode())
"""


def test_a_name_and_every_address_lead_to_the_suite(wired: Isolation, scratch: Path) -> None:
    def work() -> str:
        with World(wired, scratch, suite_names=["www.site.test"]) as world:
            site = world.socket("suite", socket.AF_INET, socket.SOCK_STREAM)
            site.bind(("", 80))
            site.listen()
            site.setblocking(True)
            site.settimeout(WITHIN)
            process = python(world, ASKS.format("submission"))
            for _ in range(3):
                visitor, _ = site.accept()
                visitor.sendall(visitor.getsockname()[0].encode())
                visitor.close()
            process.wait(within=WITHIN)
            return process.output.text()

    own = "10.9.9.1"
    there = [SUITE_ADDRESS, own, SUITE_ADDRESS, "192.0.2.7", SUITE_ADDRESS]
    assert apart(work).split() == there
