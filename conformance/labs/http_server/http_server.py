"""http-server: a web server on sockets. The contract is in http_server.md.

`site` is what the suite lays for the program to serve. `answer` reads what comes back: h11 does
where it is right, and what h11 refuses is read by hand, so that one fault does not hide the rest.
`browser` says and hears. Clause 2.1 learns how this server ends its answers; a fault costs the
clause that is about it, and every other one reads through it.
"""

from conformance import Lab, Parameter

from .causes import CAUSES
from .site import lay

NONE = "none"
"""The value of a parameter that names nothing."""


def keeps_alive(parameters):
    return parameters.version == "1.1"


def has_head(parameters):
    return "HEAD" in parameters.methods


def has_index(parameters):
    return parameters.index != ""


def asks_for_a_model(parameters):
    return parameters.concurrency != "any"


def has_post(parameters):
    return parameters.post != NONE and keeps_alive(parameters)


def has_scripts(parameters):
    return parameters.post == "cgi" and keeps_alive(parameters)


def has_hosts(parameters):
    return parameters.hosts != NONE and keeps_alive(parameters)


def _wrong(parameters):
    """What is wrong with a combination of parameters."""
    for name in ("root", "index"):
        parts = str(parameters[name]).split("/")
        if ".." in parts or (name == "root" and not all(parts)):
            return f"{name} is a name below the folder in which the server is started"
    if parameters.hosts != NONE and len(set(parameters.hosts.lower().split())) < 2:
        return "hosts are two names or more, with a space between"
    if not parameters.large:
        return "large is at least 1"
    return None


def _shown(parameters):
    """What the contract shows beside the parameters themselves."""
    named = ", ".join(f"`{host}`" for host in parameters.hosts.split())
    return {
        "root folder": f"`{parameters.root}`",
        "index file": f"`{parameters.index}`" if parameters.index else "the index",
        "allowed": parameters.methods,
        "echo path": "`/echo`" if parameters.post != "cgi" else "of a script that sends it back",
        "named hosts": named if has_hosts(parameters) else "the hosts",
    }


http_server = Lab(
    "http-server",
    __file__,
    teaches="2.1",
    outlives=("8.1", "8.2"),
    lays=lay,
    parameters=[
        Parameter("port", 8080, "TCP port that the server listens on"),
        Parameter("root", "www", "folder whose files are served"),
        Parameter("index", "index.html", "file that is sent for a folder; empty: none"),
        Parameter("version", "1.1", "version of HTTP", choices=("1.1", "1.0")),
        Parameter("methods", "GET and HEAD", "methods for files", choices=("GET and HEAD", "GET")),
        Parameter("post", "echo", "what POST does", choices=("echo", "cgi", NONE)),
        Parameter("largest", 1_000_000, "octets that the body of a request may have"),
        Parameter("large", 64, "size of the large file, in MiB"),
        Parameter("hosts", NONE, "names of virtual hosts, with a space between"),
        Parameter(
            "concurrency",
            "any",
            "how clients are served",
            choices=(
                "any",
                "thread-per-client",
                "thread-pool",
                "process-per-client",
                "event-loop",
            ),
        ),
        Parameter("pool", 10, "clients that a thread pool serves at once"),
        Parameter("clients", 100, "clients of clause 7.2"),
    ],
    variants={"http-server-1": {"version": "1.0", "methods": "GET", "post": NONE}},
    check_parameters=_wrong,
    shown=_shown,
    see="curl -v http://localhost:{port}/",
    causes=CAUSES,
)

http_server.listening()
http_server.reachable()
