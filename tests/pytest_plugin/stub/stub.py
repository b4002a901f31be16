"""A lab whose scenarios come out as their names say; each tells the server its name."""

import asyncio

from conformance import Kind, Lab, NotJudged, Parameter, Violation

stub = Lab(
    "stub",
    __file__,
    parameters=[
        Parameter("port", 2323, "TCP port that the server listens on"),
        Parameter("beacon", "", "Unix socket on which a scenario says that it is under way"),
    ],
)


async def knock(server, name):
    async with server.connect() as client:
        await client.send_line(name)


@stub.scenario("1.1")
async def answers_the_door(server):
    """A connection is accepted."""
    await server.expect_listening()
    await knock(server, "gate")


@stub.scenario("2.1")
async def holds(server):
    """It holds."""
    await knock(server, "holds")


@stub.scenario("2.2")
async def does_not_hold(server):
    """It does not hold."""
    raise Violation("> HELLO", ">HELLO", hint="The space is missing.")


@stub.scenario("2.3")
async def is_advice(server):
    """It does not hold, and costs nothing."""
    raise Violation("patience", "none")


@stub.scenario("2.4")
async def cannot_be_tested(server):
    """It cannot be put to the test."""
    raise NotJudged("2.2", Kind.FORM, "there is nothing to see here")


@stub.scenario("2.5")
async def makes_the_suite_stumble(server):
    """It cannot be judged."""
    raise RuntimeError("our own fault")


@stub.conversation
async def conversation(server):
    await knock(server, "conversation")
    return "evidence"


@stub.scenario("3.1", of=conversation)
def first_of_two(evidence):
    """It is judged from the conversation."""


@stub.scenario("3.2", of=conversation)
def second_of_two(evidence):
    """So is this."""


@stub.scenario("4.1", when=lambda parameters: bool(parameters.beacon))
async def never_ends(server):
    """It waits until the test lets it go."""
    reader, writer = await asyncio.open_unix_connection(server.parameters.beacon)
    await reader.read()
    writer.close()
