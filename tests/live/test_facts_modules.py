"""The module as Ansible uses it: when facts are gathered, by subsets, in check mode, with defaults for its group."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live.fleet import MIB, Fleet
from tests.live.plays import ALL, MODULE, Json, by_name, cgroups, play, task

PARTS = {"memory", "cpu", "pids", "io", "processes", "stat", "hierarchies"}
# The words of gather_subset and the parts that a record has then.
SUBSETS: dict[str, tuple[list[str], set[str]]] = {
    "default": ([], {"memory", "cpu", "pids"}),
    "all": (ALL, PARTS),
    "one": (["io"], {"io"}),
    "two": (["memory", "processes"], {"memory", "processes"}),
    "less": (["!cpu"], {"memory", "pids"}),
    "all-less": (["all", "!io", "!stat"], {"memory", "cpu", "pids", "processes", "hierarchies"}),
    "only": (["!all", "stat"], {"stat"}),
    "none": (["!all"], set()),
    "one-less-another": (["memory", "cpu", "!cpu"], {"memory"}),
}


@pytest.fixture(scope="module")
def name(fleet: Fleet) -> str:
    fleet.run("web", mem_limit=64 * MIB)
    return fleet.name("web")


def test_gather_facts_collects_them_beside_those_of_setup(name: str) -> None:
    mine = f"ansible_facts.container_cgroups.containers | selectattr('name', 'eq', '{name}') | first"
    gathered, seen = play(
        # In parallel, which is its default for several modules, it ends whichever needs more than five seconds.
        {"ansible.builtin.gather_facts": {"parallel": False}},
        {"ansible.builtin.debug": {"msg": f"{{{{ ({mine}).memory.limit_bytes }}}}"}},
        vars={"ansible_facts_modules": ["ansible.builtin.setup", MODULE]},
        module_defaults={"ansible.builtin.setup": {"gather_subset": ["!all", "python"]}},
    )
    assert by_name(cgroups(gathered))[name]["memory"]["limit_bytes"] == 64 * MIB
    assert "ansible_python_version" in gathered["ansible_facts"]
    assert int(seen["msg"]) == 64 * MIB


def test_play_that_gathers_facts_has_them(name: str) -> None:
    results = play(
        {"ansible.builtin.debug": {"msg": "{{ ansible_facts.container_cgroups.containers | map(attribute='name') }}"}},
        gather_facts=True,
        vars={"ansible_facts_modules": [MODULE]},
    )
    assert name in results[-1]["msg"]


@pytest.fixture(scope="module")
def by_subset(name: str) -> dict[str, Json]:
    """The record of the container with each choice of subsets."""
    choices: list[Json] = [{"gather_subset": words} if words else {} for words, _ in SUBSETS.values()]
    results = play(*(task(containers=[name], **choice) for choice in choices))
    return {purpose: cgroups(result)["containers"][0] for purpose, result in zip(SUBSETS, results, strict=True)}


@pytest.mark.parametrize("purpose", SUBSETS)
def test_subset_decides_the_parts(purpose: str, by_subset: dict[str, Json]) -> None:
    record = by_subset[purpose]
    assert PARTS & set(record) == SUBSETS[purpose][1]
    assert all(record[part] is not None for part in SUBSETS[purpose][1])
    assert record["declared"]["memory_bytes"] == 64 * MIB
    # Without figures of a setting that is declared there is nothing to compare.
    assert record["drift"] == ([] if {"memory", "cpu", "pids", "stat"} & SUBSETS[purpose][1] else None)


def test_check_mode_gives_the_same_and_nothing_is_changed(name: str) -> None:
    plain, checked = play(task(containers=[name]), {**task(containers=[name]), "check_mode": True})
    assert plain["changed"] is checked["changed"] is False
    assert "skipped" not in checked

    def settled(result: Json) -> dict[str, Any]:
        record = cgroups(result)["containers"][0]
        return {key: record[key] for key in ("id", "name", "pid", "labels", "declared", "pids", "drift")}

    assert settled(plain) == settled(checked)


def test_module_defaults_of_the_group_apply(name: str) -> None:
    (result,) = play(
        task(),
        module_defaults={"group/fathom.containers.containers": {"containers": [name], "gather_subset": ["pids"]}},
    )
    (record,) = cgroups(result)["containers"]
    assert record["name"] == name
    assert PARTS & set(record) == {"pids"}
