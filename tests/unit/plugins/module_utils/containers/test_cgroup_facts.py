# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import time

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroup_facts import (
    gather_cgroup_facts,
)
from ansible_collections.fathom.containers.plugins.module_utils.engines.docker import Docker
from ansible_collections.fathom.containers.plugins.module_utils.engines.witness import Witness
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.tests.unit.fake_engine import CLOSE, HANG, docker, engine, inspected, reply
from ansible_collections.fathom.containers.tests.unit.hosttree import (
    MIB,
    V2,
    A,
    B,
    C,
    Tree,
    host_files,
    hybrid_host,
    legacy_host,
    unified_host,
    v1_container,
    v2_container,
)

HOSTILE = "'\"{{ lookup('pipe', 'id') }}\x1b[31m\u202e<b>\x00"


def gather(tree, answer=None, **options):
    """The facts with a Docker that answers so; by default one that has no container."""
    with engine(answer or docker()) as fake:
        witness = Witness(Docker(fake.path, options.pop("engine_timeout", 5)))
        try:
            facts, warnings = gather_cgroup_facts([witness], root=tree.root, **options)
        finally:
            witness.close()
    json.dumps(facts, allow_nan=False)
    return facts, warnings


def unified(path):
    tree = unified_host(path, memory_total_kib=1 << 20, swap_total_kib=1 << 10)
    v2_container(tree, f"/small/{A}", 7, {"memory.max": 64 * MIB, "memory.swap.max": 64 * MIB})
    tree.directory("/sys/fs/cgroup/small", dict(V2, **{"memory.max": 32 * MIB}))
    return tree


def old(host):
    def make(path):
        tree = host(path, memory_total_kib=1 << 20, swap_total_kib=1 << 10)
        figures = {"memory.limit_in_bytes": 64 * MIB, "memory.memsw.limit_in_bytes": 128 * MIB}
        stat = f"hierarchical_memory_limit {32 * MIB}\ntotal_swap 0\ntotal_inactive_file 6594560"
        v1_container(tree, f"/small/{A}", 7, dict(figures, **{"memory.stat": stat}), unified=host is hybrid_host)
        tree.directory("/sys/fs/cgroup/memory/small", {"memory.limit_in_bytes": 32 * MIB})
        return tree

    return make


HOSTS = {"legacy": old(legacy_host), "hybrid": old(hybrid_host), "unified": unified}


@pytest.mark.parametrize(("mode", "make"), HOSTS.items(), ids=HOSTS)
def test_every_kind_of_host_tells_the_same_container_alike(tmp_path, mode, make):
    web = inspected(A, "web", pid=7, Memory=64 * MIB, MemorySwap=128 * MIB, CgroupParent="/small")
    facts, warnings = gather(make(tmp_path), docker(web), gather_subset=["all"])
    assert warnings == []
    host = facts["host"]
    assert (host["mode"], host["scope"], host["memory_version"]) == (mode, "host", 2 if mode == "unified" else 1)
    assert (host["swap_accounting"], host["memory_total_bytes"], host["swap_total_bytes"]) == (True, 1 << 30, 1 << 20)
    assert (host["vanished"], host["unreadable"], host["kernel"]) == (0, [], "6.1.0-28-amd64")
    assert host["engines"][0]["version"] == "20.10.24+dfsg1"
    (container,) = facts["containers"]
    assert (container["id"], container["name"], container["engine"], container["pid"]) == (A, "web", "docker", 7)
    memory = container["memory"]
    assert memory["path"] == f"/small/{A}"
    assert (memory["limit_state"], memory["limit_bytes"]) == ("limited", 64 * MIB)
    assert (memory["effective_limit_bytes"], memory["effective_limit_source"]) == (32 * MIB, "/small")
    assert (memory["swap_limit_bytes"], memory["memory_swap_limit_bytes"]) == (64 * MIB, 128 * MIB)
    assert (memory["usage_bytes"], memory["working_set_bytes"]) == (7782400, 1187840)
    assert (memory["pressure"] is None) == (mode == "legacy")
    assert container["drift"] == []
    assert container["declared"]["cgroup_parent"] == "/small"
    assert container["unreadable"] == []


BROKEN = {
    "hangs": lambda _target: [HANG],
    "hangs in an answer": lambda _target: [b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", HANG],
    "trickles": lambda _target: [part for byte in reply({"a": "b" * 99}) for part in (bytes([byte]), 0.05)],
    "closes": lambda _target: [CLOSE],
    "closes in an answer": lambda _target: [b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", CLOSE],
    "no HTTP": lambda _target: [b"\x16\x03\x01\x00\r\n\r\n", CLOSE],
    "no JSON": lambda _target: [reply(b"<html>")],
    "other JSON": lambda _target: [reply([{"Id": {}}])],
    "a huge length": lambda _target: [b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n{", HANG],
    "500": lambda _target: [reply({"message": "panic"}, 500)],
}


@pytest.mark.parametrize(("mode", "make"), HOSTS.items(), ids=HOSTS)
@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_the_kernels_facts_come_whatever_the_engine_does(tmp_path, mode, make, answer):  # noqa: ARG001
    began = time.monotonic()
    facts, warnings = gather(make(tmp_path), answer, engine_timeout=0.4)
    assert time.monotonic() - began < 5
    (container,) = facts["containers"]
    assert (container["id"], container["name"], container["engine_known"]) == (A, None, False)
    assert container["memory"]["limit_bytes"] == 64 * MIB
    assert (container["drift"], container["unreadable"]) == (None, [])
    (told,) = facts["host"]["engines"]
    assert not told["reachable"]
    assert told["error"] in warnings[0]


def test_an_engine_that_dies_between_descriptions(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, f"/docker/{A}", 7)
    v2_container(tree, f"/docker/{B}", 8)
    answers = docker(inspected(A, "web", pid=7), inspected(B, "db", pid=8))
    asked = []

    def answer(target):
        asked.append(target)
        return [answers(target)[0][:50], CLOSE] if len(asked) >= 3 else answers(target)

    facts, warnings = gather(tree, answer)
    assert sorted(one["name"] for one in facts["containers"]) == ["db", "web"]
    assert sorted(one["drift"] is None for one in facts["containers"]) == [False, True]
    assert all(one["memory"]["limit_state"] == "unlimited" for one in facts["containers"])
    assert len(warnings) == 1


def test_containers_that_end_are_left_out_and_counted(tmp_path):
    tree = unified_host(tmp_path)
    for pid, container_id in ((7, A), (8, B), (9, C)):
        v2_container(tree, f"/docker/{container_id}", pid)
    tree.remove("/proc/8/stat")
    tree.process(9, f"0::/docker/{A}")
    facts, warnings = gather(tree)
    assert [one["id"] for one in facts["containers"]] == [A]
    assert facts["host"]["vanished"] == 2
    assert warnings == []


def test_a_container_that_its_engine_lists_and_that_has_ended(tmp_path):
    facts, _warnings = gather(unified_host(tmp_path), docker(inspected(A, "web", pid=7)))
    assert facts["containers"] == []
    assert facts["host"]["vanished"] == 1


def test_one_that_does_not_run_has_not_vanished(tmp_path):
    answers = docker(inspected(A, "old", "exited", Memory=64 * MIB))
    facts, _warnings = gather(unified_host(tmp_path), answers, containers=["old"])
    assert [(one["state"], one["memory"], one["declared"]["memory_bytes"]) for one in facts["containers"]] == [
        ("exited", None, 64 * MIB)
    ]
    assert facts["host"]["vanished"] == 0
    assert gather(unified_host(tmp_path / "b"), answers)[0]["containers"] == []


def test_a_name_that_matches_nothing_gives_no_facts(tmp_path):
    with pytest.raises(FathomError, match="'nope'"):
        gather(unified(tmp_path), containers=["nope"])


def test_hostile_text_comes_as_data(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, f"/docker/{A}", 7, name="{{ x }}) S (\\n")
    tree.write(b"/sys/fs/cgroup/lxc.payload.\xff{{ x }}\x1b/memory.max", "4096")
    tree.write(b"/sys/fs/cgroup/lxc.payload.\xff{{ x }}\x1b/cgroup.procs", "8")
    tree.process(8, "0::/lxc.payload.\udcff{{ x }}\x1b")
    answers = docker(inspected(A, HOSTILE, pid=7, labels={HOSTILE: HOSTILE}))
    facts, warnings = gather(tree, answers, gather_subset=["all"])
    by_engine = {one["engine"]: one for one in facts["containers"]}
    assert by_engine["docker"]["name"] == HOSTILE
    assert by_engine["docker"]["labels"] == {HOSTILE: HOSTILE}
    assert by_engine["docker"]["processes"][0]["name"] == "{{ x }}) S (\\n"
    lxc = by_engine["lxc"]
    assert lxc["id"] == lxc["name"] == "\\xff{{ x }}\x1b"
    assert lxc["hierarchies"][0]["path"] == lxc["memory"]["path"] == "/lxc.payload.\\xff{{ x }}\x1b"
    assert lxc["memory"]["limit_bytes"] == 4096
    assert warnings == []
    json.dumps(facts).encode("ascii")
    json.dumps(facts, ensure_ascii=False).encode("utf-8")


def test_inside_a_container_the_view_is_said_to_be_its_own(tmp_path):
    tree = Tree(tmp_path)
    mount = f"36 31 0:32 /docker/{A} /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
    host_files(tree, f"4:memory:/docker/{A}", mount)
    tree.remove("/proc/self/ns/pid")
    tree.link("/proc/self/ns/pid", "pid:[4026532270]")
    tree.directory(f"/sys/fs/cgroup/memory/docker/{B}", {"cgroup.procs": 7, "memory.limit_in_bytes": 64 * MIB})
    tree.write(f"/sys/fs/cgroup/memory/docker/{B}/memory.stat", f"hierarchical_memory_limit {16 * MIB}")
    tree.process(7, f"4:memory:/docker/{A}/docker/{B}")
    facts, _warnings = gather(tree, gather_subset=["memory"])
    assert facts["host"]["scope"] == "container"
    (container,) = facts["containers"]
    assert (container["id"], container["memory"]["limit_bytes"]) == (B, 64 * MIB)
    assert container["memory"]["effective_limit_bytes"] == 16 * MIB
    assert container["memory"]["effective_limit_source"] is None, "who sets it is out of sight"


def test_no_cgroup_file_system_is_an_error(tmp_path):
    tree = Tree(tmp_path)
    host_files(tree, "0::/", "")
    with pytest.raises(FathomError, match="no cgroup file system is mounted here"):
        gather(tree)


def test_what_of_the_host_can_not_be_read_is_named(tmp_path):
    tree = unified(tmp_path)
    tree.unreadable("/proc/meminfo")
    facts, _warnings = gather(tree)
    assert facts["host"]["memory_total_bytes"] is None
    assert facts["host"]["unreadable"] == [{"path": "/proc/meminfo", "reason": "Is a directory"}]
    assert facts["containers"][0]["memory"]["effective_limit_bytes"] == 32 * MIB


def test_no_container(tmp_path):
    facts, warnings = gather(unified_host(tmp_path))
    assert (facts["containers"], facts["host"]["vanished"], warnings) == ([], 0, [])
