"""What a right server answers, whatever it has been told before. Pure: no socket, no clock.

Each method gives the set of right answers, as a `Wording`: its `words` are one of them, `holds`
says whether a line is one. JSON may stand in any order, and with any spaces.
"""

import json
import re

from conformance import Wording

from .json_text import NotJsonError, alike, strictly

COMMANDS = {
    1: ("HELP", "RANDOM", "LOAD", "INFO", "BYE"),
    2: ("HELP", "RANDOM", "LOAD", "LIST", "CLEAR", "INFO", "BYE"),
}
"""The commands of each version."""

PROMPT = "Send your data [end with ENDOFDATA]"
END = "ENDOFDATA"
LOADED = "DATA LOADED"
CLEARED = "DATASTORE CLEARED"


class Store:
    """The students of a server, whom all its clients share."""

    def __init__(self, version):
        self.version = version
        self.students = []

    def help(self):
        """The commands, in any order."""
        words = COMMANDS[self.version]
        listed = re.compile(r"Commands: ?\[([A-Z, ]*)\]")

        def holds(line):
            found = listed.fullmatch(line)
            told = found[1].split(",") if found else ()
            return sorted(map(str.strip, told)) == sorted(words)

        return Wording(f"Commands: [{', '.join(words)}]", holds)

    def info(self):
        return one_object(info_of(self.version, len(self.students)))

    def prompt(self):
        """What LOAD is answered with, before the data comes."""
        return exactly(PROMPT)

    def load(self, names):
        """Takes these students in. Gives what the line ENDOFDATA is answered with."""
        self.students += names
        return exactly(LOADED) if self.version == 1 else one_object(loaded(len(names)))

    def random(self):
        """One of the students, or an object with an error where there are none."""
        if not self.students:
            return Wording('{"error":"…"}', is_an_error)
        right = [named(name) for name in dict.fromkeys(self.students)]
        return Wording(compact(right[0]), lambda line: any(is_object(line, one) for one in right))

    def list(self):
        """All students, in any order."""
        wanted = sorted(self.students)

        def holds(line):
            told = value_of(line)
            students = told.get("students") if isinstance(told, dict) else None
            if not isinstance(students, list) or len(told) > 1:
                return False
            entries = all(isinstance(each, dict) and [*each] == ["fullname"] for each in students)
            return entries and _sorted_texts(each["fullname"] for each in students) == wanted

        return Wording(compact({"students": [*map(named, self.students)]}), holds)

    def clear(self):
        """Forgets all students."""
        self.students.clear()
        return exactly(CLEARED)

    def unknown(self):
        """What anything else is answered with."""
        return Wording("one line that is not empty", lambda line: bool(line.strip()))


class Tab:
    """The commands that one client has sent. Whether unknown ones count is open."""

    def __init__(self, version, known=0, unknown=0):
        self.version = version
        self.known, self.unknown = known, unknown

    def counts(self):
        """The numbers that BYE, which counts itself, may now tell."""
        return range(self.known + 1, self.known + self.unknown + 2)

    def bye(self):
        """What BYE is answered with before the close; None where that is nothing."""
        if self.version == 1:
            return None
        right = [counted(number) for number in self.counts()]
        return Wording(compact(right[0]), lambda line: any(is_object(line, one) for one in right))


def info_of(version, students):
    return {"protocolVersion": f"{version}.0", "numberOfStudents": students}


def loaded(students):
    return {"status": "success", "numberOfNewStudents": students}


def counted(commands):
    return {"status": "success", "numberOfCommands": commands}


def named(name):
    return {"fullname": name}


def exactly(text):
    return Wording(text, text.__eq__)


def one_object(wanted):
    return Wording(compact(wanted), lambda line: is_object(line, wanted))


def is_object(line, wanted):
    """Whether a line is that JSON, in any order and with any spaces."""
    return alike(value_of(line), wanted)


def is_an_error(line):
    """Whether a line is an object with an error, and without the name of a student."""
    told = value_of(line)
    return isinstance(told, dict) and bool(told.get("error")) and not told.get("fullname")


def value_of(line):
    """The value of a line that is JSON; None for others."""
    try:
        return strictly(line)
    except NotJsonError:
        return None


def compact(value):
    """A JSON value as most servers write it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _sorted_texts(values):
    values = [*values]
    return sorted(values) if all(isinstance(value, str) for value in values) else None
