"""C and C++ without a Makefile: which file is the server, and what belongs to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall

Tree = Callable[..., Path]
Opened = Callable[..., Submission]
Says = Callable[[Path], str]

SOCKETS = "#include <stdio.h>\n#include <stdlib.h>\n#include <sys/socket.h>\n"
SERVER = f"{SOCKETS}int main(void) {{\n  if (!puts(WORD)) listen(0, 1);\n  return 0;\n}}\n"
CLIENT = f'{SOCKETS}int main(void) {{ puts("client"); connect(0, 0, 0); return 0; }}\n'


def server(word: str, before: str = "") -> str:
    return f"{before}{SERVER.replace('WORD', word)}"


TREES = {
    "the one that listens": {"server.c": server('"server"'), "client.c": CLIENT},
    "whatever they are called": {"a.c": CLIENT, "b.c": server('"server"')},
    "with what it calls": {
        "main.c": server("word()", '#include "util.h"\n'),
        "util.c": 'const char *word(void) { return "server"; }\n',
        "util.h": "const char *word(void);\n",
        "client.c": CLIENT,
    },
    "listening is done elsewhere": {
        "main.c": "int serve(void);\nint main(void) { return serve(); }\n",
        "net.c": server('"server"').replace("int main", "int serve"),
        "client.c": "int ask(void);\nint main(void) { return ask(); }\n",
        "ask.c": CLIENT.replace("int main", "int ask"),
    },
    "headers in a folder": {
        "src/server.c": server("word()", '#include "lines.h"\n'),
        "src/lines.c": '#include "lines.h"\nchar *word(void) { return "server"; }\n',
        "include/lines.h": "char *word(void);\n",
        "src/client.c": CLIENT,
    },
    "helpers that define the same": {
        "server.c": server("word()", "char *word(void);\n"),
        "client.c": CLIENT.replace('puts("client")', "puts(word())").replace(
            "int main", "char *word(void);\nint main"
        ),
        "s_util.c": 'char *word(void) { return "server"; }\n',
        "readme.c": "/* int main(void) { listen(); } */ // int main() {\n",
    },
    "a source that is included": {
        "server.c": server("word()", '#include "util.c"\n'),
        "util.c": 'char *word(void) { return "server"; }\n',
        "client.c": CLIENT,
    },
    "its tests aside": {
        "server.c": server('"server"'),
        "tests/test_it.c": server('"test"'),
    },
    "a program that was handed in with its sources": {
        "server.c": server('"server"'),
        "client.c": CLIENT,
        "server": b"\x7fELF of another machine",
    },
    "C++": {
        "server.cpp": '#include <cstdio>\n#include <sys/socket.h>\nclass Server {\npublic:\n'
        '  void run() { puts("server"); if (!this) ::listen(0, 1); }\n};\n'
        "int main() { Server().run(); }\n",
        "client.cpp": '#include <cstdio>\n#include <functional>\nint one(int a) { return a; }\n'
        'int main() { auto f = std::bind(one, 1); puts("client"); return f(); }\n',
    },
    "C and C++": {
        "server.cpp": server("word()", 'extern "C" { char *word(void); }\n'),
        "word.c": 'char *word(void) { char *text = (void *)"server"; return text; }\n',
    },
}  # fmt: skip


@pytest.mark.needs("cc", "c++")
@pytest.mark.parametrize("files", TREES.values(), ids=TREES)
def test_of_several_files_the_server_is_compiled(
    files: dict[str, str | bytes], tree: Tree, says: Says
) -> None:
    assert says(tree(files)) == "server"


@pytest.mark.needs("cc")
def test_what_was_chosen_is_told(tree: Tree, opened: Opened) -> None:
    note = opened(tree({"a.c": server('""'), "b.c": CLIENT, "c.c": "int c;"})).note
    assert note.endswith("started at a.c, with a.c, c.c")
    alone = opened(tree({"a.c": server('""'), "c.c": "int c;"}, "other")).note
    assert "started at" not in alone


@pytest.mark.needs("cc")
@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a.c": server('"a"'), "b.c": server('"b"')}, "several C files could be the server: a.c"),
        ({"a.c": CLIENT, "b.c": CLIENT}, "several C files could be the server: a.c, b.c"),
        ({"a.c": "int a;", "b.c": "// int main() {"}, "several C files and none has a main"),
    ],
)
def test_what_cannot_be_told_is_asked(
    files: dict[str, str], told: str, tree: Tree, opened: Opened
) -> None:
    with pytest.raises(WrongCall, match=told):
        opened(tree(files))


@pytest.mark.needs("cc")
def test_what_was_made_of_them_may_lie_beside_them(tree: Tree, opened: Opened) -> None:
    files = {"a.c": server('"a"'), "b.c": server('"b"'), "server": b"\x7fELF"}
    assert opened(tree(files)).command == ("./server",)
