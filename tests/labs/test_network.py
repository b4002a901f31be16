"""Programs that are judged over a network instead of a wire: what is right passes, whatever the
network does, and what is wrong does not pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from conformance import reports
from kit.desk import REFERENCES, Checked, Desk, clean_desk

DELAY = "delay 50ms"
DISORDER = "delay 5ms jitter 2ms loss 2% duplicate 1% reorder 1%"

SCHEMA = Path(reports.__file__).parent / "run-1.schema.json"

SERVERS = {
    "echo": ("python/thread_per_client.py", "java/Nio.java", "node/echo.js"),
    "streaming-time": ("python/threads.py", "java/StreamingTime.java", "node/streaming_time.js"),
    "presence": ("python/threads.py", "java/PresenceServer.java", "node/presence.js"),
    "presence-udp": ("python/event_loop.py",),
}
"""References: of the labs over TCP, in each language."""


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A folder to work in; afterwards nothing of the checks may be left."""
    with clean_desk() as desk:
        yield desk


def over(desk: Desk, path: object, network: str, *arguments: object, lab: str) -> Checked:
    return desk.check(path, "--network", network, "--seed", "1", *arguments, lab=lab)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lab", "reference"), [(lab, reference) for lab in SERVERS for reference in SERVERS[lab]]
)
def test_a_right_server_passes_over_a_delay(desk: Desk, lab: str, reference: str) -> None:
    checked = over(desk, REFERENCES / lab / reference, DELAY, lab=lab)
    assert set(checked.outcomes.values()) == {"passed"}, checked.stdout


def test_every_report_names_the_network(desk: Desk) -> None:
    server, kept = REFERENCES / "echo" / SERVERS["echo"][0], desk.reports / "kept"
    arguments = ("--only", "3.1", "--keep", kept, "--junit", desk.reports / "junit.xml")
    checked = over(desk, server, DELAY, *arguments, lab="echo")
    told = checked.run["network"]
    assert told in ("delay 50 ms (by the kernel)", "delay 50 ms (by the suite)")
    jsonschema.validate(checked.run, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert f"network: {told}" in " ".join(checked.stdout.split())
    assert f'name="network" value="{told}"' in (desk.reports / "junit.xml").read_text()
    first = json.loads((kept / "run.jsonl").read_text().splitlines()[0])
    assert first["network"] == told
    assert "--network 'delay 50ms'" in checked.verdicts["3.1"]["again"]


def test_without_one_nothing_is_said(desk: Desk) -> None:
    checked = desk.check(REFERENCES / "echo" / SERVERS["echo"][0], "--only", "3.1")
    assert "network" not in checked.run
    assert "network:" not in checked.stdout


def test_a_delay_excuses_nobody(desk: Desk) -> None:
    """A reply after 1.4 s is late: a round trip of 0.1 s does not explain it."""
    source = REFERENCES.joinpath("echo", SERVERS["echo"][0]).read_text(encoding="utf-8")
    old, new = "PREFIX + text.upper()", "(__import__('time').sleep(1.4), PREFIX + text.upper())[1]"
    assert source.count(old) == 1
    late = desk.program(source.replace(old, new))
    checked = over(desk, late, DELAY, "--only", "3.2", lab="echo")
    assert checked.outcomes["3.2"] == "failed", checked.stdout
    assert checked.verdicts["3.2"]["kind"] == "late"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lab", "reference", "clauses"),
    [("echo", SERVERS["echo"][0], "3,4"), ("presence-udp", "python/event_loop.py", "1.3,2,3.4")],
)
def test_a_right_server_is_not_accused_over_a_bad_network(
    desk: Desk, lab: str, reference: str, clauses: str
) -> None:
    checked = over(desk, REFERENCES / lab / reference, DISORDER, "--only", clauses, lab=lab)
    assert set(checked.outcomes.values()) <= {"passed", "inconclusive"}, checked.stdout
    for number in checked.those("inconclusive"):
        assert "in this conversation: it shows nothing" in checked.verdicts[number]["reason"]


CONTRACT = """# knock: one answer to each datagram

| name | default | meaning |
|---|---|---|
| `port` | 7007 | UDP port that the server listens on |

## 1 Listening
- **1.1** MUST (1) `listens`: the server listens on its UDP port within 10 s of its start.

## 2 Answering
- **2.1** MUST (1) `answers`: a datagram is answered. *Faults: no answer.*
- **2.2** MUST (1) `answers_once`: it is answered once. *Faults: twice.*
"""

KNOCK = """
from conformance import Lab, Parameter

lab = Lab("knock", __file__, protocol="udp", parameters=[Parameter("port", 7007, "its port")])
lab.listening()


async def knock(client):
    client.send("knock")
    await client.wait_for("yes", patience=1.0)


@lab.scenario("2.1", bears_loss=True)
async def answers(server):
    \"\"\"A datagram is answered.\"\"\"
    with server.datagrams() as client:
        await knock(client)


@lab.scenario("2.2", alone=True)
async def answers_once(server):
    \"\"\"It is answered once.\"\"\"
    with server.datagrams() as client:
        await knock(client)
        await client.expect_silence(0.2)
"""

ANSWERS = """
import socket
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.bind(("", 7007))
while True:
    client = here.recvfrom(100)[1]
    for answer in [b"yes"] * TIMES:
        here.sendto(answer, client)
"""


def knocked(desk: Desk, times: int, network: str) -> Checked:
    labs = desk.folder / "labs"
    labs.mkdir()
    (labs / "knock.md").write_text(CONTRACT)
    (labs / "knock.py").write_text(KNOCK)
    server = desk.program(ANSWERS.replace("TIMES", str(times)))
    return over(desk, server, network, "--labs", labs, lab="knock")


def test_a_wrong_server_does_not_pass_because_something_was_lost(desk: Desk) -> None:
    """It answers twice, and of two answers one is often lost."""
    checked = knocked(desk, 2, "loss 40%")
    assert checked.outcomes["2.2"] in ("failed", "inconclusive"), checked.stdout


def test_a_right_server_passes_in_a_conversation_that_nothing_happened_to(desk: Desk) -> None:
    checked = knocked(desk, 1, "delay 5ms loss 15% duplicate 15%")
    assert checked.outcomes["1.1"] == "passed"
    for number in ("2.1", "2.2"):
        assert checked.outcomes[number] in ("passed", "inconclusive"), checked.stdout
        assert checked.outcomes[number] == "passed" or "network lost" in checked.stdout
