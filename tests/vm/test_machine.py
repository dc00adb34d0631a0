"""The machine is what the tests on it take for granted."""

from __future__ import annotations

import time

from lab.vm import zoo
from tests.vm.host import Vm


def test_the_kernel_has_cgroup_v2_alone_with_pressure_and_swap(vm: Vm) -> None:
    assert vm.run("stat --file-system --format %T /sys/fs/cgroup") == "cgroup2fs\n"
    assert {"cpu", "cpuset", "io", "memory", "pids"} <= set(vm.read("/sys/fs/cgroup/cgroup.controllers").split())
    assert vm.read("/sys/fs/cgroup/system.slice/memory.pressure").startswith("some avg10=")
    assert vm.read("/proc/swaps").splitlines()[1].split()[:3] == ["/swap", "file", str(512 * 1024 - 4)]


def test_systemd_runs_and_its_clock_is_this_machines(vm: Vm) -> None:
    assert vm.run("systemctl list-units --failed --no-legend") == ""
    assert abs(float(vm.run("date +%s")) - time.time()) < 60


def test_each_engine_has_the_image(vm: Vm) -> None:
    podman = ["podman", "image", "exists", zoo.IMAGE]
    vm.run(["docker", "image", "inspect", zoo.IMAGE])
    vm.run(podman)
    vm.run(podman, user="lab")
    # As on most hosts, no Podman service listens.
    assert vm.run("systemctl is-active podman.socket", check=False) == "inactive\n"


def test_a_controller_reaches_it_as_root_and_as_an_ordinary_user(vm: Vm) -> None:
    assert vm.ansible("ansible.builtin.command", {"argv": ["id", "--user"]})["stdout"] == "0"
    assert vm.ansible("ansible.builtin.command", {"argv": ["id", "--user"]}, user="lab")["stdout"] == "1000"


def test_containers_start_and_go(clean_vm: Vm) -> None:
    residents = clean_vm.start("docker-limited", "podman-rootless")
    for resident in residents.values():
        scope = clean_vm.read(f"/proc/{resident.pid}/cgroup").strip().removeprefix("0::").removesuffix("/container")
        assert resident.id in scope
        assert int(clean_vm.read(f"/sys/fs/cgroup{scope}/memory.max")) == resident.kind.memory_bytes
    clean_vm.run("touch /srv/left-behind")
    clean_vm.clean()
    assert clean_vm.run("docker ps --all --quiet") == ""
    assert clean_vm.run("podman ps --all --quiet", user="lab") == ""
    assert clean_vm.run("ls /srv").split() == ["fathom-lab"]
