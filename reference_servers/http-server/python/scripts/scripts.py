"""Runs programs of `cgi-bin`, and answers with what they print (RFC 3875)."""

import asyncio
import os

from answer import Answer, Refused

FOLDER = os.path.realpath(b"cgi-bin")
PREFIX = b"/cgi-bin/"
WITHIN = 20.0
"""Seconds after which a script that has not ended is given up."""


def is_script(path):
    return path.startswith(PREFIX)


async def run_script(request):
    """The answer that the script prints. Raises Refused where there is none, or it fails."""
    name, slash, more = request.path.removeprefix(PREFIX).partition(b"/")
    program = os.path.join(FOLDER, name)
    if name in (b"", b".", b"..") or b"\0" in request.path or not os.access(program, os.X_OK):
        raise Refused(404)
    process = await asyncio.create_subprocess_exec(
        program,
        env=environment(request, PREFIX + name, slash + more),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(WITHIN):
            printed, _ = await process.communicate(request.body)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise Refused(504) from None
    if process.returncode != 0:
        raise Refused(500)
    return as_answer(printed)


def environment(request, name, path_info):
    """What the script is told of the request."""
    told = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GATEWAY_INTERFACE": "CGI/1.1",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.query,
        "SCRIPT_NAME": os.fsdecode(name),
        "PATH_INFO": os.fsdecode(path_info),
        "SERVER_NAME": request.host,
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": f"HTTP/1.{request.minor}",
        "SERVER_SOFTWARE": "scripts",
    }
    if request.body:
        told["CONTENT_LENGTH"] = str(len(request.body))
    if "content-type" in request.headers:
        told["CONTENT_TYPE"] = request.headers["content-type"]
    for key, value in request.headers.items():
        # Proxy would become HTTP_PROXY, which programs take for an order of their own user.
        if key not in ("content-type", "content-length", "proxy"):
            told[f"HTTP_{key.upper().replace('-', '_')}"] = value
    return told


def as_answer(printed):
    """What the script has printed: headers, an empty line, a body."""
    printed = printed.replace(b"\r\n\r\n", b"\n\n", 1)
    head, empty, body = printed.partition(b"\n\n")
    if not empty:
        raise Refused(502)
    status, phrase, headers = 200, "", {}
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name.lower() == "status":
            code, _, phrase = value.strip().partition(" ")
            status = int(code)
        elif name.lower() not in ("content-length", "connection", "transfer-encoding"):
            headers[name] = value.strip()
    return Answer(status, body, headers, phrase=phrase or "")
