# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The namespaces of whole hosts as their kernels showed them, in fixtures/: read here once more, from the links."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.namespace_facts import gather_namespace_facts
from ansible_collections.fathom.containers.plugins.module_utils.kernel.namespaces import TYPES
from ansible_collections.fathom.containers.plugins.module_utils.kernel.visit import Answer
from ansible_collections.fathom.containers.tests.unit import trees

NAMES = sorted(path.stem for path in trees.FIXTURES.glob("*.tree"))


class Host:
    """An unpacked host, what was known of it, and the facts gathered from it."""

    def __init__(self, name, root):
        self.root = Path(trees.unpack(name, root))
        self.known = json.loads((trees.FIXTURES / (name + ".json")).read_text(encoding="utf-8"))["containers"]
        self.facts, self.warnings = gather_namespace_facts(
            [],
            gather_subset=["all"],
            root=str(root),
            visit=lambda places: [Answer(error="a file") for _place in places],
        )
        self.by_kind = {
            row["kind"]: record
            for row in self.known
            for record in self.facts["containers"]
            if record["id"] == row["id"]
        }

    def link(self, pid, kind):
        return os.readlink(self.root / f"proc/{pid}/ns/{kind}")

    def status(self, pid, key):
        lines = (self.root / f"proc/{pid}/status").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith(key + ":"))


@pytest.fixture(scope="module", params=NAMES)
def host(request, tmp_path_factory):
    return Host(request.param, tmp_path_factory.mktemp(request.param))


def test_every_container_is_there(host):
    assert host.warnings == []
    assert set(host.by_kind) == {row["kind"] for row in host.known}
    for row in host.known:
        assert host.by_kind[row["kind"]]["pid"] == row["pid"]


def test_sharing_is_that_of_the_links(host):
    assert host.facts["host"]["namespaces"] == {kind: inode(host.link(2, kind)) for kind in TYPES}
    pids = {record["id"]: record["pid"] for record in host.facts["containers"]}
    for record in host.facts["containers"]:
        for kind in TYPES:
            own, hosts = host.link(record["pid"], kind), host.link(2, kind)
            others = sorted(
                other for other, pid in pids.items() if host.link(pid, kind) == own and pid != record["pid"]
            )
            assert record["namespaces"][kind] == {
                "inode": inode(own),
                "shared_with_host": own == hosts,
                "shared_with": [] if own == hosts else others,
            }


def inode(link):
    return int(link.split("[")[1].rstrip("]"))


# Of some kinds of containers: how many others share each of these namespaces with it.
SHARERS = {
    "shared-network": {"net": 1, "ipc": 0, "uts": 0, "pid": 0},
    "podman-pod-second": {"net": 2, "ipc": 2, "uts": 2, "pid": 0},
    "podman-rootless": {"net": 0, "user": 0, "pid": 0},
}
HOSTS_NETWORK = ("host-network", "nspawn")


def test_sharing_is_what_was_asked_for(host):
    """A pod, a container's network, and the host's: as the containers of the fixtures were started."""
    checked = 0
    for kind, record in host.by_kind.items():
        told = record["namespaces"]
        assert told["net"]["shared_with_host"] == (kind in HOSTS_NETWORK)
        for one, count in SHARERS.get(kind, {}).items():
            assert (len(told[one]["shared_with"]), told[one]["shared_with_host"]) == (count, False)
            checked += 1
    assert checked


def test_every_init_is_1_inside(host):
    for record in host.facts["containers"]:
        assert record["namespace_pid"] == int(host.status(record["pid"], "NSpid").split()[-1]) == 1


def test_users_are_mapped_for_the_rootless_only(host):
    for kind, record in host.by_kind.items():
        mapped = (host.root / f"proc/{record['pid']}/uid_map").read_text(encoding="utf-8").split()
        assert [one[key] for one in record["user_map"]["uid"] for key in ("inside", "outside", "count")] == [
            int(word) for word in mapped
        ]
        assert record["user_map"]["identity"] == (kind != "podman-rootless")


def test_capabilities_and_seccomp(host):
    for record in host.facts["containers"]:
        security = record["security"]
        for key, field in (("capabilities_effective", "CapEff"), ("capabilities_bounding", "CapBnd")):
            assert len(security[key]) == bin(int(host.status(record["pid"], field), 16)).count("1")
        assert security["seccomp"] == {"0": "disabled", "2": "filter"}[host.status(record["pid"], "Seccomp")]


def test_mounts(host):
    for record in host.facts["containers"]:
        lines = (host.root / f"proc/{record['pid']}/mountinfo").read_text(encoding="utf-8").splitlines()
        assert [one["point"] for one in record["mounts"]] == [line.split(" ")[4] for line in lines]
        (root,) = [line for line in lines if line.split(" ")[4] == "/"]
        assert record["root_mount"]["fstype"] == root.partition(" - ")[2].split(" ")[0]
        assert record["root_mount"]["read_only"] == (root.split(" ")[5].split(",")[0] == "ro")
        assert ("shared" in record["root_mount"]["propagation"]) == (" shared:" in root)
