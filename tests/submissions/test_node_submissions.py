"""Node submissions: package.json or not, and which file is the server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.model import Submission, WrongCall
from conformance.submissions import BuildFailed, Program

Tree = Callable[..., Path]
Opened = Callable[..., Submission]
Says = Callable[[Path], str]

pytestmark = pytest.mark.needs("node", "npm")

SERVER = "const net = require('net');\nconsole.log('server');\nif (0) net.createServer();\n"
CLIENT = "console.log('client'); // net.createServer(\nconst s = 'net.createServer(';\n"


def test_a_single_file(tree: Tree, opened: Opened, says: Says) -> None:
    file = tree({"emma.js": SERVER}) / "emma.js"
    assert opened(file).kind == "node"
    assert says(file) == "server"


def test_a_module_file(tree: Tree, says: Says) -> None:
    assert says(tree({"a.mjs": "import net from 'net'; console.log('module')"}) / "a.mjs") == (
        "module"
    )


@pytest.mark.parametrize("name", ["index.js", "server.js", "app.js"])
def test_an_obvious_name(name: str, tree: Tree, says: Says) -> None:
    assert says(tree({name: SERVER, "client.js": CLIENT})) == "server"


def test_the_obvious_name_that_leads_to_a_socket(tree: Tree, says: Says) -> None:
    files = {
        "index.js": CLIENT,
        "server.js": "require('./lib/listen'); console.log('leads')",
        "lib/listen.js": "module.exports = () => require('dgram').createSocket('udp4')",
    }
    assert says(tree(files)) == "leads"


def test_the_only_one_that_listens(tree: Tree, says: Says) -> None:
    assert says(tree({"echo.js": SERVER, "try.js": CLIENT})) == "server"


def test_two_servers_are_listed(tree: Tree, opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"several JavaScript files .*: a\.js, b\.js; hand in"):
        opened(tree({"a.js": SERVER, "b.js": SERVER}))


def test_the_start_script(tree: Tree, opened: Opened, says: Says) -> None:
    package = json.dumps({"scripts": {"start": "node src/it.js 2323"}, "main": "other.js"})
    root = tree({"package.json": package, "src/it.js": SERVER, "other.js": CLIENT})
    assert opened(root).command[1:] == ("src/it.js", "2323")
    assert says(root) == "server"


def test_a_start_script_for_a_shell(tree: Tree, says: Says) -> None:
    package = json.dumps({"name": "x", "scripts": {"start": "PORT=1 node it.js && true"}})
    assert says(tree({"package.json": package, "it.js": SERVER})) == "server"


def test_the_main_of_a_package(tree: Tree, opened: Opened) -> None:
    package = json.dumps({"main": "./it"})
    root = tree({"package.json": package, "it.js": SERVER, "index.js": SERVER})
    assert opened(root).command[1:] == ("it.js",)


def test_a_package_that_is_not_json(tree: Tree, opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"package\.json is not JSON"):
        opened(tree({"package.json": "{", "index.js": SERVER}))


def test_a_package_with_nothing_to_start(tree: Tree, opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"names no start script and no main file"):
        opened(tree({"package.json": "{}"}))


def test_how_libraries_are_installed(tree: Tree, opened: Opened) -> None:
    package = json.dumps({"main": "a.js", "dependencies": {"x": "1"}})
    files = {"package.json": package, "a.js": SERVER, "node_modules/x/index.js": SERVER}
    assert opened(tree(files)).build == ()
    locked = tree({**files, "package-lock.json": "{}"}, "locked")
    [command] = opened(locked).build
    assert command[1] == "ci"
    assert not (opened(locked).root / "node_modules").exists()
    [command] = opened(tree({"package.json": package, "a.js": SERVER}, "bare")).build
    assert command[1] == "install"


@pytest.mark.registry
def test_libraries_are_installed(tree: Tree, says: Says) -> None:
    package = json.dumps({"dependencies": {"ms": "2.1.3"}, "scripts": {"start": "node a.js"}})
    assert says(tree({"package.json": package, "a.js": "console.log(require('ms')('2s'))"})) == (
        "2000"
    )


@pytest.mark.registry
def test_the_first_errors_of_npm(tree: Tree, built: Callable[[Path], Program]) -> None:
    package = json.dumps({"dependencies": {"ms": "99.0.0"}, "main": "a.js"})
    with pytest.raises(BuildFailed) as failure:
        built(tree({"package.json": package, "a.js": ""}))
    if not failure.value.machine:
        assert "ms@99.0.0" in failure.value.summary
        return
    raise failure.value
