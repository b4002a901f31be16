"""The requests to the kernel (rtnetlink(7)) that make hosts, encoded.

pyroute2 is used to encode them only: to send them, it would take 12 ms and 4 MiB of each session,
while the same bytes serve all sessions. This module touches no socket; `network` sends what it has
encoded.

Imported late, by `network.requests` only, because all of pyroute2 takes 0.2 s.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyroute2.netlink import NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, rtnl
from pyroute2.netlink.rtnl.ifaddrmsg import IFA_F_NODAD, ifaddrmsg
from pyroute2.netlink.rtnl.ifinfmsg import IFF_UP, ifinfmsg
from pyroute2.netlink.rtnl.rtmsg import rtmsg

_CHANGE = NLM_F_REQUEST | NLM_F_ACK
_ADD = _CHANGE | NLM_F_CREATE | NLM_F_EXCL

_Attributes = Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class NetlinkRequest:
    """One message; the kernel answers it with one acknowledgement."""

    what: str
    """What is asked for, as a noun: it is printed if the kernel refuses."""
    data: bytes

    def replaced(self, what: bytes, by: bytes) -> NetlinkRequest:
        """The request for another session: with `what` replaced `by` bytes of the same length."""
        return NetlinkRequest(self.what, self.data.replace(what, by))


def wire(name: str, index: int, namespace: int) -> NetlinkRequest:
    """A pair of interfaces joined by a wire (veth(4)), both of that name and index: one here, the
    other in the network namespace with the descriptor `namespace`."""
    far = {"index": index, "attrs": [("IFLA_IFNAME", name), ("IFLA_NET_NS_FD", namespace)]}
    kind = [("IFLA_INFO_KIND", "veth"), ("IFLA_INFO_DATA", {"attrs": [("VETH_INFO_PEER", far)]})]
    return _encoded(
        "a wire between two hosts",
        (ifinfmsg(), rtnl.RTM_NEWLINK, _ADD),
        {"index": index},
        [("IFLA_IFNAME", name), ("IFLA_LINKINFO", {"attrs": kind})],
    )


def raised(index: int) -> NetlinkRequest:
    """The interface of that index, up."""
    return _encoded(
        f"interface {index} up",
        (ifinfmsg(), rtnl.RTM_NEWLINK, _CHANGE),
        {"index": index, "flags": IFF_UP, "change": IFF_UP},
        [],
    )


def address(index: int, host: str, prefix: int, broadcast: str = "") -> NetlinkRequest:
    own = [("IFA_LOCAL", host), ("IFA_ADDRESS", host)]
    return _encoded(
        f"address {host}",
        (ifaddrmsg(), rtnl.RTM_NEWADDR, _ADD),
        {"family": socket.AF_INET, "index": index, "prefixlen": prefix},
        [*own, ("IFA_BROADCAST", broadcast)] if broadcast else own,
    )


def address_6(index: int, host: str, prefix: int) -> NetlinkRequest:
    """An IPv6 address, usable at once: without duplicate address detection (RFC 4862, 5.4)."""
    return _encoded(
        f"address {host}",
        (ifaddrmsg(), rtnl.RTM_NEWADDR, _ADD),
        {"family": socket.AF_INET6, "index": index, "prefixlen": prefix, "flags": IFA_F_NODAD},
        [("IFA_ADDRESS", host)],
    )


def default_route(gateway: str) -> NetlinkRequest:
    kind = {"proto": rtnl.rt_proto["static"], "type": rtnl.rt_type["unicast"]}
    return _encoded(
        f"a route by {gateway}",
        (rtmsg(), rtnl.RTM_NEWROUTE, _ADD),
        {"family": socket.AF_INET, "table": _MAIN_TABLE, **kind},
        [("RTA_GATEWAY", gateway)],
    )


_MAIN_TABLE = 254
"""RT_TABLE_MAIN."""


def _encoded(
    what: str, kind: tuple[Any, int, int], fields: dict[str, Any], attributes: _Attributes
) -> NetlinkRequest:
    """`kind`: an empty message of pyroute2's, its type and its flags."""
    message, number, flags = kind
    message["header"]["type"] = number
    message["header"]["flags"] = flags
    for name, value in fields.items():
        message[name] = value
    message["attrs"] = list(attributes)
    message.encode()
    return NetlinkRequest(what, bytes(message.data))
