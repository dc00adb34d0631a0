# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.discover import Found
from ansible_collections.fathom.containers.plugins.module_utils.containers.identify import identify
from ansible_collections.fathom.containers.plugins.module_utils.containers.inventory import join, take_inventory
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import Claim
from ansible_collections.fathom.containers.plugins.module_utils.engines.docker import Docker
from ansible_collections.fathom.containers.plugins.module_utils.engines.podman import Podman
from ansible_collections.fathom.containers.plugins.module_utils.engines.witness import Witness
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.kernel.host import read_host
from ansible_collections.fathom.containers.tests.unit.fake_engine import CLOSE, docker, engine, inspected, reply
from ansible_collections.fathom.containers.tests.unit.hosttree import A, B, C, unified_host, v2_container


@pytest.fixture
def tree(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, f"/docker/{A}", 7)
    v2_container(tree, f"/docker/{B}", 8)
    return tree


def take(tree, answer, client=Docker, **wanted):
    with engine(answer) as fake:
        witness = Witness(client(fake.path, 2))
        try:
            inventory = take_inventory(read_host(tree.files), [witness], **wanted)
        finally:
            witness.close()
        return inventory, fake


def told(inventory):
    return {
        one.id: (one.name, one.engine, one.runs, one.claim and one.claim.declared is not None)
        for one in inventory.containers
    }


WEB, DB, OLD = inspected(A, "web", pid=7), inspected(B, "db", pid=8), inspected(C, "old", "exited")


def test_kernel_and_engine_agree(tree):
    inventory, fake = take(tree, docker(WEB, DB, OLD))
    assert told(inventory) == {A: ("web", "docker", True, True), B: ("db", "docker", True, True)}
    assert inventory.warnings == []
    assert inventory.engines == [
        {
            "name": "docker",
            "version": "20.10.24+dfsg1",
            "socket": fake.path,
            "cgroup_driver": "cgroupfs",
            "reachable": True,
            "error": None,
        }
    ]
    assert fake.connections == 2
    assert sorted(fake.targets) == sorted(["/info", "/containers/json"] + [f"/containers/{one}/json" for one in (A, B)])


def test_one_that_the_engine_does_not_know(tree):
    inventory, _fake = take(tree, docker(WEB))
    assert told(inventory) == {A: ("web", "docker", True, True), B: (None, "docker", True, None)}


def test_one_that_started_after_the_engines_list(tree):
    answers = docker(WEB, DB)

    def late(target):
        return [reply([])] if target == "/containers/json" else answers(target)

    inventory, _fake = take(tree, late)
    assert told(inventory) == {A: ("web", "docker", True, True), B: ("db", "docker", True, True)}


def test_one_that_started_after_the_walk(tree):
    inventory, _fake = take(tree, docker(WEB, DB, inspected(C, "late", pid=9)))
    assert told(inventory)[C] == ("late", "docker", True, True)
    (late,) = [one for one in inventory.containers if one.id == C]
    assert (late.found, late.pids) == (None, [9])


def test_only_the_chosen_are_described(tree):
    inventory, fake = take(tree, docker(WEB, DB, OLD), wanted=["web"])
    assert set(told(inventory)) == {A}
    assert f"/containers/{B}/json" not in fake.targets
    assert "/containers/json?all=1" in fake.targets


def test_one_that_does_not_run_is_found_when_it_is_asked_for(tree):
    inventory, _fake = take(tree, docker(WEB, OLD), wanted=["old"])
    assert told(inventory) == {C: ("old", "docker", False, True)}
    assert inventory.containers[0].pids == []


def test_globs_reach_what_does_not_run(tree):
    inventory, _fake = take(tree, docker(WEB, OLD), wanted=["*"])
    assert set(told(inventory)) == {A, B, C}


@pytest.mark.parametrize(
    ("engines", "ids"),
    [(["docker"], {A, B}), (["podman"], set()), (["lxc"], {"box"}), (["docker", "lxc"], {A, B, "box"})],
)
def test_engines(tree, engines, ids):
    v2_container(tree, "/lxc.payload.box", 9)
    inventory, _fake = take(tree, docker(WEB, DB), engines=engines)
    assert set(told(inventory)) == ids


def test_a_name_that_matches_nothing_is_an_error(tree):
    with pytest.raises(FathomError, match="no container has the name or id 'wbe'; near it: web"):
        take(tree, docker(WEB, DB), wanted=["wbe"])


def test_an_error_minds_an_engine_that_could_not_be_asked(tree):
    with pytest.raises(FathomError, match=r"'web'; there are: .* Mind that docker could not be asked for names \("):
        take(tree, lambda _target: [CLOSE], wanted=["web"])


def test_a_prefix_is_found_in_the_kernel_alone(tree):
    inventory, _fake = take(tree, lambda _target: [CLOSE], wanted=[A[:12]])
    assert told(inventory) == {A: (None, "docker", True, None)}


BROKEN = {
    "closes at once": lambda _target: [CLOSE],
    "not HTTP": lambda _target: [b"hello\r\n\r\n", CLOSE],
    "no JSON": lambda _target: [reply(b"<html>")],
    "wrong types": lambda _target: [reply([1, {}])],
    "500": lambda _target: [reply({"message": "panic"}, 500)],
    "404": lambda _target: [reply({"message": "page not found"}, 404)],
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_an_engine_that_fails_costs_a_warning_and_the_kernel_speaks(tree, answer):
    inventory, _fake = take(tree, answer)
    assert told(inventory) == {A: (None, "docker", True, None), B: (None, "docker", True, None)}
    (warning,) = inventory.warnings
    assert warning.startswith("docker can't be asked, so only the kernel speaks for its containers: ")
    (entry,) = inventory.engines
    assert not entry["reachable"]
    assert entry["error"] in warning


def test_an_engine_that_dies_half_way_is_warned_of_too(tree):
    answers = docker(WEB, DB)
    inventory, _fake = take(tree, lambda target: [CLOSE] if target.count("/") == 3 else answers(target))
    assert told(inventory) == {A: ("web", "docker", True, False), B: ("db", "docker", True, False)}
    assert len(inventory.warnings) == 1
    assert not inventory.engines[0]["reachable"]


def test_an_absent_engine_whose_containers_run_is_warned_of(tree, tmp_path):
    witness = Witness(Docker(f"{tmp_path}/absent.sock", 2))
    inventory = take_inventory(read_host(tree.files), [witness])
    assert "No such file or directory" in inventory.warnings[0]
    assert not inventory.engines[0]["reachable"]


def test_an_absent_engine_of_which_nothing_is_seen_is_nothing(tree, tmp_path):
    witnesses = [Witness(Podman(f"{tmp_path}/absent.sock", 2))]
    inventory = take_inventory(read_host(tree.files), witnesses)
    assert (inventory.warnings, inventory.engines) == ([], [])
    asked_for = take_inventory(read_host(tree.files), witnesses, engines=["podman"])
    assert len(asked_for.warnings) == len(asked_for.engines) == 1


def test_nobody_listens_on_the_socket(tmp_path):
    tree = unified_host(tmp_path)
    tree.write("/docker.sock", "")
    inventory = take_inventory(read_host(tree.files), [Witness(Docker(f"{tmp_path}/docker.sock", 2))])
    assert "Connection refused" in inventory.warnings[0]


class State:
    def __init__(self, claims):
        self._claims = claims

    def claims(self):
        return self._claims


def test_a_podman_without_a_service_is_known_by_its_storage(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, f"/machine.slice/libpod-{A}.scope", 7, init="/container")
    claim = next(iter(take(tree, docker(WEB), client=Podman)[0].containers)).claim._replace(declared=None)
    witness = Witness(Podman(f"{tmp_path}/absent.sock", 2), State({A: claim}))
    inventory = take_inventory(read_host(tree.files), [witness])
    assert told(inventory) == {A: ("web", "podman", True, False)}
    assert inventory.warnings == []
    assert inventory.engines[0]["error"]


def test_a_nested_containers_engine_is_not_the_hosts(tree):
    v2_container(tree, f"/docker/{A}/docker/{C}", 9)
    inventory, fake = take(tree, docker(WEB, DB))
    assert told(inventory)[C] == (None, "docker", True, None)
    assert f"/containers/{C}/json" not in fake.targets


def test_a_container_that_its_engine_put_below_another_is_the_engines(tree):
    """docker run --cgroup-parent, with the cgroup of another container."""
    v2_container(tree, f"/docker/{A}/{C}", 9)
    inventory, _fake = take(tree, docker(WEB, DB, inspected(C, "inner", pid=9)))
    assert told(inventory)[C] == ("inner", "docker", True, True)
    assert sorted(one.id for one in inventory.containers) == sorted([A, B, C])
    assert {one.id: one.found.nested_in for one in inventory.containers} == {A: None, B: None, C: A}


def test_a_nested_cgroup_named_after_another_container_is_not_that_one(tree):
    v2_container(tree, f"/docker/{A}/docker/{B}", 9)
    v2_container(tree, f"/docker/{A}/docker/{C}", 10)
    inventory, _fake = take(tree, docker(WEB, DB, inspected(C, "elsewhere", pid=11)))
    names = {(one.id, one.found and one.found.nested_in): one.name for one in inventory.containers}
    assert names == {(A, None): "web", (B, None): "db", (B, A): None, (C, A): None, (C, None): "elsewhere"}


def test_an_absent_engine_whose_containers_are_all_nested_is_nothing(tree, tmp_path):
    v2_container(tree, f"/docker/{A}/machine.slice/libpod-{C}.scope", 9)
    inventory = take_inventory(read_host(tree.files), [Witness(Podman(f"{tmp_path}/absent.sock", 2))])
    assert told(inventory)[C] == (None, "podman", True, None)
    assert (inventory.warnings, inventory.engines) == ([], [])


def test_a_container_in_a_pod_of_the_cgroupfs_manager_is_asked_for(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, f"/libpod_parent/{B}/libpod-{A}", 7)
    tree.write(f"/sys/fs/cgroup/libpod_parent/{B}/cgroup.procs", b"")
    answers = docker(WEB)

    def late(target):
        return [reply([])] if target == "/containers/json" else answers(target)

    inventory, _fake = take(tree, late, client=Podman)
    assert told(inventory) == {A: ("web", "podman", True, True)}


def test_an_unknown_id_is_asked_of_every_engine(tmp_path):
    tree = unified_host(tmp_path)
    v2_container(tree, f"/small/{A}", 7)
    with engine(docker()) as dockers, engine(docker(WEB)) as podmans:
        witnesses = [Witness(Docker(dockers.path, 2)), Witness(Podman(podmans.path, 2))]
        inventory = take_inventory(read_host(tree.files), witnesses)
        for witness in witnesses:
            witness.close()
    assert told(inventory) == {A: ("web", "podman", True, True)}


def test_the_first_witness_of_a_container_counts(tmp_path):
    """A user's own engine may say anything, of containers of root's engine too."""
    tree = unified_host(tmp_path)
    v2_container(tree, f"/docker/{A}", 7)
    with engine(docker(WEB)) as dockers, engine(docker(inspected(A, "harmless", pid=7))) as users:
        witnesses = [Witness(Docker(dockers.path, 2)), Witness(Podman(users.path, 2))]
        inventory = take_inventory(read_host(tree.files), witnesses)
        for witness in witnesses:
            witness.close()
    assert told(inventory) == {A: ("web", "docker", True, True)}
    assert join([], witnesses)[0].claim.name == "web"


class Told:
    """A witness as far as the join hears it."""

    def __init__(self, claims, uid=0):
        self.claims = {claim.id: claim for claim in claims}
        self._witness = Witness(Podman("/nowhere", 1), uid=uid)

    def speaks_for(self, path):
        return self._witness.speaks_for(path)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (f"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{A}.scope", "mine"),
        (f"/user.slice/user-1001.slice/user@1001.service/user.slice/libpod-{A}.scope", None),
        (f"/machine.slice/libpod-{A}.scope", None),
        (f"/system.slice/docker-{A}.scope", None),
    ],
)
def test_a_user_is_believed_for_containers_of_its_own(path, name):
    claim = Claim(A, "mine", "podman", None, "running", 7, {}, None)
    (container,) = join([Found(identify(path)[-1], None, [7])], [Told([claim], uid=1000)])
    assert container.name == name
    assert join([], [Told([claim], uid=1000)])[0].claim == claim


def test_a_glob_that_matches_nothing_is_a_warning(tree):
    inventory, _fake = take(tree, docker(WEB, DB), wanted=["we*", "wbe*"])
    assert set(told(inventory)) == {A}
    assert inventory.warnings == ["no container matches 'wbe*'"]


def test_engines_are_spared_what_is_known(tree):
    lost = inspected(C, "lost", pid=9)
    inventory, fake = take(tree, docker(WEB, DB, lost), in_full=False)
    # That of which the kernel knows no process is asked for.
    assert told(inventory) == {
        A: ("web", "docker", True, False),
        B: ("db", "docker", True, False),
        C: ("lost", "docker", True, True),
    }
    assert [one.pids for one in inventory.containers] == [[7], [8], [9]]
    assert sorted(fake.targets) == sorted(["/containers/json", f"/containers/{C}/json", "/info"])


def test_engines_are_spared_the_question_about_themselves(tree):
    inventory, fake = take(tree, docker(WEB), about_engines=False)
    assert inventory.engines == []
    assert "/info" not in fake.targets
    assert told(inventory)[A] == ("web", "docker", True, True)
