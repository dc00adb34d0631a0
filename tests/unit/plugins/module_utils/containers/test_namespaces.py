# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroups import Init
from ansible_collections.fathom.containers.plugins.module_utils.containers.inventory import Container
from ansible_collections.fathom.containers.plugins.module_utils.containers.namespaces import Sharing
from ansible_collections.fathom.containers.plugins.module_utils.containers.views import View
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import Claim
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import Files
from ansible_collections.fathom.containers.plugins.module_utils.kernel.namespaces import TYPES, Reference
from hypothesis import given
from hypothesis import strategies as st

HOST = Reference(1, {kind: 100 + i for i, kind in enumerate(TYPES)})
UNKNOWN_HOST = Reference(None, dict.fromkeys(TYPES))


def view(name, init=True, refused=False, **inodes):
    """A container in namespaces of its own but for ``inodes``."""
    files = Files()
    if refused:
        files.refuse("/proc/7", "out of sight")
    own = {kind: hash((name, kind)) & 0xFFFFFFFF | 1 << 32 for kind in TYPES}
    container = Container(None, Claim(name * 64, name, "docker", None, "running", None, {}, None))
    return View(container, files, Init(7, 1, [], {}) if init else None, dict(own, **inodes))


def test_private_ones():
    a, b = view("a"), view("b")
    for told in Sharing([a, b], HOST).of(a).values():
        assert (told["shared_with_host"], told["shared_with"]) == (False, [])
    assert Sharing([a, b], HOST).of(a)["net"]["inode"] == a.inodes["net"]
    assert list(Sharing([a], HOST).of(a)) == list(TYPES)
    assert Sharing([a, b], HOST).groups([a, b]) == []


def test_the_hosts():
    a, b = view("a", net=HOST.inodes["net"]), view("b", net=HOST.inodes["net"])
    sharing = Sharing([b, a], HOST)
    assert sharing.of(a)["net"] == {"inode": 101, "shared_with_host": True, "shared_with": []}
    assert sharing.groups([a]) == [{"type": "net", "inode": 101, "with_host": True, "containers": ["a", "b"]}]


def test_one_container_alone_in_the_hosts_is_a_group_too():
    a = view("a", pid=HOST.inodes["pid"])
    assert Sharing([a], HOST).groups([a])[0]["containers"] == ["a"]


def test_each_others():
    a, b, c = view("a", net=7, ipc=8), view("b", net=7), view("c", net=7, ipc=8)
    sharing = Sharing([c, b, a], HOST)
    assert sharing.of(a)["net"] == {"inode": 7, "shared_with_host": False, "shared_with": ["b", "c"]}
    assert sharing.of(a)["ipc"]["shared_with"] == ["c"]
    assert [(one["type"], one["containers"]) for one in sharing.groups([a])] == [
        ("net", ["a", "b", "c"]),
        ("ipc", ["a", "c"]),
    ]


def test_the_same_number_of_another_type_is_not_shared():
    views = [view("a", net=7), view("b", ipc=7)]
    assert Sharing(views, HOST).groups(views) == []


def test_groups_are_of_those_asked_for():
    a, b, c = view("a", net=7), view("b", net=7, ipc=8), view("c", ipc=8)
    assert [one["type"] for one in Sharing([a, b, c], HOST).groups([a])] == ["net"]
    assert Sharing([a, b, c], HOST).groups([]) == []


def test_what_could_not_be_read_is_null():
    a, b = view("a", net=None), view("b")
    sharing = Sharing([a, b], HOST)
    assert sharing.of(a)["net"] == {"inode": None, "shared_with_host": None, "shared_with": None}
    # It may be b's as well: nothing is said to be unshared because a read failed.
    assert sharing.of(b)["net"]["shared_with"] is None
    assert sharing.of(b)["net"]["shared_with_host"] is False
    assert sharing.of(b)["ipc"]["shared_with"] == []


def test_what_is_known_is_told_although_others_are_not():
    a, b, c = view("a", net=7), view("b", net=7), view("c", net=None)
    assert Sharing([a, b, c], HOST).of(a)["net"]["shared_with"] == ["b"]
    host = view("a", net=HOST.inodes["net"])
    assert Sharing([host, c], HOST).of(host)["net"]["shared_with"] == []


def test_an_unknown_host():
    a, b = view("a", net=7), view("b", net=7)
    sharing = Sharing([a, b], UNKNOWN_HOST)
    assert sharing.of(a)["net"] == {"inode": 7, "shared_with_host": None, "shared_with": ["b"]}
    assert sharing.groups([a])[0]["with_host"] is None


def test_a_type_that_the_kernel_lacks():
    lacking = Reference(1, dict(HOST.inodes, time=None))
    a, b = view("a", time=None), view("b", time=None)
    assert Sharing([a, b], lacking).of(a)["time"] == {"inode": None, "shared_with_host": None, "shared_with": None}
    assert Sharing([a, b], lacking).of(a)["net"]["shared_with"] == []


def test_a_container_that_does_not_run_shares_nothing():
    stopped = view("a", init=False, **dict.fromkeys(TYPES))
    b = view("b")
    assert Sharing([stopped, b], HOST).of(b)["net"]["shared_with"] == []
    assert Sharing([stopped, b], HOST).of(stopped)["net"]["inode"] is None


def test_a_container_that_is_out_of_sight_may_share_anything():
    hidden = view("a", init=False, refused=True, **dict.fromkeys(TYPES))
    b = view("b")
    assert Sharing([hidden, b], HOST).of(b)["net"]["shared_with"] is None


def test_containers_without_a_name_are_called_by_their_id():
    a, b = view("a", net=7), view("b", net=7)
    nameless = b._replace(container=Container(None, b.container.claim._replace(name=None)))
    assert Sharing([a, nameless], HOST).of(a)["net"]["shared_with"] == ["b" * 64]


@given(st.lists(st.sampled_from([None, 7, 8, HOST.inodes["net"]]), max_size=6))
def test_sharing_is_mutual(inodes):
    views = [view(chr(97 + i), net=inode) for i, inode in enumerate(inodes)]
    told = {one.title: Sharing(views, HOST).of(one)["net"] for one in views}
    for name, one in told.items():
        for other in one["shared_with"] or []:
            assert name in told[other]["shared_with"]
            assert told[other]["inode"] == one["inode"]
        if one["shared_with"] == []:
            assert one["shared_with_host"] or (None not in inodes and inodes.count(one["inode"]) == 1)
