"""submission.toml: what it may say, and what is said when it says something else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall

Tree = Callable[..., Path]
Opened = Callable[..., Submission]
Says = Callable[[Path], str]


def test_everything_that_it_may_say(tree: Tree, opened: Opened) -> None:
    text = (
        'lab = "echo"\nport = 2323\nbuild = [["mkdir", "out"], ["touch", "out/x"]]\n'
        'command = ["python3", "any.py", "{port}"]\n'
    )
    submission = opened(tree({"submission.toml": text, "any.py": ""}))
    assert submission.kind == "manifest"
    assert (submission.lab, submission.port) == ("echo", 2323)
    assert submission.build == (("mkdir", "out"), ("touch", "out/x"))
    assert submission.command == ("python3", "any.py", "{port}")


def test_it_is_built_and_started_as_it_says(tree: Tree, says: Says) -> None:
    text = (
        'build = ["sh", "-c", "echo built > word"]\n'
        'command = ["sh", "-c", "cat word; echo $0", "{port}"]\n'
    )
    assert says(tree({"submission.toml": text})) == "built\n2323"


def test_a_program_of_the_folder_needs_no_dot(tree: Tree, says: Says) -> None:
    files = {"submission.toml": 'command = ["start"]', "start": "#!/bin/sh\necho started\n"}
    assert says(tree(files)) == "started"


def test_python_is_python3(tree: Tree, says: Says) -> None:
    files = {"submission.toml": 'command = ["python", "a.py"]', "a.py": "print('three')"}
    assert says(tree(files)) == "three"


MAKEFILE = "start:\n\tprintf '#!/bin/sh\\necho made\\n' > $@\n\tchmod +x $@\n"


def test_a_program_that_a_makefile_makes_is_made_first(
    tree: Tree, opened: Opened, says: Says
) -> None:
    files = {"submission.toml": 'command = ["./start"]', "Makefile": MAKEFILE}
    assert opened(tree(files)).note == "./start was not handed in, so make was run first"
    assert says(tree(files)) == "made"


@pytest.mark.parametrize(
    ("said", "builds"),
    [
        ('command = ["./start"]', 0),  # which was handed in
        ('command = ["python3", "start"]', 0),
        ('command = ["gradle", "run"]', 0),  # a tool, whether or not it is installed
        ('command = ["out/start"]\nbuild = ["sh", "build.sh"]', 1),
    ],
)
def test_no_makefile_is_used_otherwise(said: str, builds: int, tree: Tree, opened: Opened) -> None:
    files = {"submission.toml": said, "Makefile": MAKEFILE, "start": "#!/bin/sh\necho old\n"}
    submission = opened(tree(files))
    assert len(submission.build) == builds
    assert submission.note == ""


def test_it_may_name_only_what_the_program_is_started_with(tree: Tree, opened: Opened) -> None:
    submission = opened(tree({"submission.toml": 'arguments = ["-p", "{port}"]', "server.py": ""}))
    assert (submission.kind, submission.arguments) == ("python", ("-p", "{port}"))


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ('lab = "echo"', None),
        ("arguments = []", ()),
        ('command = ["./start", "{port}"]', ()),
        ('command = ["./start"]\narguments = ["{port}"]', ("{port}",)),
    ],
)
def test_whether_it_says_what_the_arguments_are(
    text: str, arguments: tuple[str, ...] | None, tree: Tree, opened: Opened
) -> None:
    """None: it is for the call, or the class, to say."""
    files = {"submission.toml": text, "server.py": "", "start": "#!/bin/sh\n"}
    assert opened(tree(files)).arguments == arguments


def test_it_may_name_only_the_lab(tree: Tree, opened: Opened) -> None:
    files = {"submission.toml": 'lab = "presence"', "server.py": "", "lib/more.py": ""}
    submission = opened(tree(files))
    assert (submission.kind, submission.lab, submission.port) == ("python", "presence", None)


def test_a_program_that_is_not_there(tree: Tree, says: Says) -> None:
    with pytest.raises(WrongCall, match="starts with 'cobol-run', which is neither a program"):
        says(tree({"submission.toml": 'command = ["cobol-run", "x"]'}))


KNOWN = "the keys are lab, build, command, arguments, port$"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('comand = ["a"]', rf"there is no key 'comand'; {KNOWN}"),
        ('command = "java Main"', rf"`command` must be a list of words .*'java Main'; {KNOWN}"),
        ("command = []", "`command` must be a list of words"),
        ('command = ["a", 1]', "`command` must be a list of words"),
        ('command = ["a\\u0000"]', "`command` must be a list of words"),
        ('command = ["a"]\nbuild = "make"', "`build` must be a list of words"),
        ('command = ["a"]\nbuild = [["a"], "b"]', "`build` must be a list of words"),
        ('build = ["make"]', "with `build` there must be a `command`"),
        ("port = 70000", rf"`port` must be a number from 1 to 65535, not 70000; {KNOWN}"),
        ("port = true", "`port` must be a number"),
        ('port = "2323"', "`port` must be a number"),
        ("lab = 3", rf"`lab` must be the name of a lab, not 3; {KNOWN}"),
        ("lab = ", r"submission\.toml is not TOML"),
        ("lab = '\x01'", r"submission\.toml is not TOML"),
        ('lab = "\\u001b[31mecho"', "`lab` must be the name of a lab, not "),
        (f"lab = '{'x' * 5000}'", "`lab` must be the name of a lab, not 'xxx"),
        (f"port = {'9' * 5000}", r"submission\.toml has a number of thousands of digits"),
        (f"port = 0x{'f' * 5000}", "`port` must be .* not a number of thousands of digits"),
        (f"{'k' * 5000} = 1", "there is no key 'kkk"),
        ("lab = " + "[" * 5000, r"submission\.toml is nested too deeply"),
        ("lab = " + "{a=" * 5000, r"submission\.toml is nested too deeply"),
        ("lab." + "a." * 7_000 + "b = 1", "`lab` must be the name of a lab"),
        ("#" * (1 << 21), r"submission\.toml is larger than 16 KiB"),
    ],
)
def test_what_it_may_not_say(text: str, sentence: str, tree: Tree, opened: Opened) -> None:
    content = text.encode("utf-8", "surrogateescape")
    with pytest.raises(WrongCall, match=sentence) as refusal:
        opened(tree({"submission.toml": content, "server.py": ""}))
    assert "submission.toml" in str(refusal.value)
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 600
