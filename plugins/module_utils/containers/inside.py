# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only shows inside of a namespace: the hostname of a uts namespace, the interfaces of a net namespace."""

from __future__ import annotations

import functools
import os
from typing import Dict, List, NamedTuple, Optional

from ..kernel.files import printable
from ..kernel.netlink import ask_network
from ..kernel.rtnetlink import Address, Link, parse_addresses, parse_links, parse_nsid
from ..kernel.visit import Answer, Place

# Of the processes that are in a namespace, those that are tried one after the other.
_WAYS_IN = 8


class Network(NamedTuple):
    """``host_number``: what the host's namespace is called in a link's ``link_netnsid``; None where it has no name.

    ``truncated``: the kernel had more to tell.
    """

    links: List[Link]
    addresses: List[Address]
    truncated: bool
    host_number: Optional[int]


class Insides(NamedTuple):
    """By the namespace's inode an Answer of text, and one of a Network."""

    hostnames: Dict[int, Answer]
    networks: Dict[int, Answer]


def ask_insides(views, reference, wanted, visit):
    """A function that gives the Insides of all namespaces that the ``views`` and the host are in.

    They are asked from now on; what else there is to read can be read meanwhile. ``wanted``: some of "hostname" and
    "interfaces".
    """
    uts = _ways_in(views, reference, "uts") if "hostname" in wanted else {}
    net = _ways_in(views, reference, "net") if "interfaces" in wanted else {}
    host = _open(f"/proc/{reference.pid}/ns/net") if net and reference.inodes["net"] else None
    places = [Place("uts", inode, pids, _ask_hostname) for inode, pids in uts.items()]
    places += [Place("net", inode, pids, functools.partial(ask_network, host)) for inode, pids in net.items()]
    answers = visit(places)

    def hear():
        try:
            heard = list(zip(places, list(answers)))
        finally:
            if host is not None:
                os.close(host)
        return Insides(
            {place.inode: _parsed(answer, printable) for place, answer in heard if place.kind == "uts"},
            {place.inode: _parsed(answer, _network) for place, answer in heard if place.kind == "net"},
        )

    return hear


def _ways_in(views, reference, kind):
    """{inode: PIDs}; none where no container's can be read, whatever the host's."""
    pids = {}
    for view in views:
        if view.inodes[kind] is not None:
            pids.setdefault(view.inodes[kind], []).append(view.init.pid)
    if pids and reference.inodes[kind] is not None:
        pids.setdefault(reference.inodes[kind], []).insert(0, reference.pid)
    return {inode: tuple(found[:_WAYS_IN]) for inode, found in pids.items()}


def _open(path):
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        # Without it the host's end of a link can't be told, which is null then.
        return None


def _ask_hostname():
    return os.fsencode(os.uname().nodename)


def _parsed(answer, parse):
    if answer.error is not None:
        return answer
    try:
        return Answer(parse(answer.found))
    except ValueError as exc:
        return Answer(error=f"the kernel's answer can't be understood: {exc}")


def _network(found):
    links, addresses, truncated, number = found
    return Network(parse_links(links), parse_addresses(addresses), truncated, parse_nsid(number))
