"""From a failed attempt to the commands that show its fault. Pure.

`nc` is Debian's netcat-openbsd; what is used of it, macOS has as well. `-q` is Debian's alone, and
`-N` (half-close at the end of the input) means something else on macOS, which always half-closes
there: it is used only where the client did so. Else `nc` stays until `timeout` ends it, and a last
`sleep` keeps its input open, so that macOS does not half-close before the reply must have come.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import replace

from conformance.run.see_yourself.moves import Does, Move, Script, script_of
from conformance.run.see_yourself.shell import LONG, group, seconds, sends
from conformance.run.see_yourself.terminals import Door, in_terminals
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.symptoms import Sign
from conformance.verdict.violation import Kind

MAX_SENT = 6
"""Things sent by one client that a command shows one by one."""

MAX_BEFORE_IT = 4
"""Things sent up to the one that had a wrong answer; of more, that one alone."""

MAX_AFTER_ANOTHER = 3
"""Clients, one after another, that are shown; of more, the last."""

BETWEEN = 0.2
"""Seconds at least between two things sent, so that the server reads them one by one."""

SHORTLY = 2.0
"""Seconds for what comes at once, or never."""

A_FEW = 10.0
"""Seconds that show a rhythm."""

LONGEST = 30.0
"""Seconds that anybody waits for a command to end."""

_WITHIN = re.compile(r"(?:within|after|for) (\d+(?:\.\d+)?) s\b")


def see_yourself(attempt: Attempt, door: Door) -> str:
    """The commands, a line each, that show the fault of a failed attempt; "" where it cannot be
    shown by hand."""
    if attempt.outcome is not Outcome.FAILED or _is_about_a_drift(attempt):
        return ""
    script = script_of(attempt)
    if script is None or not script.moves:
        return ""
    clients = script.clients[-MAX_AFTER_ANOTHER:]
    if _is_crowded(script):
        if _counts(attempt):
            return ""  # two streams in one another's way: it depends on when each begins
        if _is_about_the_end(attempt) and attempt.kind is Kind.OPEN and script.sent():
            # In a terminal, nc stays when the server has closed, until something is typed.
            who = attempt.client or script.sent()[-1].client
            return _last_visit(script.of(who), attempt, door)
        absent = attempt.kind in (Kind.SILENCE, Kind.LATE)
        rows = [in_terminals(script, door, to_its_end=not absent)]
        if not rows[0] and attempt.kind is Kind.FORM and _ends_long(script):
            # What is too long to be typed, one client can send: its answer may be as wrong.
            rows = [_last_visit(script.of(script.sent()[-1].client), attempt, door)]
    else:
        rows = [_visit(script.of(client), door) for client in clients[:-1]]
        last = script.of(clients[-1])
        ended = _has_ended(attempt) or _should_end(attempt)
        rows.append(_visit(last, door) if ended else _last_visit(last, attempt, door))
    if _has_ended(attempt):
        rows.append(_running(door, "must still find it") if door.udp else _still_answers(door))
    elif _should_end(attempt):
        rows.append(_running(door, "must find nothing") or f"{_probe(door)}   # must be refused")
    return "\n".join(rows) if all(rows) else ""


def _ends_long(script: Script) -> bool:
    return any(move.long or len(move.data) > LONG for move in script.sent()[-1:])


def _is_crowded(script: Script) -> bool:
    """Whether several clients were there at the same time."""
    there: set[str] = set()
    for move in script.moves:
        gone = {one for one in there if script.closed.get(one, move.at) < move.at}
        there -= gone
        if move.does in (Does.LEAVE, Does.CLOSE, Does.RESET):
            there.discard(move.client)
        elif move.client not in gone:
            there.add(move.client)
        if len(there) > 1:
            return True
    return False


def _has_ended(attempt: Attempt) -> bool:
    if attempt.symptom is not None and attempt.symptom.sign in (Sign.ENDED, Sign.REFUSED):
        return True
    refused = attempt.kind is Kind.REFUSED and "refused" in attempt.actual
    return refused or attempt.kind is Kind.ENDED


def _should_end(attempt: Attempt) -> bool:
    return attempt.kind is Kind.OPEN and attempt.expected.startswith("the program ends")


def _probe(door: Door) -> str:
    return f"sleep 1; {door.nc('-zv -w1')}"  # until the program has ended, if it does


def _still_answers(door: Door) -> str:
    return f"{_probe(door)}   # must still succeed"


def _running(door: Door, wanted: str) -> str:
    """The command that looks for the program; "" where it is not known by a plain word."""
    if not re.fullmatch(r"[\w./-]+", door.program):
        return ""
    # The brackets keep a shell that is given this line from being found itself.
    return f"sleep 1; pgrep -af '[{door.program[0]}]{door.program[1:]}'   # {wanted}"


def _visit(script: Script, door: Door) -> str:
    """A client that comes, does the same, and leaves: what it is told does not matter."""
    if script.does(Does.RESET):
        return _reset(script, door)
    parts, waited = _sending(script)
    if not parts:
        return _connected(parts, door, max(1.0, script.lasts))
    options = "-N" if script.does(Does.END, Does.LEAVE) else ""
    return _connected(parts, door, waited + 1.0, options)


def _last_visit(script: Script, attempt: Attempt, door: Door) -> str:
    """The client that the fault was seen at."""
    if not script.moves or script.does(Does.RESET):
        return ""
    in_a_rhythm = _is_about_a_rhythm(attempt)
    parts, waited = ([], 0.0) if in_a_rhythm else _sending(_reduced(script, attempt, door))
    if not parts and script.sent() and not in_a_rhythm:
        return ""
    within = _seconds_of(attempt)
    if attempt.kind is Kind.FORM and script.sent() and script.seen is not None:
        within = max(within, float(math.ceil(min(script.seen - script.sent()[-1].at, A_FEW))))
    if script.sent() and _counts(attempt):
        within = max(within, min(_until_all_have_come(attempt), LONGEST - waited))
    if in_a_rhythm:
        within = float(math.ceil(min(script.lasts, A_FEW)) + 1)
    elif not script.sent() and attempt.kind not in (Kind.SILENCE, Kind.LATE):
        listens = float(math.ceil(script.lasts) + 1)
        within = max(within, listens if _is_about_the_whole(attempt) else min(listens, A_FEW / 2))
    limit = waited + within
    if limit > LONGEST:
        return ""
    counts = _counts(attempt) and not script.sent()
    if _is_about_the_end(attempt) and not counts:
        # Without a last `sleep`, for which nc would wait itself.
        command = _connected(parts, door, limit, _ends(script))
        return f'{command}; echo "exit status $?"   # 124: still connected; 0: the server closed'
    if attempt.kind in (Kind.SILENCE, Kind.LATE) and parts and not _ends(script):
        parts = [*parts, f"sleep {seconds(within)}"]
    command = _connected(parts, door, limit, _ends(script))
    if counts:
        return f"{command} | wc -l"
    if in_a_rhythm:
        return f'{command} | while read -r line; do echo "$(date +%T) $line"; done'
    if any(move.long or len(move.data) > LONG for move in script.sent()):
        return f"{command} | wc   # lines, words, bytes"
    if _is_invisible(attempt):
        return f"{command} | cat -vet   # $ is the end of a line, ^M a CR, ^I a tab, ^@ a zero byte"
    return command


def _ends(script: Script) -> str:
    return "-N" if script.does(Does.END) else ""


def _is_about_the_end(attempt: Attempt) -> bool:
    close = re.search(r"\bcloses? (?:the connection|within)|hangs? up|the close", attempt.expected)
    ends = attempt.kind in (Kind.OPEN, Kind.CLOSED) or close is not None
    return ends and not _should_end(attempt)


def _is_about_a_rhythm(attempt: Attempt) -> bool:
    """Whether it matters when each of several lines comes."""
    return attempt.timed and bool(attempt.transcript.series) and " every " in attempt.expected


def _is_about_a_drift(attempt: Attempt) -> bool:
    """Whether it is a sum of delays that each are too small to be seen."""
    return attempt.timed and "periods take" in attempt.expected


def _counts(attempt: Attempt) -> bool:
    """Whether it is how many lines come."""
    counted = re.fullmatch(r"\d+ lines?", attempt.expected) is not None
    return counted and attempt.kind in (Kind.FORM, Kind.CLOSED)


def _until_all_have_come(attempt: Attempt) -> float:
    """Seconds in which all the lines that should come have come, and the end; 0 if they have no
    rhythm."""
    take = [series.count * series.period for series in attempt.transcript.series]
    return math.ceil(max(take)) + 1.0 if take else 0.0


def _is_about_the_whole(attempt: Attempt) -> bool:
    """Whether the fault may show at the end of all that comes."""
    return _counts(attempt) or _is_about_the_end(attempt)


def _is_invisible(attempt: Attempt) -> bool:
    """Whether a terminal would show no difference."""
    if "end of line" in attempt.actual or "the end of the line" in attempt.expected:
        return True
    if any(unicodedata.category(char) == "Cc" and char != "\n" for char in attempt.actual):
        return True
    bare = ["".join(text.split()) for text in (attempt.expected, attempt.actual)]
    return attempt.lines and bare[0] == bare[1]


def _seconds_of(attempt: Attempt) -> float:
    """How long the last thing is waited for: as long as it may take, where that decides."""
    named = _WITHIN.search(attempt.expected)
    if attempt.kind is Kind.LATE and named:
        return float(named[1])
    return max(SHORTLY, float(named[1]) if named else 0.0)


def _reduced(script: Script, attempt: Attempt, door: Door) -> Script:
    """Of a long dialogue only what the wrong line answers; of datagrams all, since each may matter
    to who is there, and so of all that a server remembers."""
    sent = script.sent()
    if _numbered(sent):
        return script
    whole = door.udp or door.remembers
    if attempt.kind is Kind.FORM and len(sent) > MAX_BEFORE_IT and not whole:
        return replace(script, moves=tuple(move for move in script.moves if move is sent[-1]))
    return script if len(sent) <= MAX_SENT else replace(script, moves=())


def _numbered(sent: list[Move]) -> bool:
    """Whether each is a line that begins with its number."""
    return all(
        re.fullmatch(rb"%d [^\n]*\n" % number, move.data) for number, move in enumerate(sent, 1)
    )


def _sending(script: Script) -> tuple[list[str], float]:
    """The commands that send what the client sent, as it did; and how long they take."""
    sent = script.sent()
    if len(sent) > MAX_SENT and _numbered(sent):
        line = 'echo "$n hello"'
        loop = f"for n in $(seq {len(sent)}); do {line}; sleep 0.05; done"
        return [loop], 0.06 * len(sent)
    parts: list[str] = []
    waited = 0.0
    before = script.moves[0].at if script.moves else 0.0
    for number, move in enumerate(sent):
        pause = move.at - before
        if number or pause >= 0.9:
            pause = max(BETWEEN, pause)
            parts.append(f"sleep {seconds(pause)}")
            waited += pause
        parts.append(sends(move))
        before = move.at
    return parts, waited


def _connected(parts: list[str], door: Door, limit: float, options: str = "") -> str:
    """`nc`, fed with what these commands write."""
    client = f"timeout {seconds(limit)} {door.nc(options)}"
    return f"{group(parts)} | {client}" if parts else f"{client} </dev/null"


def _reset(script: Script, door: Door) -> str:
    """A client that resets its connection, which nc cannot do."""
    sent = b"".join(move.data for move in script.sent())
    lines = sent.splitlines(keepends=True)
    what = f"b'hello\\n' * {len(lines)}"
    return (
        'python3 -c "import socket, struct;'
        f" s = socket.create_connection(('{door.host}', {door.port})); s.sendall({what});"
        " s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0));"
        ' s.close()"'
    )
