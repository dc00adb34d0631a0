"""systemd as a witness: what a daemon-reload takes away, told before as a risk and after as drift."""

from __future__ import annotations

from lab.vm import zoo
from lab.vm.zoo import Resident
from tests.vm import kernel
from tests.vm.boxes import reload
from tests.vm.host import Json, Vm
from tests.vm.test_cgroup_facts import MODULE

LOST = {"setting": "swap_bytes", "enforced": 0, "after_reload": "unlimited"}


def record(vm: Vm, resident: Resident) -> Json:
    (found,) = vm.ansible(MODULE, {"containers": [resident.id]})["ansible_facts"]["container_cgroups"]["containers"]
    return dict(found)


def write(vm: Vm, resident: Resident, name: str, value: int) -> None:
    """Behind the backs of the engine and of systemd."""
    vm.run(f"echo {value} > '{kernel.ROOT / kernel.cgroup(vm, resident).path.lstrip('/')}/{name}'")


def test_swap_limit_of_nothing_is_lost_at_a_daemon_reload(clean_vm: Vm) -> None:
    vm = clean_vm
    resident = vm.resume_inhabited()["docker-limited"]
    before = record(vm, resident)
    assert kernel.cgroup(vm, resident).number("memory.swap.max") == 0
    assert (before["drift"], before["reload_drift"]) == ([], [LOST])
    assert before["systemd"] == {
        "unit": f"docker-{resident.id}.scope",
        "memory_limit_state": "limited",
        "memory_limit_bytes": int(vm.run(f"systemctl show -P MemoryMax docker-{resident.id}.scope")),
        "swap_limit_state": "unlimited",
        "swap_limit_bytes": None,
    }
    assert vm.run(f"systemctl show -P MemorySwapMax docker-{resident.id}.scope") == "infinity\n"

    reload(vm)
    assert kernel.cgroup(vm, resident).files["memory.swap.max"] == kernel.UNLIMITED
    after = record(vm, resident)
    assert after["drift"] == [
        {"setting": "memory_swap_bytes", "declared": resident.kind.memory_swap_bytes, "enforced": "unlimited"}
    ]
    assert after["reload_drift"] == []


def test_limit_written_to_the_kernel_is_taken_back_at_a_daemon_reload(clean_vm: Vm) -> None:
    vm = clean_vm
    resident = vm.resume_inhabited()["docker-unlimited"]
    write(vm, resident, "memory.max", 96 * zoo.MIB)
    found = record(vm, resident)
    assert found["drift"] == [{"setting": "memory_bytes", "declared": "unlimited", "enforced": 96 * zoo.MIB}]
    assert found["reload_drift"] == [{"setting": "memory_bytes", "enforced": 96 * zoo.MIB, "after_reload": "unlimited"}]
    reload(vm)
    assert kernel.cgroup(vm, resident).files["memory.max"] == kernel.UNLIMITED
    found = record(vm, resident)
    assert (found["drift"], found["reload_drift"]) == ([], [])


def test_property_that_an_operator_sets_is_known_to_systemd(clean_vm: Vm) -> None:
    """`systemctl set-property` is how a swap limit of 0 is made to last."""
    vm = clean_vm
    resident = vm.resume_inhabited()["docker-limited"]
    vm.run(f"systemctl set-property --runtime docker-{resident.id}.scope MemorySwapMax=0")
    found = record(vm, resident)
    assert (found["drift"], found["reload_drift"]) == ([], [])
    assert (found["systemd"]["swap_limit_state"], found["systemd"]["swap_limit_bytes"]) == ("limited", 0)
    reload(vm)
    assert kernel.cgroup(vm, resident).number("memory.swap.max") == 0


def test_default_of_systemd_for_processes_is_no_drift(clean_vm: Vm) -> None:
    vm = clean_vm
    resident = vm.resume_inhabited()["docker-unlimited"]
    found = record(vm, resident)
    assert found["pids"]["limit"] == int(vm.run(f"systemctl show -P TasksMax docker-{resident.id}.scope"))
    assert found["declared"]["pids_limit"] is None
    assert found["drift"] == []
