# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks rtnetlink for the interfaces of the network namespace that this thread is in. Called in a forked child."""

from __future__ import annotations

import os
import socket
import struct

from . import rtnetlink

_RECEIVE_BYTES = 1 << 17
# Interfaces by the thousand, far more than are told of; the rest is left with the kernel.
MOST_BYTES = 8 << 20
_TRIES = 3

# The statistics of an interface are most of what the kernel tells of it, and not asked for.
_SKIP_STATISTICS = struct.pack("=I", 1 << 3)
_ANY_LINK = struct.pack("=BxHiII", socket.AF_UNSPEC, 0, 0, 0, 0)
_ANY_ADDRESS = struct.pack("=BBBBI", socket.AF_UNSPEC, 0, 0, 0, 0)
_ANY_NAMESPACE = struct.pack("=Bxxx", socket.AF_UNSPEC)


_WITHOUT_STATISTICS = ((rtnetlink.IFLA_EXT_MASK, _SKIP_STATISTICS),)


def ask_network(host_descriptor):
    """(links, addresses, whether one was cut short, number of the host's namespace here), each as the kernel sends it.

    ``host_descriptor``: a file of the host's network namespace; None leaves its number out.
    """
    links, more_links = _dump(rtnetlink.RTM_GETLINK, _ANY_LINK, _WITHOUT_STATISTICS)
    addresses, more_addresses = _dump(rtnetlink.RTM_GETADDR, _ANY_ADDRESS)
    number = b"" if host_descriptor is None else _ask_number(host_descriptor)
    return links, addresses, more_links or more_addresses, number


def _dump(kind, body, attributes=()):
    """(All messages, whether there were more); again where what they tell of changed meanwhile."""
    for _try in range(_TRIES):
        with _kernel() as kernel:
            kernel.send(rtnetlink.request(kind, rtnetlink.NLM_F_DUMP, body, attributes))
            data, changed, more = _receive(kernel)
        if more or not changed:
            break
    return data, more


def _receive(kernel):
    blocks = []
    size = 0
    changed = False
    while size < MOST_BYTES:
        block = kernel.recv(_RECEIVE_BYTES)
        blocks.append(block)
        size += len(block)
        for kind, flags, body in rtnetlink.messages(block):
            changed = changed or bool(flags & rtnetlink.NLM_F_DUMP_INTR)
            if kind in (rtnetlink.NLMSG_DONE, rtnetlink.NLMSG_ERROR):
                _check(rtnetlink.error_number(body))
                return b"".join(blocks), changed, False
    return b"".join(blocks), changed, True


def _ask_number(descriptor):
    """RTM_GETNSID; b"" where the kernel is too old for it."""
    attributes = ((rtnetlink.NETNSA_FD, struct.pack("=I", descriptor)),)
    with _kernel() as kernel:
        kernel.send(rtnetlink.request(rtnetlink.RTM_GETNSID, 0, _ANY_NAMESPACE, attributes))
        block = kernel.recv(_RECEIVE_BYTES)
    failed = any(kind == rtnetlink.NLMSG_ERROR for kind, _flags, _body in rtnetlink.messages(block))
    return b"" if failed else block


def _kernel():
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)


def _check(number):
    if number:
        raise OSError(number, os.strerror(number))
