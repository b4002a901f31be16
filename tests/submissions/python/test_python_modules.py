"""What a Python program imports: what lies beside it is used, what it does not need costs
nothing."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.submissions.submission import Submission

Tree = Callable[..., Path]
Opened = Callable[..., Submission]
Says = Callable[[Path], str]

SAYS = "import yaml\nprint(yaml.WORD)\n"
YAML = "WORD = 'handed in'\n"
FROZEN = (
    "apturl==0.5.2\nPyYAML==6.0.1  # and a remark\npywin32==306\nrequests>=2,<3\n"
    "ubuntu-drivers-common @ file:///usr/share/udc\n"
)

HANDED_IN = {
    "beside it": {"server.py": SAYS, "yaml/__init__.py": YAML},
    "as a file": {"server.py": SAYS, "yaml.py": YAML},
    "in vendor": {"server.py": SAYS, "vendor/yaml/__init__.py": YAML},
    "above the source": {"src/server.py": SAYS, "src/x.py": "", "yaml/__init__.py": YAML},
    "beside the source's folder": {"server/main.py": SAYS, "libs/yaml/__init__.py": YAML},
    "without __init__.py": {
        "src/server.py": "import common.words\nprint(common.words.WORD)\n",
        "common/words.py": YAML,
    },
    "for a package": {
        "echo/__main__.py": "from . import words\n",
        "echo/__init__.py": "",
        "echo/words.py": SAYS,
        "lib/yaml/__init__.py": YAML,
    },
    "that needs another": {
        "server.py": SAYS,
        "vendor/yaml/__init__.py": "from yaml_words import WORD\n",
        "more/yaml_words.py": YAML,
    },
    "in a try": {
        "server.py": "try:\n    import yaml\nexcept ImportError:\n    raise SystemExit(1)\n"
        "print(yaml.WORD)\n",
        "third_party/yaml/__init__.py": YAML,
    },
}


@pytest.mark.parametrize("requirements", ["", "PyYAML==6.0\n"], ids=["", "and is named"])
@pytest.mark.parametrize("files", HANDED_IN.values(), ids=HANDED_IN)
def test_a_module_that_was_handed_in_is_used(
    files: dict[str, str], requirements: str, tree: Tree, opened: Opened, says: Says
) -> None:
    root = tree({**files, **({"requirements.txt": requirements} if requirements else {})})
    assert opened(root).build == ()
    assert says(root) == "handed in"


def test_a_wheel_that_was_handed_in_is_used(tree: Tree, says: Says, tmp_path: Path) -> None:
    import zipfile

    root = tree({"server.py": SAYS, "requirements.txt": "PyYAML==6.0\n", "libs/note.md": ""})
    with zipfile.ZipFile(root / "libs/PyYAML-6.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("yaml/__init__.py", YAML)
    assert says(root) == "handed in"


def test_what_would_hide_a_module_of_pythons_own_is_not(tree: Tree, opened: Opened) -> None:
    files = {"server.py": SAYS, "old/yaml.py": YAML, "old/socket.py": "raise SystemExit(9)"}
    assert opened(tree(files)).environment == {}


NOT_NEEDED = {
    "nothing is imported": "import socket, json.decoder\n",
    "its own modules are": "import words\nfrom words import x\n",
    "a relative one": "import socket\n",
}


@pytest.mark.parametrize("source", NOT_NEEDED.values(), ids=NOT_NEEDED)
@pytest.mark.parametrize(
    "stated",
    [
        {"requirements.txt": FROZEN},
        {"pyproject.toml": "[project]\nname = 'e'\ndependencies = ['no-such-thing', 'flask>=2']\n"},
        {"requirements.txt": "-r more.txt\n--hash=sha256:00\n"},
        {"requirements.txt": "git+https://example.org/x.git\n"},
    ],
)
def test_requirements_that_nothing_imports_are_not_asked_for(
    source: str, stated: dict[str, str], tree: Tree, opened: Opened
) -> None:
    submission = opened(tree({"server.py": source, "words.py": "x = 1", **stated}))
    assert submission.build == ()
    assert ".venv" not in submission.command[0]


def asked_for(submission: Submission) -> list[str]:
    """The requirements that pip is given."""
    [_, pip] = submission.build
    if "-r" not in pip:
        return [word for word in pip[pip.index("--no-input") + 1 :]]
    return (submission.root / pip[-1]).read_text().splitlines()


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("import yaml\n", ["PyYAML==6.0.1"]),
        ("import requests.adapters\n", ["requests>=2,<3"]),
        ("import yaml, requests\n", ["PyYAML==6.0.1", "requests>=2,<3"]),
        ("try:\n    import yaml\nexcept ImportError:\n    yaml = None\n", ["PyYAML==6.0.1"]),
        ("def go():\n    from yaml import load\n", ["PyYAML==6.0.1"]),
    ],
)
def test_only_what_is_imported_is_asked_for(
    source: str, named: list[str], tree: Tree, opened: Opened
) -> None:
    assert asked_for(opened(tree({"server.py": source, "requirements.txt": FROZEN}))) == named


@pytest.mark.parametrize(
    "source",
    [
        "import something_else\n",
        "import importlib\nimportlib.import_module(input())\n",
        "import yaml, something_else\n",
    ],
)
def test_where_it_cannot_be_told_all_are(source: str, tree: Tree, opened: Opened) -> None:
    asked = asked_for(opened(tree({"server.py": source, "requirements.txt": FROZEN})))
    assert [re.split(r"\W", line)[0] for line in asked] == [
        "apturl", "PyYAML", "pywin32", "requests", "ubuntu",
    ]  # fmt: skip


def test_what_may_be_missing_and_is_named_nowhere_is_not(tree: Tree, opened: Opened) -> None:
    source = "try:\n    import colorama\nexcept ImportError:\n    colorama = None\n"
    assert opened(tree({"server.py": source, "requirements.txt": "flask\n"})).build == ()


def test_options_are_kept_with_what_is_needed(tree: Tree, opened: Opened) -> None:
    lines = "--extra-index-url https://example.org/simple\nPyYAML \\\n  >=6\nflask\n"
    asked = asked_for(opened(tree({"server.py": SAYS, "requirements.txt": lines})))
    assert asked == ["--extra-index-url https://example.org/simple", "PyYAML >=6"]


@pytest.mark.parametrize("place", ["vendor/", "third_party/", "libs/site-packages/"])
def test_a_library_that_listens_is_not_the_server(place: str, tree: Tree, opened: Opened) -> None:
    guard = "if __name__ == '__main__':\n    run()\n"
    library = f"import socket\ndef run():\n    socket.socket().listen()\n{guard}"
    files = {"echo.py": f"import web\ndef run():\n    web.run()\n{guard}"}
    files[f"{place}web/__init__.py"] = library
    submission = opened(tree(files))
    assert submission.command[1:] == ("echo.py",)
    assert submission.doubt == ""


def test_of_two_that_listen_the_one_that_uses_the_other(tree: Tree, opened: Opened) -> None:
    listens = "import socket\nsocket.socket().listen()\nif __name__ == '__main__': pass\n"
    files = {"echo.py": f"import lines\n{listens}", "lines.py": listens}
    assert opened(tree(files)).command[1:] == ("echo.py",)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("server.py", "\n".join(f"import m{number}" for number in range(3_000))),
        ("requirements.txt", " " * 300_000 + "\\\nx"),
        ("requirements.txt", "a." * 200_000 + "!"),
        ("server.js", "import" + " " * 300_000 + "x"),
        ("server.js", "from require( import " * 50_000),
        ("server.c", '"\\"' * 100_000 + "/*" * 100_000),
        ("server.c", "main(" * 100_000 + "{" * 100_000),
    ],
    ids=range(7),
)
def test_nothing_is_looked_at_for_long(name: str, text: str, tree: Tree, opened: Opened) -> None:
    files = {f"d{number}/x.csv": "" for number in range(300)}
    files |= {} if name.startswith("server") else {"server.py": "import something"}
    root = tree({**files, name: text})
    began = time.process_time()
    opened(root)
    assert time.process_time() - began < 10.0
