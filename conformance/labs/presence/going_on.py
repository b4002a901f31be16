"""Whether the room goes on: what somebody says still reaches the others."""

from .excuses import needs_answers
from .hearing import all_hear
from .listing import who
from .notices import _notice, audience, called, voice
from .people import marks


async def goes_on(server, speaker, others, hint):
    """What the speaker says still reaches everybody whom it reaches by the server's rule (or
    WHO is answered, where that is all that is); what the speaker said."""
    needs_answers(server)
    command, word = voice(server, others), server.draw.word().capitalize()
    if not command:
        await who(server, speaker)
        return word
    which, parts = "says", {"message": word}
    word_of_it = server.parameters[command.lower()]
    if command == "HELLO":
        which, parts = "came", {"name": called(server, word)}
    hearers = audience(server, which, speaker, others)
    since = marks(hearers)
    await speaker.send_line(f"{word_of_it} {word}")
    await all_hear(server, hearers, _notice(server, which, **parts), since=since, hint=hint)
    return word


GOES_ON = "Whoever says BYE ends its own conversation, and nobody else's."
