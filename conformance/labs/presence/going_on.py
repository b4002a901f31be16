"""Whether the room goes on: what somebody says still reaches the others."""

from .excuses import needs_answers
from .hearing import all_hear
from .listing import who
from .notices import audience, called, notice, voice
from .people import listen

GOES_ON = "Whoever says BYE ends its own conversation, and nobody else's."

SILENT = ("nothing came", "closed too early", "the program ended")  # the room does not go on


async def goes_on(speaker, others, hint):
    """What the speaker says still reaches everybody whom it should (or WHO is still answered, if
    nothing else works). Returns what the speaker said."""
    server = speaker.server
    needs_answers(server)
    command, word = voice(server, others), server.draw.word().capitalize()
    if not command:
        await who(speaker)
        return word
    event, parts = "says", {"message": word}
    if command == "HELLO":
        event, parts = "came", {"name": called(server, word)}
    hearers = audience(event, speaker, others)
    listen(hearers)
    await speaker.send(f"{server.parameters[command.lower()]} {word}")
    wanted = notice(server, event, **parts)
    await all_hear(hearers, wanted, hint=dict.fromkeys(SILENT, hint), some=hint)
    return word
