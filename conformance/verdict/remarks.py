"""Notes that tell what became of the server, and not what the scenario found. Pure."""

AFTER_IT = "After it the program ended"
HELD_BEFORE = "Held on this server before"
FAILED_ONCE = "It failed once, after other clients had talked to the server"


def is_of_the_server(note: str) -> bool:
    return note.startswith((AFTER_IT, HELD_BEFORE, FAILED_ONCE))
