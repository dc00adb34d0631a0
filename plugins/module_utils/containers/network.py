# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ``interfaces`` part of a container's facts. Pure."""

from __future__ import annotations

# Little enough to keep for a fleet.
MOST_INTERFACES = 256
MOST_ADDRESSES = 256


def interface_records(network, host):
    """([{name, index, ...}] by index, whether there are more).

    ``host``: the host's Network; None where it is the same, or can't be told.
    """
    addresses = {}
    for address in network.addresses:
        addresses.setdefault(address.number, []).append(address)
    on_host = {link.number: link for link in host.links} if host else {}
    links = sorted(network.links, key=lambda link: link.number)
    records = [
        _record(link, addresses.get(link.number, []), _peer(link, network.host_number, on_host))
        for link in links[:MOST_INTERFACES]
    ]
    return records, network.truncated or len(links) > MOST_INTERFACES


def _record(link, addresses, peer):
    return {
        "name": link.name,
        "index": link.number,
        "kind": link.kind,
        "mac": link.mac,
        "mtu": link.mtu,
        "state": link.state,
        "addresses": [
            {"address": one.address, "prefix": one.prefix, "family": one.family, "scope": one.scope}
            for one in addresses[:MOST_ADDRESSES]
        ],
        "addresses_truncated": len(addresses) > MOST_ADDRESSES,
        "host_peer": peer and peer.name,
    }


def _peer(link, host_number, on_host):
    """The host's interface that a link is tied to: a veth's other end, or what a macvlan or ipvlan is on."""
    if link.link is None or link.link_netnsid is None or link.link_netnsid != host_number:
        return None
    peer = on_host.get(link.link)
    # The two looks are not of one moment: the ends of a veth have to know each other.
    if peer is None or (link.kind == "veth" and peer.link != link.number):
        return None
    return peer
