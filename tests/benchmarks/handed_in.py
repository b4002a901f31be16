"""Classes made of the reference servers: Python and Node as they are, Java as a jar."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

REFERENCES = Path(__file__).resolve().parents[2] / "reference_servers"


@dataclass(frozen=True)
class Program:
    """The source of a server, in one file."""

    name: str
    """Of its file; a jar of it is named likewise."""
    text: str

    @property
    def language(self) -> str:
        return {".py": "Python", ".java": "Java", ".js": "Node"}[Path(self.name).suffix]

    def edited(self, old: str, new: str) -> Program:
        """With one piece of text for another, which must stand there once."""
        found = self.text.count(old)
        assert found == 1, f"{self.name} has {found} times, not once: {old}"
        return replace(self, text=self.text.replace(old, new))


def reference(path: str) -> Program:
    """A reference server, by its path below `reference_servers`."""
    file = REFERENCES / path
    return Program(file.name, file.read_text(encoding="utf-8"))


def streams(lines: int) -> list[Program]:
    """Streaming servers that conform: as many of each language as of the others."""
    java, node = "streaming-time/java/StreamingTime.java", "streaming-time/node/streaming_time.js"
    paths = (
        *("streaming-time/python/threads.py", java, node),
        *("streaming-time/python/one_at_a_time.py", java, node),
    )
    return [reference(path).edited("LINES = 15", f"LINES = {lines}") for path in paths]


def echoes() -> list[Program]:
    """Echo servers that conform, for any number of clients: the same."""
    return [
        reference(f"echo/{path}")
        for path in (
            *("python/select_loop.py", "java/ThreadPerClient.java", "node/echo.js"),
            *("python/thread_per_client.py", "java/Nio.java", "node/echo.js"),
            *("python/asyncio_streams.py", "java/ThreadPerClient.java", "node/echo.js"),
        )
    ]


def take_turns(programs: Sequence[Program], size: int) -> list[Program]:
    """So many programs, one after another and again from the first."""
    return [programs[number % len(programs)] for number in range(size)]


class Press:
    """Puts programs into folders; compiles each Java source once."""

    def __init__(self, folder: Path) -> None:
        """`folder` is for what it compiles."""
        self._folder = folder
        self._jars: dict[Program, Path] = {}

    def put(self, program: Program, folder: Path, name: str) -> None:
        """One file in the folder, as a student would hand it in."""
        if program.language == "Java":
            shutil.copy(self._jar(program), folder / f"{name}.jar")
        else:
            suffix = Path(program.name).suffix
            (folder / f"{name}{suffix}").write_text(program.text, encoding="utf-8")

    def _jar(self, program: Program) -> Path:
        if program not in self._jars:
            work = self._folder / f"java{len(self._jars)}"
            work.mkdir(parents=True)
            (work / program.name).write_text(program.text, encoding="utf-8")
            main, jar = Path(program.name).stem, work / "program.jar"
            for call in (
                ["javac", "-encoding", "UTF-8", "-d", "classes", program.name],
                ["jar", "--create", "--file", str(jar), "--main-class", main, "-C", "classes", "."],
            ):
                subprocess.run(call, cwd=work, check=True, stdout=subprocess.DEVNULL)
            self._jars[program] = jar
        return self._jars[program]

    def hand_in(self, programs: Sequence[Program], folder: Path, *labs: Mapping[str, str]) -> Path:
        """A class in a folder: an entry for each program (s001, s002, …), and a class.toml
        with these labs, whose values are TOML. Returns the folder."""
        folder.mkdir(parents=True)
        for number, program in enumerate(programs, 1):
            self.put(program, folder, f"s{number:04}")
        said = ['title = "benchmark"']
        for lab in labs:
            said += ["[[lab]]", *(f"{key} = {value}" for key, value in lab.items())]
        (folder / "class.toml").write_text("\n".join([*said, ""]), encoding="utf-8")
        return folder


def author(number: int) -> str:
    """Who handed in the program with this number, from 0."""
    return f"s{number + 1:04}"


def lab(name: str, only: Sequence[str] = (), **parameters: object) -> dict[str, str]:
    """A lab of a class.toml."""
    said = {"name": f'"{name}"'}
    if only:
        said["only"] = f'"{",".join(only)}"'
    if parameters:
        pairs = (f"{key} = {value}" for key, value in parameters.items())
        said["parameters"] = f"{{ {', '.join(pairs)} }}"
    return said


def streaming_lab(lines: int, only: Sequence[str]) -> dict[str, str]:
    """Streaming time with so many lines."""
    return lab("streaming-time", only, **({} if lines == 15 else {"lines": lines}))
