"""What `ci/wireshark` has for each lab, as tshark shows it of captures of `check --keep`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import dpkt
import pytest

from conformance.contract.catalog import load
from conformance.wire.packets import Packet, write_pcapng
from kit.pages import TOP

SCRIPTS = TOP / "ci" / "wireshark"
CAPTURES = Path(__file__).parent / "captures"
WITHIN = 60.0
"""Seconds for tshark to read a capture: a bound, it takes one."""

LABS = load().labs
NAMES = sorted(name for name, lab in LABS.items() if lab.name == name)


def tshark(*words: object, **environment: str) -> str:
    """What tshark prints; it must have nothing to say of the script."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    read = subprocess.run(
        ["tshark", *map(str, words)],
        env={**os.environ, "HOME": "/nonexistent", **environment},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=WITHIN, check=False,
    )  # fmt: skip
    said = [line for line in read.stderr.splitlines() if not line.startswith("Running as user")]
    assert read.returncode == 0, read.stderr
    assert not any(re.search(r"(?i)lua|error", line) for line in said), read.stderr
    return read.stdout


def dissected(name: str, *fields: str, capture: Path | None = None) -> list[list[str]]:
    """These fields of each packet that the lab's dissector knows."""
    protocol = f"lab_{name.replace('-', '_')}"
    wanted = [word for field in fields for word in ("-e", f"{protocol}.{field}")]
    read = tshark(
        "-X", f"lua_script:{SCRIPTS / f'{name}.lua'}", "-r", capture or CAPTURES / f"{name}.pcapng",
        "-Y", protocol, "-T", "fields", "-E", "aggregator=;", *wanted,
    )  # fmt: skip
    return [line.split("\t") for line in read.splitlines()]


def test_each_lab_has_a_dissector_and_a_capture() -> None:
    assert {file.stem for file in SCRIPTS.glob("*.lua")} == {*NAMES, "lines"}
    assert {file.stem for file in CAPTURES.glob("*.pcapng")} == {*NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_dissector_names_clauses_that_the_contract_has(name: str) -> None:
    script = (SCRIPTS / f"{name}.lua").read_text(encoding="utf-8")
    assert re.findall(r'"(\d+\.\d+)"', script)
    clauses = {clause.number for clause in LABS[name].contract.clauses}
    assert {*re.findall(r'"(\d+\.\d+)"', script)} <= clauses


@pytest.mark.parametrize(
    ("name", "command", "answer"),
    [
        ("echo", ["BYE", "", "4.1"], ["reply", "bye", "4.1"]),
        ("streaming-time", None, ["time", r"\d{4}-\d\d-\d\d .*", "2.3"]),
        ("presence", ["HELLO", r"N\w+", "2.1"], ["left", r"N\w+", "4.2"]),
        ("presence-udp", ["SAY", r"\w+", "2.3"], ["says", r"Bob\w+: \w+", "2.3"]),
        ("http-client", ["request;blank line", "Hello, .*", "1.2;1.2"],
         ["status;header;.*body", "400 Bad Request;Server: .*", "1.3;1.3;.*"]),
        ("http-server", ["GET;header;end of the head", r"/\w+\.txt;Host: .*", "2.1;3.6;2.14"],
         ["status;.*;type;.*body", "200 OK;.*", "2.2;.*;2.1"]),
        ("roulette", ["LOAD", "", "2.3"], ["new students", "4", "2.3"]),
        ("orchestra", None, ["playing", "flute, violin, drum", "2.3"]),
    ],
)  # fmt: skip
def test_a_dissector_says_what_each_line_is(
    name: str, command: list[str] | None, answer: list[str]
) -> None:
    packets = dissected(name, "command", "answer", "text", "clause")
    found = [(sent or came, text, clause) for sent, came, text, clause in packets]
    for wanted in filter(None, (command, answer)):
        assert any(
            all(re.fullmatch(pattern, cell) for pattern, cell in zip(wanted, cells, strict=True))
            for cells in found
        ), (wanted, found)


def capture_of(payload: bytes, transport: dpkt.Packet, path: Path) -> Path:
    """A capture of one packet with that payload."""
    transport.data = payload
    if isinstance(transport, dpkt.udp.UDP):
        transport.ulen = len(transport)
    number = 17 if isinstance(transport, dpkt.udp.UDP) else 6
    ip = dpkt.ip.IP(src=b"\x0a\x09\x09\x02", dst=b"\x0a\x09\x09\x01", p=number, data=transport)
    ip.len = len(ip)
    frame = bytes(dpkt.ethernet.Ethernet(data=ip))
    write_pcapng([Packet(10**18, len(frame), frame)], path)
    return path


def test_a_musician_is_known_by_its_sound(tmp_path: Path) -> None:
    sound = b'{"uuid":"aa7d8cb3","sound":"trulu"}'
    heard = capture_of(sound, dpkt.udp.UDP(sport=40_000, dport=9_907), tmp_path / "heard.pcapng")
    script = f"lua_script:{SCRIPTS / 'orchestra.lua'}"
    read = tshark("-X", script, "-r", heard, "-T", "fields", "-e", "lab_orchestra.instrument")
    assert read.strip() == "flute"


def test_a_line_that_does_not_end_in_its_packet_is_marked(tmp_path: Path) -> None:
    segment = dpkt.tcp.TCP(sport=2_323, dport=40_000, flags=dpkt.tcp.TH_ACK | dpkt.tcp.TH_PUSH)
    capture = capture_of(b"> ONE\r\n> TW", segment, tmp_path / "half.pcapng")
    ((texts, unended),) = dissected("echo", "text", "unended", capture=capture)
    assert texts == "ONE;TW"
    assert unended in ("1", "True")
    assert not any(marked for (marked,) in dissected("echo", "unended"))


@pytest.mark.parametrize("name", NAMES)
def test_a_dissector_bears_whatever_comes(name: str, tmp_path: Path) -> None:
    defaults = {parameter.name: parameter.default for parameter in LABS[name].parameters}
    port = defaults[LABS[name].port_parameter]
    evil = b"\0\xff\xfe\n\r\n%s%n \x1b[2J" + bytes(range(256)) + b"{" * 900
    for transport in (dpkt.tcp.TCP(flags=dpkt.tcp.TH_ACK), dpkt.udp.UDP()):
        transport.sport, transport.dport = port, 40_000
        capture = capture_of(evil, transport, tmp_path / "evil.pcapng")
        script = f"lua_script:{SCRIPTS / f'{name}.lua'}"
        assert "Lua Error" not in tshark("-X", script, "-r", capture, "-V")


def test_the_profile_has_a_column_and_a_colour_for_what_proves_a_failure(tmp_path: Path) -> None:
    profiles = tmp_path / "wireshark" / "profiles"
    shutil.copytree(SCRIPTS / "profile", profiles)
    of_ours = {"WIRESHARK_CONFIG_DIR": str(tmp_path / "wireshark")}
    call = ("-C", "conformance", "-r", CAPTURES / "echo.pcapng")
    assert "PROOF of 4.1 hangs up after bye, step" in tshark(*call, **of_ours)
    fields = ("-e", "frame.comment", "-e", "frame.coloring_rule.name")
    rows = tshark(*call, "--color", "-T", "fields", *fields, **of_ours).splitlines()
    colours = {tuple(row.split("\t")) for row in rows}
    proven = {colour for comment, colour in colours if comment.startswith("PROOF ")}
    others = {colour for comment, colour in colours if comment and not comment.startswith("PROOF ")}
    assert proven == {"Proof of a failure"}
    assert others == {"A step of the conversation"}
