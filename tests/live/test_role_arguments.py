"""Arguments of the roles that can't be taken: Ansible's own error, before a module runs or anything is written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab import CHECKOUT
from tests.live import kernel
from tests.live.fleet import MIB, Fleet, pid_of
from tests.live.plays import Json, play

ENGINES = "docker, podman, containerd, crio, lxc, nspawn, unknown"
# What a role is to do but for the mistake, with the one container of these tests.
ONE = "NAME"
GOOD: dict[str, Json] = {
    "audit": {"audit_policy": [{"name": "one", "match": {"containers": [ONE]}, "memory": {"limited": True}}]},
    "memory_limits": {
        "memory_limits_policy": [{"name": "one", "match": {"containers": [ONE]}, "memory": {"limit": "64MiB"}}]
    },
    "tour": {"tour_container": ONE},
}
FOLDERS = {"audit": "audit_report_dir", "memory_limits": "memory_limits_record_dir", "tour": "tour_report_dir"}
# Role: {option: (a value that can't be taken, what the message has to say of it)}.
CASES: dict[str, dict[str, tuple[Any, str]]] = {
    "audit": {
        "audit_packs": ({"baseline": True}, "cannot be converted to a list"),
        "audit_fail_on": (
            "worst",
            "value of audit_fail_on must be one of: none, low, medium, high, critical, got: worst",
        ),
        "audit_fail_on_unknown": ("maybe", "is not a valid boolean"),
        "audit_keep": ("some", "value of audit_keep must be one of: all, inventory, none, got: some"),
        "audit_containers": ({"name": "web"}, "cannot be converted to a list"),
        "audit_engines": (
            ["dokcer"],
            f"value of audit_engines must be one or more of: {ENGINES}. Got no match for: dokcer",
        ),
        "audit_engine_timeout": ("soon", "cannot be converted to a float"),
    },
    "memory_limits": {
        "memory_limits_policy": ({"name": "one"}, "cannot be converted to a list"),
        "memory_limits_below_usage": ("never", "must be one of: reclaim, refuse, force, got: never"),
        "memory_limits_persist": ("perhaps", "is not a valid boolean"),
        "memory_limits_on_refused": ("ignore", "must be one of: fail, warn, got: ignore"),
        "memory_limits_batch": ("many", "cannot be converted to an int"),
        "memory_limits_containers": ({"name": "web"}, "cannot be converted to a list"),
        "memory_limits_engines": (["dokcer"], f"must be one or more of: {ENGINES}. Got no match for: dokcer"),
        "memory_limits_engine_timeout": ("soon", "cannot be converted to a float"),
    },
    "tour": {
        "tour_container": (None, "missing required arguments: tour_container"),
        "tour_engine_timeout": ("soon", "cannot be converted to a float"),
    },
}
EVERY_CASE = [(role, option) for role, options in CASES.items() for option in options]
# Whatever is given is a text or a path to Ansible; which ones the roles take is for the tests of the roles.
ANYTHING = {"raw", "str", "path"}


def specified(role: str) -> Json:
    specs = yaml.safe_load((CHECKOUT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    return specs["argument_specs"]["main"]["options"]


@pytest.mark.parametrize("role", CASES)
def test_every_option_that_can_be_mistaken_is_tried(role: str) -> None:
    options = specified(role)
    particular = {
        name
        for name, option in options.items()
        if option["type"] not in ANYTHING or "choices" in option or option.get("required")
    }
    assert particular == set(CASES[role])


@dataclass(frozen=True)
class Tried:
    """What came of all cases in one play; `tasks` are the results of its tasks, in their order."""

    tasks: list[Json]
    reports: Path
    container_pid: int

    def message(self, role: str, option: str) -> str:
        """What Ansible said of a case."""
        said = [one["msg"] for one in self.tasks if one["action"] == "ansible.builtin.debug"]
        return dict(zip(EVERY_CASE, said, strict=True))[role, option]


@pytest.fixture(scope="module")
def tried(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Tried:
    container = fleet.run("one", mem_limit=80 * MIB, memswap_limit=80 * MIB)
    reports = tmp_path_factory.mktemp("arguments")
    tasks: list[Json] = []
    for role, option in EVERY_CASE:
        variables = {
            **json.loads(json.dumps(GOOD[role]).replace(ONE, str(container.name))),
            FOLDERS[role]: str(reports / f"{role}-{option}"),
        }
        value, _told = CASES[role][option]
        if value is None:
            del variables[option]
        else:
            variables[option] = value
        including = {"ansible.builtin.include_role": {"name": f"fathom.containers.{role}"}, "vars": variables}
        telling = {"ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}}
        tasks.append({"block": [including], "rescue": [telling]})
    return Tried(play(*tasks), reports, pid_of(container))


@pytest.mark.parametrize(("role", "option"), EVERY_CASE)
def test_ansible_itself_names_the_argument_and_what_it_takes(role: str, option: str, tried: Tried) -> None:
    message = tried.message(role, option)
    assert message.startswith("Validation of arguments failed:")
    assert option in message
    assert CASES[role][option][1] in message


def test_nothing_was_run_written_or_set(tried: Tried) -> None:
    told = [one["action"] for one in tried.tasks]
    assert set(told) == {
        "ansible.builtin.include_role",
        "ansible.builtin.validate_argument_spec",
        "ansible.builtin.debug",
    }
    assert told.count("ansible.builtin.validate_argument_spec") == len(EVERY_CASE)
    assert list(tried.reports.iterdir()) == []
    assert kernel.memory_limit(kernel.cgroup(tried.container_pid, "memory")) == 80 * MIB


def test_the_same_without_the_mistake_sets_the_limit(tried: Tried, fleet: Fleet) -> None:
    """So that it is the mistake that kept the role from it."""
    variables = json.loads(json.dumps(GOOD["memory_limits"]).replace(ONE, fleet.name("one")))
    variables[FOLDERS["memory_limits"]] = str(tried.reports / "records")
    play({"ansible.builtin.include_role": {"name": "fathom.containers.memory_limits"}, "vars": variables})
    assert kernel.memory_limit(kernel.cgroup(tried.container_pid, "memory")) == 64 * MIB
    assert len(list((tried.reports / "records").iterdir())) == 1
