"""Echo servers that are broken in the ways in which those of students are, in three languages.

Each is a reference with one mistake planted, as in `mutants.toml`; but these are chosen for the
time that they take: who does not answer is waited for, and who is late is asked again.
"""

from __future__ import annotations

from dataclasses import dataclass

from .handed_in import Program, reference

THREADS = "echo/python/thread_per_client.py"
JAVA = "echo/java/ThreadPerClient.java"
NODE = "echo/node/echo.js"

_OF_PYTHON = {
    "begins": "logging.basicConfig(",
    "accepts": "conn, peer = listener.accept()",
    "serves": "writer.write(GREETING)",
    "answers": 'writer.write(PREFIX + text.upper() + "\\n")',
    "answered": "writer.flush()  # may block while the client does not read: this thread only",
    "port": "PORT = 2323",
}
_OF_JAVA = {
    "begins": "ServerSocket server = new ServerSocket();",
    "accepts": "Socket socket = server.accept();",
    "serves": "out.write(GREETING);",
    "answers": 'out.write(reply + "\\n");',
    "answered": "out.flush(); // the client waits for this reply",
    "port": "int PORT = 2323;",
}
_OF_NODE = {
    "begins": "const net = require('net');",
    "serves": "socket.write(GREETING);",
    "answers": "const taken = socket.write(replies.join(''));",
    "port": "const PORT = 2323;",
    "listens": "server.listen({ port: PORT, backlog: 512 }",
}
PLACES = {THREADS: _OF_PYTHON, JAVA: _OF_JAVA, NODE: _OF_NODE}
"""Where a mistake can be planted, by reference."""


@dataclass(frozen=True)
class Breakage:
    """One mistake."""

    name: str
    base: str
    """The reference in which it is planted."""
    place: str
    text: str
    """What stands in that place; `…` is what stood there before."""

    def program(self) -> Program:
        old = PLACES[self.base][self.place]
        return reference(self.base).edited(old, self.text.replace("…", old))


_FORKS = """if (system := __import__("os")).fork() == 0:
                system.setsid()
                time.sleep(3600)
            …"""
_ONE_AT_A_TIME = """…
            if threading.active_count() > 1:
                conn.close()
                continue"""
_CRASHES = """…
                writer.flush()
                __import__("os")._exit(1)"""
_FLOODS = """while True:
                writer.write("> HELLO " * 100)
            …"""

_PRINTS = """while print("x" * 100) is None:
                pass
            …"""
_IN_TURN = "Socket socket = server.accept(); serve(socket); if (true) continue;"

BREAKAGES = (
    Breakage("mute", THREADS, "answers", "pass"),
    Breakage("mute", JAVA, "answers", "in.mark(1);"),
    Breakage("mute", NODE, "answers", "const taken = true;"),
    Breakage("never listens", THREADS, "begins", "time.sleep(3600)\n    …"),
    Breakage("never listens", NODE, "listens", "setTimeout(() => {}, 3600000, {}"),
    Breakage("listens late", THREADS, "begins", "time.sleep(15)\n    …"),
    Breakage("listens after 4 s", THREADS, "begins", "time.sleep(4)\n    …"),
    Breakage("accepts nobody", THREADS, "accepts", "time.sleep(3600)\n            …"),
    Breakage("accepts nobody", JAVA, "accepts", "System.in.read();\n            …"),
    Breakage("crashes at start", THREADS, "begins", "raise RuntimeError\n    …"),
    Breakage("crashes at start", JAVA, "begins", "args[0] = null;\n        …"),
    Breakage("crashes after a line", THREADS, "answered", _CRASHES),
    Breakage("crashes after a line", JAVA, "answered", "…\n                System.exit(1);"),
    Breakage("closes at once", NODE, "serves", "…\n  socket.destroy();"),
    Breakage("closes at once", THREADS, "serves", "return\n            …"),
    Breakage("answers after 3 s", THREADS, "answers", "time.sleep(3)\n                …"),
    Breakage(
        "answers after 3 s", NODE, "answers",
        "const taken = true; setTimeout(() => socket.write(replies.join('')), 3000);",
    ),
    Breakage("answers wrongly", THREADS, "answers", "writer.write(PREFIX + text.lower() + '\\n')"),
    Breakage("answers wrongly", JAVA, "answers", 'out.write("<" + reply + "\\n");'),
    Breakage("floods", THREADS, "serves", _FLOODS),
    Breakage("busy loop", THREADS, "answers", "while True:\n                    pass"),
    Breakage("busy loop", NODE, "answers", "for (;;);"),
    Breakage("busy loop at start", THREADS, "begins", "while True:\n        pass\n    …"),
    Breakage("children stay", THREADS, "serves", _FORKS),
    Breakage("prints without end", THREADS, "accepts", _PRINTS),
    Breakage("refuses a second client", THREADS, "accepts", _ONE_AT_A_TIME),
    Breakage("one at a time", JAVA, "accepts", _IN_TURN),
    Breakage("never flushes", THREADS, "answered", "pass"),
    Breakage("never flushes", JAVA, "answered", ""),
    Breakage("wrong port", NODE, "port", "const PORT = 2332;"),
    Breakage("wrong port", JAVA, "port", "int PORT = 3232;"),
)  # fmt: skip
