"""Which program is started of several, where a client is looked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from conformance.submissions import Ambiguous
from conformance.submissions.submission import Submission

PYTHON = {
    "client.py": "import socket\nsocket.create_connection(('a', 80))\n",
    "server.py": "import socket\nsocket.create_server(('', 80)).accept()\n",
}
NODE = {
    "client.js": "require('net').connect(80, 'a');\n",
    "server.js": "require('net').createServer().listen(80);\n",
}
JAVA = {
    f"{name}.java": f"""
        import java.net.*;
        public class {name} {{
            public static void main(String[] args) throws Exception {{ new {socket}; }}
        }}
    """
    for name, socket in (("Client", 'Socket("a", 80)'), ("Server", "ServerSocket(80)"))
}

BOTH = {**PYTHON, "main.py": PYTHON["server.py"]}
TWO_LANGUAGES = {"client.py": PYTHON["client.py"], "server.js": NODE["server.js"]}


@pytest.mark.parametrize(
    "files",
    [PYTHON, NODE, JAVA, BOTH, TWO_LANGUAGES],
    ids=["python", "node", "java", "an obvious name", "two languages"],
)
def test_a_client_does_not_listen(
    files: Mapping[str, str], tree: Callable[..., Path], opened: Callable[..., Submission]
) -> None:
    client = opened(tree(files), plays=lambda lab: "client")
    assert "client" in client.command[-1].lower()
    assert not client.doubt
    assert client.plays == "client"


@pytest.mark.parametrize("files", [PYTHON, NODE, JAVA], ids=["python", "node", "java"])
def test_a_server_does(
    files: Mapping[str, str], tree: Callable[..., Path], opened: Callable[..., Submission]
) -> None:
    assert "server" in opened(tree(files)).command[-1].lower()


def test_of_several_clients_none_is_guessed(
    tree: Callable[..., Path], opened: Callable[..., Submission]
) -> None:
    files = {f"{name}.py": PYTHON["client.py"] for name in ("one", "two")}
    with pytest.raises(Ambiguous):
        opened(tree(files), plays=lambda lab: "client")


def test_the_lab_of_a_manifest_says_what_is_looked_for(
    tree: Callable[..., Path], opened: Callable[..., Submission]
) -> None:
    files = {**PYTHON, "submission.toml": 'lab = "http-client"'}
    client = opened(tree(files), plays=lambda lab: "client" if lab == "http-client" else "server")
    assert "client" in client.command[-1]
