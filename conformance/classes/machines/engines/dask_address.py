"""The address of a Dask scheduler: which may be used, and why one does not answer.

Whatever a scheduler is told to run, its workers run. So whoever reaches it must have proven who he
is, by a certificate. Without, it is for trying: on this machine's loopback, where submissions have
a network of their own.
"""

from __future__ import annotations

import errno
import ipaddress
from urllib.parse import urlsplit

from conformance.sandbox import Tier
from conformance.verdict.model import WrongCall

UNPROVEN = (
    "tells nobody who is who: whoever reaches it can have its workers run anything. Start it with "
    "certificates, and give tls://"
)


def checked_address(address: str, tier: Tier) -> str:
    """The address of a scheduler, as `tls://HOST:PORT`. Raises WrongCall if it is none, or one
    without certificates that is not to be trusted."""
    try:
        parts = urlsplit(address)
        whole = bool(parts.hostname and parts.port) and not (parts.path or parts.query)
    except ValueError:
        whole = False
    if not whole or parts.scheme not in ("tls", "tcp"):
        raise WrongCall(f"--on dask:{address}: the scheduler's address is tls://HOST:PORT")
    if parts.scheme == "tcp" and not _is_loopback(parts.hostname or ""):
        raise WrongCall(f"--on dask:{address}: a scheduler without TLS {UNPROVEN}")
    if parts.scheme == "tcp" and tier is Tier.NONE:
        raise WrongCall(
            f"--on dask:{address}: in tier none a submission reaches this machine's network, and a "
            f"scheduler without TLS {UNPROVEN}"
        )
    return address


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def why_not(error: Exception) -> str:
    """Why there is no connection, in a sentence."""
    if isinstance(error, OSError) and error.errno in (errno.ENOENT, errno.EACCES):
        return f"a certificate that Dask's configuration names cannot be read ({error.strerror})"
    cause: BaseException | None = error
    while cause is not None:
        if "ssl" in f"{type(cause).__module__} {cause}".lower():
            return f"no connection with these certificates ({in_one_line(cause)})"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, OSError):
        return f"no scheduler answers there ({in_one_line(error)})"
    return in_one_line(error)


def in_one_line(error: BaseException) -> str:
    """What an error says, cut to a length that a console bears."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 300 else f"{text[:299]}…"
