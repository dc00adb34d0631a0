# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole hosts as their kernels showed them, in fixtures/: the facts against what was known of them by other means.

NAME.json tells what each container was given and what the engines answered; everything else is read here once more,
straight from the files.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroup_facts import gather_cgroup_facts
from ansible_collections.fathom.containers.plugins.module_utils.engines.docker import Docker
from ansible_collections.fathom.containers.plugins.module_utils.engines.podman import Podman
from ansible_collections.fathom.containers.plugins.module_utils.engines.witness import Witness
from ansible_collections.fathom.containers.tests.unit import trees
from ansible_collections.fathom.containers.tests.unit.fake_engine import engine, reply

NAMES = sorted(path.stem for path in trees.FIXTURES.glob("*.tree"))
ANSWERS = "answers"


class Host:
    """An unpacked host, what was known of it, and the facts gathered from it."""

    def __init__(self, name, root):
        self.name = name
        self.root = Path(trees.unpack(name, root))
        self.known = json.loads((trees.FIXTURES / (name + ".json")).read_text(encoding="utf-8"))
        self.facts, self.warnings = self.gather()
        self.by_id = {one["id"]: one for one in self.facts["containers"]}

    def gather(self):
        """The facts of the tree as it is now, with the engines' answers."""
        with contextlib.ExitStack() as stack:
            witnesses = [self._witness(stack, name, answers) for name, answers in self.known[ANSWERS].items()]
            return gather_cgroup_facts(witnesses, gather_subset=["all"], root=str(self.root))

    def _witness(self, stack, name, answers):
        def answer(target):
            return [reply(answers[target]) if target in answers else reply({"message": "No such container"}, 404)]

        fake = stack.enter_context(engine(answer))
        client = (Docker if name == "docker" else Podman)(fake.path, 20)
        stack.callback(client.close)
        return Witness(client)

    def read(self, path):
        return (self.root / str(path).lstrip("/")).read_text(encoding="utf-8").strip()

    def has(self, path):
        return (self.root / str(path).lstrip("/")).exists()

    def total_bytes(self):
        line = next(line for line in self.read("/proc/meminfo").splitlines() if line.startswith("MemTotal"))
        return int(line.split()[1]) * 1024

    def init_cgroup(self, pid, controller):
        """(version, directory) of the cgroup that the process itself is in; its container's own is that or above."""
        for line in self.read(f"/proc/{pid}/cgroup").splitlines():
            _number, controllers, path = line.split(":", 2)
            if controller in controllers.split(","):
                mounts = [
                    fields
                    for fields in (line.split(" ") for line in self.read("/proc/self/mountinfo").splitlines())
                    if fields[fields.index("-") + 1] == "cgroup" and controller in fields[-1].split(",")
                ]
                return 1, Path(mounts[0][4] + path)
        return 2, Path("/sys/fs/cgroup" + path)

    def own(self, container, controller="memory"):
        """The directory of the container's own cgroup: the topmost below which the kernel has no other process."""
        _version, directory = self.init_cgroup(container["pid"], controller)
        while directory.name in ("container", "payload", "init.scope"):
            directory = directory.parent
        return directory


@pytest.fixture(scope="module", params=NAMES)
def host(request, tmp_path_factory):
    return Host(request.param, tmp_path_factory.mktemp(request.param))


def limit(text):
    """A limit as the kernel writes it, None for none."""
    return None if text == "max" or int(text) > 1 << 60 else int(text)


def test_there_is_a_host_of_each_version_of_cgroups():
    assert {name.split("-")[0] for name in NAMES} >= {"v1", "v2"}


def test_every_container_is_found_with_its_engine_and_its_init(host):
    assert host.warnings == []
    assert {row["id"] for row in host.known["containers"]} <= set(host.by_id)
    for row in host.known["containers"]:
        found = host.by_id[row["id"]]
        assert (found["id"], found["engine"], found["pid"]) == (row["id"], row["engine"], row["pid"]), row["kind"]
        assert found["nested_in"] is None
        assert found["state"] == "running"
    assert host.facts["host"]["vanished"] == 0


def test_engines_give_their_containers_names(host):
    answered = {key.split("/")[2] for answers in host.known[ANSWERS].values() for key in answers if key.count("/") == 3}
    assert answered
    for row in host.known["containers"]:
        found = host.by_id[row["id"]]
        assert found["engine_known"] == (row["id"] in answered), row["kind"]
        if found["engine_known"]:
            assert found["name"] == row["name"]
            assert found["image"]


def test_the_kernel_alone_tells_the_same_figures(host):
    """But for whose they are where the path does not tell, all that an engine adds is its own word."""
    facts, warnings = gather_cgroup_facts([], gather_subset=["all"], root=str(host.root))
    alone = {one["id"]: one for one in facts["containers"]}
    assert warnings == []
    assert set(alone) == set(host.by_id)
    for container_id, found in host.by_id.items():
        for part in ("pid", "hierarchies", "memory", "stat", "cpu", "pids", "io", "processes", "unreadable"):
            assert alone[container_id][part] == found[part]
        assert alone[container_id]["engine"] in (found["engine"], "unknown")
        assert alone[container_id]["drift"] is None


def pages(value):
    return value and value // 4096 * 4096


def enforced_swap(host, container):
    """Memory and swap together, None for no limit."""
    own = host.own(container)
    if host.init_cgroup(container["pid"], "memory")[0] == 1:
        return limit(host.read(own / "memory.memsw.limit_in_bytes"))
    # crun tells systemd a limit of swap that counts the memory as well, and sets the right one in a cgroup below.
    places = [one for one in (own, own / "container") if host.has(one / "memory.swap.max")]

    def smallest(name):
        found = (limit(host.read(one / name)) for one in places)
        return min((one for one in found if one is not None), default=None)

    memory, swap = smallest("memory.max"), smallest("memory.swap.max")
    return None if memory is None or swap is None else memory + swap


def test_the_limit_is_what_was_given_in_whole_pages(host):
    for row in host.known["containers"]:
        memory = host.by_id[row["id"]]["memory"]
        assert memory["limit_bytes"] == pages(row["memory_bytes"]), row["kind"]
        assert memory["limit_state"] == ("limited" if row["memory_bytes"] else "unlimited")
        both = enforced_swap(host, row)
        assert memory["memory_swap_limit_bytes"] == both, row["kind"]
        if both:
            assert memory["swap_limit_bytes"] == both - memory["limit_bytes"]


def test_drift_is_where_the_kernel_has_not_what_was_given(host):
    """Only swap can be: on v2 systemd takes back, after a daemon-reload, that a container may not swap."""
    for row in host.known["containers"]:
        found = host.by_id[row["id"]]
        given, both = pages(row["memory_swap_bytes"]), enforced_swap(host, row)
        expected = [
            {"setting": "memory_swap_bytes", "declared": given or "unlimited", "enforced": both or "unlimited"}
        ] * (given != both)
        assert found["drift"] == (expected if found["engine_known"] else None), row["kind"]


def test_a_changed_limit_is_drift(host):
    """The same host, but that somebody wrote to the kernel behind the engine's back."""
    row = next(
        row
        for row in host.known["containers"]
        if row["engine"] == "docker" and row["memory_bytes"] and not host.by_id[row["id"]]["drift"]
    )
    memory = host.by_id[row["id"]]["memory"]
    file = "memory.limit_in_bytes" if memory["version"] == 1 else "memory.max"
    place = host.root / str(host.own(row) / file).lstrip("/")
    before, mode = place.read_text(encoding="utf-8"), place.stat().st_mode
    place.chmod(0o644)
    place.write_text("33554432\n", encoding="utf-8")
    facts, _warnings = host.gather()
    place.write_text(before, encoding="utf-8")
    place.chmod(mode)
    (changed,) = [one for one in facts["containers"] if one["drift"] != host.by_id[one["id"]]["drift"]]
    assert changed["id"] == row["id"]
    settings = {one["setting"]: one for one in changed["drift"]}
    declared = row["memory_bytes"] // 4096 * 4096
    assert settings["memory_bytes"] == {"setting": "memory_bytes", "declared": declared, "enforced": 33554432}


def test_the_effective_limit_is_the_smallest_of_all_above(host):
    for row in host.known["containers"]:
        memory = host.by_id[row["id"]]["memory"]
        version, _directory = host.init_cgroup(row["pid"], "memory")
        own = host.own(row)
        file = "memory.limit_in_bytes" if version == 1 else "memory.max"
        limits = {}
        for directory in (own, *own.parents):
            if (host.root / str(directory / file).lstrip("/")).is_file():
                limits[directory] = limit(host.read(directory / file))
        smallest = min((value for value in limits.values() if value is not None), default=None)
        if smallest is None or smallest >= host.total_bytes():
            expected = host.total_bytes(), "host"
        else:
            nearest = next(directory for directory, value in limits.items() if value == smallest)
            mount = "/sys/fs/cgroup/memory" if version == 1 else "/sys/fs/cgroup"
            expected = smallest, "/" + str(nearest.relative_to(mount))
        assert (memory["effective_limit_bytes"], memory["effective_limit_source"]) == expected, row["kind"]


def test_figures_are_those_of_the_kernels_files(host):
    for row in host.known["containers"]:
        found = host.by_id[row["id"]]
        own = host.own(row)
        memory = found["memory"]
        old = memory["version"] == 1
        assert str(own).endswith(memory["path"])
        stat = dict(line.split() for line in host.read(own / "memory.stat").splitlines())
        assert {key: str(value) for key, value in found["stat"].items()} == stat
        usage = int(host.read(own / ("memory.usage_in_bytes" if old else "memory.current")))
        inactive = int(stat["total_inactive_file" if old else "inactive_file"])
        assert memory["usage_bytes"] == usage
        assert memory["working_set_bytes"] == max(usage - inactive, 0)
        assert memory["peak_bytes"] == int(host.read(own / ("memory.max_usage_in_bytes" if old else "memory.peak")))
        events = host.read(own / ("memory.oom_control" if old else "memory.events")).splitlines()
        assert f"oom_kill {memory['oom_kills']}" in events
        pids = host.own(row, "pids")
        assert found["pids"]["current"] == int(host.read(pids / "pids.current"))
        assert found["pids"]["limit"] == limit(host.read(pids / "pids.max"))


def test_something_was_killed_for_want_of_memory(host):
    assert any(one["memory"]["oom_kills"] for one in host.facts["containers"])


def test_processes_are_those_whose_cgroup_is_the_containers_or_below(host):
    for container in host.facts["containers"]:
        assert container["pid"] in [process["pid"] for process in container["processes"]]
        for process in container["processes"]:
            lines = host.read(f"/proc/{process['pid']}/cgroup").splitlines()
            assert any(line.split(":", 2)[2].startswith(container["memory"]["path"]) for line in lines)
            assert f"Name:\t{process['name']}" in host.read(f"/proc/{process['pid']}/status").splitlines()


def test_nothing_was_unreadable(host):
    for one in host.facts["containers"]:
        assert one["unreadable"] == [], one["name"]


def test_the_hosts_mode(host):
    mounts = [line.partition(" - ")[2].split(" ")[0] for line in host.read("/proc/self/mountinfo").splitlines()]
    kinds = {kind for kind in mounts if kind.startswith("cgroup")}
    mode = {("cgroup",): "legacy", ("cgroup2",): "unified", ("cgroup", "cgroup2"): "hybrid"}[tuple(sorted(kinds))]
    assert host.facts["host"]["mode"] == mode
    assert host.facts["host"]["memory_total_bytes"] == host.total_bytes()
    assert host.facts["host"]["unreadable"] == []
