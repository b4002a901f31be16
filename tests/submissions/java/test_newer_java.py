"""Java that is written for another release than this machine's: nobody's fault, as long as
nothing else is wrong with it.

What javac 17 says of the sources in `javac17` stands beside them, and in `javac21` what that
of Java 21 says, so that these tests say the same wherever they run. It is written anew by
`javac -encoding UTF-8 -d /tmp/out ./NAME.java`, in that folder. The first line
of each source says what it needs.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.submissions import BuildFailed, Program, lacking, needs
from conformance.submissions.java import maven
from conformance.submissions.java import newer as java_newer
from conformance.submissions.java import since as java_since
from conformance.submissions.java.version import of_java
from conformance.submissions.submission import Submission

Tree = Callable[..., Path]
Built = Callable[[Path], Program]
Opened = Callable[..., Submission]

FOLDER = Path(__file__).with_name("javac17")
SOURCES = sorted(FOLDER.glob("*.java"))

PACKAGED = {19: 21, 21: 21, 22: 25, 25: 25}
"""The release that can be installed, for one that is needed."""


def expected(source: Path) -> str:
    """The sentence for what the first line says."""
    first = source.read_text(encoding="utf-8").partition("\n")[0].removeprefix("// ")
    needed, _, what = first.partition(": ")
    if first == "own fault":
        return ""
    if first == "JavaFX":
        return "it needs JavaFX, which this machine's Java does not have: install openjfx"
    if needed == "before 11":
        wanted, package = "a Java before 11", 8
    else:
        wanted, package = f"Java {needed} or later", PACKAGED[int(needed)]
    return (
        f"it needs {wanted} ({what}); this machine has Java 17:"
        f" install openjdk-{package}-jdk-headless"
    )


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_what_java_17_says_of_a_source(source: Path, tmp_path: Path) -> None:
    shutil.copy(source, tmp_path)
    said = source.with_suffix(".txt").read_text(encoding="utf-8")
    assert "error" in said
    assert java_newer.explanation(said, tmp_path, 17) == expected(source)


@pytest.mark.parametrize("said", sorted(FOLDER.with_name("javac21").glob("*.txt")),
                         ids=lambda path: path.stem)  # fmt: skip
def test_what_java_21_says_of_a_source(said: Path, tmp_path: Path) -> None:
    """Of those that it has other words for, or that it cannot compile either."""
    source = FOLDER / f"{said.stem}.java"
    shutil.copy(source, tmp_path)
    told = java_newer.explanation(said.read_text(encoding="utf-8"), tmp_path, 21)
    wanted = expected(source)
    if said.stem in ("PreviewLibrary", "Template"):
        wanted = "it needs a preview of Java 21 ("
    assert bool(told) is bool(wanted)
    assert told.startswith(wanted.partition("(")[0])


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_machine_that_has_it_excuses_nothing(source: Path, tmp_path: Path) -> None:
    """What is said there, is said against the program."""
    shutil.copy(source, tmp_path)
    said = source.with_suffix(".txt").read_text(encoding="utf-8")
    gone = source.stem in ("Jaxb", "Fx")
    gone |= source.stem == "SealedSwitch"  # it calls it a preview, and may do so of others
    assert bool(java_newer.explanation(said, tmp_path, 25)) is gone


def test_a_build_cannot_say_it_of_a_source_that_does_not(tmp_path: Path) -> None:
    """A Makefile prints what it likes."""
    (tmp_path / "ThreadId.java").write_text("class ThreadId { int threadID; }\n")
    said = (FOLDER / "ThreadId.txt").read_text(encoding="utf-8")
    assert not java_newer.explanation(said, tmp_path, 17)
    assert not java_newer.explanation(said, tmp_path / "nowhere", 17)


MAVEN = """\
[ERROR] COMPILATION ERROR :
[ERROR] /home/student/src/main/java/ch/App.java:[5,33] no suitable method found for \
waitFor(java.time.Duration)
    method java.lang.Process.waitFor() is not applicable
      (actual and formal argument lists differ in length)
[ERROR] /home/student/src/main/java/ch/App.java:[6,23] cannot find symbol
  symbol:   method isVirtual()
  location: class java.lang.Thread
[ERROR] /home/student/src/main/java/ch/App.java:[7,47] incompatible types: \
java.time.Duration cannot be converted to long
[ERROR] Failed to execute goal org.apache.maven.plugins:maven-compiler-plugin:3.1:compile
[ERROR] /home/student/src/main/java/ch/App.java:[6,23] cannot find symbol
[ERROR]   symbol:   method isVirtual()
[ERROR]   location: class java.lang.Thread
[ERROR] -> [Help 1]
"""
APP = """\
package ch;
import java.time.Duration;
class App {
    void run(Process p) throws Exception {
\t\tp.waitFor(Duration.ofSeconds(1));
\t\tThread.currentThread().isVirtual();
\t\tThread.sleep(Duration.ofMillis(1));
    }
}
"""


def test_what_maven_says(tree: Tree) -> None:
    root = tree({"src/main/java/ch/App.java": APP})
    assert java_newer.explanation(MAVEN, root, 17) == (
        "it needs Java 24 or later (Process.waitFor(Duration), Thread.isVirtual(),"
        " sleep(Duration)); this machine has Java 17: install openjdk-25-jdk-headless"
    )


@pytest.mark.parametrize("own", ["\t\tint x = true;\n", "\t\tundeclared();\n"])
def test_one_error_of_its_own_is_enough(own: str, tree: Tree) -> None:
    root = tree({"src/main/java/ch/App.java": APP.replace("    }\n}", f"{own}    }}\n}}")})
    said = "[ERROR] /home/student/src/main/java/ch/App.java:[8,17] cannot find symbol\n"
    said += "  symbol:   method undeclared()\n  location: class ch.App\n"
    assert not java_newer.explanation(said + MAVEN, root, 17)


@pytest.mark.parametrize(
    ("type_", "member", "release"),
    [
        ("Thread", "ofVirtual", 21),
        ("Vector", "getFirst", 21),
        ("ForkJoinPool", "close", 19),
        ("Locale", "of", 19),
        ("String", "formatted", 15),
        ("InputStreamReader", "readAllAsString", 25),
        ("Stream", "gather", 24),
    ],
)
def test_the_table_knows_what_came_when(type_: str, member: str, release: int) -> None:
    changes = java_since.table().member(type_, member)
    assert {change.release for change in changes} == {release}
    assert all(c.lacks(release - 1) and not c.lacks(release) for c in changes)


def test_the_table_knows_what_went() -> None:
    [gone] = java_since.table().type("JAXBContext", "javax.xml.bind")
    assert gone.lacks(17)
    assert gone.lacks(11)
    assert not gone.lacks(8)
    assert not java_since.table().type("Thread")


@pytest.mark.needs("javac")
def test_a_source_for_a_later_java_is_nobody_s_fault(built: Built, tree: Tree) -> None:
    """By the compiler that is here, whichever it is."""
    if (of_java("javac") or 0) >= 25:
        pytest.skip("this machine has the newest Java that the table knows")
    with pytest.raises(BuildFailed) as failure:
        built(tree({"Unnamed.java": 'void main() { IO.println("hello"); }\n'}))
    assert failure.value.machine
    assert failure.value.summary.startswith("it needs Java 25 or later (")


@pytest.mark.needs("javac")
def test_a_mistake_in_such_a_source_is_the_student_s(built: Built, tree: Tree) -> None:
    with pytest.raises(BuildFailed) as failure:
        built(tree({"Unnamed.java": 'void main() { IO.println("hello") }\n'}))
    assert not failure.value.machine


@pytest.mark.needs("java", "javac")
def test_a_source_that_java_compiles_as_it_starts_it(built: Built, tree: Tree) -> None:
    manifest = 'command = ["java", "Server.java"]\n'
    if (of_java("javac") or 0) < 25:
        newer = "class Server { public static void main(String[] a) { IO.println(1); } }\n"
        with pytest.raises(BuildFailed, match=r"^it needs Java 25 or later \(IO\)") as failure:
            built(tree({"submission.toml": manifest, "Server.java": newer}))
        assert failure.value.machine
    wrong = "class Server { public static void main(String[] a) { int x = true; } }\n"
    program = built(tree({"submission.toml": manifest, "Server.java": wrong}, "wrong"))
    assert not (program.directory / ".launched").exists()


@pytest.mark.parametrize(
    ("files", "started"),
    [
        ({"Server.java": "class Server { void main() { new Net(); } }"}, "Server"),
        ({"Server.java": "class Server { public static void main() { } }"}, "Server"),
        ({"Server.java": "class Server { void main(String[] args) { } }"}, "Server"),
        ({"net.java": "void main() { new java.net.ServerSocket(2323); }"}, "net"),
        (
            {
                "a.java": "void main() { new java.net.Socket(); }",
                "b.java": "void main() { new java.net.ServerSocket(2323); }",
            },
            "b",
        ),
    ],
)
@pytest.mark.needs("javac")
def test_a_main_method_that_java_25_starts(
    files: dict[str, str], started: str, tree: Tree, opened: Opened
) -> None:
    submission = opened(tree(files))
    assert submission.command[-1] == started


@pytest.mark.needs("java")
def test_such_a_main_method_in_a_maven_project(tree: Tree) -> None:
    app = "package ch;\nclass App { void main() { } }\n"
    root = tree({"pom.xml": "<project/>", "src/main/java/ch/App.java": app})
    submission = Submission("maven", root, name="handed")
    assert maven.made(submission)[-1] == "ch.App"


@pytest.mark.needs("java", "javac")
def test_such_a_main_method_is_missed_by_an_older_java(
    tree: Tree, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs, "of_java", lambda _: 17)
    program = built(tree({"Server.java": "class Server { void main() { } }"}))
    said = (
        "error: Main method is not static in class Server, please define the main method as:\n"
        "   public static void main(String[] args)"
    )
    missed = lacking.missed(said, program.lacks, started=False)
    assert missed.startswith("it needs Java 25 or later (a main method that is not static")
    assert not lacking.missed("error: no such thing", program.lacks, started=False)
