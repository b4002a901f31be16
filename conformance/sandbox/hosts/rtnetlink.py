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

from pyroute2.netlink import (
    NLM_F_ACK,
    NLM_F_CREATE,
    NLM_F_EXCL,
    NLM_F_REPLACE,
    NLM_F_REQUEST,
    rtnl,
)
from pyroute2.netlink.rtnl import TC_H_ROOT
from pyroute2.netlink.rtnl.ifaddrmsg import IFA_F_NODAD, ifaddrmsg
from pyroute2.netlink.rtnl.ifinfmsg import IFF_UP, ifinfmsg
from pyroute2.netlink.rtnl.ndmsg import ndmsg
from pyroute2.netlink.rtnl.rtmsg import rtmsg
from pyroute2.netlink.rtnl.tcmsg import sched_netem, tcmsg

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


def wire(
    name: str,
    index: int,
    namespace: int,
    far_name: str = "",
    far_index: int = 0,
    hardware: str = "",
) -> NetlinkRequest:
    """A pair of interfaces joined by a wire (veth(4)): one here, the other in the network namespace
    with the descriptor `namespace`, of the same name and index unless it has others. `hardware`:
    the hardware address of the near one (none: any)."""
    far = {
        "index": far_index or index,
        "attrs": [("IFLA_IFNAME", far_name or name), ("IFLA_NET_NS_FD", namespace)],
    }
    kind = [("IFLA_INFO_KIND", "veth"), ("IFLA_INFO_DATA", {"attrs": [("VETH_INFO_PEER", far)]})]
    return _encoded(
        "a wire between two hosts",
        (ifinfmsg(), rtnl.RTM_NEWLINK, _ADD),
        {"index": index},
        [
            ("IFLA_IFNAME", name),
            *([("IFLA_ADDRESS", hardware)] if hardware else []),
            ("IFLA_LINKINFO", {"attrs": kind}),
        ],
    )


def raised(index: int) -> NetlinkRequest:
    """The interface of that index, up."""
    return _encoded(
        f"interface {index} up",
        (ifinfmsg(), rtnl.RTM_NEWLINK, _CHANGE),
        {"index": index, "flags": IFF_UP, "change": IFF_UP},
        [],
    )


def bridge(name: str, index: int) -> NetlinkRequest:
    """A bridge, which passes on all that comes at one of its ports to the others, at once."""
    plain = {"attrs": [("IFLA_BR_STP_STATE", 0), ("IFLA_BR_MCAST_SNOOPING", 0)]}
    kind = [("IFLA_INFO_KIND", "bridge"), ("IFLA_INFO_DATA", plain)]
    return _encoded(
        "a bridge",
        (ifinfmsg(), rtnl.RTM_NEWLINK, _ADD),
        {"index": index},
        [("IFLA_IFNAME", name), ("IFLA_LINKINFO", {"attrs": kind})],
    )


def port(index: int, of: int) -> NetlinkRequest:
    """The interface of that index becomes a port of the bridge `of`."""
    return _encoded(
        f"interface {index} on the bridge",
        (ifinfmsg(), rtnl.RTM_NEWLINK, _CHANGE),
        {"index": index},
        [("IFLA_MASTER", of)],
    )


def delayed(index: int, seconds: float) -> NetlinkRequest:
    """What leaves by the interface of that index is kept so long before: tc-netem(8)."""
    options = sched_netem.get_parameters({"delay": round(seconds * 1e6), "limit": _MOST_DELAYED})
    return _encoded(
        "a delay by netem",
        (tcmsg(), rtnl.RTM_NEWQDISC, _ADD),
        {"index": index, "parent": TC_H_ROOT},
        [("TCA_KIND", "netem"), ("TCA_OPTIONS", options)],
    )


_MOST_DELAYED = 100_000
"""Packets under way in one direction; the kernel loses the rest. Its default, 1,000, is less than
what a crowd causes in 50 ms."""


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


def neighbour(index: int, host: str, hardware: str) -> NetlinkRequest:
    """At the interface of that index, `host` has this hardware address: nobody has to ask for it
    (ARP, or what IPv6 has in its place)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return _encoded(
        f"the neighbour {host}",
        (ndmsg(), rtnl.RTM_NEWNEIGH, _ADD),
        {"family": family, "ifindex": index, "state": _PERMANENT},
        [("NDA_DST", host), ("NDA_LLADDR", hardware)],
    )


def default_route(gateway: str) -> NetlinkRequest:
    kind = {"proto": rtnl.rt_proto["static"], "type": rtnl.rt_type["unicast"]}
    return _encoded(
        f"a route by {gateway}",
        (rtmsg(), rtnl.RTM_NEWROUTE, _ADD),
        {"family": socket.AF_INET, "table": _MAIN_TABLE, **kind},
        [("RTA_GATEWAY", gateway)],
    )


def own_route() -> NetlinkRequest:
    """A route by which a host takes every IPv4 address for its own, unless another route of its
    says where that address is (rtm_type RTN_LOCAL, on the loopback interface)."""
    kind = {
        "proto": rtnl.rt_proto["static"],
        "type": rtnl.rt_type["local"],
        "scope": rtnl.rt_scope["host"],
    }
    return _encoded(
        "a route of every address to the host itself",
        (rtmsg(), rtnl.RTM_NEWROUTE, _CHANGE | NLM_F_CREATE | NLM_F_REPLACE),
        {"family": socket.AF_INET, "table": _MAIN_TABLE, **kind},
        [("RTA_OIF", _LOOPBACK)],
    )


_LOOPBACK = 1
"""The number of lo on each host."""

_MAIN_TABLE = 254
"""RT_TABLE_MAIN."""
_PERMANENT = 0x80
"""NUD_PERMANENT."""


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
