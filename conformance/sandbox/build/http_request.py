"""A request to a proxy (RFC 9112, 3.2): its destination, and how it is sent on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

NAMED = 255
"""The most characters of a name in the DNS (RFC 1035, 2.3.4)."""
_ODD = re.compile(r"^[ \t]|[\x00-\x08\x0a-\x1f\x7f]")
"""Matches a line that other servers would read as two, or as part of the line before."""


@dataclass(frozen=True, order=True)
class Place:
    """Where a registry is: scheme, host in lower case, port."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Place | None:
        """The place of a URL; None if it is no http or https URL."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        return cls(parts.scheme, parts.hostname.lower(), port or (80, 443)[parts.scheme == "https"])


class RefusedRequest(Exception):  # noqa: N818 - an answer, not an error of ours
    """A request that is answered with this status and sentence."""

    def __init__(self, status: str, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True)
class ProxyRequest:
    """The head of a request to a proxy."""

    method: str
    place: Place
    target: str
    """The path and query, as the registry expects them."""
    fields: tuple[str, ...]

    @classmethod
    def read(cls, head: bytes) -> ProxyRequest:
        """Parses the head. Raises RefusedRequest if it is no request to a proxy."""
        first, *fields = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        odd = any(_ODD.search(line) for line in (first, *fields))
        if odd or len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise RefusedRequest("400 Bad Request", "this is no request to a proxy")
        method, target, _ = words
        url = f"https://{target}" if method == "CONNECT" else target
        place = Place.of(url)
        if place is None:
            raise RefusedRequest("400 Bad Request", f"this proxy cannot fetch {target[:NAMED]!r}")
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(method, place, path, tuple(filter(None, fields)))

    def passed_on(self, *, whole: bool, credentials: Iterable[str] = ()) -> bytes:
        """The request as it is sent on: to the registry, or (`whole`) to another proxy. There is
        one request for each connection: what follows is not checked, so it is not passed on.
        """
        own = ("host:", "connection:", "proxy-", "keep-alive:", "content-length:", "transfer-",
               "upgrade:", "te:", "trailer:")  # fmt: skip
        kept = [line for line in self.fields if not line.lower().startswith(own)]
        host = authority(self.place)
        target = f"http://{host}{self.target}" if whole else self.target
        lines = [f"{self.method} {target} HTTP/1.1", f"Host: {host}", "Connection: close"]
        return "\r\n".join([*lines, *credentials, *kept, "", ""]).encode("latin-1")


def bare(url: str) -> str:
    """A URL without the name and the password in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def authority(place: Place) -> str:
    host = f"[{place.host}]" if ":" in place.host else place.host
    return f"{host}:{place.port}"
