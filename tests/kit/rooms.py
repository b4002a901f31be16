"""Programs for the tests of presence: rooms with a fault that occurs in real programs, or with an
oddity that is no fault."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

REFERENCE = (
    Path(__file__).resolve().parents[2] / "reference_servers" / "presence" / "python" / "threads.py"
)

SAYS = 'room.tell(f"{room.names[person]} says: {rest}")'
CAME = 'self.tell(f"{name} is in the room.")'
LEFT = 'self.tell(f"{name} has left the room.")'
HELLO = "room.name(person, rest.strip())"
WHO = "person.send(room.who())"
LIST = 'names = [f" - {name}" for name in self.names.values()]'
END = 'self.client.sendall(f"{line}\\n".encode())'
LINES = "        for line in lines:\n"
IMPORT = "import threading\n"
NOT_MUCH = "len(line) < 50 and len(room.names) < 5"


def room(*edits: tuple[str, str], before: str = "") -> str:
    """The reference in Python, edited: each old text occurs once. `before` is put before its first
    class."""
    source = REFERENCE.read_text(encoding="utf-8")
    for old, new in [*edits, ("class Person:\n", f"{dedent(before)}\n\nclass Person:\n")]:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


PROMPTS = """
PROMPT = object()

def prompted(person, lines):
    person.outbox.put(PROMPT)
    for line in lines:
        yield line
        person.outbox.put(PROMPT)
"""

BULLETS = r"""
BULLETS = "You can:\n - HELLO name\n - SAY text\n - WHO\n - BYE\n - KILL"
"""

BANNER = """
BANNER = ("*" * 40, "These are the commands:", "- HELLO name", "- SAY message", "- WHO, BYE, KILL")

def arrived(room, person):
    for line in BANNER:
        person.send(line)
        room.tell(line)
"""

STRANGERS = r"""
guests = []

def strangers():
    for name in "Olga", "Otto":
        guest = socket.create_connection(("127.0.0.1", PORT))
        guest.sendall(f"HELLO {name}\nSAY hi\n".encode())
        guests.append(guest)
"""

TO_OTHERS_TOO = """for other in list(room.names):
                    if other is not person:
                        other.send(f"{room.names[person]} says: {rest}")
                """

ROOMS: dict[str, tuple[str, set[str]]] = {
    "all in words of its own": (
        room(
            (SAYS, 'room.tell(f"{time.time():.6f} {room.names[person]}> {rest}")'),
            (CAME, 'self.tell(f"* {name} joined, {len(self.names)} here *")'),
            (LEFT, 'self.tell(f"* {name} parted, {len(self.names)} here *")'),
            (LIST, 'names = [f"* {name}" for name in self.names.values()]'),
            (IMPORT, f"{IMPORT}import time\n"),
        ),
        {"2.1", "2.2", "3.1", "4.2"},
    ),
    "the name with its command, but for the notice": (
        room((HELLO, f"{HELLO}; room.names[person] = text")),
        {"2.2"},
    ),
    "a message twice to the others": (room((SAYS, TO_OTHERS_TOO + SAYS)), {"2.2"}),
    "who has left is told to nobody": (room((LEFT, "pass")), {"4.2", "4.3", "4.4"}),
    "WHO says nothing": (room((WHO, "pass")), {"3.1", "2.5", "3.2", "4.3", "4.4"}),
    "a prompt at once, and after each command": (
        room(
            (LINES, "        for line in prompted(person, lines):\n"),
            (END, 'self.client.sendall(b"> " if line is PROMPT else f"{line}\\n".encode())'),
            before=PROMPTS,
        ),
        {"2.1"},
    ),
    "a welcome after each command, with a list": (
        room((LINES, f"{LINES}            person.send(BULLETS)\n"), before=BULLETS),
        set(),
    ),
    "as the course has it": (
        room(
            ("            person.send(WELCOME)\n", "            arrived(self, person)\n"),
            ('users:", *names])', 'users:\\r", *names, ""])'),
            (LEFT, f'self.tell(f"{{name}} is about to leave the room.")\n            {LEFT}'),
            before=BANNER,
        ),
        set(),
    ),
    "slow by itself": (
        room(
            (LINES, f"{LINES}            time.sleep(1.4 if {NOT_MUCH} else 0)\n"),
            (IMPORT, f"{IMPORT}import time\n"),
        ),
        set(),
    ),
    "other people are there": (
        room(
            (
                "    with suppress(OSError):  # accept() fails after KILL\n",
                "    threading.Thread(target=strangers, daemon=True).start()\n"
                "    with suppress(OSError):  # accept() fails after KILL\n",
            ),
            before=STRANGERS,
        ),
        set(),
    ),
}
"""By what it does: the program, and the clauses that it cannot pass."""
