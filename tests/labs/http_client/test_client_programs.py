"""Whole programs that are clients, as a user checks them: what they get, and what is said."""

from __future__ import annotations

import shutil

import pytest

from conformance.sandbox import Tier, probe
from kit.desk import REFERENCES, Checked, Desk

REFERENCE = REFERENCES / "http-client" / "python" / "sockets.py"

CLIENT = """
import socket, sys

def main(host="www.heig-vd.ch", port=80, request=b"Hello\\r\\n\\r\\n"):
    with socket.create_connection((host, port)) as server:
        server.sendall(request)
        received = b""
        while piece := server.recv(4096):
            received += piece
    print(received.decode("utf-8"))
"""

wired = pytest.mark.skipif(probe().tier is Tier.NONE, reason="no hosts of our own here")


def check(desk: Desk, last: str, only: str, *options: str, tier: str = "") -> Checked:
    """The client, started by these last lines of it; in this `tier`, if one is asked for."""
    path = desk.program(f"{CLIENT}\n{last}\n", name="client.py")
    return desk.check(
        path, "--only", only, *options, lab="http-client",
        CONFORMANCE_TIER=tier, XDG_RUNTIME_DIR=str(desk.reports),
    )  # fmt: skip


@wired
def test_a_program_that_asks_for_the_server_is_told(desk: Desk) -> None:
    checked = check(desk, 'main(input("Which host? "), int(input("Port: ")))', "1.1,1.3")
    assert checked.those("passed") == ["1.1", "1.3"]
    assert checked.verdicts["1.1"]["notes"] == [
        "The program asked `Which host?`, and was answered `www.heig-vd.ch`.",
        "The program asked `Port:`, and was answered `80`.",
    ]


@wired
@pytest.mark.parametrize(
    ("call", "where"),
    [
        ('main("www.example.com")', "www.example.com, port 80"),
        ('main("192.0.2.17")', "192.0.2.17, port 80"),
        ("main(port=8080)", "www.heig-vd.ch, port 8080"),
    ],
    ids=["name", "address", "port"],
)
def test_one_that_goes_elsewhere_is_judged_there(desk: Desk, call: str, where: str) -> None:
    checked = check(desk, call, "1.1,1.3")
    assert checked.outcomes == {"1.1": "failed", "1.3": "passed"}
    assert checked.verdicts["1.1"]["actual"] == f"the program goes to {where}"


@wired
def test_lf_alone_is_reported_and_costs_nothing(desk: Desk) -> None:
    checked = check(desk, 'main(request=b"Hello\\n\\n")', "1.2")
    assert checked.outcomes["1.2"] == "passed"
    assert "LF alone" in checked.verdicts["1.2"]["notes"][0]


@wired
def test_a_window_is_no_fault_of_the_students(desk: Desk) -> None:
    last = 'sys.exit("_tkinter.TclError: no display name and no $DISPLAY environment variable")'
    checked = check(desk, last, "1.1")
    assert checked.outcomes == {"1.1": "inconclusive"}
    assert "opens a window" in checked.verdicts["1.1"]["reason"]


@wired
def test_another_host_and_port_are_parameters(desk: Desk) -> None:
    settings = ("--set", "host=web.school.test", "--set", "http_port=8080")
    checked = check(desk, 'main("web.school.test", 8080)', "1.1,1.3", *settings)
    assert checked.those("passed") == ["1.1", "1.3"]


@wired
def test_one_that_is_told_host_and_port(desk: Desk) -> None:
    last, told = "main(sys.argv[1], int(sys.argv[2]))", ("--arguments", "{host} {port}")
    checked = check(desk, last, "1.1", *told)
    assert checked.outcomes == {"1.1": "passed"}
    assert checked.run["command"][-2:] == ["www.heig-vd.ch", "80"]


@wired
def test_in_the_tier_network_the_name_leads_to_the_suite(desk: Desk) -> None:
    checked = check(desk, "main()", "1.1,1.6", tier="network")
    assert checked.those("passed") == ["1.1", "1.6"]


def test_without_hosts_of_our_own_only_those_are_judged_that_are_told_where_to_go(
    desk: Desk,
) -> None:
    nowhere = check(desk, "main()", "1.1", tier="none")
    assert nowhere.outcomes == {"1.1": "not_run"}
    assert "{host} and {port}" in nowhere.verdicts["1.1"]["reason"]
    last, told = "main(sys.argv[1], int(sys.argv[2]))", ("--arguments", "{host} {port}")
    checked = check(desk, last, "1.1,1.3", *told, tier="none")
    assert checked.those("passed") == ["1.1", "1.3"]


@wired
@pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin"), reason="no nginx")
def test_a_request_that_nginx_understands_is_answered_otherwise(desk: Desk) -> None:
    checked = check(desk, 'main(request=b"GET / HTTP/1.0\\r\\n\\r\\n")', "3.1")
    assert checked.outcomes["3.1"] == "passed"
    assert "nginx answered `HTTP/1.1 403 Forbidden`" in checked.verdicts["3.1"]["notes"][0]


@wired
def test_where_it_stood_is_told_of_one_that_never_ends(desk: Desk) -> None:
    checked = check(desk, 'main()\ninput("press Enter")', "1.5", "--timeout-scale", "0.5")
    assert checked.outcomes["1.5"] == "failed"
    assert "input(" in checked.verdicts["1.5"]["stood"][0]["source"]


@wired
def test_one_that_hangs_up_and_ends_later_has_not_been_answered(desk: Desk) -> None:
    last = "import time\nsocket.create_connection(('www.heig-vd.ch', 80)).close()\ntime.sleep(2.5)"
    checked = check(desk, last, "1.5")
    assert checked.outcomes["1.5"] == "not_run"
    assert checked.verdicts["1.5"]["points"] == 0


@wired
def test_one_that_closes_its_sending_side_waits_for_its_answer(desk: Desk) -> None:
    halved = CLIENT.replace("sendall(request)", "sendall(request); server.shutdown(1)")
    path = desk.program(f"{halved}\nmain()\n", name="client.py")
    checked = desk.check(path, "--only", "1.3,1.5", lab="http-client")
    assert {checked.outcomes["1.3"], checked.outcomes["1.5"]} == {"passed"}


def test_there_is_nothing_to_connect_to(desk: Desk) -> None:
    said = desk.call("check", "--connect", "localhost:80", "--lab", "http-client")
    assert said.status == 2
    assert "the submission is a client" in said.stderr


def test_a_reference_is_told_of_a_wrong_setting(desk: Desk) -> None:
    said = desk.call("check", REFERENCE, "--lab", "http-client", "--set", "exit_within=0")
    assert (said.status, "exit_within is more than 0 s" in said.stderr) == (2, True)
