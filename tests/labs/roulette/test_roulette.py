"""Programs as students write them, checked as a user does: what is right in another way costs
nothing, and a fault costs the clause that is about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.desk import Desk, clean_desk

FOLDER = Path(__file__).resolve().parents[3] / "reference_servers" / "roulette"
SECOND, FIRST = FOLDER / "python" / "threads.py", FOLDER / "python" / "first_version.py"

TELL = "self.say(json.dumps(answer))"
SAY = 'self.connection.sendall(f"{text}\\n".encode())'
BYE = "            self.commands += 1\n"
LOAD = """
        while (name := self.read()) != "ENDOFDATA":
            if name is None:  # it left in the middle: nobody is loaded
                return
            names.append(name)
        self.store.add(names)"""
ENDLESS = """
        while (name := self.read()) != "ENDOFDATA":
            names.append(name)
            self.store.add([name])"""
LIST = 'self.tell(students=[{"fullname": name} for name in self.store.all()])'
BY_HAND = """self.say('{"students":[' + "".join(
                '{"fullname":"' + name + '"},' for name in self.store.all()) + ']}')"""
IN_PIECES = """
    def read(self):
        return self.connection.recv(4096).decode().strip() or None
"""
READ = '''
    def read(self):
        """The next line; None when the client has gone."""
        line = self.lines.readline()
        return line.rstrip("\\r\\n") if line else None
'''


def program(path: Path, *edits: tuple[str, str]) -> str:
    """A reference, edited: each old text occurs once."""
    source = path.read_text(encoding="utf-8")
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


PROGRAMS = {
    "right in another way": (
        program(
            SECOND,
            (SAY, 'self.connection.sendall(f"{text}\\r\\n".encode())'),
            (TELL, "self.say(json.dumps(answer, separators=(' , ', ' : '), sort_keys=True))"),
            ('"HELP", "RANDOM", "LOAD"', '"LOAD", "HELP", "RANDOM"'),
            ('error="There', 'code=404, fullname=None, error="There'),
            (BYE, "            self.commands += command in COMMANDS\n"),
        ),
        set(),
    ),
    "JSON on several lines, and a loop without an end": (
        program(SECOND, (TELL, "self.say(json.dumps(answer, indent=2))"), (LOAD, ENDLESS)),
        {"2.2", "5.1"},
    ),
    "JSON by hand, and commands of all clients": (
        program(
            SECOND,
            (LIST, BY_HAND),
            ("        self.commands = 0\n", ""),
            ('"""One client: its connection', 'commands = 0\n    """One client: its connection'),
            (BYE, "            Client.commands += 1\n"),
        ),
        {"3.2", "3.3"},
    ),
    "a line for each read, and no greeting": (
        program(SECOND, (READ, IN_PIECES), ("        self.say(GREETING)\n", "")),
        {"1.2", "2.3"},
    ),
    "the other version": (
        program(FIRST, ("PORT = 1313", "PORT = 2613")),
        {"2.1", "2.2", "2.3", "3.1", "3.2", "3.3"},
    ),
}


@pytest.fixture
def desk() -> Iterator[Desk]:
    with clean_desk() as desk:
        yield desk


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_fault_costs_the_clause_that_is_about_it(desk: Desk, name: str) -> None:
    """What a busy machine leaves open is neither passed nor failed."""
    source, touched = PROGRAMS[name]
    checked = desk.check(desk.program(source), "--strict", "--seed", 7, lab="roulette")
    lost = {*checked.those("failed"), *checked.those("not_run")}
    assert lost <= touched, checked.stdout
    assert not touched & {*checked.those("passed")}, checked.stdout
    assert checked.status in ({1, 3} if touched else {0, 3})
