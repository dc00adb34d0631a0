# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.kernel.listeners import parse_address, read_listeners
from ansible_collections.fathom.containers.tests.unit.hosttree import Tree
from hypothesis import given
from hypothesis import strategies as st

# Captured on Linux 6.18, x86_64, of sockets that listen on 127.0.0.1:8080, 0.0.0.0:22 and [::]:80; one connection.
TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 251433 1 0 100 0 0 10 0
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 251434 1 0 100 0 0 10 0
   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 251435 1 0 20 4 0 10 -1
   3: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 251436 1 0 100 0 0 10 0
"""
TCP6 = """\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   1: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   2: B80D0120000000000000000002000000:0052 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
"""
UDP = """\
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 4142: 0100007F:0035 0200007F:1000 01 00000000:00000000 00:00000000 00000000     0        0 251437 2 0000000000000000 0
 4143: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 251438 2 0000000000000000 0
 4143: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 251439 2 0000000000000000 0
"""


@pytest.fixture
def tree(tmp_path, monkeypatch):
    # The capture is of such a machine.
    monkeypatch.setattr("sys.byteorder", "little")
    return Tree(tmp_path)


def test_sockets_that_listen(tree):
    for name, table in (("tcp", TCP), ("tcp6", TCP6), ("udp", UDP)):
        tree.write("/proc/7/net/" + name, table.encode())
    files = tree.files
    assert read_listeners(files, 7) == [
        ("tcp", 22, "inet", "0.0.0.0"),
        ("tcp", 80, "inet6", "::"),
        ("tcp", 81, "inet6", "::ffff:127.0.0.1"),
        ("tcp", 82, "inet6", "2001:db8::2"),
        # The one behind a connection is not there: in the kernel's order none can be.
        ("tcp", 8080, "inet", "127.0.0.1"),
        ("udp", 53, "inet", "127.0.0.53"),
    ]
    assert files.unreadable == []


def test_the_same_bytes_on_either_kind_of_machine():
    assert parse_address(b"0100007F:1F90", "little") == ("127.0.0.1", 8080)
    assert parse_address(b"7F000001:1F90", "big") == ("127.0.0.1", 8080)
    little, big = b"B80D0120000000000000000002000000:0052", b"20010DB8000000000000000000000002:0052"
    assert parse_address(little, "little") == parse_address(big, "big") == ("2001:db8::2", 82)


def test_nobody_listens(tree):
    tree.write("/proc/7/net/tcp", TCP.splitlines()[0])
    assert read_listeners(tree.files, 7) == []


def test_no_table_can_be_read(tree):
    assert read_listeners(tree.files, 7) is None
    tree.unreadable("/proc/7/net/tcp")
    files = tree.files
    assert read_listeners(files, 7) is None
    assert [one["path"] for one in files.unreadable] == ["/proc/7/net/tcp"]


@pytest.mark.parametrize(
    "row", ["0:", "0: 0100007F 0 0A", "0: 0100007F:1F90 0 ", "0: XX00007F:1F90 0 0A", "0: 01:1 0 0A"]
)
def test_a_row_of_another_form(tree, row):
    tree.write("/proc/7/net/tcp", "sl\n" + row)
    files = tree.files
    assert read_listeners(files, 7) == []
    (refused,) = files.unreadable
    assert refused["path"] == "/proc/7/net/tcp"
    assert "expected lines of 'NUMBER: ADDRESS:PORT" in refused["reason"]


@given(st.binary(max_size=40))
def test_any_field_is_an_address_or_a_value_error(field):
    try:
        address, _port = parse_address(field)
    except ValueError:
        return
    assert "." in address or ":" in address
