# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/proc/PID/net/tcp, tcp6, udp and udp6 (proc_net(5)): the sockets of a process's network namespace that listen."""

from __future__ import annotations

import socket
import sys
from typing import NamedTuple

# Protocol, family, and the state in which a socket of it waits for others: TCP_LISTEN, or what UDP calls unconnected.
_TABLES = {
    "tcp": ("tcp", "inet", b"0A"),
    "tcp6": ("tcp", "inet6", b"0A"),
    "udp": ("udp", "inet", b"07"),
    "udp6": ("udp", "inet6", b"07"),
}
_FAMILIES = {4: socket.AF_INET, 16: socket.AF_INET6}


class Listener(NamedTuple):
    """A socket of the family inet6 on ``::`` takes IPv4 as well, unless its owner has told it not to."""

    protocol: str
    port: int
    family: str
    address: str


def read_listeners(files, pid):
    """Each once, in order; None where none of the tables can be read."""
    found = set()
    read = [_collect(files, f"/proc/{pid}/net/{name}", *table, found) for name, table in _TABLES.items()]
    return sorted(found) if any(read) else None


def _collect(files, path, protocol, family, listens, found):
    """Whether the table could be read; what listens is added to ``found``."""
    rows = files.rows(path)
    # The first names the columns.
    read = next(rows, None) is not None
    for row in rows:
        fields = row.split(None, 4)
        try:
            if fields[3] == listens:
                address, port = parse_address(fields[1])
                found.add(Listener(protocol, port, family, address))
            elif protocol == "tcp":
                # The kernel lists those that listen first, and the others can be hundreds of thousands.
                break
        except (IndexError, ValueError):
            files.refuse(path, f"expected lines of 'NUMBER: ADDRESS:PORT ADDRESS:PORT STATE', found {row[:80]!r}")
            break
    return read


def parse_address(field, byteorder=sys.byteorder):
    """``b"0100007F:1F90"`` -> ("127.0.0.1", 8080).

    The address is in words of four bytes, each written as the number that this machine takes it for.
    """
    words, _colon, port = field.decode("ascii").partition(":")
    packed = bytes.fromhex(words)
    if len(packed) not in _FAMILIES:
        raise ValueError(words)
    if byteorder == "little":
        packed = b"".join(packed[i : i + 4][::-1] for i in range(0, len(packed), 4))
    return socket.inet_ntop(_FAMILIES[len(packed)], packed), int(port, 16)
