"""The same facts with every Python that a host under audit may have, and with every series of ansible-core.

The Pythons are those of this machine, down to 3.8; ansible-core is the pinned one of .venv, as in all other tests,
and the newest of each series that the newest of these Pythons can run.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from lab import LabError, cores
from lab.cores import Core
from tests.live.fleet import MIB, Fleet
from tests.live.plays import Json, by_name, cgroups, play, task
from tests.parts import pythons

OWN = "{}.{}".format(*sys.version_info)
# The Python below the environment of the tests is always there.
PYTHONS = {OWN: Path(sys.executable).resolve()} | pythons.find()
# What changes from one look to the next although the containers sleep: the kernel's own memory among it.
UNSTEADY = {"usage_bytes", "working_set_bytes", "peak_bytes", "stat", "rss_bytes"}


@pytest.fixture(scope="module")
def names(fleet: Fleet) -> set[str]:
    fleet.run("limited", mem_limit=64 * MIB, memswap_limit=96 * MIB, mem_reservation=32 * MIB)
    fleet.run("unlimited")
    fleet.run("cpu-and-pids", nano_cpus=500_000_000, cpu_shares=512, pids_limit=64)
    fleet.run("strange", labels={"empty": "", "nönascii": "☃ {{ 7*7 }}"})
    return {fleet.name(purpose) for purpose in ("limited", "unlimited", "cpu-and-pids", "strange")}


@pytest.fixture(scope="module")
def facts_task(fleet: Fleet, names: set[str]) -> Json:
    assert names
    return task(containers=[fleet.glob], gather_subset=["all"])


@pytest.fixture(scope="module")
def default(facts_task: Json) -> Json:
    """The result with the Python that Ansible takes by itself on this machine."""
    return play(facts_task)[0]


@pytest.fixture(scope="module")
def by_python(facts_task: Json) -> dict[str, tuple[str, Json]]:
    """By version: the version that Ansible's own facts tell of the interpreter, and the result with it."""
    python_facts = {"ansible.builtin.setup": {"gather_subset": ["!all", "!min", "python"]}}
    tasks = [
        {**one, "vars": {"ansible_python_interpreter": str(python)}}
        for python in PYTHONS.values()
        for one in (python_facts, facts_task)
    ]
    results = play(*tasks)
    versions = [result["ansible_facts"]["ansible_python"]["version"] for result in results[::2]]
    used = [f"{version['major']}.{version['minor']}" for version in versions]
    return dict(zip(PYTHONS, zip(used, results[1::2], strict=True), strict=True))


@pytest.fixture(scope="module")
def supported() -> list[Core]:
    try:
        return list(cores.supported(pythons.newest()))
    except LabError as error:
        # A machine of CI reaches what pip installs.
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))


@pytest.mark.parametrize("version", PYTHONS)
def test_facts_are_the_same_with_every_python(
    version: str, names: set[str], default: Json, by_python: dict[str, tuple[str, Json]]
) -> None:
    used, result = by_python[version]
    assert used == version
    assert set(by_name(cgroups(result))) == names
    assert _said(result) == _said(default)


def test_facts_are_the_same_with_every_core(
    names: set[str], supported: list[Core], facts_task: Json, default: Json
) -> None:
    versions = {"ansible.builtin.debug": {"msg": ["{{ ansible_version.full }}", "{{ ansible_playbook_python }}"]}}
    for core in supported:
        told, result = play(versions, facts_task, program=core.programs / "ansible-playbook")
        assert told["msg"] == [core.version, str(core.programs / "python")]
        assert set(by_name(cgroups(result))) == names
        assert _said(result) == _said(default), core


def test_the_pinned_core_is_of_one_of_these_series(supported: list[Core]) -> None:
    (told,) = play({"ansible.builtin.debug": {"msg": "{{ ansible_version.full }}"}})
    pinned = told["msg"].rpartition(".")[0]
    assert pinned in [core.series for core in supported]
    assert supported[0].series == "2.18"


def _said(result: Json) -> list[Any]:
    """What a task said, without what Ansible adds to it."""
    return [result.get("warnings"), result.get("deprecations"), _steady(cgroups(result))]


def _steady(value: Any) -> Any:
    """Facts with the mere type of what changes from one look to the next."""
    if isinstance(value, list):
        return [_steady(one) for one in value]
    if isinstance(value, dict):
        return {key: type(one).__name__ if key in UNSTEADY else _steady(one) for key, one in value.items()}
    return value
