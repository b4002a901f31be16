"""`--keep`: of each conversation that did not pass a capture that Wireshark opens, and what
the scenario did when; and the clock that a verdict rests on, where nothing is captured."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import dpkt
import pytest

from conformance.session import evidence_files
from conformance.verdict.model import Attempt, Outcome
from kit.desk import Desk, this_machines_ports

FAULTY = """
    def answer(client, text):
        client.sendall(f"> {text.upper()[:-1]}\\n".encode())

    def hang_up(client):
        time.sleep(2)
"""
"""Fails 3.1, as wrong bytes, and 4.1, as lateness, which is tried again."""

ONLY = ("--only", "1.1,3.1,4.1")


def tshark(capture: Path, *fields: str) -> list[list[str]]:
    """Those fields of each packet, as tshark reads them."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    wanted = [word for field in fields for word in ("-e", field)]
    read = subprocess.run(
        ["tshark", "-r", capture, "-T", "fields", *wanted],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return [line.split("\t") for line in read.stdout.splitlines()]


def said_on_the_wire(capture: Path) -> dict[str, bytes]:
    """What each port has said, in the capture, one connection after the other."""
    told: dict[str, bytes] = {}
    for port, payload in tshark(capture, "tcp.srcport", "tcp.payload"):
        if payload:
            whose = "server" if port == "2323" else "client"
            told[whose] = told.get(whose, b"") + bytes.fromhex(payload.replace(":", ""))
    return told


def said_in(transcript: list[dict[str, Any]]) -> dict[str, bytes]:
    """The same by the transcript."""
    told: dict[str, bytes] = {}
    for entry in transcript:
        if entry["who"] != "suite":
            whose = entry["who"].split(" ")[0]
            told[whose] = told.get(whose, b"") + entry["what"].encode()
    return told


def test_each_failure_has_its_own_conversation_in_a_capture(desk: Desk) -> None:
    kept, junit = desk.reports / "kept", desk.reports / "junit.xml"
    checked = desk.check(desk.echo(FAULTY), *ONLY, "--keep", kept, "--junit", junit)
    assert checked.those("failed") == ["3.1", "4.1"], checked.stdout
    late = checked.verdicts["4.1"]
    earlier = [Path(attempt["capture"]) for attempt in late["earlier"]]
    captures = [Path(checked.verdicts["3.1"]["capture"]), Path(late["capture"]), *earlier]
    assert len(set(captures)) == len(captures) >= 3, "a file for each attempt"
    assert checked.verdicts["1.1"]["capture"] == ""
    assert {*captures} <= {*kept.glob("*.pcapng")}

    # The bytes of this conversation, and of no other: not of the shared server's others.
    for path, verdict in ((captures[0], checked.verdicts["3.1"]), (captures[1], late)):
        assert said_on_the_wire(path) == said_in(verdict["transcript"])
    rows = tshark(captures[1], "frame.len", "frame.cap_len", "tcp.flags.fin")
    assert all(int(length) >= int(captured) for length, captured, _ in rows)
    assert any(row[2] in ("1", "True") for row in rows)

    # What each packet is, and which prove the failure.
    comments = [row[0] for row in tshark(captures[0], "frame.comment") if row[0]]
    assert any(
        "step 1 of" in comment and "suite: client connects" in comment for comment in comments
    )
    proven = [comment for comment in comments if comment.startswith("PROOF of 3.1 sends the line ")]
    assert len(proven) == 1, comments
    assert re.search(r"server: > .*\(expected .*; actual .*\)", proven[0])
    file = subprocess.run(
        ["capinfos", captures[0]], capture_output=True, text=True, timeout=60, check=True
    )
    for told in (
        "conformance ",
        "lab echo",
        "port=2323",
        "sends the line back in upper case: FAILED",
    ):
        assert told in file.stdout, file.stdout

    told = captures[1].with_suffix(".txt").read_text(encoding="utf-8")
    assert told.startswith("4.1 hangs up after bye: FAILED")
    assert "server: > BYE\\n" in told or "server: > " in told
    assert re.search(r"^expected +the server closes the connection", told, re.MULTILINE)

    links = {f"[[ATTACHMENT|{p}]]" for c in captures for p in (c, c.with_suffix(".txt"))}
    root = ElementTree.parse(junit).getroot()
    attached = "\n".join(element.text or "" for element in root.iter("system-out"))
    assert set(attached.split()) == links
    assert f"see it in Wireshark  {captures[0]}" in checked.stdout
    assert "No capture was kept" not in checked.stdout


def test_the_text_has_the_times_of_the_packets(desk: Desk) -> None:
    """A teacher finds a line of the text in Wireshark by its time."""
    kept = desk.reports / "kept"
    checked = desk.check(desk.echo(FAULTY), "--only", "1.1,3.1", "--keep", kept)
    capture = Path(checked.verdicts["3.1"]["capture"])
    packets = tshark(capture, "frame.time_relative", "tcp.srcport", "tcp.payload")
    by_tshark = [float(at) for at, port, payload in packets if port == "2323" and payload]
    told = capture.with_suffix(".txt").read_text(encoding="utf-8")
    by_text = [float(at) for at in re.findall(r" ([-.\d]+)  server: ", told)]
    assert by_text
    assert all(min(abs(at - other) for other in by_tshark) < 2e-6 for at in by_text)


def test_keep_all_keeps_what_passes_too(desk: Desk) -> None:
    kept = desk.reports / "kept"
    checked = desk.check(desk.echo(), "--only", "1.1,3.1,3.4", "--keep", "all", "--keep", kept)
    assert checked.status == 0, checked.stdout
    for verdict in checked.verdicts.values():
        with Path(verdict["capture"]).open("rb") as file:
            assert list(dpkt.pcapng.Reader(file)) or verdict["clause"] == "1.1"
        assert Path(verdict["capture"]).with_suffix(".txt").is_file()
    assert (kept / "run.jsonl").is_file()


def test_without_keep_nothing_is_kept_and_how_to_is_said(desk: Desk) -> None:
    checked = desk.check(desk.echo(FAULTY), "--only", "1.1,3.1", "--verbose")
    assert checked.verdicts["3.1"]["capture"] == ""
    assert checked.stdout.count("No capture was kept: `--keep DIR`") == 1
    passed = desk.check(desk.echo(), "--only", "1.1,3.1", "--verbose")
    assert "--keep" not in passed.stdout


def test_two_folders_are_one_too_many(desk: Desk) -> None:
    checked = desk.call(
        "check", desk.echo(), "--lab", "echo", "--keep", desk.reports / "a",
        "--keep", desk.reports / "b",
    )  # fmt: skip
    assert checked.status == 2
    assert "--keep takes one folder" in checked.stderr


def test_without_a_network_of_its_own_the_clock_is_named(desk: Desk) -> None:
    kept = desk.reports / "kept"
    with this_machines_ports():
        checked = desk.check(
            desk.echo(FAULTY), *ONLY, "--keep", kept,
            CONFORMANCE_TIER="none", XDG_RUNTIME_DIR=str(desk.reports),
        )  # fmt: skip
    late = checked.verdicts["4.1"]
    assert (late["outcome"], late["clock"], late["timed"]) == ("failed", "kernel", True)
    assert late["capture"] == ""
    assert not [*kept.glob("*.pcapng")]
    assert "Times by the kernel, which stamped each read" in checked.stdout
    events = [json.loads(line) for line in (kept / "run.jsonl").read_text().splitlines()]
    assert {event.get("clock") for event in events if event["event"] == "verdict"} == {"kernel"}


STREAMING = """
    import socket, time

    server = socket.create_server(("", 2205))
    while True:
        client, _ = server.accept()
        for number in range(5):
            time.sleep(0.0 if number == 0 else 2.5 if number == 3 else 0.5)
            try:
                date = time.strftime("%Y-%m-%d %H:%M:%S")
                client.sendall(("{'time' : '" + date + "'}\\n").encode())
            except OSError:
                break
        client.close()
"""


def test_what_came_in_a_rhythm_is_told_with_its_times_and_drawn(desk: Desk) -> None:
    server = desk.program(STREAMING)
    settings = ("--set", "lines=5", "--set", "period=0.5", "--only", "2.3")
    checked = desk.check(server, *settings, lab="streaming-time")
    verdict = checked.verdicts["2.3"]
    assert verdict["outcome"] in ("failed", "inconclusive"), checked.stdout  # a busy machine
    (series,) = verdict["cadence"]
    assert (series["what"], series["period"], series["tolerance"]) == ("line", 0.5, 0.25)
    lines = [entry["at"] for entry in verdict["transcript"] if entry["who"] == "server"]
    assert series["times"] == pytest.approx(lines, abs=1e-3)
    assert series["count"] == len(lines) == 5
    assert re.search(r"^ +came +\S+ ", checked.stdout, re.MULTILINE)
    told = re.search(r"gap 3: (\d+\.\d+)", checked.stdout)
    assert told is not None, checked.stdout
    assert float(told[1]) > 2.4  # and more, where the machine is busy


def test_what_cannot_be_kept_costs_no_points_and_is_said(desk: Desk) -> None:
    """As on a disk that is full; here folders stand where the files should."""
    kept = desk.reports / "kept"
    for number in (1, 2, 3):
        (kept / f"3.1-sends_the_line_back_in_upper_case-{number}.pcapng").mkdir(parents=True)
    checked = desk.check(desk.echo(FAULTY), "--only", "1.1,3.1", "--keep", kept)
    verdict = checked.verdicts["3.1"]
    assert (verdict["outcome"], verdict["capture"]) == ("failed", "")
    assert any("its capture could not be kept" in note for note in verdict["notes"])


def test_what_is_no_file_any_more_is_not_copied(tmp_path: Path) -> None:
    """Below the full tier a program may reach the folder where its evidence waits."""
    left, keep = tmp_path / "left", tmp_path / "keep"
    left.mkdir()
    keep.mkdir()
    (left / "secret").write_text("of somebody else")
    for put in (lambda path: path.symlink_to(left / "secret"), os.mkfifo):
        (left / "3.1.pcapng").unlink(missing_ok=True)
        put(left / "3.1.pcapng")
        taken = evidence_files.take(Attempt(Outcome.FAILED, capture="3.1.pcapng"), left, keep, 1)
        assert taken.capture == ""
        assert "its capture could not be kept" in taken.notes[0]
    assert list(keep.iterdir()) == []
