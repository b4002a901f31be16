"""Of several programs one is chosen; where another could be meant, teachers are told, too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.submissions.submission import Submission

Tree = Callable[..., Path]
Opened = Callable[..., Submission]

PYTHON = "import socket\nprint('x')\nsocket.socket().listen()\n"
NODE = "require('net').createServer().listen(1);\n"
JAVA = (
    "class {} {{ public static void main(String[] a) throws Exception"
    " {{ new java.net.ServerSocket(1); }} }}"
)
LEADS = "class Main { public static void main(String[] a) { new Server(); } }"
C = "int main(void) {{ {}(0, 1); }}"

DOUBTS = {
    "Python": (
        {"server.py": PYTHON, "better.py": PYTHON},
        "server.py was started; better.py could be meant, too",
    ),
    "several others": (
        {"main.py": PYTHON, "a.py": PYTHON, "b.py": PYTHON},
        "main.py was started; a.py and b.py could be meant, too",
    ),
    "Node": (
        {"index.js": NODE, "old.js": NODE},
        "index.js was started; old.js could be meant, too",
    ),
    "Java": (
        {"Server.java": JAVA.format("Server"), "Main.java": LEADS},
        "Server was started; Main could be meant, too",
    ),
    "C": (
        {"a.c": C.format("listen"), "b.c": C.format("serve"), "n.c": "int serve() { bind(1); }"},
        "a.c was started; b.c could be meant, too",
    ),
}

CLEAR = {
    "a client": {"server.py": PYTHON, "client.py": "import socket\nsocket.socket()\nprint(1)\n"},
    "a part of it": {"main.py": "import server\nserver.go()\n", "server.py": PYTHON},
    "a test": {"server.py": PYTHON, "test_server.py": PYTHON},
    "one alone": {"server.py": PYTHON},
    "what package.json says": {"package.json": '{"main": "a.js"}', "a.js": NODE, "b.js": NODE},
    "Java": {"Server.java": JAVA.format("Server"), "Client.java": "class Client { }"},
}


@pytest.mark.needs("javac", "node", "npm", "cc")
@pytest.mark.parametrize(("files", "told"), DOUBTS.values(), ids=DOUBTS)
def test_where_two_could_be_meant(
    files: dict[str, str], told: str, tree: Tree, opened: Opened
) -> None:
    submission = opened(tree(files))
    assert submission.doubt == told
    assert told in submission.note


@pytest.mark.needs("javac", "node", "npm")
@pytest.mark.parametrize("files", CLEAR.values(), ids=CLEAR)
def test_where_it_is_clear(files: dict[str, str], tree: Tree, opened: Opened) -> None:
    assert opened(tree(files)).doubt == ""
