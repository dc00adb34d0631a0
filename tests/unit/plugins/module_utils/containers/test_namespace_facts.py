# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import struct

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.namespace_facts import (
    SUBSETS,
    gather_namespace_facts,
)
from ansible_collections.fathom.containers.plugins.module_utils.engines.docker import Docker
from ansible_collections.fathom.containers.plugins.module_utils.engines.witness import Witness
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.kernel.namespaces import TYPES
from ansible_collections.fathom.containers.plugins.module_utils.kernel.visit import Answer
from ansible_collections.fathom.containers.tests.unit.fake_engine import docker, engine, inspected
from ansible_collections.fathom.containers.tests.unit.hosttree import A, B, C, unified_host, v2_container

HOST = {kind: 4026531800 + i for i, kind in enumerate(TYPES)}
IDENTITY = "         0          0 4294967295"
HOSTILE = "'\"{{ lookup('pipe', 'id') }}\x1b[31m\u202e<b>"


@pytest.fixture
def tree(tmp_path):
    """A host with the containers a (7), b (8) in a's net, ipc and uts, and c (9) in the host's net and pid."""
    tree = unified_host(tmp_path)
    namespaces(tree, 1, HOST)
    shared = {kind: HOST[kind] for kind in ("user", "cgroup", "time")}
    container(tree, A, 7, dict(own(7), **shared))
    container(tree, B, 8, dict(own(8), **shared, net=7002, ipc=7003, uts=7005))
    container(tree, C, 9, dict(own(9), **shared, net=HOST["net"], pid=HOST["pid"]), namespace_pids=[9])
    return tree


def own(pid):
    return {kind: pid * 1000 + i for i, kind in enumerate(TYPES, start=1)}


def namespaces(tree, pid, inodes):
    for kind, inode in inodes.items():
        tree.link(f"/proc/{pid}/ns/{kind}", f"{kind}:[{inode}]")


def container(tree, container_id, pid, inodes, **process):
    v2_container(tree, f"/docker/{container_id}", pid, **process)
    namespaces(tree, pid, inodes)
    for name in ("uid_map", "gid_map"):
        tree.write(f"/proc/{pid}/{name}", IDENTITY)
    tree.write(
        f"/proc/{pid}/mountinfo", "430 368 0:49 / / ro - overlay overlay rw\n431 430 0:5 / /proc rw - proc proc rw"
    )


def link(index, name, tied_to=None):
    attributes = [(3, name + b"\0"), (16, b"\6")]
    if tied_to is not None:
        attributes += [(5, struct.pack("=i", tied_to)), (37, struct.pack("=i", 0))]
    body = struct.pack("=BxHiII", 0, 1, index, 0, 0)
    for kind, data in attributes:
        body += struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)
    return struct.pack("=IHHII", 16 + len(body), 16, 0, 1, 0) + body


NUMBER_0 = struct.pack("=IHHIIBxxxHHi", 28, 88, 0, 1, 0, 0, 8, 1, 0)
INSIDES = {
    ("uts", HOST["uts"]): b"laptop",
    ("net", HOST["net"]): (link(1, b"lo") + link(9, b"veth7", 8), b"", False, b""),
}


class Visitor:
    """Answers for namespaces, by default that each has an interface tied to number 9 of the host."""

    def __init__(self, answers=None):
        self.places = []
        self._answers = {**INSIDES, **(answers or {})}

    def __call__(self, places):
        self.places = list(places)
        return [self._answer(place) for place in places]

    def _answer(self, place):
        default = b"inside-%d" % place.inode if place.kind == "uts" else (link(8, b"eth0", 9), b"", False, NUMBER_0)
        found = self._answers.get((place.kind, place.inode), default)
        return found if isinstance(found, Answer) else Answer(found)


def gather(tree, answer=None, visit=None, **options):
    with engine(answer or docker(inspected(A, "a", pid=7), inspected(B, "b", pid=8), inspected(C, "c", pid=9))) as fake:
        witness = Witness(Docker(fake.path, 5))
        try:
            return gather_namespace_facts([witness], root=tree.root, visit=visit or Visitor(), **options)
        finally:
            witness.close()


def test_who_visits_is_let_come_to_the_end(tree):
    ended = []

    def visit(places):
        yield from Visitor()(places)
        ended.append(True)

    gather(tree, visit=visit)
    assert ended == [True]


def by_name(facts):
    return {one["name"]: one for one in facts["containers"]}


def test_who_shares_what(tree):
    facts, warnings = gather(tree)
    assert warnings == []
    assert facts["host"]["namespaces"] == HOST
    a, b, c = (by_name(facts)[name]["namespaces"] for name in "abc")
    assert list(a) == list(TYPES)
    assert a["net"] == {"inode": 7002, "shared_with_host": False, "shared_with": ["b"]}
    assert b["net"] == {"inode": 7002, "shared_with_host": False, "shared_with": ["a"]}
    assert a["pid"] == {"inode": 7001, "shared_with_host": False, "shared_with": []}
    assert c["net"] == {"inode": HOST["net"], "shared_with_host": True, "shared_with": []}
    assert {(one["type"], one["with_host"], *one["containers"]) for one in facts["shared"]} == {
        ("pid", True, "c"),
        ("net", True, "c"),
        ("net", False, "a", "b"),
        ("ipc", False, "a", "b"),
        ("uts", False, "a", "b"),
        ("user", True, "a", "b", "c"),
        ("cgroup", True, "a", "b", "c"),
        ("time", True, "a", "b", "c"),
    }


def test_the_record(tree):
    facts, _warnings = gather(tree)
    a = by_name(facts)["a"]
    assert (a["id"], a["pid"], a["namespace_pid"], a["state"]) == (A, 7, 1, "running")
    assert a["hostname"] == "inside-7005"
    assert [(one["name"], one["host_peer"]) for one in a["interfaces"]] == [("eth0", "veth7")]
    assert a["interfaces_truncated"] is False
    everything = {"inside": 0, "outside": 0, "count": 4294967295}
    assert a["user_map"] == {"uid": [everything], "gid": [everything], "identity": True}
    assert a["root_mount"]["read_only"] is True
    assert a["security"]["capabilities_effective"] is None
    assert a["unreadable"] == []
    assert not {"mounts", "listening", "processes"} & set(a)
    assert by_name(facts)["c"]["namespace_pid"] == 9
    assert by_name(facts)["c"]["hostname"] == "inside-9005"
    assert by_name(facts)["c"]["interfaces"][1]["host_peer"] is None
    assert facts["host"]["hostname"] == "laptop"
    assert facts["host"]["security_modules"] == []


def test_each_namespace_is_entered_once(tree):
    visitor = Visitor()
    gather(tree, visit=visitor)
    entered = {(place.kind, place.inode): place.pids for place in visitor.places}
    assert len(entered) == len(visitor.places)
    assert entered == {
        ("uts", HOST["uts"]): (1,),
        ("uts", 7005): (7, 8),
        ("uts", 9005): (9,),
        ("net", HOST["net"]): (1, 9),
        ("net", 7002): (7, 8),
    }


def test_subsets(tree):
    visitor = Visitor()
    facts, _warnings = gather(tree, visit=visitor, gather_subset=["!all"])
    assert visitor.places == []
    a = by_name(facts)["a"]
    assert not set(SUBSETS) & set(a)
    assert (a["namespace_pid"], a["namespaces"]["net"]["shared_with"]) == (1, ["b"])
    assert not {"hostname", "security_modules"} & set(facts["host"])
    facts, _warnings = gather(tree, gather_subset=["all"])
    a = by_name(facts)["a"]
    cut = {"interfaces_truncated", "mounts_truncated", "listening_truncated", "processes_truncated"}
    assert set(SUBSETS) | cut <= set(a)
    assert [one["pid"] for one in a["processes"]] == [7]
    assert [one["point"] for one in a["mounts"]] == ["/", "/proc"]


def test_listening_is_read_once_for_a_namespace(tree):
    header = "sl"
    tree.write("/proc/7/net/tcp", header + "\n0: 00000000:0050 00000000:0000 0A")
    facts, _warnings = gather(tree, containers=["a"], gather_subset=["listening"])
    (a,) = facts["containers"]
    assert a["listening"] == [{"protocol": "tcp", "port": 80, "family": "inet", "address": "0.0.0.0"}]
    tree.write("/proc/8/net/tcp", header)
    facts, _warnings = gather(tree, gather_subset=["listening"])
    assert by_name(facts)["a"]["listening"] is not None
    assert by_name(facts)["a"]["listening"] == by_name(facts)["b"]["listening"]
    assert by_name(facts)["c"]["listening"] is None


def test_those_not_asked_for_count_as_sharers(tree):
    facts, _warnings = gather(tree, containers=["a"])
    (a,) = facts["containers"]
    assert a["namespaces"]["net"]["shared_with"] == ["b"]
    assert {(one["type"], one["with_host"], *one["containers"]) for one in facts["shared"]} >= {
        ("net", False, "a", "b"),
        ("user", True, "a", "b", "c"),
    }
    facts, _warnings = gather(tree, engines=["podman"])
    assert (facts["containers"], facts["shared"]) == ([], [])


def test_one_that_ended_shares_with_nobody(tree):
    class Ends(Visitor):
        """b ends while namespaces are entered."""

        def __call__(self, places):
            tree.process(8, f"0::/docker/{B}", start_time=2000)
            return super().__call__(places)

    facts, _warnings = gather(tree, visit=Ends())
    assert sorted(by_name(facts)) == ["a", "c"]
    assert facts["host"]["vanished"] == 1
    assert by_name(facts)["a"]["namespaces"]["net"]["shared_with"] == []


def test_one_that_ended_and_was_not_asked_for(tree):
    class Ends(Visitor):
        def __call__(self, places):
            tree.remove("/proc/8/stat")
            return super().__call__(places)

    facts, _warnings = gather(tree, visit=Ends(), containers=["a"])
    assert facts["containers"][0]["namespaces"]["net"]["shared_with"] == []
    assert facts["host"]["vanished"] == 0


def test_without_the_right_to_look(tree):
    for pid in (1, 7, 8, 9):
        for kind in TYPES:
            tree.remove(f"/proc/{pid}/ns/{kind}")
            tree.write(f"/proc/{pid}/ns/{kind}")
    visitor = Visitor()
    facts, _warnings = gather(tree, visit=visitor, gather_subset=["all"])
    assert visitor.places == []
    assert facts["host"]["namespaces"] == dict.fromkeys(TYPES)
    assert facts["shared"] == []
    a = by_name(facts)["a"]
    nothing = {"inode": None, "shared_with_host": None, "shared_with": None}
    assert a["namespaces"] == dict.fromkeys(TYPES, nothing)
    assert (a["hostname"], a["interfaces"], a["interfaces_truncated"]) == (None, None, None)
    assert {one["path"] for one in a["unreadable"]} == {f"/proc/7/ns/{kind}" for kind in TYPES}
    assert a["user_map"]["identity"] is True
    assert a["namespace_pid"] == 1


def test_what_can_not_be_entered_is_null_and_named(tree):
    answers = {
        ("net", 7002): Answer(error="no answer within 5 s"),
        ("uts", 7005): Answer(error="Operation not permitted"),
    }
    facts, _warnings = gather(tree, visit=Visitor(answers))
    a = by_name(facts)["a"]
    assert (a["hostname"], a["interfaces"]) == (None, None)
    assert a["unreadable"] == [
        {"path": "/proc/7/ns/uts", "reason": "could not be entered: Operation not permitted"},
        {"path": "/proc/7/ns/net", "reason": "could not be entered: no answer within 5 s"},
    ]
    assert by_name(facts)["b"]["hostname"] is None
    assert by_name(facts)["c"]["hostname"] == "inside-9005"


def test_an_answer_that_makes_no_sense(tree):
    facts, _warnings = gather(tree, visit=Visitor({("net", 7002): (b"\1", b"", False, b"")}))
    a = by_name(facts)["a"]
    assert a["interfaces"] is None
    assert "the kernel's answer can't be understood: 1 bytes are left" in a["unreadable"][0]["reason"]


def test_an_unknown_host_leaves_its_end_of_links_open(tree):
    for kind in TYPES:
        tree.remove(f"/proc/1/ns/{kind}")
        tree.write(f"/proc/1/ns/{kind}")
    facts, _warnings = gather(tree)
    a = by_name(facts)["a"]
    assert a["namespaces"]["net"]["shared_with_host"] is None
    assert a["interfaces"][0]["host_peer"] is None
    assert facts["host"]["hostname"] is None
    assert {one["path"] for one in facts["host"]["unreadable"]} >= {f"/proc/1/ns/{kind}" for kind in TYPES}


def test_a_container_that_does_not_run(tree):
    answers = docker(inspected("d" * 64, "old", "exited"))
    facts, _warnings = gather(tree, answers, containers=["old"], gather_subset=["all"])
    (old,) = facts["containers"]
    assert (old["state"], old["pid"], old["namespace_pid"], old["unreadable"]) == ("exited", None, None, [])
    assert {one["inode"] for one in old["namespaces"].values()} == {None}
    assert {old[subset] for subset in SUBSETS} == {None}
    assert {old[subset + "_truncated"] for subset in ("interfaces", "mounts", "listening", "processes")} == {None}


def test_an_engine_that_is_down(tree):
    witness = Witness(Docker("/nowhere/docker.sock", 5))
    witness.present = True
    facts, warnings = gather_namespace_facts([witness], root=tree.root, visit=Visitor())
    assert [one["id"] for one in facts["containers"] if one["name"] is None] != []
    a = next(one for one in facts["containers"] if one["id"] == A)
    assert a["namespaces"]["net"]["shared_with"] == [B]
    assert len(warnings) == 1


def test_hostile_text_comes_as_data(tree):
    answers = {
        ("uts", 7005): HOSTILE.encode() + b"\xff",
        ("net", 7002): (link(8, b"\x1b{{7*7}}\xff"), b"", False, b""),
    }
    engines = docker(inspected(A, HOSTILE, pid=7), inspected(B, "b", pid=8))
    facts, _warnings = gather(tree, engines, Visitor(answers))
    a = by_name(facts)[HOSTILE]
    assert a["hostname"] == HOSTILE + "\\xff"
    assert a["interfaces"][0]["name"] == "\x1b{{7*7}}\\xff"
    assert by_name(facts)["b"]["namespaces"]["net"]["shared_with"] == [HOSTILE]
    json.dumps(facts, ensure_ascii=False).encode("utf-8")


def test_a_name_that_matches_nothing(tree):
    with pytest.raises(FathomError, match="'nope'"):
        gather(tree, containers=["nope"])


def test_a_remapped_user_namespace(tree):
    for name in ("uid_map", "gid_map"):
        tree.write(f"/proc/7/{name}", "0 100000 65536")
    facts, _warnings = gather(tree)
    assert by_name(facts)["a"]["user_map"]["uid"] == [{"inside": 0, "outside": 100000, "count": 65536}]
    assert by_name(facts)["a"]["user_map"]["identity"] is False


def test_security(tree):
    tree.write("/sys/kernel/security/lsm", "capability,apparmor")
    tree.write("/proc/7/attr/apparmor/current", "docker-default (enforce)")
    with open(tree.root + "/proc/7/status", "a", encoding="utf-8") as status:
        status.write("CapEff:\t0000000000000400\nCapBnd:\t0000000000000401\nNoNewPrivs:\t1\nSeccomp:\t2\n")
    facts, _warnings = gather(tree)
    assert facts["host"]["security_modules"] == ["apparmor"]
    assert by_name(facts)["a"]["security"] == {
        "seccomp": "filter",
        "no_new_privileges": True,
        "capabilities_effective": ["CAP_NET_BIND_SERVICE"],
        "capabilities_bounding": ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"],
        "apparmor": "docker-default",
        "apparmor_mode": "enforce",
        "selinux": None,
    }
