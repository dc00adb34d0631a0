"""What users of Ansible do with any module, done with these: defaults for all, loops, filters, delegation.

Beside what other tests have: gathering facts and check mode (test_facts_modules.py), `--check --diff` (test_enforce.py,
test_memory_limit.py), a login that is not root (test_without_root.py, test_hosts_in_containers.py).
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET

import pytest
import yaml

from lab import CHECKOUT
from tests.live import inside
from tests.live.fleet import MIB, Fleet, pid_of
from tests.live.plays import Json, play

NAMESPACE = "fathom.containers"
GROUP: list[str] = yaml.safe_load((CHECKOUT / "meta" / "runtime.yml").read_text("utf-8"))["action_groups"]["containers"]
# What a task of each needs beside what the defaults of the group say.
NEEDED: dict[str, Json] = {
    "container_memory_limit": {"limits": [{"memory": "64MiB"}]},
    "container_nsenter": {"container": "no-such", "namespaces": ["uts"], "argv": ["hostname"]},
}


@pytest.fixture(scope="module")
def names(fleet: Fleet) -> list[str]:
    for purpose in ("left", "right"):
        fleet.run(purpose, hostname=purpose, mem_limit=64 * MIB)
    return [fleet.name(purpose) for purpose in ("left", "right")]


def test_the_group_has_every_module_that_is_called_by_itself() -> None:
    modules = {path.stem for path in (CHECKOUT / "plugins" / "modules").glob("*.py")}
    assert set(GROUP) == {name for name in modules if not name.startswith("container_report_")}


def test_defaults_of_the_group_come_to_every_module_in_it() -> None:
    """A value that none of them takes, so that each says that it has come."""
    tasks = [{f"{NAMESPACE}.{name}": NEEDED.get(name, {}), "ignore_errors": True} for name in GROUP]
    results = play(*tasks, module_defaults={f"group/{NAMESPACE}.containers": {"engine_timeout": 0}})
    messages = {name: result["msg"] for name, result in zip(GROUP, results, strict=True)}
    assert {name for name, message in messages.items() if "engine_timeout is 0" in message} == set(GROUP)


def test_a_loop_over_facts_registers_a_result_for_each(fleet: Fleet, names: list[str]) -> None:
    found = "ansible_facts.container_cgroups.containers | map(attribute='name') | sort"
    entering = {"container": "{{ item }}", "namespaces": ["uts"], "argv": ["hostname"]}
    results = play(
        {f"{NAMESPACE}.container_cgroup_facts": {"containers": [fleet.glob]}},
        {f"{NAMESPACE}.container_nsenter": entering, "loop": f"{{{{ {found} }}}}", "register": "entered"},
        {"ansible.builtin.debug": {"msg": "{{ entered.results | map(attribute='stdout') }}"}},
    )
    assert results[-1]["msg"] == ["left", "right"]
    assert [one["item"] for one in results[1]["results"]] == names


def test_filters_make_of_a_registered_result_what_people_read(fleet: Fleet, names: list[str]) -> None:
    facts = f"ansible_facts.container_cgroups | {NAMESPACE}"
    expressions = [
        f"{facts}.container_table",
        f"{facts}.host_line",
        f"{facts}.container_rows | map(attribute='limit')",
        f"ansible_facts.container_cgroups.containers[0].memory.limit_bytes | {NAMESPACE}.binary_size",
        f"audited | {NAMESPACE}.sharing_picture('here')",
    ]
    results = play(
        {f"{NAMESPACE}.container_cgroup_facts": {"containers": [fleet.glob]}},
        {f"{NAMESPACE}.container_audit": {"containers": [fleet.glob]}, "register": "audited"},
        *({"ansible.builtin.debug": {"msg": f"{{{{ {expression} }}}}"}} for expression in expressions),
    )
    table, host, limits, limit, picture = (result["msg"] for result in results[2:])
    assert [line.split()[0] for line in table if line.startswith(fleet.prefix)] == names
    assert host in table
    assert (limits, limit) == (["64 MiB", "64 MiB"], "64 MiB")
    assert ET.fromstring(picture).tag.endswith("svg")


def test_a_delegated_task_gives_its_facts_to_whom_it_was_delegated(fleet: Fleet, names: list[str]) -> None:
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    gathered, own, theirs = play(
        {
            f"{NAMESPACE}.container_namespace_facts": {"containers": [names[0]], "gather_subset": ["hostname"]},
            "delegate_to": "back",
            "delegate_facts": True,
        },
        {"ansible.builtin.debug": {"msg": "{{ 'container_namespaces' in ansible_facts }}"}},
        {"ansible.builtin.debug": {"msg": "{{ hostvars.back.ansible_facts.container_namespaces.containers[0] }}"}},
        # Nothing is reached by the name of the first.
        inventory={"all": {"hosts": {"front": {"ansible_host": "127.0.0.1", "ansible_port": 1}, "back": here}}},
    )
    assert gathered["changed"] is False
    assert own["msg"] in (False, "False")
    pid = pid_of(fleet.client.containers.get(names[0]))
    assert (theirs["msg"]["name"], theirs["msg"]["hostname"]) == (names[0], inside.hostname(pid))
