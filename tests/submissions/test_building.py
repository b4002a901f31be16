"""C, Make and executables; builds that fail, that take too long, that the machine spoils."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.submissions import BuildFailed, BuildResult, Program, build, toolchain
from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall

Tree = Callable[..., Path]
Opened = Callable[..., Submission]
Built = Callable[[Path], Program]
Says = Callable[[Path], str]
Run = Callable[[Sequence[str], Path, float], BuildResult]

C = '#include <stdio.h>\nint main(void) { puts("%s"); return 0; }\n'
MAKEFILE = "all: echo\necho: echo.c\n\tcc -o echo echo.c\nrun: all\n\t./echo\n"


def test_an_executable(tree: Tree, opened: Opened, says: Says) -> None:
    file = tree({"start": "#!/bin/sh\necho started\n"}) / "start"
    assert opened(file).kind == "executable"
    assert says(file) == "started"


def test_two_executables_are_listed(tree: Tree, opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"several executables could be the server: a, b; hand in"):
        opened(tree({"a": "#!/bin/sh\n", "b": "#!/bin/sh\n"}))


def header(kind: int, machine: int, big: bool = False) -> bytes:
    number = machine.to_bytes(2, "big" if big else "little")
    return b"\x7fELF" + bytes([kind, 1 + big, 1, *[0] * 9, 0, 2]) + number + bytes(40)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (header(1, 3), "i386"),
        (header(1, 40), "ARM, 32 bit"),
        (header(2, 21, big=True), "machine 21 of the ELF format"),
        (header(2, 243), "RISC-V"),
        (header(1, 62), r"x86-64 \(x32\)"),
    ],
)
def test_a_program_for_another_machine(
    content: bytes, told: str, tree: Tree, opened: Opened
) -> None:
    files = {"start": content, "submission.toml": "command = ['./start']"}
    submission = opened(tree(files))
    with pytest.raises(BuildFailed, match=rf"start is a program for {told}, and this") as failure:
        build(submission, failing(""))
    assert failure.value.machine


@pytest.mark.parametrize("what", ["this Python's own", "cut off", "a script"])
def test_a_program_that_may_be_for_this_machine(what: str, tree: Tree, opened: Opened) -> None:
    start = {"cut off": b"\x7fELF", "a script": b"#!/bin/sh\n"}.get(what)
    files = {"start": start or Path(sys.executable).read_bytes()[:64]}
    assert build(opened(tree(files)), failing("")).command == ("./start",)


@pytest.mark.needs("cc")
def test_a_lone_c_file_is_compiled(tree: Tree, says: Says) -> None:
    assert says(tree({"echo.c": C % "compiled"}) / "echo.c") == "compiled"


def test_several_c_files_need_a_makefile(tree: Tree, opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"several C files .*: a\.c, b\.c; hand in"):
        opened(tree({"a.c": "", "b.c": ""}))


@pytest.mark.needs("cc", "make")
class TestMake:
    def test_what_make_makes_is_the_program(self, tree: Tree, says: Says) -> None:
        assert says(tree({"Makefile": MAKEFILE, "echo.c": C % "made"})) == "made"

    def test_a_stale_program_is_made_again(self, tree: Tree, says: Says) -> None:
        files = {"Makefile": MAKEFILE, "echo.c": C % "made", "echo": b"\x7fELF of another machine"}
        assert says(tree(files)) == "made"

    def test_a_goal_that_only_runs_is_not_made(self, tree: Tree, says: Says) -> None:
        runs_first = f"run: all\n\tsleep 1000\n{MAKEFILE.replace('run: all', 'again: all')}"
        assert says(tree({"Makefile": runs_first, "echo.c": C % "made"})) == "made"

    def test_of_several_programs_the_server_is_started(self, tree: Tree, says: Says) -> None:
        makefile = "all:\n\tcc -o echo_server s.c\n\tcc -o echo_client c.c\n"
        files = {"Makefile": makefile, "s.c": C % "server", "c.c": C % "client"}
        assert says(tree(files)) == "server"

    def test_several_programs_that_are_listed(self, tree: Tree, built: Built) -> None:
        makefile = "all:\n\tcc -o one a.c\n\tcc -o two a.c\n"
        with pytest.raises(
            WrongCall, match=r"make produces several programs .*: one, two; hand in"
        ):
            built(tree({"Makefile": makefile, "a.c": C % ""}))

    def test_no_program(self, tree: Tree, built: Built) -> None:
        with pytest.raises(BuildFailed, match=r"make ended well, but made no executable"):
            built(tree({"Makefile": "all:\n\tcc -c a.c\n", "a.c": C % ""}))

    def test_the_compiler_s_first_errors(self, tree: Tree, built: Built) -> None:
        source = "int main(void) {\n  return nothing;\n}\n"
        with pytest.raises(BuildFailed) as failure:
            built(tree({"Makefile": MAKEFILE, "echo.c": source}))
        first, source, caret = failure.value.summary.splitlines()
        assert first.startswith("echo.c:2:10: error: ")
        assert "nothing" in first
        assert source.endswith("return nothing;")
        assert caret.index("^") == source.index("nothing")

    def test_the_linker_s_first_errors(self, tree: Tree, built: Built) -> None:
        source = "int there(void);\nint main(void) { return there(); }\n"
        with pytest.raises(BuildFailed, match=r"undefined reference to `there'"):
            built(tree({"Makefile": MAKEFILE, "echo.c": source}))


def manifest(*build_command: str) -> dict[str, str]:
    words = ", ".join(f"'{word}'" for word in build_command)
    return {"submission.toml": f"build = [{words}]\ncommand = ['sh']\n"}


def test_a_build_that_says_nothing(tree: Tree, built: Built) -> None:
    with pytest.raises(BuildFailed, match=r"the build ended with status 3 and said nothing"):
        built(tree(manifest("sh", "-c", "exit 3")))


def test_a_build_without_an_error_line_shows_its_last_lines(tree: Tree, built: Built) -> None:
    with pytest.raises(BuildFailed) as failure:
        built(tree(manifest("sh", "-c", "seq 9; exit 1")))
    assert failure.value.summary == "6\n7\n8\n9"


def test_a_build_that_does_not_end_has_met_a_limit_of_ours(
    tree: Tree, opened: Opened, run: Run
) -> None:
    submission = opened(tree(manifest("sleep", "1000")))
    with pytest.raises(BuildFailed, match=r"was not done after 0\.2 s \(.* sleep 1000") as failure:
        build(submission, run, timeout=0.2)
    assert failure.value.machine


def test_the_time_is_for_all_commands_together(tree: Tree, opened: Opened) -> None:
    submission = opened(
        tree({"submission.toml": "build = [['true'], ['true']]\ncommand = ['sh']\n"})
    )
    given = []

    def run(_: Sequence[str], __: Path, seconds: float) -> BuildResult:
        given.append(seconds)
        return BuildResult(0, "")

    build(submission, run, timeout=50)
    assert 50 >= given[0] > given[1] > 40


def failing(output: str, *, timed_out: bool = False) -> Run:
    return lambda *_: BuildResult(1, output, timed_out)


def test_paths_are_the_student_s_wherever_it_was_built(tree: Tree, opened: Opened) -> None:
    submission = opened(tree({**manifest("make"), "src/a/A.java": ""}))
    output = (
        "[ERROR] /home/student/src/a/A.java:[2,3] ';' expected\n[ERROR] /usr/lib/x.java:[1,1] y"
    )
    with pytest.raises(BuildFailed) as failure:
        build(submission, failing(output))
    assert failure.value.summary.splitlines() == [
        "[ERROR] src/a/A.java:[2,3] ';' expected",
        "[ERROR] /usr/lib/x.java:[1,1] y",
    ]


@pytest.mark.parametrize(
    ("output", "machine"),
    [
        ("ERROR: Could not find a version that satisfies the requirement nosuch", False),
        ("NewConnectionError: Temporary failure in name resolution\nERROR: No matching", True),
    ],
)
def test_whose_fault_a_missing_library_is(
    output: str, machine: bool, tree: Tree, opened: Opened
) -> None:
    submission = opened(tree({"main.py": "import nosuch", "requirements.txt": "nosuch"}))
    pip = replace(submission, command=("x",), build=submission.build[1:])
    pip.root.joinpath(".venv/bin").mkdir(parents=True)
    with pytest.raises(BuildFailed) as failure:
        build(pip, failing(output))
    assert failure.value.machine is machine
    assert "ERROR: " in failure.value.summary


@pytest.mark.parametrize(
    "output",
    [
        "EchoServer.java:9: error: cannot find symbol\n  symbol: class UnknownHostException",
        "[ERROR] COMPILATION ERROR : \n[ERROR] A.java:[9,3] cannot find symbol\n"
        "  symbol: class UnknownHostException: x",
        'echo.c:7:3: error: expected ‘;’\n    7 |  puts("Connection timed out")',
        "/usr/bin/ld: echo.o: in function `main': echo.c: undefined reference to `ECONNREFUSED'",
        "A.java:3: error: ';' expected\ncurl: (6) Could not resolve host: a.example",
        "npm error Missing script: build",
        "A.java:2: error: ';' expected\n  say(\"error: release version 21 not supported\")\n   ^",
        "A.java:3: error: cannot find symbol\n  symbol:   method ofVirtual()\n  location: class A",
        "npm warn EBADENGINE Unsupported engine\nnpm error Missing script: build",
        "error: invalid source release: seventeen",
    ],
)
def test_an_error_in_the_source_is_the_sources(output: str, tree: Tree, opened: Opened) -> None:
    """In a lab on networks the words of networks, and of tools, stand in the source."""
    with pytest.raises(BuildFailed) as failure:
        build(opened(tree(manifest("sh", "-c", "…"))), failing(output), offline=True)
    assert not failure.value.machine


OTHER_VERSIONS = [
    "error: release version 21 not supported\nUsage: javac <options> <source files>",
    "error: invalid source release: 21",
    "error: invalid target release: 21",
    "[ERROR] Failed to execute goal org.apache.maven.plugins:maven-compiler-plugin:3.11.0:compile"
    " (default-compile) on project a: Fatal error compiling: error: release version 21 not"
    " supported -> [Help 1]",
    "[ERROR] COMPILATION ERROR : \n[ERROR] Source option 5 is no longer supported. Use 7 or later.",
    "[ERROR] Rule 0: o.a.m.enforcer.RequireJavaVersion failed with message:\n"
    "Detected JDK version 17.0.13 (JAVA_HOME=/usr) is not in the allowed range [21,).",
    "A.java:1: error: cannot access Json\n  bad class file: json.jar(Json.class)\n"
    "    class file has wrong version 65.0, should be 61.0",
    "npm error code EBADENGINE\nnpm error engine Unsupported engine",
    "ERROR: Package 'x' requires a different Python: 3.11.2 not in '>=3.13'",
    "ERROR: Ignored the following versions that require a different python version: 2.4 Requires-"
    "Python >=3.13\nERROR: No matching distribution found for numpy==2.4",
    "go: go.mod requires go >= 1.99 (running go 1.19.8; GOTOOLCHAIN=local)",
    "go: errors parsing go.mod:\n/home/student/go.mod:3: invalid go version '1.99.0': must match",
    "error: package `a v0.1.0 (/home/student)` cannot be built because it requires rustc 1.99 or"
    " newer, while the currently active rustc version is 1.63.0",
    "error: failed to parse manifest at `/home/student/Cargo.toml`\n\nCaused by:\n"
    "  feature `edition2099` is required",
    "CMake Error at CMakeLists.txt:1 (cmake_minimum_required):\n"
    "  CMake 3.99 or higher is required.  You are running version 3.25.1",
    "gcc: error: unrecognized command-line option ‘-std=c29’; did you mean ‘-std=c2x’?",
]
"""What tools say of what was written for other versions than theirs."""


@pytest.mark.parametrize("output", OTHER_VERSIONS)
def test_what_is_for_another_version_than_this_machine_s(
    output: str, tree: Tree, opened: Opened
) -> None:
    with pytest.raises(BuildFailed) as failure:
        build(opened(tree(manifest("sh", "-c", "…"))), failing(output))
    assert failure.value.machine
    first, *others = failure.value.summary.splitlines()
    assert first == "it needs another version of a tool than this machine has"
    assert others, "what the tool said"


def test_a_tool_that_is_not_installed(
    tree: Tree, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolchain, "on_path", lambda _: [])
    with pytest.raises(WrongCall, match=r"a Java program needs javac, .* \(apt install default-j"):
        opened(tree({"A.java": "class A { public static void main(String[] a) { } }"}))


def test_what_lies_outside_usr_is_readable() -> None:
    base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    expected = () if base.is_relative_to("/usr") else (base.parent.parent,)
    assert toolchain.readable((str(base),)) == expected
    assert Path("/etc") not in toolchain.readable(("java", "python3", "node", "sh"))
