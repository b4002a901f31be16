"""A program that does not listen, since it was given nothing: the hint says what it wanted."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from typing import cast

import pytest

from conformance.sandbox import Listener
from conformance.session.host import Host
from conformance.session.not_listening import not_listening
from conformance.verdict.hints import fitting
from conformance.verdict.symptoms import Sign
from conformance.verdict.violation import Violation
from kit.desk import Desk

SOON = ("--timeout-scale", "0.2")
"""For programs that do not listen, which need not be waited for ten seconds."""


class Silent:
    """A program that does not listen where it should, as its host tells of it."""

    def __init__(
        self,
        output: str = "",
        status: int | None = None,
        arguments: Sequence[str] = (),
        elsewhere: int = 0,
    ) -> None:
        self.port = 2323
        self.call = ("python3", "server.py", *arguments)
        self.arguments = arguments
        self._output, self._status, self._elsewhere = output, status, elsewhere

    def ended(self) -> str:
        status = self._status
        return "" if status is None else f"the program has ended: exit status {status}"

    def exit_status(self) -> int | None:
        return self._status

    def last_output(self) -> str:
        return self._output

    def require_seen(self) -> None:
        """Nothing of it is hidden."""

    def require_no_rival(self) -> None:
        """Nobody else has its port."""

    def other_ports(self) -> Sequence[Listener]:
        return [Listener("tcp", 2, "0.0.0.0", self._elsewhere, 1, 0)] if self._elsewhere else []

    def only_other_port(self) -> int | None:
        return self._elsewhere or None


class Told:
    """What a report says of it."""

    def __init__(self, violation: Violation) -> None:
        self.actual = violation.actual
        self.hint = fitting(violation.hint, violation.symptom, "c")
        self.sign = violation.symptom.sign if violation.symptom else None


def told(silent: Silent, before: int = 0) -> Told:
    return Told(not_listening(cast(Host, silent), "tcp", 10.0, before=before))


WANTS_ARGUMENT = {
    "usage, and status 0": "usage: python server.py <port>",
    "usage in French": "Utilisation : java Serveur <port>",
    "usage in German": "Fehler. Aufruf: ./server PORT",
    "usage behind an error": "error: no port. Usage: server [-h] PORT",
    "usage without colon": "Usage java Server PORT",
    "argparse": "server.py: error: the following arguments are required: port",
    "click": "Error: Missing argument 'PORT'.",
    "Python": "Traceback (most recent call last):\n  File \"/home/student/s.py\", line 5\n"
    "    PORT = int(sys.argv[1])\nIndexError: list index out of range",
    "Python, unpacked": "Traceback (most recent call last):\n  File \"s.py\", line 2\n"
    "    _, port = sys.argv\nValueError: not enough values to unpack (expected 2, got 1)",
    "Java": 'Exception in thread "main" java.lang.ArrayIndexOutOfBoundsException: Index 0 out of'
    " bounds for length 0\n\tat Server.main(Server.java:7)",
    "Java 8": 'Exception in thread "main" java.lang.ArrayIndexOutOfBoundsException: 0\n'
    "\tat ch.heig.Server.main(Server.java:7)",
    "Node": "RangeError [ERR_SOCKET_BAD_PORT]: options.port should be >= 0 and < 65536. Received"
    " type number (NaN).",
    "Go": "panic: runtime error: index out of range [1] with length 1",
    "Rust": "index out of bounds: the len is 1 but the index is 1",
    "C++": "terminate called after throwing an instance of 'std::logic_error'\n"
    "  what():  basic_string: construction from null is not valid",
    "shell": "./start.sh: line 2: 1: unbound variable",
}  # fmt: skip


@pytest.mark.parametrize("output", WANTS_ARGUMENT.values(), ids=WANTS_ARGUMENT)
@pytest.mark.parametrize("status", [0, 1, None])
def test_an_argument(output: str, status: int | None) -> None:
    hint = told(Silent(output, status)).hint
    assert "It was started without arguments: `python3 server.py`. Give the port a" in hint
    assert 'submission.toml beside it that says `arguments = ["{port}"]`' in hint
    assert 'command = [… "{port}"]' in hint


@pytest.mark.parametrize(
    ("usage", "line"),
    [
        ("usage: s.py [-h] -p PORT\ns.py: error: arguments are required: -p/--port", "-p"),
        ("usage: s.py [-h] --port PORT", "--port"),
        ("Usage: server --port=N [--help]", "--port"),
    ],
)
def test_the_option_that_it_wants_is_named(usage: str, line: str) -> None:
    assert f'arguments = ["{line}", "{{port}}"]' in told(Silent(usage, 2)).hint


def test_other_arguments_than_it_was_given() -> None:
    hint = told(Silent("usage: server.py HOST PORT", 2, ("2323",))).hint
    assert hint == (
        "It wants other arguments than those that it was started with: `python3 server.py 2323`."
    )


WANTS_INPUT = ["Port? ", "Enter port:", "Numéro de port : ", "> ", "Saisir le port", "Enter port"]


@pytest.mark.parametrize("output", WANTS_INPUT)
def test_input(output: str) -> None:
    hint = told(Silent(f"Echo server 1.0\n{output}")).hint
    assert hint.startswith("It asks for input before it listens, and there is nobody to type")


@pytest.mark.parametrize(
    "output",
    [
        "EOFError: EOF when reading a line",
        'Exception in thread "main" java.util.NoSuchElementException: No line found',
    ],
)
def test_input_of_which_there_is_an_end(output: str) -> None:
    assert "asks for input" in told(Silent(output, 1)).hint


@pytest.mark.parametrize(
    "output",
    [
        "",
        "CPU usage: 3 %, memory usage: 12 MB",
        'Exception in thread "main" java.lang.ArrayIndexOutOfBoundsException: Index 12 out of'
        " bounds for length 12\n\tat Table.fill(Table.java:7)\n\tat Server.main(Server.java:9)",
        "Traceback (most recent call last):\n  File \"s.py\", line 2\n    x = words[3]\n"
        "IndexError: list index out of range",
        "SyntaxError: invalid syntax",
        "Please wait, the server is about to start...",
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [1, None])
def test_neither(output: str, status: int | None) -> None:
    hint = told(Silent(output, status)).hint
    assert "argument" not in hint
    assert "asks for input" not in hint


@pytest.mark.parametrize(
    "output",
    [
        "Traceback argv " * 100_000,
        "ArrayIndexOutOfBoundsException: 0 \n\tat " + "main." * 100_000,
        "cpu" + " " * 500_000 + "x",
        "usage" * 200_000 + "\n" * 1_000,
        "-p" * 200_000,
        " " * 500_000 + "? x",
    ],
    ids=range(6),
)
def test_no_output_is_looked_at_for_long(output: str) -> None:
    began = time.process_time()
    told(Silent(output, 1))
    told(Silent(output))
    assert time.process_time() - began < 2.0


def test_a_crash_before_it_listens_may_be_an_argument() -> None:
    crashed = 128 + signal.SIGSEGV
    assert "Does it take argv[1] for granted?" in told(Silent("", crashed)).hint
    assert "argv" not in told(Silent("", crashed, ("2323",))).hint


def test_a_port_that_is_another_at_each_start_was_chosen_by_the_system() -> None:
    seen = told(Silent(elsewhere=39_679), before=38_497)
    assert seen.actual == (
        "it listens on a port that the system chose (another at each start): on TCP 38497, then"
        " on 39679, but the lab asks for TCP 2323"
    )
    assert "No port was given to listen() or bind()" in seen.hint
    assert "started without arguments: `python3 server.py`" in seen.hint
    assert "command line" not in told(Silent(arguments=("x",), elsewhere=39_679), 38_497).hint


@pytest.mark.parametrize(("now", "before"), [(40_000, 40_000), (2324, 2325), (40_000, 0)])
def test_any_other_port_was_not(now: int, before: int) -> None:
    seen = told(Silent(elsewhere=now), before)
    assert seen.actual == f"it listens on TCP {now}, but the lab asks for TCP 2323"
    assert seen.hint.endswith("number in the program.") or "Look for the number" in seen.hint


# -- whole checks ----------------------------------------------------------------------

ARGUMENT = "import sys\nPORT = int(sys.argv[1])\ndef listen():\n" + (
    "    return socket.create_server(('', PORT), backlog=256)"
)
ANY_PORT = "def listen():\n    return socket.create_server(('', 0), backlog=256)"


def test_a_program_that_wants_its_port_is_given_it(desk: Desk) -> None:
    program = desk.echo(ARGUMENT)
    checked = desk.check(program, "--only", "1.1", *SOON)
    assert checked.outcomes == {"1.1": "failed"}, checked.stdout
    assert "It was started without arguments: `python3" in checked.verdicts["1.1"]["hint"]
    given = desk.check(program, "--only", "1.1,3.1", "--arguments", "{port}")
    assert set(given.outcomes.values()) == {"passed"}, given.stdout
    assert given.run["command"][1:] == ["server.py", "2323"]
    assert "server.py 2323`, in the folder of what was handed in" in given.stdout
    assert "--arguments '{port}'" in given.verdicts["1.1"]["again"]


def test_a_port_chosen_by_the_system_costs_one_clause(desk: Desk) -> None:
    checked = desk.check(desk.echo(ANY_PORT), "--only", "3.1", *SOON)
    assert checked.outcomes == {"1.1": "failed", "3.1": "passed"}, checked.stdout
    assert "(another at each start)" in checked.verdicts["1.1"]["actual"]
    assert "No port was given" in checked.verdicts["1.1"]["hint"]


@pytest.mark.parametrize(
    ("elsewhere", "sign", "hint"),
    [
        (4873, Sign.SWAPPED_PORT, "htons(2323)"),
        (2324, Sign.OTHER_PORT, "Look for the number of the port"),
        (23, Sign.OTHER_PORT, "Look for the number of the port"),
    ],
)
def test_a_port_whose_bytes_are_swapped(elsewhere: int, sign: Sign, hint: str) -> None:
    """2323 is 0x0913, and 4873 is 0x1309."""
    seen = told(Silent(elsewhere=elsewhere))
    assert seen.sign is sign
    assert hint in seen.hint
    assert ("0x0913" in seen.actual) is (sign is Sign.SWAPPED_PORT)
