"""Echo, with asyncio's streams: an event loop that reads like a thread.

One thread, as in select_loop.py; but each client has a coroutine, which gives
way at every "await" and is resumed when what it waits for has come. Between
two awaits nobody else runs: no locks are needed, and no long work is allowed.

Choose it for many clients in Python. Its limits: one core; a single blocking
call (time.sleep, a slow computation) stops everybody; a line is limited to
LIMIT bytes, because a stream that may buffer everything can be made to.

Lab: echo
Leaves to the student: nothing
Parameters: concurrency=event-loop
"""

import asyncio
import logging

PORT = 2323
PREFIX = "> "
GREETING = (
    "Welcome to the Event-Driven Server.\nSend me text lines and conclude with the BYE command.\n"
)
LIMIT = 2**20  # the longest line, in bytes; asyncio's own limit of 64 KiB is soon reached
LINGER = 0.5  # seconds granted to a client to close its side after we closed ours


async def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    # No host: every address of this host, of IPv4 and of IPv6.
    server = await asyncio.start_server(serve, port=PORT, limit=LIMIT, backlog=256)
    logging.info("listening on port %s", PORT)
    await server.serve_forever()


async def serve(reader, writer):
    """Serve one client, from the greeting to the close."""
    peer = writer.get_extra_info("peername")
    logging.info("%s arrives", peer)
    try:
        writer.write(GREETING.encode("utf-8"))
        while line := await reader.readline():  # empty only at the end of the stream
            text = line.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
            writer.write((PREFIX + text.upper() + "\n").encode("utf-8"))
            await writer.drain()  # as long as this client does not read, its coroutine waits here
            if text.upper() == "BYE":
                break
        await hang_up(reader, writer)
    except (OSError, ValueError) as error:  # a reset, a broken pipe; a line beyond the limit
        logging.info("%s is lost: %s", peer, error)
    finally:
        writer.close()


async def hang_up(reader, writer):
    """Close in good order: bytes left unread would turn our close into a reset."""

    async def drain():
        while await reader.read(65536):
            pass

    writer.write_eof()
    try:
        await asyncio.wait_for(drain(), LINGER)
    except asyncio.TimeoutError:
        pass  # we have waited long enough


if __name__ == "__main__":
    asyncio.run(main())
