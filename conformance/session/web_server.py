"""A real web server: nginx, on the suite's host, for as long as a conversation lasts.

It listens on loopback only. The suite passes on what the program says to it, and what it answers,
so that both stand in the transcript.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from conformance.sandbox import SandboxError, die_with_parent
from conformance.session.client_host import LOOPBACK, free_port
from conformance.session.host import POLL

NGINX = "nginx"
ELSEWHERE = "/usr/sbin:/usr/local/sbin:/opt/homebrew/bin"
"""Where it is installed, and an ordinary user's PATH does not lead."""

STARTS_WITHIN = 10.0
"""Seconds for it to listen; it takes 0.02."""
ANSWERS_WITHIN = 10.0
"""Seconds for its answer; to what it does not understand it takes a millisecond."""
MAX_ANSWER = 2**20
"""Bytes of an answer; that to a bad request has 300."""

CONFIGURATION = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_timeout 0;
    client_header_timeout 5s;
    default_type text/html;
    server {{
        listen {address}:{port};
        root {folder}/pages;
    }}
}}
"""


@dataclass(frozen=True)
class WebServer:
    """nginx, which listens on a port of the suite's own host."""

    port: int

    async def reply_to(self, request: bytes) -> bytes:
        """What it answers, until it closes the connection. Raises SandboxError if that is
        nothing."""
        answer = b""
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                reader, writer = await asyncio.open_connection(LOOPBACK, self.port)
                with contextlib.closing(writer):
                    writer.write(request)
                    while len(answer) < MAX_ANSWER and (piece := await reader.read(65_536)):
                        answer += piece
        except (OSError, TimeoutError) as error:
            raise SandboxError(f"nginx did not answer: {error or 'in time'}") from error
        if not answer:
            raise SandboxError("nginx closed the connection without an answer")
        return answer


def nginx() -> str | None:
    """The program; None where it is not installed."""
    return shutil.which(NGINX) or shutil.which(NGINX, path=ELSEWHERE)


@contextlib.asynccontextmanager
async def running(scratch: Path) -> AsyncIterator[WebServer]:
    """nginx runs in this block, with a configuration of ours, and ends with this process at the
    latest. `scratch`: an existing folder, for its files. Raises SandboxError where it is not
    installed, or does not start."""
    program = nginx()
    if program is None:
        raise SandboxError(
            "nginx is not installed on this machine, so the program was not tried against a real"
            " web server (apt-get install nginx)"
        )
    folder = scratch / "nginx"
    (folder / "pages").mkdir(parents=True)
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(folder=folder, address=LOOPBACK, port=port), encoding="utf-8"
    )
    call = [program, "-e", "stderr", "-p", str(folder), "-c", str(configuration)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            call,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=functools.partial(die_with_parent, os.getpid()),
        )
        try:
            await _until_it_listens(port, lambda: process.poll() is not None, folder / "log")
            yield WebServer(port)
        finally:
            process.kill()
            process.wait(STARTS_WITHIN)


async def _until_it_listens(port: int, ended: Callable[[], bool], log: Path) -> None:
    deadline = asyncio.get_running_loop().time() + STARTS_WITHIN
    while not ended() and asyncio.get_running_loop().time() < deadline:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(LOOPBACK, port)
            writer.close()
            return
        await asyncio.sleep(POLL)
    said = log.read_text(encoding="utf-8", errors="replace").strip()[-500:]
    raise SandboxError(f"nginx did not start: {said or 'it did not listen in time'}")
