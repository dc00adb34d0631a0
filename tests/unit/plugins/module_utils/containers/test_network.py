# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.fathom.containers.plugins.module_utils.containers.inside import Network
from ansible_collections.fathom.containers.plugins.module_utils.containers.network import (
    MOST_ADDRESSES,
    MOST_INTERFACES,
    interface_records,
)
from ansible_collections.fathom.containers.plugins.module_utils.kernel.rtnetlink import Address, Link


def link(index, name, kind=None, tied_to=None, number=None):
    return Link(index, name, "02:42:ac:11:00:02", 1500, "up", kind, tied_to, number)


def network(links, addresses=(), truncated=False, host_number=None):
    return Network(list(links), list(addresses), truncated, host_number)


HOST = network([link(1, "lo"), link(2, "enp1s0"), link(7, "veth30cdacf", "veth", 6, 0)])


def peers(links, host=HOST, host_number=0):
    records, _truncated = interface_records(network(links, host_number=host_number), host)
    return [record["host_peer"] for record in records]


def test_interfaces_by_index_with_their_addresses():
    addresses = [Address(6, "inet", "172.17.0.2", 16, "global"), Address(1, "inet6", "::1", 128, "host")]
    records, truncated = interface_records(
        network([link(6, "eth0", "veth", 7, 0), link(1, "lo")], addresses, False, 0), HOST
    )
    assert not truncated
    assert [record["name"] for record in records] == ["lo", "eth0"]
    assert records[1] == {
        "name": "eth0",
        "index": 6,
        "kind": "veth",
        "mac": "02:42:ac:11:00:02",
        "mtu": 1500,
        "state": "up",
        "addresses": [{"address": "172.17.0.2", "prefix": 16, "family": "inet", "scope": "global"}],
        "addresses_truncated": False,
        "host_peer": "veth30cdacf",
    }


def test_the_other_end_is_elsewhere():
    assert peers([link(6, "eth0", "veth", 7, 1)]) == [None]


def test_the_host_has_no_number_here():
    assert peers([link(6, "eth0", "veth", 7, 0)], host_number=None) == [None]
    assert peers([link(6, "eth0", "veth", 7)], host_number=None) == [None]


def test_tied_to_an_interface_of_its_own_namespace():
    assert peers([link(6, "eth0.5", "vlan", 7)]) == [None]


def test_a_veth_whose_end_is_another_by_now():
    assert peers([link(8, "eth0", "veth", 7, 0)]) == [None]
    assert peers([link(6, "eth0", "veth", 9, 0)]) == [None]


def test_a_macvlan_is_on_an_interface_of_the_host():
    assert peers([link(6, "eth0", "macvlan", 2, 0)]) == ["enp1s0"]


def test_an_unknown_host():
    assert peers([link(6, "eth0", "veth", 7, 0)], host=None) == [None]


def test_too_many_interfaces_are_cut():
    many = [link(index, f"d{index}") for index in range(MOST_INTERFACES + 1, 0, -1)]
    records, truncated = interface_records(network(many), None)
    assert truncated
    assert [record["index"] for record in records] == list(range(1, MOST_INTERFACES + 1))
    assert not interface_records(network(many[1:]), None)[1]
    assert interface_records(network(many[:1], truncated=True), None)[1]


def test_too_many_addresses_are_cut():
    many = [Address(1, "inet", f"10.0.{i >> 8}.{i & 255}", 8, "global") for i in range(MOST_ADDRESSES + 1)]
    ((record,), truncated) = interface_records(network([link(1, "lo")], many), None)
    assert (len(record["addresses"]), record["addresses_truncated"], truncated) == (MOST_ADDRESSES, True, False)
