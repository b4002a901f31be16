"""Datagrams that are no musician's."""

from .answers import UUID
from .orchestra import sounds_of

LONG = 1_400
"""Bytes of a long datagram, which still fits into one packet."""


async def make_noise(server, cast):
    """Sends what no musician sends, to where they play, one after another."""
    known = cast.known[cast.names[0]]
    address, port = known["to"]
    host = "suite" if cast.reaching else "submission"
    with server.datagrams_from(host, name="a stranger") as stranger:
        for data in noise(server, bytes.fromhex(known["data"])):
            stranger.send(data, (address, port))
            stranger.send(data, (server.address, port))
            await stranger.gather(0.05)


def noise(server, note):
    """An empty datagram, others' JSON, what is no JSON, no text, an unknown sound, a long one."""
    text = note.decode("utf-8", "replace")
    for sound in sounds_of(server.parameters).values():
        text = text.replace(sound, server.draw.word())
    unknown = UUID.sub("00000000-0000-4000-8000-000000000000", text)
    return [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"42",
        b'"' + server.draw.word().encode() + b'"',
        b'{"uuid": 1, "sound": {"of": []}, "instrument": null}',
        b"{" + server.draw.word().encode(),
        b"\xff\xfe\x00\x80\xc3\x28",
        unknown.encode(),
        note[: len(note) // 2],
        server.draw.data(LONG),
    ]
