# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.plugin_utils.tour.blocks import (
    Listing,
    Note,
    Picture,
    Rows,
    Said,
    Table,
)
from ansible_collections.fathom.containers.plugins.plugin_utils.tour.gathered import Gathered
from ansible_collections.fathom.containers.plugins.plugin_utils.tour.namespace_chapters import owner
from ansible_collections.fathom.containers.plugins.plugin_utils.tour.walk import walk
from ansible_collections.fathom.containers.tests.unit.tourresults import (
    CHAIN,
    ID,
    MIB,
    PATH,
    container,
    image,
    layer,
    memory,
    namespace,
    of,
    results,
    step,
    stopped,
)

KEYS = [
    *("layers", "history", "container", "processes", "inside", "namespaces", "uts", "net"),
    *("cgroups", "memory", "effective", "declared"),
]


def chapters(told=None):
    return {chapter.key: chapter for chapter in walk(Gathered(told or results(), "one", "2026-11-24T15:20:58Z"))}


def blocks(chapter, kind):
    return [block for block in chapter.blocks if isinstance(block, kind)]


def rows(chapter):
    return {label: text for block in blocks(chapter, Rows) for label, text in block.rows}


def notes(chapter):
    return " ".join(block.text for block in blocks(chapter, Note))


def cells(chapter):
    (table,) = blocks(chapter, Table)
    return [list(row) for row in table.rows]


def test_all_chapters_in_order_each_with_what_it_is():
    told = chapters()
    assert list(told) == KEYS
    assert all(chapter.title and chapter.what.endswith(".") and chapter.where for chapter in told.values())


def test_layers():
    chapter = chapters()["layers"]
    assert cells(chapter) == [
        ["3", "8 MiB", "c" * 12, "none", "imported"],
        ["2", "0 B", "b" * 12, "none", "/bin/sh -c mkdir /app"],
        ["1", "5 MiB", "a" * 12, "7" * 12, "ADD base"],
    ]
    (picture,) = blocks(chapter, Picture)
    assert picture.data == [(5 * MIB, True), (0, False), (8 * MIB, False)]
    assert picture.words == "3 layers upon one another, to scale; the largest is number 3 with 8 MiB"
    about = rows(chapter)
    assert (about["image"], about["its own"], about["shown as"]) == ("goweb:1", "8 MiB", "overlay")


def test_layers_of_which_little_is_told():
    unsure = [dict(layer(CHAIN[0], None), shared_with=None), layer(CHAIN[1], 1, *"wxyz")]
    told = chapters(of(image=image(layers=unsure, history=[], tags=[], unique_bytes=None)))
    assert [row[1:] for row in cells(told["layers"])] == [
        ["1 B", "b" * 12, "4 images", "not told"],
        ["not known", "a" * 12, "not known", "not told"],
    ]
    assert rows(told["layers"])["its own"] == "not known"
    assert rows(told["layers"])["image"] == "goweb:1"
    assert notes(told["history"]) == "The image has no history."
    assert "can't be told" in notes(chapters(of(image=image(history=None)))["history"])
    assert "no layers" in notes(chapters(of(image=image(layers=[])))["layers"])


def test_history_has_the_last_step_on_top():
    unsure = step("RUN x", None, None, empty_layer=None, created=None)
    told = chapters(of(image=image(history=[*image()["history"], unsure])))
    assert cells(told["history"]) == [
        ["", "not told", "not known", "RUN x"],
        ["2026-11-24", "3", "8 MiB", "imported"],
        ["2026-11-24", "none", "0 B", "WORKDIR /app"],
        ["2026-11-24", "2", "0 B", "/bin/sh -c mkdir /app"],
        ["2026-11-24", "1", "5 MiB", "ADD base"],
    ]


def test_an_image_that_was_removed():
    gone = dict.fromkeys(image()) | {"id": "sha256:x", "engine_known": False, "unreadable": []}
    told = chapters(of(image=gone))
    for key in ("layers", "history"):
        assert "no longer has this image" in notes(told[key])
        assert rows(told[key]) == {"id": "sha256:x"}


def test_an_image_at_which_its_engine_fails():
    why = [{"path": "/images/x/json", "reason": "GET /images/x/json answered 500: 'no'"}]
    told = chapters(of(image=dict.fromkeys(image()) | {"id": "x", "engine_known": False, "unreadable": why}))
    assert "GET /images/x/json answered 500: 'no'" in notes(told["layers"])


def test_no_image_at_all():
    told = chapters(results(images={"failed": False, "msg": "no container has the name or id 'x'"}))
    assert notes(told["layers"]) == notes(told["history"]) == "no container has the name or id 'x'"


def test_processes_and_the_container():
    told = chapters()
    assert cells(told["processes"]) == [
        ["8940", "1", "8913", "0", "1 MiB", "main"],
        ["8999", "not known", "8940", "not known", "not known", "not known"],
    ]
    assert rows(told["container"])["labels"] == "tier=web"
    assert told["container"].where == ["docker inspect web"]
    unknown = chapters(
        results(container=container(name=None, engine_known=False, image=None, labels={}, nested_in="x"))
    )
    about = rows(unknown["container"])
    assert (about["name"], about["engine"]) == ("without a name", "docker, which does not tell of it")
    assert (about["labels"], about["its cgroup lies inside that of"]) == ("none", "x")
    assert unknown["container"].where == []
    assert "more than these 2" in notes(chapters(results(container=container(processes_truncated=True)))["processes"])


def test_the_view_from_inside():
    told = chapters()["inside"]
    assert rows(told) == {"hostname": "web-1"}
    assert cells(told) == [["6: eth0", "up", "02:42:ac:11:00:02", "1500", "172.17.0.2/16", "veth1"]]
    assert blocks(told, Listing) == [Listing([".dockerenv", "app", "tmp"])]


@pytest.mark.parametrize(
    ("root", "reason"),
    [
        ({"files": [], "skipped_paths": {"/proc/1/root": "Permission denied"}}, "Permission denied"),
        ({"failed": True, "msg": "no"}, "no"),
        ({}, "It could not be read."),
    ],
)
def test_a_root_directory_that_can_not_be_listed(root, reason):
    told = chapters(results(root=root))["inside"]
    assert notes(told) == f"Its root directory can't be listed. {reason}"
    assert blocks(told, Listing) == []


def test_namespaces():
    chapter = chapters()["namespaces"]
    assert [row[0::2] + row[3:] for row in cells(chapter)] == [
        ["pid", "11", "the container's own"],
        ["net", "12", "shared with sidecar"],
        ["user", "13", "the host's"],
        ["time", "not known", "not known"],
    ]
    (picture,) = blocks(chapter, Picture)
    assert picture.words == "Namespaces: its own: pid; the host's: user; shared with others: net; not known: time"
    assert notes(chapter) == "/proc/8940/ns/time: Permission denied"


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (namespace(1, True, "x"), ("host", [])),
        (namespace(1, False), ("own", [])),
        (namespace(1, False, "x", "y"), ("others", ["x", "y"])),
        (namespace(1, None), ("unknown", [])),
        (namespace(None, None), ("unknown", [])),
    ],
)
def test_whose_a_namespace_is(one, expected):
    assert owner(one) == expected


def test_entered_alone():
    told = chapters()
    assert blocks(told["uts"], Said) == [Said("show 0", ["web-1"]), Said("show 1", ["lo UNKNOWN", "docker0 UP"])]
    assert told["net"].where == ["/proc/8940/ns/net, entered as with nsenter --target 8940 --net"]
    refused = {"failed": False, "msg": "could not execute 'ip'", "item": ["ip", "-brief"]}
    ended = {"rc": 1, "stderr": "no such device", "msg": "ended with 1", "item": ["ip"], "argv": ["ip"]}
    told = chapters(results(uts=[refused, ended]))
    assert notes(told["uts"]) == "ip -brief: could not execute 'ip' ip: no such device"


@pytest.mark.parametrize(
    ("version", "path", "files"),
    [
        (1, "/docker/x", ["memory/docker/x/memory.limit_in_bytes", "memory/docker/x/memory.usage_in_bytes"]),
        (2, "/docker/x", ["docker/x/memory.max", "docker/x/memory.current"]),
        (2, "/", ["memory.max", "memory.current"]),
    ],
)
def test_memory_and_its_files(version, path, files):
    chapter = chapters(results(container=container(memory=memory(version=version, path=path))))["memory"]
    assert chapter.where == [f"/sys/fs/cgroup/{file}" for file in files]
    figures = rows(chapter)
    assert (figures["limit"], figures["swap besides"], figures["in use"]) == ("64 MiB", "unlimited", "8 MiB")
    (picture,) = blocks(chapter, Picture)
    assert picture.words == (
        "Memory: in use 8 MiB, working set 6 MiB, peak 12 MiB, limit 64 MiB, effective limit 64 MiB"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "the container's own cgroup"),
        ({"effective_limit_source": "host"}, "the host's memory"),
        ({"effective_limit_source": "/small"}, "the cgroup /small, above it"),
        ({"effective_limit_source": None}, "out of sight"),
        ({"effective_limit_source": None, "effective_limit_bytes": None}, "not known"),
    ],
)
def test_who_sets_the_limit_that_counts(changes, words):
    assert rows(chapters(results(container=container(memory=memory(**changes))))["effective"])["set by"] == words


def test_what_the_engine_declares():
    told = chapters()["declared"]
    assert cells(told) == [
        ["memory_bytes", "64 MiB"],
        ["memory_swap_bytes", "unlimited"],
        ["cpus", "not set"],
        ["oom_kill_disabled", "no"],
    ]
    drift = [{"setting": "memory_bytes", "declared": 64 * MIB, "enforced": 32 * MIB}]
    drifted = rows(chapters(results(container=container(drift=drift)))["declared"])
    assert list(drifted.values()) == ["memory_bytes: 64 MiB declared, 32 MiB enforced"]


def test_an_engine_that_was_not_asked_declares_nothing():
    silent = dict.fromkeys(("memory_bytes", "cpus"))
    told = chapters(results(container=container(declared=silent, drift=None), reachable=False))["declared"]
    assert "No engine tells" in notes(told)
    assert blocks(told, Table) == []


def test_cgroups():
    assert cells(chapters()["cgroups"]) == [
        ["4", "memory", PATH],
        ["1", "cpu, cpuacct", PATH],
        ["0", "cgroup v2", PATH],
    ]


def test_of_a_container_that_does_not_run_the_rest_is_told():
    told = chapters(stopped())
    assert list(told) == KEYS
    for key in set(KEYS) - {"layers", "history", "declared"}:
        assert "does not run" in notes(told[key]), key
    assert len(cells(told["layers"])) == 3
    assert rows(told["container"])["state"] == "exited"
    assert rows(told["container"])["id"] == ID
    assert not [key for key, chapter in told.items() if any("None" in path for path in chapter.where)]
