"""Submissions of two programs: an auditor and its musicians, found by their names."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from conformance.submissions import Ambiguous, BuildFailed, Run, build, open_submission
from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall

ROLES = ("auditor", "musician")

SERVER = (
    "import socket\nserver = socket.create_server(('', 2205))\nwhile True:\n    server.accept()\n"
)
SENDER = (
    "import socket\nwhile True:\n    socket.socket(type=socket.SOCK_DGRAM).sendto(b'', GROUP)\n"
)
NODE_SERVER = "require('net').createServer(() => {}).listen(2205);\n"
NODE_SENDER = "require('dgram').createSocket('udp4').send('');\n"
JAVA_SERVER = """public class Auditor {
    public static void main(String[] given) throws Exception { new java.net.ServerSocket(2205); }
}"""
JAVA_SENDER = """public class Musician {
    public static void main(String[] given) throws Exception { new java.net.DatagramSocket(); }
}"""
C_SERVER = "#include <sys/socket.h>\nint main(void) { return listen(0, 1) != 0 ? 1 : 0; }\n"
C_SENDER = "#include <sys/socket.h>\nint main(void) { return socket(2, 2, 0) < 0 ? 2 : 3; }\n"
POM = "<project><modelVersion>4.0.0</modelVersion><artifactId>orchestra</artifactId></project>"

WHOLE = {
    "two scripts": {"auditor.py": SERVER, "musician.py": SENDER},
    "what both import is neither": {
        "auditor.py": "import protocol\n" + SERVER,
        "musician.py": "import protocol\n" + SENDER,
        "protocol.py": "GROUP = '239.1.1.1', 9000\n",
        "README.md": "Start the auditor first.",
    },
    "folders": {"auditor/main.py": SERVER, "my-Musician/main.py": SENDER},
    "src": {"package.json": "{}", "src/auditor.js": NODE_SERVER, "src/musician.js": NODE_SENDER},
    "npm's scripts": {
        "package.json": '{"scripts": {"auditor": "node a.js", "musician": "node b.js piano"}}',
        "a.js": NODE_SERVER,
        "b.js": NODE_SENDER,
    },
    "images": {
        "docker/image-auditor/Dockerfile": 'ENTRYPOINT ["node", "/opt/app/server.js"]\n',
        "docker/image-auditor/src/package.json": "{}",
        "docker/image-auditor/src/server.js": NODE_SERVER,
        "docker/image-auditor/src/musicians.js": NODE_SENDER,
        "docker/image-musician/Dockerfile": "CMD node \\\n  /opt/app/musician.js trumpet\n",
        "docker/image-musician/src/package.json": "{}",
        "docker/image-musician/src/musician.js": NODE_SENDER,
        "docker/image-musician/src/sounds.js": "module.exports = {};\n",
    },
    "two languages": {"Auditor.java": JAVA_SERVER, "musician.js": NODE_SENDER},
    "a class of the auditor's": {
        "auditor/Auditor.java": JAVA_SERVER,
        "auditor/Musician.java": "class Musician { String uuid; }",
        "musician/musician.py": SENDER,
    },
    "two main classes": {"src/Auditor.java": JAVA_SERVER, "src/Musician.java": JAVA_SENDER},
    "a Maven project": {
        "pom.xml": POM,
        "src/main/java/Auditor.java": JAVA_SERVER,
        "src/main/java/Musician.java": JAVA_SENDER,
    },
    "C files": {
        "auditor.c": '#include "common.h"\n' + C_SERVER,
        "musician.c": '#include "common.h"\n' + C_SENDER,
        "common.c": "int common;\n",
        "common.h": "extern int common;\n",
    },
    "C and Python": {"musician.py": SENDER, "auditor.c": C_SERVER},
    "a Makefile": {
        "Makefile": "all: auditor musician\nclean:\n\trm -f auditor musician\n",
        "auditor.c": C_SERVER,
        "musician.c": C_SENDER,
    },
    "a Makefile that makes the first alone": {
        "Makefile": "bin/auditor: a.c\n\tcc -o $@ a.c\nbin/musician: b.c\n\tcc -o $@ b.c\n",
        "bin/.keep": "",
        "a.c": C_SERVER,
        "b.c": C_SENDER,
    },
    "a Makefile that starts scripts": {
        "Makefile": "auditor:\n\tpython3 auditor.py\nmusician:\n\tpython3 musician.py piano\n",
        "auditor.py": SERVER,
        "musician.py": SENDER,
    },
    "executables": {"auditor": "#!/bin/sh\n", "musician.sh": "#!/bin/sh\n"},
    "a manifest": {
        "submission.toml": '[auditor]\ncommand = ["python3", "a.py"]\n'
        '[musician]\ncommand = ["python3", "b.py"]\narguments = ["-v"]\n',
        "a.py": SERVER,
        "b.py": SENDER,
    },
    "a manifest beside a Makefile": {
        "submission.toml": '[auditor]\ncommand = ["./one"]\n[musician]\ncommand = ["./two"]\n',
        "Makefile": "all:\n\tcc -o one src/one.c\n\tcc -o two src/two.c\n",
        "src/one.c": C_SERVER,
        "src/two.c": C_SENDER,
    },
    "a manifest that says a little": {
        "submission.toml": '[auditor]\narguments = ["-p", "{port}"]\n[musician]\n',
        "auditor.py": SERVER,
        "musician.py": SENDER,
    },
}

STARTED = {
    "two scripts": ("python3 auditor.py", "python3 musician.py"),
    "what both import is neither": ("python3 auditor.py", "python3 musician.py"),
    "folders": ("python3 auditor/main.py", "python3 my-Musician/main.py"),
    "src": ("node src/auditor.js", "node src/musician.js"),
    "npm's scripts": ("node a.js", "node b.js"),
    "images": ("node server.js", "node musician.js"),
    "two languages": ("java -cp .classes:. Auditor", "node musician.js"),
    "a class of the auditor's": (
        "java -cp .classes:auditor Auditor",
        "python3 musician/musician.py",
    ),
    "two main classes": ("java -cp .classes:src Auditor", "java -cp .classes:src Musician"),
    "a Maven project": ("", ""),  # known when it is built
    "C files": ("./server.out", "./server.out"),  # each in a copy of its own
    "C and Python": ("./server.out", "python3 musician.py"),
    "a Makefile": ("", ""),
    "a Makefile that makes the first alone": ("", ""),
    "a Makefile that starts scripts": ("python3 auditor.py", "python3 musician.py"),
    "executables": ("./auditor", "./musician.sh"),
    "a manifest": ("python3 a.py", "python3 b.py"),
    "a manifest beside a Makefile": ("./one", "./two"),
    "a manifest that says a little": ("python3 auditor.py", "python3 musician.py"),
}


def handed_in(files: Mapping[str, str], folder: Path) -> Submission:
    for name, text in files.items():
        path = folder / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return open_submission(folder / "work", folder / "scratch", roles=lambda lab: ROLES)


def started(submission: Submission) -> str:
    words = [Path(w).name if w.startswith("/") else w for w in submission.command]
    return " ".join(words)


@pytest.mark.parametrize("case", WHOLE)
def test_both_programs_are_found(case: str, tmp_path: Path) -> None:
    found = handed_in(WHOLE[case], tmp_path)
    assert (started(found), started(found.others["musician"])) == STARTED[case]


def test_their_arguments_are_those_of_their_tables(tmp_path: Path) -> None:
    found = handed_in(WHOLE["a manifest"], tmp_path / "one")
    assert (found.arguments, found.others["musician"].arguments) == ((), ("-v",))
    found = handed_in(WHOLE["a manifest that says a little"], tmp_path / "two")
    assert (found.arguments, found.others["musician"].arguments) == (("-p", "{port}"), None)


@pytest.mark.parametrize("case", ["two main classes", "a Maven project"])
def test_what_both_are_built_by_is_built_once(case: str, tmp_path: Path) -> None:
    found = handed_in(WHOLE[case], tmp_path)
    other = found.others["musician"]
    assert (other.root, other.build) == (found.root, ())
    assert found.build


@pytest.mark.needs("cc", "make")
@pytest.mark.parametrize(
    "case",
    [
        "C files",
        "a Makefile",
        "a Makefile that makes the first alone",
        "a manifest beside a Makefile",
    ],
)
def test_each_is_compiled(case: str, tmp_path: Path, run: Run) -> None:
    program = build(handed_in(WHOLE[case], tmp_path), run)
    both = (program, program.others["musician"])
    ended = [subprocess.call(one.call(2205), cwd=one.directory) for one in both]
    assert ended == [1, 3]  # as the one and the other end


@pytest.mark.needs("cc", "make")
def test_what_does_not_build_costs_what_is_about_it(tmp_path: Path, run: Run) -> None:
    files = {**WHOLE["C files"], "musician.c": "int main( { return 3; }\n"}
    program = build(handed_in(files, tmp_path), run)
    musician = program.others["musician"]
    assert (program.made, musician.made) == (True, False)
    assert "the musician does not build" in program.note
    ended = subprocess.run(
        musician.call(2205), cwd=musician.directory, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "musician.c:1" in ended.stderr


def test_what_make_does_not_make_is_told(tmp_path: Path, run: Run) -> None:
    """It is open: that no program is found proves nothing."""
    files = {**WHOLE["a Makefile"], "Makefile": "all:\n\tcc -o auditor auditor.c\n"}
    told = "the musician: make ended well, but made no musician"
    with pytest.raises(BuildFailed, match=told) as failure:
        build(handed_in(files, tmp_path), run)
    assert failure.value.machine


def test_images_of_one_name_are_built_apart(tmp_path: Path) -> None:
    files = {
        f"{role}/src/{name}": text
        for role in ROLES
        for name, text in {
            "package.json": '{"dependencies": {"uuid": "9"}}',
            f"{role}.js": "require('uuid');\n",
        }.items()
    }
    found = handed_in(files, tmp_path)
    other = found.others["musician"]
    assert found.build == other.build != ()
    assert found.root != other.root


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"auditor.py": SERVER, "b.py": SENDER}, "only the auditor was found, and no musician"),
        ({"a.py": SERVER, "b.py": SENDER}, "neither the auditor nor the musician was found"),
        (
            {"submission.toml": '[auditor]\ncommand = ["python3", "a.py"]\n', "a.py": SERVER},
            "submission.toml: the table [musician] is missing",
        ),
        (
            {"submission.toml": 'command = ["python3", "a.py"]\n[auditor]\n[musician]\n'},
            "this lab has 2 programs, so `build`, `command` and `arguments` stand in the table",
        ),
        (
            {"submission.toml": "[auditer]\n[musician]\n"},
            "there is no key 'auditer'; the keys are lab, build, command, arguments, port, auditor",
        ),
        (
            {"submission.toml": "[auditor]\nport = 1\n[musician]\n"},
            "there is no key 'port'; the keys are build, command, arguments",
        ),
        (
            {"submission.toml": '[auditor]\ncommand = ["/etc/passwd"]\n[musician]\n'},
            "a command may begin with the name of a program",
        ),
    ],
)
def test_what_is_refused(files: Mapping[str, str], told: str, tmp_path: Path) -> None:
    with pytest.raises(WrongCall) as refused:
        handed_in(files, tmp_path)
    assert told in str(refused.value)


def test_two_programs_of_one_name_are_ambiguous(tmp_path: Path) -> None:
    files = {"auditor.py": SERVER, "auditor.js": NODE_SERVER, "musician.py": SENDER}
    with pytest.raises(
        Ambiguous, match="the auditor could be a program in Python or in JavaScript"
    ):
        handed_in(files, tmp_path)


def test_a_table_means_nothing_to_a_lab_of_one_program(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work/submission.toml").write_text("[auditor]\n[musician]\n")
    with pytest.raises(WrongCall, match="there is no key 'auditor'; the keys are lab"):
        open_submission(tmp_path / "work", tmp_path / "scratch")
