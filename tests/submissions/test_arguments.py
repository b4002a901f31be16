"""What a program is started with: as the call says, or its own manifest."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from conformance.contract.catalog import load
from conformance.run.plan import Request
from conformance.run.prepare import again, plan, prepare, read_arguments, take_in, written_arguments
from conformance.sandbox import Isolation, Tier
from conformance.submissions import Program
from conformance.verdict.model import Run, WrongCall

Tree = Callable[..., Path]

CATALOG = load()
ALONE = Isolation(Tier.NONE)
SERVER = "import socket; socket.create_server(('', 2323)).listen()"


def described(tree: Tree, files: Mapping[str, str], *arguments: str) -> Run:
    """The run of that folder, before it is held."""
    path = tree(files)
    scratch = path.parent / "scratch"
    scratch.mkdir()
    given = (Request(path=path, lab="echo", arguments=arguments), CATALOG, ALONE, scratch)
    return plan(*given, prepare(*given)).described()


@pytest.mark.parametrize(
    ("manifest", "started"),
    [
        (None, ("python3", "server.py", "-p", "2323")),
        ('lab = "echo"', ("python3", "server.py", "-p", "2323")),
        ("port = 4000", ("python3", "server.py", "-p", "4000")),
        ("arguments = []", ("python3", "server.py")),
        ('arguments = ["--port={port}"]', ("python3", "server.py", "--port=2323")),
        ('command = ["python3", "server.py", "{port}"]', ("python3", "server.py", "2323")),
        ('command = ["python3", "server.py"]\narguments = ["7"]', ("python3", "server.py", "7")),
    ],
)
def test_a_manifest_that_says_how_it_is_started_comes_first(
    manifest: str | None, started: tuple[str, ...], tree: Tree
) -> None:
    files = {"server.py": SERVER} | ({} if manifest is None else {"submission.toml": manifest})
    run = described(tree, files, "-p", "{port}")
    assert (Path(run.command[0]).name.rstrip(".0123456789"), *run.command[1:]) == (
        "python", *started[1:],
    )  # fmt: skip
    assert run.folder == "."


def test_without_any_there_are_none(tree: Tree) -> None:
    assert described(tree, {"server.py": SERVER}).command[1:] == ("server.py",)


def test_a_program_that_npm_starts_gets_them_too() -> None:
    npm = Program(Path("x"), ("/usr/bin/npm", "start", "--silent"))
    assert npm.given(["{port}"]).told(2323) == ("npm", "start", "--silent", "--", "2323")
    assert npm.given([]).told(2323) == ("npm", "start", "--silent")


def test_a_client_is_told_where_to_connect_to() -> None:
    client = Program(Path("x"), ("python3", "client.py")).given(["--host={host}", "{port}"])
    assert client.takes_host_and_port
    assert client.call(80, "www.site.test") == [
        "python3",
        "client.py",
        "--host=www.site.test",
        "80",
    ]
    assert client.told(80) == ("python3", "client.py", "--host={host}", "80")
    assert not Program(Path("x"), ("python3", "client.py", "{port}")).takes_host_and_port


def test_a_reader_sees_no_folder_of_this_machine() -> None:
    java = Program(Path("x"), ("/usr/lib/jvm/java-17/bin/java", "-cp", ".classes", "Server"))
    assert java.given(["{port}"]).told(7) == ("java", "-cp", ".classes", "Server", "7")
    assert Program(Path("x"), ("./server.out",)).told(7) == ("./server.out",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("{port}", ("{port}",)),
        ("-p {port}", ("-p", "{port}")),
        ("--motd 'good day' \"\"", ("--motd", "good day", "")),
    ],
)
def test_the_words_are_those_of_a_shell(text: str, words: tuple[str, ...]) -> None:
    assert read_arguments(text) == words
    assert read_arguments(written_arguments(words)) == words


def test_what_is_no_line_of_a_shell_is_refused() -> None:
    with pytest.raises(WrongCall, match=r"--arguments .* cannot be read: no closing quotation"):
        read_arguments("'{port}")


def test_the_command_that_asks_for_the_same_again_has_them() -> None:
    request = Request(path=Path("ann.py"), arguments=("-p", "{port}", "good day"))
    told = again(request, "echo")
    assert read_arguments(shlex.split(told)[-1]) == request.arguments
    assert again(Request(path=Path("ann.py"), arguments=("{port}",)), "echo") == (
        "conformance check ann.py --lab echo --arguments '{port}'"
    )


def test_a_server_that_runs_already_is_given_none(tmp_path: Path) -> None:
    request = Request(connect="localhost:2323", lab="echo", arguments=("{port}",))
    with pytest.raises(WrongCall, match="not with --connect"):
        take_in(request, CATALOG, ALONE, tmp_path)
