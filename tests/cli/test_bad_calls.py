"""Calls that make no sense: one clear sentence, status 2, and no traceback."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from kit.desk import REFERENCES, REPOSITORY, Desk

PROGRAM = REFERENCES / "echo" / "python" / "thread_per_client.py"


def refused(desk: Desk, *arguments: object, **environment: str) -> str:
    """What was said. Through the front door: a process of its own."""
    checked = desk.call(*arguments, command=(), **environment)
    assert checked.status == 2, checked
    assert checked.stdout == ""
    assert "Traceback" not in checked.stderr
    return checked.stderr


Refuse = Callable[..., str]


@pytest.fixture
def refuse(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """The same without a process of its own: these are many."""
    monkeypatch.chdir(REPOSITORY)

    def call(*arguments: object) -> str:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments], "conformance")
        said = capsys.readouterr()
        assert ended.value.code == 2, said
        assert said.out == ""
        return said.err

    return call


def one_sentence(said: str) -> str:
    assert said.startswith("conformance: ")
    assert len(said.splitlines()) == 1, said
    return said.removeprefix("conformance: ").strip()


# -- what is handed in ----------------------------------------------------------------


def a_zip_that_climbs(folder: Path) -> Path:
    path = folder / "climbs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("server.py", "pass")
        archive.writestr("../escaped.py", "pass")
    return path


def a_tar_that_links_out(folder: Path) -> Path:
    path = folder / "links.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        link = tarfile.TarInfo("server.py")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        member = tarfile.TarInfo("main.py")
        archive.addfile(member, io.BytesIO())
    return path


def nothing(folder: Path) -> Path:
    return folder / "no-such-file.py"


def an_empty_folder(folder: Path) -> Path:
    path = folder / "empty"
    path.mkdir()
    return path


def an_empty_file(folder: Path) -> Path:
    path = folder / "report.docx"
    path.write_bytes(b"PK\x03\x04 not an archive")
    return path


def no_archive(folder: Path) -> Path:
    path = folder / "broken.zip"
    path.write_bytes(b"this is no archive")
    return path


def manifest(text: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "handed-in"
        path.mkdir()
        (path / "server.py").write_text("pass")
        (path / "submission.toml").write_text(text)
        return path

    return write


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (nothing, "no-such-file.py"),
        (an_empty_folder, "empty"),
        (an_empty_file, "report.docx"),
        (no_archive, "broken.zip"),
        (a_zip_that_climbs, "../escaped.py"),
        (a_tar_that_links_out, "server.py"),
        (manifest('lab = "echo"\ncomand = ["python3", "server.py"]\n'), "comand"),
        (manifest('lab = "echo"\ncommand = "python3 server.py"\n'), "command"),
        (manifest('lab = "eccho"\ncommand = ["python3", "server.py"]\n'), "eccho"),
        (manifest('lab = "echo"\ncommand = ["python3", "server.py"]\nport = 99999\n'), "port"),
        (manifest("lab = echo\n"), "submission.toml"),
    ],
)
def test_what_is_handed_in(
    desk: Desk, refuse: Refuse, make: Callable[[Path], Path], words: str
) -> None:
    path = make(desk.folder)
    lab = () if path.name == "handed-in" else ("--lab", "echo")
    assert words in one_sentence(refuse("check", path, *lab))
    assert not (desk.folder / "escaped.py").exists()


def test_a_file_that_may_not_be_read(desk: Desk, refuse: Refuse) -> None:
    if os.geteuid() == 0:
        path = Path("/proc/self/mem")  # nobody may read that from its beginning
    else:
        path = desk.program("pass")
        path.chmod(0)
    one_sentence(refuse("check", path, "--lab", "echo"))


# -- how it is asked for --------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--lab", "eccho"), "there is no lab 'eccho'; there are echo, "),
        ((), "which lab is"),
        (("--lab", "echo", "--only", "9.9"), "--only 9.9: the lab echo has no such clause"),
        (("--lab", "echo", "--only", "5S"), "--only 5S: the lab echo has no such clause"),
        (("--lab", "echo", "--set", "prefix"), "--set wants NAME=VALUE, not 'prefix'"),
        (("--lab", "echo", "--set", "colour=red"), "has no parameter 'colour'; it has port"),
        (("--lab", "echo", "--set", "crowd=many"), "crowd is a whole number, not 'many'"),
        (("--lab", "echo", "--set", "port=99999"), "port"),
        (("--lab", "echo", "--set", "port=0"), "port"),
        (("--lab", "echo", "--set", "greeting=-1"), "greeting is at least 0"),
        (("--lab", "echo", "--set", "prefix="), "set greeting to the number of its lines"),
        (("--lab", "echo", "--set", "goodbye_reply=loud"), "goodbye_reply is one of echoed"),
        (("--lab", "echo", "--labs", "no-such-folder"), "--labs: there is no folder"),
        (("--lab", "echo", "--labs", "ci"), "ci holds no lab"),
        (("--lab", "echo", "--connect", "localhost:2323"), "PATH or --connect HOST:PORT"),
        (("--lab", "echo", "--json", "/no/such/folder/run.json"), "/no/such/folder"),
        (("--lab", "echo", "--junit", "/no/such/folder/run.xml"), "/no/such/folder"),
        (("--lab", "echo", "--events", "/no/such/folder/run.jsonl"), "/no/such/folder"),
        (("--lab", "echo", "--keep", "/proc/no/such"), "/proc/no"),
        (("--lab", "echo", "--json", "/proc"), "/proc"),
        (("--lab", "streaming-time", "--search", "20s"), "--search: the lab streaming-time"),
    ],
)
def test_how_it_is_asked_for(refuse: Refuse, arguments: tuple[str, ...], words: str) -> None:
    only = () if "--only" in arguments else ("--only", "1.2")
    assert words in one_sentence(refuse("check", PROGRAM, *arguments, *only))


def test_a_clause_of_a_variant_is_known_there(refuse: Refuse) -> None:
    said = refuse("check", PROGRAM, "--lab", "echo-sequential", "--only", "5.2")
    assert "5S.1" in one_sentence(said)


@pytest.mark.parametrize(
    "address", ["localhost", "localhost:", ":2323", "localhost:http", "localhost:0", "h:70000", ""]
)
def test_no_address_to_connect_to(refuse: Refuse, address: str) -> None:
    said = one_sentence(refuse("check", "--lab", "echo", "--connect", address))
    assert "HOST:PORT" in said


def test_a_search_of_what_was_not_started_here(refuse: Refuse) -> None:
    asked = ("--lab", "echo", "--connect", "localhost:2323", "--search", "2m")
    assert "--search starts the program afresh" in one_sentence(refuse("check", *asked))


def test_a_host_that_nobody_knows(refuse: Refuse) -> None:
    said = refuse("check", "--lab", "echo", "--connect", "no-such-host.invalid:2323")
    assert "no-such-host.invalid" in one_sentence(said)


def test_nothing_to_check(refuse: Refuse) -> None:
    assert "Give a PATH, or --connect" in one_sentence(refuse("check", "--lab", "echo"))


def test_to_connect_without_a_lab(refuse: Refuse) -> None:
    said = one_sentence(refuse("check", "--connect", "localhost:2323"))
    assert "--lab" in said


def test_a_tier_that_is_none(desk: Desk) -> None:
    said = refused(desk, "check", PROGRAM, "--lab", "echo", CONFORMANCE_TIER="best")
    assert "CONFORMANCE_TIER is 'best'" in one_sentence(said)


def test_less_isolation_than_is_required(desk: Desk) -> None:
    arguments = ("check", PROGRAM, "--lab", "echo", "--require-tier", "full")
    said = refused(desk, *arguments, CONFORMANCE_TIER="none")
    assert "--require-tier full: this machine offers none only" in one_sentence(said)


@pytest.mark.parametrize("command", [("check", PROGRAM, "--lab", "echo"), ("selfcheck", "echo")])
def test_a_network_that_there_is_not(refuse: Refuse, command: tuple[object, ...]) -> None:
    said = one_sentence(refuse(*command, "--network", "rate 1mbit"))
    assert said == (
        "network 'rate 1mbit': 'rate' is none of delay, jitter, loss, duplicate, reorder"
    )


def test_a_network_without_hosts_of_our_own(desk: Desk, refuse: Refuse) -> None:
    network = ("--network", "delay 50ms")
    said = refuse("check", "--connect", "localhost:2323", "--lab", "echo", *network)
    assert "--network is about the suite's own wire: not with --connect" in one_sentence(said)
    told = "--network needs hosts of the suite's own, tier network or full: CONFORMANCE_TIER asks"
    check = ("check", PROGRAM, "--lab", "echo", *network)
    assert told in one_sentence(refused(desk, *check, CONFORMANCE_TIER="none"))
    (desk.folder / "entries").mkdir()
    (desk.folder / "entries" / "ann.py").touch()
    (desk.folder / "class.toml").write_text(
        'submissions = "entries"\n[[lab]]\nname = "echo"\nnetwork = "delay 50ms"\n'
    )
    grade = ("grade", desk.folder / "class.toml", "--out", desk.folder / "results")
    assert told in one_sentence(refused(desk, *grade, CONFORMANCE_TIER="none"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", PROGRAM, "--lab", "echo", "--timeout-scale", "0"),
        ("check", PROGRAM, "--lab", "echo", "--jobs", "0"),
        ("check", PROGRAM, "--lab", "echo", "--seed", "x"),
        ("check", PROGRAM, "--lab", "echo", "--search", "soon"),
        ("check", PROGRAM, "--lab", "echo", "--search", "0s"),
        ("check", PROGRAM, "--lab", "echo", "--search", "999999m"),
        ("check", PROGRAM, "--lab", "echo", "--no-such-option"),
        ("check", PROGRAM, PROGRAM, "--lab", "echo"),
        ("chekc",),
    ],
)
def test_options_that_there_are_not(refuse: Refuse, arguments: tuple[object, ...]) -> None:
    assert "Error: " in refuse(*arguments)


# -- what is rendered again -----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot read"),
        ("", "it holds no event"),
        ("hello\nworld\n", "line 1 is not an event of a run"),
        ('{"event":"verdict"}\n', "does not begin with a `run` event"),
        ('{"event":"run","schema":"conformance.events/99"}\n', "conformance.events/99"),
        ('{"event":"run","schema":"conformance.events/1"}\n', "run.jsonl"),
    ],
)
def test_no_run_to_report(desk: Desk, refuse: Refuse, text: str | None, words: str) -> None:
    path = desk.folder / "run.jsonl"
    if text is not None:
        path.write_text(text)
    assert words in one_sentence(refuse("report", path))


@pytest.mark.parametrize(
    "arguments", [("explain", "eccho"), ("explain", "echo", "9.9"), ("labs", "eccho")]
)
def test_nothing_to_read(refuse: Refuse, arguments: tuple[str, ...]) -> None:
    one_sentence(refuse(*arguments))


@pytest.mark.parametrize(
    "arguments",
    [("check", "no-such-file.py", "--lab", "echo"), ("check", PROGRAM, "--lab", "no-such-lab")],
)
def test_through_the_front_door(desk: Desk, arguments: tuple[object, ...]) -> None:
    assert "no-such-" in one_sentence(refused(desk, *arguments))


def test_half_a_point_is_refused_and_the_help_says_that_points_are_whole() -> None:
    words = ["override", "ann", "echo", "3.1", "--points", "1.5", "--because", "x"]
    assert CliRunner().invoke(main, words).exit_code == 2
    told = CliRunner().invoke(main, ["override", "--help"], env={"COLUMNS": "100"}).stdout
    assert "points are whole" in " ".join(told.split())
