# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import errno
import json
import socket
import struct

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel import rtnetlink
from ansible_collections.fathom.containers.plugins.module_utils.kernel.rtnetlink import (
    Address,
    error_number,
    messages,
    parse_address,
    parse_addresses,
    parse_link,
    parse_links,
    parse_nsid,
    request,
)
from ansible_collections.fathom.containers.tests.unit.trees import FIXTURES
from hypothesis import given
from hypothesis import strategies as st

# What the kernel of a real machine sent, and what iproute2 made of it: see tests/netlink.py.
CAPTURED = json.loads((FIXTURES / "netlink.json").read_text(encoding="utf-8"))
LINKS = bytes.fromhex(CAPTURED["links"])
ADDRESSES = bytes.fromhex(CAPTURED["addresses"])
IP = {one["ifindex"]: one for one in CAPTURED["ip"]}


def test_links_are_those_that_ip_tells():
    links = parse_links(LINKS)
    assert [link.number for link in links] == list(IP)
    by_name = {link.name: link.number for link in links}
    for link in links:
        told = IP[link.number]
        assert link.name == told["ifname"]
        assert link.mtu == told["mtu"]
        assert link.mac == (told["address"] if told["link_type"] in ("ether", "loopback") else None)
        assert link.state.upper() == told["operstate"]
        assert link.kind == told.get("linkinfo", {}).get("info_kind")
        assert link.link == told.get("link_index", by_name.get(told.get("link")))
        assert link.link_netnsid == told.get("link_netnsid")


def test_addresses_are_those_that_ip_tells():
    found = parse_addresses(ADDRESSES)
    told = [
        Address(index, address["family"], address["local"], address["prefixlen"], address["scope"])
        for index, link in IP.items()
        for address in link["addr_info"]
    ]
    assert sorted(found) == sorted(told)
    assert any(one.scope == "77" for one in found)


def test_the_number_of_a_namespace():
    # The peer of eth0 had gone to the host.
    (eth0,) = [link for link in parse_links(LINKS) if link.name == "eth0"]
    assert parse_nsid(bytes.fromhex(CAPTURED["number_of_host"])) == eth0.link_netnsid == 0


@pytest.mark.parametrize("data", [b"", struct.pack("=IHHIIBxxxHHi", 28, 88, 0, 1, 0, 0, 8, 1, -1)])
def test_a_namespace_without_a_number(data):
    assert parse_nsid(data) is None


def test_a_request_is_a_message_with_its_attributes():
    data = request(rtnetlink.RTM_GETLINK, rtnetlink.NLM_F_DUMP, bytes(16), [(29, b"\1\2\3\4"), (3, b"eth0\0")])
    ((kind, flags, body),) = messages(data)
    assert (kind, flags, len(data) % 4) == (18, 0x301, 0)
    assert parse_link(body).name == "eth0"


def test_an_error():
    body = struct.pack("=i", -errno.EPERM) + bytes(16)
    ((kind, _flags, found),) = messages(struct.pack("=IHHII", 16 + len(body), 2, 0, 1, 0) + body)
    assert (kind, error_number(found)) == (rtnetlink.NLMSG_ERROR, errno.EPERM)


def link_body(attributes, hardware=1):
    packed = b"".join(
        struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4) for kind, data in attributes
    )
    return struct.pack("=BxHiII", 0, hardware, 7, 0, 0) + packed


def test_a_name_of_any_bytes():
    assert parse_link(link_body([(3, b"\xff\x1b[31m{{x}}\0")])).name == "\\xff\x1b[31m{{x}}"


def test_flags_of_an_attribute_are_no_part_of_its_kind():
    assert parse_link(link_body([(18 | 0x8000, struct.pack("=HH", 9, 1) + b"veth\0")])).kind == "veth"


@pytest.mark.parametrize(("state", "name"), [(6, "up"), (2, "down"), (0, "unknown"), (9, "9")])
def test_states(state, name):
    assert parse_link(link_body([(16, bytes([state]))])).state == name


def test_a_link_of_which_nothing_is_told():
    assert parse_link(link_body([])) == (7, None, None, None, None, None, None, None)


def test_hardware_without_a_mac_address():
    # A tunnel's address is that of IPv4.
    assert parse_link(link_body([(1, bytes(4))], hardware=776)).mac is None


def test_the_own_end_of_a_link_from_point_to_point():
    body = struct.pack("=BBBBI", socket.AF_INET, 32, 0, 0, 7)
    attributes = struct.pack("=HH4sHH4s", 8, 1, bytes([10, 0, 0, 1]), 8, 2, bytes([10, 0, 0, 2]))
    assert parse_address(body + attributes) == (7, "inet", "10.0.0.2", 32, "global")


def test_an_address_of_another_family():
    assert parse_address(struct.pack("=BBBBI", 45, 8, 0, 0, 7)) is None


@pytest.mark.parametrize(
    "data",
    [
        b"\1",
        bytes(16),
        struct.pack("=IHHII", 15, 16, 0, 1, 0),
        struct.pack("=IHHII", 4000, 16, 0, 1, 0),
        struct.pack("=IHHII", 16, 16, 0, 1, 0),
    ],
)
def test_messages_of_another_form(data):
    with pytest.raises(ValueError, match="bytes"):
        parse_links(data)


@pytest.mark.parametrize(
    "body",
    [
        struct.pack("=BxHiIIHH", 0, 1, 7, 0, 0, 3, 3),
        struct.pack("=BxHiIIHH", 0, 1, 7, 0, 0, 9, 3),
        struct.pack("=BxHiIIHHH", 0, 1, 7, 0, 0, 6, 4, 1),
    ],
)
def test_attributes_of_another_form(body):
    with pytest.raises(ValueError, match="bytes"):
        parse_link(body)


@pytest.mark.parametrize("parse", [parse_links, parse_addresses, parse_nsid, parse_link, parse_address])
def test_any_bytes_are_understood_or_a_value_error(parse):
    @given(st.binary(max_size=200))
    def check(data):
        with contextlib.suppress(ValueError):
            parse(data)

    check()


@pytest.mark.parametrize(("parse", "whole"), [(parse_links, LINKS), (parse_addresses, ADDRESSES)])
def test_damaged_messages_are_understood_or_a_value_error(parse, whole):
    @given(st.integers(0, len(whole) - 1), st.integers(0, 255), st.integers(0, len(whole)))
    def check(place, byte, end):
        with contextlib.suppress(ValueError):
            parse((whole[:place] + bytes([byte]) + whole[place + 1 :])[:end])

    check()
