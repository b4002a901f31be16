"""Runs programs of `cgi-bin`, and answers with what they print (RFC 3875)."""

import asyncio
import contextlib
import os
import re
import signal

from answer import Answer, Refused

FOLDER = os.path.realpath(b"cgi-bin")
PREFIX = b"/cgi-bin/"
WITHIN = 20.0
"""Seconds after which a script that has not ended is given up."""
HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\r\n\0]*)\r?")
STATUS = re.compile(r"([2-5][0-9][0-9])(?: (.*))?")


def is_script(path):
    return path.startswith(PREFIX)


async def run_script(request):
    """The answer that the script prints. Raises Refused where there is none, or it fails."""
    name, slash, more = request.path.removeprefix(PREFIX).partition(b"/")
    program = os.path.join(FOLDER, name)
    # A name has no slash in it; `..` is a folder, and no file.
    if b"\0" in request.path or not os.path.isfile(program) or not os.access(program, os.X_OK):
        raise Refused(404)
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            env=environment(request, PREFIX + name, slash + more),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError:  # its first line is missing, or names a program that is not there
        raise Refused(502) from None
    try:
        async with asyncio.timeout(WITHIN):
            printed, _ = await process.communicate(request.body)
    except TimeoutError:
        # With all that it has started: its output ends when the last of them has closed it.
        with contextlib.suppress(ProcessLookupError):  # they have ended meanwhile
            os.killpg(process.pid, signal.SIGKILL)
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
    head, *rest = re.split(rb"\n\r?\n", printed, maxsplit=1)
    if not rest:
        raise Refused(502)
    status, phrase, headers = 200, None, []
    for line in head.decode("latin-1").split("\n"):
        found = HEADER.fullmatch(line)
        if not found:
            raise Refused(502)
        name, value = found[1], found[2].strip()
        if name.lower() == "status":
            said = STATUS.fullmatch(value)
            if not said:
                raise Refused(502)
            status, phrase = int(said[1]), said[2] or ""
        elif name.lower() not in ("content-length", "connection", "transfer-encoding"):
            headers.append((name, value))
    if phrase is None and any(name.lower() == "location" for name, _ in headers):
        status = 302  # the script leads elsewhere (RFC 3875, section 6.2.3)
    return Answer(status, rest[0], headers, phrase=phrase)
