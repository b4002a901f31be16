"""Where a program stood, found by the whole of a check."""

from __future__ import annotations

import shutil

import pytest

from conformance.sandbox.measure import py_spy
from kit.desk import SHORT, Desk

ONE_AT_A_TIME = """
import socket
listener = socket.create_server(("", 2323))
while True:
    client, _ = listener.accept()
    while data := client.recv(1024):
        client.sendall(b"> " + data.upper())
    client.close()
"""

DEADLOCK = """
import java.io.*;
import java.net.*;

public class Echo {
    static final Object room = new Object();

    public static void main(String[] args) throws Exception {
        ServerSocket server = new ServerSocket(2323);
        new Thread(() -> { synchronized (room) { while (true) { sleep(); } } }, "keeper").start();
        Socket socket = server.accept();
        socket.getInputStream().read();
        synchronized (room) { System.out.println("never"); }
    }

    static void sleep() {
        try { Thread.sleep(60_000); } catch (InterruptedException e) { }
    }
}
"""

SILENT = """
#include <unistd.h>
int main(void) { for (;;) pause(); }
"""


def test_a_python_server_that_serves_one_at_a_time(desk: Desk) -> None:
    server = desk.program(ONE_AT_A_TIME)
    checked = desk.check(server, "--only", "5.1", "--timeout-scale", SHORT)
    failed = checked.verdicts["5.1"]
    assert failed["outcome"] == "failed"
    (stood,) = failed["stood"]
    assert (stood["does"], stood["on"]) == ("waits in recv", "client")
    assert failed["queued"] == ["client 2"]
    if py_spy.opened() is not None:
        assert (stood["file"], stood["line"]) == ("server.py", 6)
        assert stood["source"] == "while data := client.recv(1024):"
        assert "server.py:6: while data := client.recv(1024)" in checked.stdout
    assert failed["seconds"] < 60


@pytest.mark.skipif(shutil.which("javac") is None, reason="javac is not installed")
def test_a_java_server_that_waits_for_a_lock(desk: Desk) -> None:
    checked = desk.check(
        desk.program(DEADLOCK, name="Echo.java"), "--only", "3.1", "--timeout-scale", SHORT
    )
    failed = checked.verdicts["3.1"]
    by_name = {one["name"]: one for one in failed["stood"]}
    assert by_name["main"]["does"] == "waits for the lock"
    assert by_name["main"]["on"] == "of an Object, which keeper holds"
    assert (by_name["main"]["file"], by_name["main"]["line"]) == ("Echo.java", 13)
    assert by_name["keeper"]["does"] == "sleeps"
    assert "Full thread dump" not in failed["output"]


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
def test_a_c_program_that_does_not_listen(desk: Desk) -> None:
    checked = desk.check(
        desk.program(SILENT, name="echo.c"), "--only", "1.1", "--timeout-scale", SHORT
    )
    (stood,) = checked.verdicts["1.1"]["stood"]
    assert stood["does"] == "waits for a signal"


def test_what_passes_or_is_wrong_is_not_looked_at(desk: Desk) -> None:
    lower = desk.echo("def reply(line):\n    return '> ' + line\n")
    checked = desk.check(lower, "--only", "3.1,4.1")
    assert not [one for one in checked.verdicts.values() if "stood" in one]
