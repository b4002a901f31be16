"""How a musician refuses an instrument that there is not. Pure."""

from conformance import Violation


def refused(musician, instrument, status):
    """Whether it has said something, and ended with a status other than 0."""
    wanted = f"with the instrument {instrument}: a message, and an exit status other than 0"
    said = musician.last_output().strip()
    if status == 0:
        hint = "End with an error: sys.exit(1), System.exit(1), process.exit(1)."
        wrong = Violation(wanted, "exit status 0", hint=hint)
    elif not said:
        hint = "Say which instruments there are, on stderr or stdout."
        wrong = Violation(wanted, f"exit status {status}, and not a word", hint=hint)
    else:
        return None
    return wrong.rests_on(client=musician.name)
