#!/usr/bin/env python3
"""Roulette, version 1: one thread, in which a coroutine talks to each client.

What to look at:
  * nothing else runs between two awaits: the list of students needs no lock;
  * asyncio's streams give whole lines, however they come.

Lab: roulette-1
Leaves to the student: nothing
"""

import asyncio
import json
import random

PORT = 1313
COMMANDS = ["HELP", "RANDOM", "LOAD", "INFO", "BYE"]
students = []


def info():
    return json.dumps({"protocolVersion": "1.0", "numberOfStudents": len(students)})


def pick():
    if not students:
        return json.dumps({"error": "There is no student, you cannot pick a random one"})
    return json.dumps({"fullname": random.choice(students)}, ensure_ascii=False)


ANSWERS = {
    "HELP": lambda: f"Commands: [{', '.join(COMMANDS)}]",
    "INFO": info,
    "RANDOM": pick,
}


def huh():
    return "Huh? please use HELP if you don't know what commands are available."


async def lines(reader):
    """The lines of a client, until it has gone."""
    while line := await reader.readline():
        yield line.decode(errors="replace").rstrip("\r\n")


async def load(received):
    async for name in received:
        if name == "ENDOFDATA":
            return "DATA LOADED"
        students.append(name)
    return ""


async def converse(reader, writer):
    def say(text):
        writer.write(f"{text}\n".encode())

    say("Hello. Online HELP is available. Will you find it?")
    received = lines(reader)
    async for line in received:
        command = line.strip().upper()
        if command == "BYE":
            return
        if command == "LOAD":
            say("Send your data [end with ENDOFDATA]")
            say(await load(received))
        else:
            say(ANSWERS.get(command, huh)())


async def serve(reader, writer):
    try:
        await converse(reader, writer)
    except (ConnectionError, ValueError):  # a reset; a line of more than 64 KiB
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "", PORT)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
