"""Free text that others choose comes through as data: never templated, never a crash, nothing lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.live import kernel
from tests.live.cgrouptree import CgroupTree
from tests.live.fleet import Fleet, eventually, pid_of
from tests.live.plays import MODULE, Json, by_id, by_name, cgroups, play, task

LABELS = {
    "template": "{{ 7*7 }}",
    "{{ lookup('pipe', 'id') }}": "{% raw %}",
    "quotes": "'\"`$(id)\\",
    "markup": "<b onclick=alert(1)>&amp;",
    "controls": "a\x00b\x1b[31mred\x1b[0m\r\n\tc\x7f\x9b",
    "bidi": "\u202egnp.exe\u2066\u2069\ufeff",
    "unpaired": "\udcff\ud800",
    "astral": "\U0001f433\u0000",
    "empty": "",
    "=formula": "=1+1",
    "yaml": "!unsafe |-\n  x: &a [*a]",
    "large": "x" * 65536,
}
# The longest that the kernel keeps of a process's name: 15 bytes.
PROCESS_NAME = b'\x1b[7m{{7*7}}"\xff\xe2\x80'
NAMED = ["sh", "-c", "printf '\\033[7m{{7*7}}\"\\377\\342\\200' >/proc/1/comm; while :; do sleep 1 || exit; done"]
# Below cgroups whose names hold what a path may: all but a slash, a null byte and a line's end.
HEX = {"text": "ab" * 32, "bytes": "cd" * 32}
PARENTS = {"text": 'it\'s "{{ 7*7 }}" \x1b[31m:\\040\u202e (deleted)', "bytes": "\udcff\udcfe {{ 7*7 }}"}


@pytest.fixture(scope="module")
def labelled(fleet: Fleet) -> dict[str, Any]:
    """The labels of the container `labelled`, as the engine keeps them."""
    return dict(fleet.run("labelled", labels=LABELS).attrs["Config"]["Labels"])


@pytest.fixture(scope="module")
def named(fleet: Fleet) -> int:
    """PID of a process with a name like no other."""
    pid = pid_of(fleet.run("named", NAMED))
    eventually(lambda: Path(f"/proc/{pid}/comm").read_bytes() == PROCESS_NAME + b"\n")
    return pid


@pytest.fixture(scope="module")
def results(tree: CgroupTree, fleet: Fleet, labelled: dict[str, Any], named: int) -> list[Json]:
    """A gathering of facts, the same with what is registered used in a later task, and what that task saw."""
    assert labelled
    assert named
    for kind, parent in PARENTS.items():
        tree.limit_memory(f"{tree.root}/{parent}", 1 << 30)
        tree.occupy(f"{tree.root}/{parent}/{HEX[kind]}")
    options: Json = {"containers": [fleet.glob, *HEX.values()], "gather_subset": ["all"]}
    seen = "{{ ansible_facts.container_cgroups.containers | map(attribute='labels') }}"
    return play(task(**options), {MODULE: options, "register": "kept"}, {"ansible.builtin.debug": {"msg": seen}})


def test_labels_come_through_whole(fleet: Fleet, labelled: dict[str, Any], results: list[Json]) -> None:
    record = by_name(cgroups(results[0]))[fleet.name("labelled")]
    assert record["labels"] == labelled
    for key in LABELS.keys() - {"unpaired"}:
        assert record["labels"][key] == LABELS[key]
    # Half a character can't be kept; the engine has replaced it, and that it was there stays visible.
    assert record["labels"]["unpaired"]


def test_a_later_task_sees_them_untemplated(labelled: dict[str, Any], results: list[Json]) -> None:
    assert labelled in results[2]["msg"]
    assert "{{ 7*7 }}" in str(results[2]["msg"])


def test_process_name_comes_through(fleet: Fleet, named: int, results: list[Json]) -> None:
    record = by_name(cgroups(results[0]))[fleet.name("named")]
    names = {process["pid"]: process["name"] for process in record["processes"]}
    assert names[named] == kernel.process_status(named)["Name"]
    assert names[named] == PROCESS_NAME.decode("utf-8", "backslashreplace")


def test_cgroup_with_such_a_name_is_read_like_any_other(tree: CgroupTree, results: list[Json]) -> None:
    record = by_id(cgroups(results[0]))[HEX["text"]]
    path = f"{tree.root}/{PARENTS['text']}"
    assert record["memory"]["path"] == f"{path}/{HEX['text']}"
    assert record["memory"]["limit_state"] == "unlimited"
    assert (record["memory"]["effective_limit_bytes"], record["memory"]["effective_limit_source"]) == (1 << 30, path)
    assert {row["path"] for row in record["hierarchies"]} == {f"{path}/{HEX['text']}"}
    assert record["unreadable"] == []


def test_cgroup_with_a_name_that_is_no_utf8_is_read_too(tree: CgroupTree, results: list[Json]) -> None:
    record = by_id(cgroups(results[0]))[HEX["bytes"]]
    path = f"{tree.root}/\\xff\\xfe {{{{ 7*7 }}}}"
    assert record["memory"]["path"] == f"{path}/{HEX['bytes']}"
    assert record["memory"]["limit_state"] == "unlimited"
    assert (record["memory"]["effective_limit_bytes"], record["memory"]["effective_limit_source"]) == (1 << 30, path)
    assert record["memory"]["usage_bytes"] is not None


def test_words_asked_for_are_data_too() -> None:
    # What Ansible itself would template is kept from it; a bracket that is never closed makes a glob that fits nothing.
    typed = ["'\"; id", "../../etc", "{% raw %}{{ 7+7 }}{% endraw %}", "\u202eweb\x1b7", "[unclosed"]
    *failures, glob = play(*(task(ignore_errors=True, containers=[word]) for word in typed))
    for word, failure in zip(["'\"; id", "../../etc", "{{ 7+7 }}", "\u202eweb\x1b7"], failures, strict=True):
        assert failure["failed"] is True
        assert repr(word) in failure["msg"]
    assert cgroups(glob)["containers"] == []
