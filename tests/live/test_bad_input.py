"""What bad input gets: an error that names the thing, what was expected and the way out, and no facts."""

from __future__ import annotations

import os

import pytest

from tests.live.cgrouptree import CgroupTree
from tests.live.fleet import Fleet
from tests.live.plays import Json, play, task

# Two ids that begin alike, for two containers that only the kernel knows.
COMMON = os.urandom(16).hex()
TWINS = [COMMON + os.urandom(16).hex() for _ in range(2)]

SUBSETS = "all, memory, cpu, pids, io, processes, stat, hierarchies, !all, !memory, !cpu, !pids"
# Purpose: (options, what the message has to say).
CASES: dict[str, tuple[Json, list[str]]] = {
    "unknown-subset": ({"gather_subset": ["memory", "swap"]}, ["gather_subset", "swap", SUBSETS]),
    "unknown-engine": ({"engines": ["dokcer"]}, ["engines", "dokcer", "docker, podman, containerd, crio, lxc, nspawn"]),
    "no-containers": ({"containers": []}, ["containers is an empty list", "leave the option out"]),
    "no-engines": ({"engines": []}, ["engines is an empty list", "leave the option out"]),
    "no-subset": ({"gather_subset": []}, ["gather_subset is an empty list", "leave the option out"]),
    "no-time": ({"engine_timeout": 0}, ["engine_timeout is 0", "above 0"]),
    "negative-time": ({"engine_timeout": -1.5}, ["engine_timeout is -1.5", "above 0"]),
    "no-number": ({"engine_timeout": "soon"}, ["engine_timeout", "float"]),
    "unknown-option": ({"container": ["web"]}, ["Unsupported parameters", "container", "containers"]),
    "twins": ({"containers": [COMMON]}, [COMMON, "2 containers", *(twin[:12] for twin in TWINS), "more of the id"]),
}


@pytest.fixture(scope="module")
def failures(tree: CgroupTree, fleet: Fleet) -> dict[str, Json]:
    """The results of the cases, and of those that need a container's name, by purpose."""
    for twin in TWINS:
        tree.occupy(f"{tree.root}/{twin}")
    fleet.run("frontend")
    options = {purpose: options for purpose, (options, _) in CASES.items()}
    options["misspelt"] = {"containers": [fleet.name("fronted")]}
    options["one-of-two"] = {"containers": [fleet.name("frontend"), "no-such-container"]}
    options["other-engine"] = {"containers": [fleet.name("frontend")], "engines": ["podman"]}
    results = play(*(task(ignore_errors=True, **option) for option in options.values()))
    return dict(zip(options, results, strict=True))


@pytest.mark.parametrize("purpose", [*CASES, "misspelt", "one-of-two", "other-engine"])
def test_task_fails_without_facts_and_without_traceback(purpose: str, failures: dict[str, Json]) -> None:
    failure = failures[purpose]
    assert failure["failed"] is True
    assert "ansible_facts" not in failure
    assert "Traceback" not in str(failure)
    assert "MODULE FAILURE" not in failure["msg"]


@pytest.mark.parametrize("purpose", CASES)
def test_message_says_what_is_wrong_and_what_is_accepted(purpose: str, failures: dict[str, Json]) -> None:
    for part in CASES[purpose][1]:
        assert part in failures[purpose]["msg"]


def test_name_that_matches_nothing_lists_near_names(fleet: Fleet, failures: dict[str, Json]) -> None:
    message = failures["misspelt"]["msg"]
    assert repr(fleet.name("fronted")) in message
    assert fleet.name("frontend") in message


def test_one_name_that_matches_nothing_fails_the_others_too(fleet: Fleet, failures: dict[str, Json]) -> None:
    assert "'no-such-container'" in failures["one-of-two"]["msg"]
    assert repr(fleet.name("frontend")) in failures["other-engine"]["msg"]


def test_glob_that_matches_nothing_is_no_error() -> None:
    (result,) = play(task(containers=["fathom-live-no-such-*"]))
    assert result["ansible_facts"]["container_cgroups"]["containers"] == []
