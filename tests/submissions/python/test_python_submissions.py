"""Python submissions: which file is started, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall

Tree = Callable[..., Path]
Opened = Callable[..., Submission]
Says = Callable[[Path], str]

SERVER = "import socket\nprint('server')\nif len(str(socket)) < 0: socket.socket().listen()\n"
CLIENT = "import socket\nprint('client')\nif len(str(socket)) < 0: socket.socket().connect(1)\n"
GUARD = "if __name__ == '__main__':\n    print('guarded')\n"


def test_a_single_file(tree: Tree, opened: Opened, says: Says) -> None:
    file = tree({"alice.py": SERVER, "bob.py": CLIENT}) / "alice.py"
    submission = opened(file)
    assert (submission.name, submission.kind) == ("alice", "python")
    assert [path.name for path in submission.root.iterdir()] == ["alice.py"]
    assert says(file) == "server"


@pytest.mark.parametrize("name", ["__main__.py", "main.py", "server.py", "app.py"])
def test_an_obvious_name_wins(name: str, tree: Tree, says: Says) -> None:
    assert says(tree({name: SERVER, "thing.py": GUARD, "client.py": CLIENT})) == "server"


def test_the_obvious_name_that_leads_to_a_socket_wins(tree: Tree, says: Says) -> None:
    assert says(tree({"main.py": CLIENT, "server.py": SERVER})) == "server"
    assert says_of_main(tree, "import net.listener\nprint('main')", says) == "main"


def says_of_main(tree: Tree, main: str, says: Says) -> str:
    files = {
        "main.py": main,
        "server.py": SERVER,
        "net/__init__.py": "",
        "net/listener.py": "def go(s): s.listen()",
    }
    root = tree(files, "two")
    for former in root.parent.parent.glob("launched"):
        former.rename(former.with_name("launched-before"))
    return says(root)


def test_the_only_guard_wins(tree: Tree, says: Says) -> None:
    assert says(tree({"echo.py": "import lines\n" + GUARD, "lines.py": "X = 1"})) == "guarded"


@pytest.mark.parametrize(
    "opening",
    [
        "s.bind(('', 2323))",
        "asyncio.start_server(f, port=2323)",
        "socketserver.ThreadingTCPServer(('', 1), H)",
        "loop.create_datagram_endpoint(P)",
        "s.listen()",
    ],
)
def test_the_only_one_that_listens_wins(opening: str, tree: Tree, says: Says) -> None:
    listening = f"print('listens')\nif len('x') == 0:\n    {opening}\n"
    files = {"echo.py": listening, "try_it.py": CLIENT + GUARD + "# s.listen() 's.bind((1,2))'"}
    assert says(tree(files)) == "listens"


def test_two_servers_are_listed(tree: Tree, opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"several Python files .*: one\.py, two\.py; hand in"):
        opened(tree({"one.py": SERVER, "two.py": SERVER}))


def test_tests_are_not_the_program(tree: Tree, says: Says) -> None:
    assert says(tree({"echo.py": SERVER, "test_echo.py": SERVER, "tests/x.py": SERVER})) == "server"


PACKAGE = {
    "__init__.py": "",
    "__main__.py": "from .words import WORD\nprint(WORD, __package__)",
    "words.py": "WORD = 'packaged'",
}


def below(folder: str, files: Mapping[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": content for name, content in files.items()}


def test_a_package_in_a_folder(tree: Tree, says: Says) -> None:
    assert says(tree(below("echo", PACKAGE))) == "packaged echo"


def test_a_package_in_a_src_layout(tree: Tree, says: Says) -> None:
    files = {**below("src/echo", PACKAGE), "pyproject.toml": "[project]\nname='e'", "README.md": ""}
    assert says(tree(files)) == "packaged echo"


def test_the_package_itself_is_handed_in(tree: Tree, says: Says) -> None:
    assert says(tree(PACKAGE, "bob")) == "packaged bob"


def test_the_package_has_no_name_that_can_be_imported(tree: Tree, says: Says) -> None:
    assert says(tree(PACKAGE, "bob-lab1")) == "packaged _bob_lab1"


def test_an_init_file_beside_a_script_makes_no_package(tree: Tree, says: Says) -> None:
    files = {"__init__.py": "", "main.py": "import words\nprint(words.W)", "words.py": "W = 'ok'"}
    assert says(tree(files)) == "ok"


def test_a_folder_with_the_name_of_a_module_in_it_is_no_package(tree: Tree, says: Says) -> None:
    files = {"main.py": "from words import W\nprint(W)", "words.py": "W = 'ok'"}
    assert says(tree(files, "words")) == "ok"


@pytest.mark.parametrize("name", ["http", "socket", "socketserver"])
def test_a_folder_with_the_name_of_one_of_pythons_own(name: str, tree: Tree, says: Says) -> None:
    main = f"import {name}\nprint('ok', __name__)\nif len('x') == 0: s.listen()"
    assert says(tree({"server.py": main}, name)) == "ok __main__"


def test_a_package_with_the_name_of_one_of_pythons_own(tree: Tree, says: Says) -> None:
    assert says(tree(PACKAGE, "http")) == "packaged _http"


def test_a_file_that_cannot_be_parsed_is_still_started(tree: Tree, opened: Opened) -> None:
    assert opened(tree({"old.py": "print 'hello'"})).command[1] == "old.py"


def test_requirements_that_name_nothing_need_no_environment(tree: Tree, opened: Opened) -> None:
    assert opened(tree({"main.py": SERVER, "requirements.txt": "# none\n\n"})).build == ()


@pytest.mark.registry
def test_requirements_go_into_an_environment_of_their_own(tree: Tree, says: Says) -> None:
    main = "import sys, colorama\nprint('venv' if sys.prefix != sys.base_prefix else 'system')"
    assert says(tree({"main.py": main, "requirements.txt": "colorama==0.4.6\n"})) == "venv"


def test_an_environment_is_made_in_the_working_copy(tree: Tree, opened: Opened) -> None:
    files = {"main.py": f"import colorama\n{SERVER}", "requirements.txt": "colorama\n"}
    submission = opened(tree(files))
    assert [command[1:5] for command in submission.build] == [
        ("-I", "-m", "venv", ".venv"),
        ("-I", "-m", "pip", "install"),
    ]
    assert submission.command == (".venv/bin/python", "main.py")
