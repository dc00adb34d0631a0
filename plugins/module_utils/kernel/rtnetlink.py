# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of rtnetlink (rtnetlink(7), netlink(7)): network interfaces and their addresses. Pure.

Numbers are in the byte order of the machine that the messages are from, which is the one that runs this.
"""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple, Optional

from .files import printable

NLMSG_ERROR, NLMSG_DONE = 2, 3
RTM_NEWLINK, RTM_GETLINK = 16, 18
RTM_NEWADDR, RTM_GETADDR = 20, 22
RTM_NEWNSID, RTM_GETNSID = 88, 90
NLM_F_REQUEST, NLM_F_DUMP_INTR, NLM_F_DUMP = 0x1, 0x10, 0x300

IFLA_EXT_MASK, NETNSA_NSID, NETNSA_FD = 29, 1, 3
_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_MTU, _IFLA_LINK = 1, 3, 4, 5
_IFLA_OPERSTATE, _IFLA_LINKINFO, _IFLA_LINK_NETNSID = 16, 18, 37
_IFLA_INFO_KIND = 1
_IFA_ADDRESS, _IFA_LOCAL = 1, 2

_HEADER = struct.Struct("=IHHII")
_LINK = struct.Struct("=BxHiII")
_ADDRESS = struct.Struct("=BBBBI")
_ATTRIBUTE = struct.Struct("=HH")
_INT = struct.Struct("=i")
_UNSIGNED = struct.Struct("=I")
# Of an attribute's kind, what is no flag (nested, in network byte order).
_KIND_MASK = 0x3FFF

# RFC 2863, as the kernel's include/uapi/linux/if.h counts it.
_STATES = ("unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up")
_SCOPES = {0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere"}
_FAMILIES = {socket.AF_INET: ("inet", 4), socket.AF_INET6: ("inet6", 16)}
# Of the kernel's include/uapi/linux/if_arp.h: the kinds of hardware whose addresses are called MAC.
_ARPHRD_WITH_MAC = {1: "ether", 32: "infiniband", 772: "loopback"}


class Link(NamedTuple):
    """An interface. ``number`` is what is called its index.

    ``link``: number of the one it is tied to, in the namespace that ``link_netnsid`` tells, or in its own. ``kind``: of
    virtual ones what they are, as veth or bridge.
    """

    number: int
    name: Optional[str]
    mac: Optional[str]
    mtu: Optional[int]
    state: Optional[str]
    kind: Optional[str]
    link: Optional[int]
    link_netnsid: Optional[int]


class Address(NamedTuple):
    number: int
    family: str
    address: str
    prefix: int
    scope: str


def request(kind, flags, body, attributes=()):
    """A message to the kernel; ``attributes``: (kind, bytes)."""
    body += b"".join(_pad(_ATTRIBUTE.pack(_ATTRIBUTE.size + len(data), kind) + data) for kind, data in attributes)
    return _HEADER.pack(_HEADER.size + len(body), kind, NLM_F_REQUEST | flags, 1, 0) + body


def messages(data):
    """(kind, flags, body) of each message. Raises ValueError for what is none."""
    offset = 0
    while offset < len(data):
        if len(data) - offset < _HEADER.size:
            raise ValueError(f"{len(data) - offset} bytes are left, too few for a message")
        length, kind, flags, _sequence, _port = _HEADER.unpack_from(data, offset)
        if not _HEADER.size <= length <= len(data) - offset:
            raise ValueError(f"a message of {length} bytes among the {len(data) - offset} that are left")
        yield kind, flags, data[offset + _HEADER.size : offset + length]
        offset += _aligned(length)


def error_number(body):
    """The errno of an NLMSG_ERROR; 0 says that all went well."""
    return -_unpacked(_INT, body)


def parse_links(data):
    return [parse_link(body) for kind, _flags, body in messages(data) if kind == RTM_NEWLINK]


def parse_addresses(data):
    """Those of IPv4 and IPv6."""
    found = [parse_address(body) for kind, _flags, body in messages(data) if kind == RTM_NEWADDR]
    return [address for address in found if address is not None]


def parse_nsid(data):
    """The number that a network namespace has in another; None where it has none."""
    for kind, _flags, body in messages(data):
        if kind == RTM_NEWNSID:
            number = _number(_attributes(body, _INT.size), NETNSA_NSID, _INT)
            return None if number is None or number < 0 else number
    return None


def parse_link(body):
    if len(body) < _LINK.size:
        raise ValueError(f"a link of {len(body)} bytes")
    _family, hardware, index, _flags, _change = _LINK.unpack_from(body)
    attributes = _attributes(body, _LINK.size)
    link = _number(attributes, _IFLA_LINK, _INT)
    return Link(
        number=index,
        name=_text(attributes, _IFLA_IFNAME),
        mac=attributes[_IFLA_ADDRESS].hex(":")
        if hardware in _ARPHRD_WITH_MAC and _IFLA_ADDRESS in attributes
        else None,
        mtu=_number(attributes, _IFLA_MTU, _UNSIGNED),
        state=_state(attributes),
        kind=_text(_attributes(attributes.get(_IFLA_LINKINFO, b""), 0), _IFLA_INFO_KIND),
        # 0 is said of one that is tied to what the kernel can't tell here.
        link=link or None,
        link_netnsid=_number(attributes, _IFLA_LINK_NETNSID, _INT),
    )


def parse_address(body) -> Optional[Address]:
    """None for one of a family that is neither IPv4 nor IPv6."""
    if len(body) < _ADDRESS.size:
        raise ValueError(f"an address of {len(body)} bytes")
    family, prefix, _flags, scope, index = _ADDRESS.unpack_from(body)
    if family not in _FAMILIES:
        return None
    name, length = _FAMILIES[family]
    attributes = _attributes(body, _ADDRESS.size)
    # On a link from point to point, IFA_ADDRESS is the other end's.
    packed = attributes.get(_IFA_LOCAL, attributes.get(_IFA_ADDRESS, b""))
    if len(packed) != length:
        raise ValueError(f"{len(packed)} bytes for an address of {name}")
    return Address(index, name, socket.inet_ntop(family, packed), prefix, _SCOPES.get(scope, str(scope)))


def _attributes(data, offset):
    """{kind: bytes}, flags taken off the kinds."""
    found = {}
    while len(data) - offset >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(data, offset)
        if not _ATTRIBUTE.size <= length <= len(data) - offset:
            raise ValueError(f"an attribute of {length} bytes among the {len(data) - offset} that are left")
        found[kind & _KIND_MASK] = data[offset + _ATTRIBUTE.size : offset + length]
        offset += _aligned(length)
    return found


def _number(attributes, kind, form):
    return _unpacked(form, attributes[kind]) if kind in attributes else None


def _unpacked(form, data):
    if len(data) < form.size:
        raise ValueError(f"a number of {len(data)} bytes")
    return form.unpack_from(data)[0]


def _text(attributes, kind):
    return printable(attributes[kind].rstrip(b"\0")) if kind in attributes else None


def _state(attributes):
    state = attributes.get(_IFLA_OPERSTATE)
    if not state:
        return None
    return _STATES[state[0]] if state[0] < len(_STATES) else str(state[0])


def _aligned(length):
    return (length + 3) & ~3


def _pad(data):
    return data.ljust(_aligned(len(data)), b"\0")
