"""Java submissions: which class is the server, what is compiled, jars, Maven."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.submissions import BuildFailed, Program
from conformance.submissions.submission import Submission
from conformance.verdict.model import WrongCall

Tree = Callable[..., Path]
Opened = Callable[..., Submission]
Says = Callable[[Path], str]

pytestmark = pytest.mark.needs("java", "javac")


def java(name: str, opening: str = "", *, package: str = "", said: str | None = None) -> str:
    """A class with a main method that says its name, and would open something."""
    head = f"package {package};\n" if package else ""
    return (
        f"{head}import java.net.*;\nimport java.nio.channels.*;\npublic class {name} {{\n"
        "  public static void main(String[] args) throws Exception {\n"
        f'    System.out.println("{said or name}");\n'
        f"    if (args.length > 9) {{ {opening} }}\n  }}\n}}\n"
    )


SERVER = java("Server", "new ServerSocket(2323);")
CLIENT = java("Client", 'new Socket("localhost", 2323);')


def test_a_single_file(tree: Tree, says: Says) -> None:
    assert says(tree({"Server.java": SERVER}) / "Server.java") == "Server"


def test_a_single_file_is_named_after_its_public_class(tree: Tree, opened: Opened) -> None:
    submission = opened(tree({"hugo.java": SERVER}) / "hugo.java")
    assert submission.name == "hugo"
    assert submission.command[-1] == "Server"
    assert submission.note == "hugo.java was renamed Server.java, after its public class"


def test_a_single_file_with_its_siblings(tree: Tree, says: Says) -> None:
    files = {
        "ch/heig/Start.java": java("Start", "new Listener(1);", package="ch.heig"),
        "ch/heig/Listener.java": "package ch.heig; class Listener { Listener(int p) {} }",
    }
    assert says(tree(files) / "ch/heig/Start.java") == "Start"


def test_another_student_s_file_beside_it_is_left_alone(tree: Tree, says: Says) -> None:
    files = {"hugo.java": SERVER, "ines.java": "public class Server { no }", "Other.java": "no"}
    assert says(tree(files) / "hugo.java") == "Server"


@pytest.mark.parametrize("other", ["Server.java", "backup/Server.java", "old.java"])
def test_another_version_beside_it_is_left_alone(tree: Tree, says: Says, other: str) -> None:
    files = {"hugo.java": SERVER, other: SERVER.replace("class Server {", "class Server { no")}
    assert says(tree(files) / "hugo.java") == "Server"


def test_a_single_file_without_main(tree: Tree, opened: Opened) -> None:
    root = tree({"Handler.java": "class Handler { }", "Server.java": SERVER})
    with pytest.raises(WrongCall, match=r"no class with a main method .*\(Handler\.java\)"):
        opened(root / "Handler.java")


@pytest.mark.parametrize(
    "opening",
    [
        "new ServerSocket(2323);",
        "ServerSocketChannel.open();",
        "DatagramChannel.open().bind(null);",
        "new DatagramSocket(9907);",
        "new java.net.MulticastSocket(9907);",
        "javax.net.ServerSocketFactory.getDefault().createServerSocket(1);",
        "com.sun.net.httpserver.HttpServer.create();",
    ],
)
def test_the_class_that_opens_a_socket_is_the_server(
    opening: str, tree: Tree, opened: Opened
) -> None:
    submission = opened(tree({"A.java": java("A", opening), "Client.java": CLIENT}))
    assert submission.command[-1] == "A"


def test_comments_and_strings_open_nothing(tree: Tree, says: Says) -> None:
    decoys = (
        '// new ServerSocket(1)\n/* new ServerSocket(2); */ String s = "new ServerSocket(3)";'
        ' String t = "\\"new ServerSocket(4)"; char c = \'"\'; Object o = ServerSocket.class;'
    )
    files = {"Client.java": java("Client", decoys), "Server.java": SERVER}
    assert says(tree(files)) == "Server"


def test_a_sender_of_datagrams_is_not_the_server(tree: Tree, opened: Opened) -> None:
    files = {
        "Musician.java": java("Musician", "new DatagramSocket();"),
        "Auditor.java": java("Auditor", "new MulticastSocket(9904);"),
    }
    assert opened(tree(files)).command[-1] == "Auditor"


def test_the_main_class_that_leads_to_the_socket_is_the_server(tree: Tree, says: Says) -> None:
    files = {
        "ch/app/Main.java": java("Main", "new ch.net.EchoServer(2323);", package="ch.app").replace(
            "import java.net.*;", "import java.net.*; import ch.net.*;"
        ),
        "ch/net/EchoServer.java": "package ch.net; import java.net.*; public class EchoServer {"
        " public EchoServer(int p) throws Exception { Listener.open(p); }"
        " public static final int PORT = 2323; }",
        "ch/net/Listener.java": "package ch.net; class Listener {"
        " static void open(int p) throws Exception { new java.net.ServerSocket(p); } }",
        "ch/app/Client.java": java("Client", "int p = EchoServer.PORT;", package="ch.app").replace(
            "import java.net.*;", "import java.net.*; import ch.net.EchoServer;"
        ),
    }
    assert says(tree(files)) == "Main"


def test_two_servers_are_listed(tree: Tree, opened: Opened) -> None:
    files = {
        "a/One.java": java("One", "new ServerSocket(1);", package="a"),
        "a/Two.java": java("Two", "new ServerSocket(1);", package="a"),
    }
    with pytest.raises(WrongCall, match=r"several Java classes .*: a\.One, a\.Two; hand in"):
        opened(tree(files))


def test_no_main_class(tree: Tree, opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"no class with a main method .*\(A\.java\)"):
        opened(tree({"A.java": "class A { static int main(int a) { return a; } }"}))


def test_a_nested_main_class(tree: Tree, says: Says) -> None:
    source = "class Outer { static class In { public static void main(String... a) {"
    assert says(tree({"Outer.java": source + ' System.out.println("in"); } } }'})) == "in"


def test_client_and_server_may_each_have_a_class_of_one_name(tree: Tree, says: Says) -> None:
    files = {
        "server/Server.java": SERVER,
        "server/Protocol.java": "class Protocol { }",
        "client/Client.java": CLIENT,
        "client/Protocol.java": "class Protocol { this does not compile }",
    }
    assert says(tree(files)) == "Server"


def test_sources_that_lie_outside_their_packages(tree: Tree, says: Says) -> None:
    files = {
        "Server.java": java("Server", "new ServerSocket(Port.N);", package="ch.heig"),
        "Port.java": "package ch.heig; class Port { static int N = 1; }",
    }
    assert says(tree(files)) == "Server"


def test_accents_in_sources_and_unit_tests_beside_them(tree: Tree, says: Says) -> None:
    files = {
        "src/Server.java": java("Server", said="é"),
        "test/ServerTest.java": "import org.junit.Test; public class ServerTest { }",
    }
    assert says(tree(files)) == "é"


def test_the_compiler_s_first_errors(tree: Tree, built: Callable[[Path], Program]) -> None:
    broken = "".join(f"  int x{n} = nothing{n};\n" for n in range(20))
    source = "class A {\n" + broken + "  public static void main(String[] a) { }\n}\n"
    with pytest.raises(BuildFailed) as failure:
        built(tree({"src/A.java": source}))
    lines = failure.value.summary.splitlines()
    assert lines[:5] == [
        "src/A.java:2: error: cannot find symbol",
        "| int x0 = nothing0;",
        "|          ^",
        "| symbol:   variable nothing0",
        "| location: class A",
    ]
    assert lines[5:] == [f"src/A.java:{n}: error: cannot find symbol" for n in (3, 4, 5)]
    assert "20 errors" in failure.value.output
    assert not failure.value.machine


# Encodings -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "encoding"), [("é €", "windows-1252"), ("é \x81", "iso-8859-1")]
)
def test_sources_that_are_not_utf_8(
    content: str, encoding: str, tree: Tree, opened: Opened, says: Says
) -> None:
    source = java("Grüße", said=content).encode(encoding)
    handed = tree({"Server.java": source})
    assert says(handed / "Server.java") == content
    assert (handed / "Server.java").read_bytes() == source, "only the copy is written to"
    noted = encoding if encoding.startswith("windows") else encoding.upper()
    assert f"its sources are not UTF-8: compiled as {noted}" in opened(handed).note


def test_a_source_in_another_encoding_beside_one_in_utf_8(
    tree: Tree, opened: Opened, says: Says
) -> None:
    files = {
        "Server.java": java("Server", "new ServerSocket(Port.N);", said="é").encode(),
        "Port.java": "class Port { static int N = 1; /* Türe */ }".encode("windows-1252"),
    }
    handed = tree(files)
    assert says(handed) == "é"
    assert opened(handed).note == "not in UTF-8, compiled as windows-1252: Port.java"


def test_sources_in_utf_8_are_left_as_they_are(tree: Tree, opened: Opened) -> None:
    source = java("Server", said="é")
    submission = opened(tree({"Server.java": source}))
    assert submission.note == ""
    assert (submission.root / "Server.java").read_text(encoding="utf-8") == source


@pytest.mark.needs("mvn")
def test_a_maven_project_in_another_encoding(tree: Tree, opened: Opened) -> None:
    files = {"pom.xml": pom("a"), "src/main/java/A.java": "class A { /* é */ }".encode("cp1252")}
    submission = opened(tree(files))
    assert submission.note == "its sources are not UTF-8: compiled as windows-1252"
    assert "é" in (submission.root / "src/main/java/A.java").read_text(encoding="utf-8")


@pytest.mark.needs("mvn")
def test_a_pom_that_names_its_encoding_is_believed(tree: Tree, opened: Opened) -> None:
    encoding = "<project.build.sourceEncoding>ISO-8859-1</project.build.sourceEncoding>"
    content = "class A { /* é */ }".encode("iso-8859-1")
    files = {
        "pom.xml": pom("a", f"<properties>{encoding}</properties>"),
        "src/main/java/A.java": content,
    }
    submission = opened(tree(files))
    assert (submission.root / "src/main/java/A.java").read_bytes() == content


# Jars ----------------------------------------------------------------------


def jar(path: Path, manifest: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", manifest)
    return path


def test_a_jar(tree: Tree, opened: Opened) -> None:
    long = "Manifest-Version: 1.0\r\nMain-Class: ch.heig.a.very.long.name.that.is.fold\r\n ed\r\n"
    submission = opened(jar(tree({}) / "server-1.0.jar", long))
    assert (submission.name, submission.kind) == ("server-1.0", "jar")
    assert submission.command[1:] == ("-jar", "server-1.0.jar")


def test_a_jar_without_main_class(tree: Tree, opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"a\.jar has no Main-Class in its manifest"):
        opened(jar(tree({}) / "a.jar", "Manifest-Version: 1.0\n"))


def test_a_jar_that_is_none(tree: Tree, opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"a\.jar is not a jar that can be read"):
        opened(tree({"a.jar": b"PK oh no"}) / "a.jar")


def test_a_library_is_put_on_the_class_path(tree: Tree, opened: Opened) -> None:
    root = tree({"src/Server.java": SERVER, "lib/notes.txt": ""})
    jar(root / "lib/json.jar", "Manifest-Version: 1.0\n")
    assert opened(root).command[2] == ".classes:src:lib/json.jar"


def test_compiled_classes_only(tree: Tree, opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"only compiled \.class files .* hand in the \.java"):
        opened(tree({"out/Server.class": b"\xca\xfe\xba\xbe"}))


# Maven ---------------------------------------------------------------------

HEAD = (
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
    "<groupId>t</groupId><version>1</version>"
)
LEVEL = (
    "<properties><maven.compiler.source>11</maven.compiler.source>"
    "<maven.compiler.target>11</maven.compiler.target></properties>"
)


def pom(artifact: str, more: str = LEVEL) -> str:
    return f"{HEAD}<artifactId>{artifact}</artifactId>{more}</project>"


def module(artifact: str) -> str:
    parent = "<parent><groupId>t</groupId><artifactId>all</artifactId><version>1</version></parent>"
    return pom(artifact, parent)


@pytest.mark.registry
@pytest.mark.needs("mvn")
def test_a_maven_project_with_modules(tree: Tree, says: Says) -> None:
    modules = "<modules><module>server</module><module>client</module></modules>"
    files = {
        "pom.xml": pom("all", f"<packaging>pom</packaging>{LEVEL}{modules}"),
        "server/pom.xml": module("server"),
        "server/src/main/java/Server.java": SERVER,
        "client/pom.xml": module("client"),
        "client/src/main/java/Client.java": CLIENT,
    }
    assert says(tree(files)) == "Server"


@pytest.mark.registry
@pytest.mark.needs("mvn")
def test_the_first_errors_of_maven(tree: Tree, built: Callable[[Path], Program]) -> None:
    files = {"pom.xml": pom("a"), "src/main/java/A.java": "class A {\n  int x = nothing;\n}\n"}
    with pytest.raises(BuildFailed) as failure:
        built(tree(files))
    first = failure.value.summary.splitlines()[0]
    assert first.startswith("[ERROR] src/main/java/A.java:[2,11] cannot find symbol")


@pytest.mark.needs("mvn")
def test_libraries_are_copied_beside_a_thin_jar(tree: Tree, opened: Opened) -> None:
    gson = "<dependencies><dependency><artifactId>gson</artifactId></dependency></dependencies>"
    [thin] = opened(tree({"pom.xml": pom("a", LEVEL + gson)}, "thin")).build
    [fat] = opened(tree({"pom.xml": pom("a", f"{gson}<!-- -->maven-shade-plugin")}, "fat")).build
    assert "dependency:copy-dependencies" in thin
    assert "dependency:copy-dependencies" not in fat
    assert thin[1:5] == ("-q", "-B", "-DskipTests", "package")


@pytest.mark.needs("mvn")
def test_a_release_that_old_plugins_do_not_know(tree: Tree, opened: Opened) -> None:
    release = "<properties><maven.compiler.release>17</maven.compiler.release></properties>"
    [command] = opened(tree({"pom.xml": pom("a", release)})).build
    assert {"-Dmaven.compiler.source=17", "-Dmaven.compiler.target=17"} <= {*command}


@pytest.mark.needs("mvn")
def test_a_pom_that_is_not_xml(tree: Tree, opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"pom\.xml is not XML"):
        opened(tree({"pom.xml": "<project>"}))


def test_gradle_is_not_supported(tree: Tree, opened: Opened) -> None:
    with pytest.raises(WrongCall, match=r"Gradle projects are not supported: hand in a jar"):
        opened(tree({"build.gradle": "", "src/main/java/Server.java": SERVER}))
