"""A web server with scripts and virtual hosts: one thread, and coroutines for all clients.

Lab: http-server
Leaves to the student: nothing
Parameters: concurrency=event-loop, post=cgi, hosts=one.example other.example

`request` reads what a client asks for, `files` finds files, `scripts` runs programs (RFC 3875),
`answer` writes what goes back. The files of each host stand in a folder of its name.
"""

import asyncio
import contextlib
import socket

from answer import Refused, send
from files import answer_with_file
from request import read_request
from scripts import is_script, run_script

PORT = 8080
IDLE = 30.0
"""Seconds after which a client that says nothing is let go."""
LINGER = 1.0
"""Seconds, and below octets, that a client may still send when it has been refused."""
LINGER_OCTETS = 1_000_000
NOT_ALLOWED = ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT")


async def serve(reader, writer):
    """The conversation with one client."""
    # What is written has gone when nothing of it waits: so nothing is lost by a close.
    writer.transport.set_write_buffer_limits(0)
    try:
        with contextlib.suppress(OSError, EOFError, TimeoutError):
            while await answer_one(reader, writer):
                pass
            await part(reader, writer)
    finally:
        writer.close()


async def answer_one(reader, writer):
    """Answers one request; returns whether another may follow."""
    request = None
    try:
        async with asyncio.timeout(IDLE):
            request = await read_request(reader, writer)
        if request is None:
            return False
        answer = await answer_to(request)
    except Refused as refused:
        answer = refused.answer()
    if request is None or not request.keep_alive:
        answer.closes = True
    await send(writer, request, answer)
    return not answer.closes


async def answer_to(request):
    if is_script(request.path) and request.method in ("GET", "HEAD", "POST"):
        return await run_script(request)
    if request.method in ("GET", "HEAD"):
        return answer_with_file(request)
    if request.method in NOT_ALLOWED:
        raise Refused(405, allow="GET, HEAD")
    raise Refused(501)


async def part(reader, writer):
    """Closes our side and reads on for a moment: a close over unread octets would be a reset, and
    could take the answer from the client before it has read it."""
    writer.write_eof()
    read = 0
    async with asyncio.timeout(LINGER):
        while read < LINGER_OCTETS and (data := await reader.read(65_536)):
            read += len(data)


async def main():
    listener = socket.create_server(("", PORT), backlog=256)
    server = await asyncio.start_server(serve, sock=listener)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
