"""http-client: a client that does not speak HTTP. The contract is in http_client.md."""

from conformance import Lab, Parameter

from .answers import SOON, complete, greeting
from .causes import CAUSES


def _combination(parameters):
    if not parameters.host.strip():
        return "host names the web server's host"
    if "\n" in parameters.request or not parameters.request.strip():
        return "request is one line of text"
    if parameters.exit_within <= 0:
        return "exit_within is more than 0 s"
    return None


def _answer(draw, received, waited):
    """What `conformance serve` answers: as 1.3 has it, after the request or 2 s."""
    return greeting(draw).data if complete(received) or waited >= SOON else b""


client = Lab(
    "http-client",
    __file__,
    plays="client",
    port_parameter="http_port",
    teaches="1.1",
    parameters=[
        Parameter("host", "www.heig-vd.ch", "name of the web server's host"),
        Parameter("http_port", 80, "TCP port of the web server"),
        Parameter(
            "request", "Hello, sorry, but I don't speak HTTP...", "what the program says to it"
        ),
        Parameter("exit_within", 5.0, "seconds that the program may take to end"),
    ],
    check_parameters=_combination,
    answers=_answer,
    see="conformance serve http-client   # then start your client against it",
    causes=CAUSES,
)
