"""nginx, as a conversation has it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from conformance.sandbox import SandboxError
from conformance.session import web_server
from conformance.session.web_server import nginx, running

installed = pytest.mark.skipif(nginx() is None, reason="nginx is not installed")


def reply(scratch: Path, request: bytes) -> bytes:
    async def main() -> bytes:
        async with running(scratch) as web:
            return await web.reply_to(request)

    return asyncio.run(main())


@installed
def test_it_answers_400_to_what_is_no_http(tmp_path: Path) -> None:
    answer = reply(tmp_path, b"Hello, sorry, but I don't speak HTTP...\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\nServer: nginx")
    assert answer.endswith(b"</html>\r\n")


def test_a_machine_without_it_is_no_fault_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_server, "nginx", lambda: None)
    with pytest.raises(SandboxError, match="nginx is not installed"):
        reply(tmp_path, b"Hello")


def test_one_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "nginx-that-fails"
    script.write_text("#!/bin/sh\necho no memory >&2\n")
    script.chmod(0o755)
    monkeypatch.setattr(web_server, "nginx", lambda: str(script))
    with pytest.raises(SandboxError, match="nginx did not start: no memory"):
        reply(tmp_path, b"Hello")
