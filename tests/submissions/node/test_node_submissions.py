"""Node submissions: package.json or not, and which file is the server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.submissions import BuildFailed, Program
from conformance.submissions.intake import clutter
from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall

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
    files = {"package.json": package, "a.js": f"require('x')\n{SERVER}"}
    library = {"node_modules/x/index.js": SERVER}
    lock = {"package-lock.json": "{}"}
    assert opened(tree({**files, **library})).build == ()
    assert opened(tree({**files, **library, **lock}, "locked")).build == ()
    assert opened(tree({**files, **lock}, "bare and locked")).build[0][1:3] == ("ci", "--omit=dev")
    assert opened(tree(files, "bare")).build[0][1] == "install"


WHOLE = {
    "a library": {"node_modules/x/package.json": "{}", "node_modules/x/index.js": ""},
    "one that needs another": {
        "node_modules/x/package.json": '{"dependencies": {"y": "1"}}',
        "node_modules/y/package.json": "{}",
    },
    "one that brings another": {
        "node_modules/x/package.json": '{"dependencies": {"y": "1"}}',
        "node_modules/x/node_modules/y/package.json": "{}",
    },
}
NOT_WHOLE = {
    "none": {"node_modules/z/package.json": "{}"},
    "one that needs what is not there": {
        "node_modules/x/package.json": '{"dependencies": {"y": "1"}}'
    },
    "one that was compiled": {
        "node_modules/x/package.json": "{}",
        "node_modules/x/build/Release/x.node": "\x7fELF",
    },
    "one that is to be compiled": {
        "node_modules/x/package.json": "{}",
        "node_modules/x/binding.gyp": "{}",
    },
}


@pytest.mark.parametrize(
    ("handed_in", "whole"),
    [(each, True) for each in WHOLE.values()] + [(each, False) for each in NOT_WHOLE.values()],
    ids=[*WHOLE, *NOT_WHOLE],
)
def test_libraries_that_were_handed_in_whole_are_used(
    handed_in: dict[str, str], whole: bool, tree: Tree, opened: Opened
) -> None:
    package = json.dumps({"main": "a.js", "dependencies": {"x": "1"}})
    source = "const x = require('x/lib');\n" + SERVER
    files = {"package.json": package, "package-lock.json": "{}", "a.js": source, **handed_in}
    submission = opened(tree(files))
    assert (submission.build == ()) is whole
    assert (submission.root / "node_modules").is_dir()


NOT_LOADED = {
    "a watcher": {"devDependencies": {"nodemon": "3"}, "main": "a.js"},
    "a watcher that starts it": {
        "devDependencies": {"nodemon": "3"},
        "scripts": {"start": "nodemon a.js"},
    },
    "what somebody once installed": {
        "dependencies": {"express": "4", "socket.io": "4"},
        "scripts": {"start": "node a.js"},
    },
    "for its tests": {
        "devDependencies": {"jest": "29"},
        "scripts": {"start": "node a.js", "test": "jest"},
    },
}
ALONE = "import fs from 'fs';\nconst net = require('node:net');\nrequire('./b');\n// require('x')\n"


@pytest.mark.parametrize("lock", [True, False])
@pytest.mark.parametrize("package", NOT_LOADED.values(), ids=NOT_LOADED)
def test_libraries_that_nothing_loads_are_not_asked_for(
    package: dict[str, object], lock: bool, tree: Tree, opened: Opened
) -> None:
    files = {"package.json": json.dumps(package), "a.js": ALONE + SERVER, "b.js": ""}
    files |= {"package-lock.json": "{}"} if lock else {}
    submission = opened(tree(files))
    assert submission.build == ()
    assert submission.command[1:] == ("a.js",)


@pytest.mark.parametrize(
    ("source", "start"),
    [
        ("require(process.argv[2])", "node a.js"),
        ("const x = await import(`${1}`)", "node a.js"),
        ("", "webpack && node a.js"),
        ("", "ts-node a.js"),
    ],
)
def test_where_it_cannot_be_told_which_are_loaded_all_are(
    source: str, start: str, tree: Tree, opened: Opened
) -> None:
    stated = {"dependencies": {"x": "1"}, "devDependencies": {"webpack": "5", "ts-node": "10"}}
    package = json.dumps({**stated, "scripts": {"start": start}})
    submission = opened(tree({"package.json": package, "a.js": source}))
    assert [command[1] for command in submission.build] == ["install"]
    assert json.loads((submission.root / "package.json").read_text())["dependencies"] == {"x": "1"}


def test_only_what_is_loaded_is_asked_for(tree: Tree, opened: Opened) -> None:
    stated = {"dependencies": {"@me/x": "1", "gone": "7"}, "devDependencies": {"y": "1", "z": "1"}}
    package = json.dumps({**stated, "main": "a.js"})
    source = "import x from '@me/x/lib/a.js';\nconst y = require(\"y\");\n"
    submission = opened(tree({"package.json": package, "a.js": source}))
    assert [command[1] for command in submission.build] == ["install"]
    left = json.loads((submission.root / "package.json").read_text())
    assert left == {"dependencies": {"@me/x": "1"}, "devDependencies": {"y": "1"}, "main": "a.js"}


def test_a_node_modules_folder_that_is_too_large_is_installed_anew(
    tree: Tree, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clutter, "MAX_LIBRARIES", 2)
    package = json.dumps({"main": "a.js", "dependencies": {"x": "1"}})
    files = {"package.json": package, "package-lock.json": "{}", "a.js": "require('x')"}
    library = {f"node_modules/x/{name}": "" for name in ("index.js", "a.js", "b.js")}
    submission = opened(tree({**files, **library}))
    assert submission.build[0][1] == "ci"
    assert not (submission.root / "node_modules").exists()


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
        built(tree({"package.json": package, "a.js": "require('ms')"}))
    if not failure.value.machine:
        assert "ms@99.0.0" in failure.value.summary
        return
    raise failure.value
