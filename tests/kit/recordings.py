"""What real programs printed: recorded, with /home/student as the folder of their files."""

from __future__ import annotations

from pathlib import Path

from conformance.verdict.thrown.own_files import OwnPaths

FOLDER = Path(__file__).parents[1] / "verdict" / "thrown" / "printed"
HEAD = "######## "

OWN = OwnPaths(
    frozenset(
        {"server.py", "broken.py", "Echo.java", "com/example/Server.java", "live/Virtual.java",
         "server.js", "broken.js", "server.mjs", "server.c", "server.cpp", "main.go", "main.rs",
         "node_modules/x/index.js"}
    ),
    ("/home/student",),
)  # fmt: skip


def recordings() -> dict[str, str]:
    """By `python-thread`: the whole output of that program."""
    found = {}
    for file in sorted(FOLDER.glob("*.txt")):
        for part in file.read_text("utf-8", "surrogateescape").split(HEAD)[1:]:
            name, _, text = part.partition("\n")
            found[f"{file.stem}-{name}"] = text
    return found
