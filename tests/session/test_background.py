"""A program that goes into the background is told so, in its first clause, always."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kit.desk import Desk

GATE = ("--only", "1.1")
SERVES = """
import os, socket, sys, time

def serve(listener):
    while True:
        client, _ = listener.accept()
        with client, client.makefile() as lines:
            for line in lines:
                client.sendall(f"> {line.upper()}".encode())

def listen():
    return socket.create_server(("", 2323))
"""

BACKGROUND = {
    "forked, then listening": (
        "server.py", SERVES + "if os.fork(): os._exit(0)\nserve(listen())\n"
    ),
    "listening, then forked": (
        "server.py", SERVES + "s = listen()\nif os.fork(): os._exit(0)\nserve(s)\n"
    ),
    "forked twice, in a session of its own": (
        "server.py",
        SERVES + "if os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\n"
        "time.sleep(0.3)\nserve(listen())\n",
    ),
    "another program": (
        "server.py",
        SERVES + "import subprocess\nif sys.argv[1:]: serve(listen())\n"
        "subprocess.Popen([sys.executable, __file__, 'x'], start_new_session=True)\n",
    ),
    "on another port": (
        "server.py", SERVES.replace("2323", "2424")
        + "if os.fork(): os._exit(0)\nserve(listen())\n",
    ),
    "a script": ("start", "#!/bin/sh\npython3 server.py &\n"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), BACKGROUND.values(), ids=BACKGROUND)
def test_what_goes_into_the_background(name: str, text: str, desk: Desk) -> None:
    folder = desk.folder / "handed-in"
    folder.mkdir()
    (folder / "server.py").write_text(SERVES + "serve(listen())\n")
    (folder / name).write_text(text)
    if name != "server.py":
        (folder / "submission.toml").write_text(f'command = ["./{name}"]\n')
        (folder / name).chmod(0o755)
    assert_told(desk, folder)


@pytest.mark.parametrize("tier", ["network", "none"])
def test_in_every_tier(tier: str, desk: Desk, tier_none: dict[str, str]) -> None:
    name, text = BACKGROUND["listening, then forked"]
    room = {"CONFORMANCE_TIER": tier, "XDG_RUNTIME_DIR": str(desk.reports)}
    assert_told(desk, desk.program(text, name=name), **room)


def test_a_detached_child_of_node(desk: Desk) -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    program = desk.program(
        """
        const { spawn } = require('child_process');
        if (process.argv[2]) require('net').createServer((s) => s.pipe(s)).listen(2323);
        else spawn(process.execPath, [__filename, 'x'], { detached: true, stdio: 'ignore' })
            .unref();
        """,
        name="server.js",
    )
    assert_told(desk, program)


def test_a_daemon_in_c(desk: Desk) -> None:
    if shutil.which("cc") is None:
        pytest.skip("cc is not installed")
    program = desk.program(
        """
        #define _DEFAULT_SOURCE
        #include <arpa/inet.h>
        #include <unistd.h>
        int main(void) {
            struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(2323)};
            if (daemon(1, 1)) return 1;
            int s = socket(AF_INET, SOCK_STREAM, 0);
            bind(s, (struct sockaddr *)&any, sizeof any);
            listen(s, 8);
            for (;;) pause();
        }
        """,
        name="server.c",
    )
    assert_told(desk, program)


def assert_told(desk: Desk, program: Path, **environment: str) -> None:
    checked = desk.check(program, *GATE, command=(), **environment)
    assert checked.outcomes == {"1.1": "failed"}, checked.stdout
    verdict = checked.verdicts["1.1"]
    assert verdict["actual"].startswith("it goes into the background: its first process has ended")
    assert "Stay in the foreground" in verdict["hint"]


# -- what does not --------------------------------------------------------------------------

FOREGROUND = {
    "serves one client": (
        SERVES.replace("while True", "for _ in range(1)") + "serve(listen())\n", ["1.1"]
    ),
    "does nothing": ("print('hello')\n", []),
    "leaves a child that does not listen": (
        SERVES + "if os.fork(): os._exit(0)\nos.execlp('sleep', 'sleep', '0.2')\n", []
    ),
    "its first process waits": (SERVES + "s = listen()\nif os.fork(): os.wait()\nserve(s)\n",
                                ["1.1"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "passed"), FOREGROUND.values(), ids=FOREGROUND)
def test_what_does_not(text: str, passed: list[str], desk: Desk) -> None:
    checked = desk.check(desk.program(text), *GATE)
    assert checked.those("passed") == passed, checked.stdout
    assert "background" not in checked.stdout


def test_one_client_still_costs_the_clauses_about_the_next(desk: Desk) -> None:
    """That it was looked at once more is nothing that others see."""
    text = SERVES.replace("while True", "for _ in range(1)") + "serve(listen())\n"
    checked = desk.check(desk.program(text), "--only", "1.1,3.1,4.4")
    assert checked.outcomes == {"1.1": "passed", "3.1": "passed", "4.4": "failed"}, checked.stdout
