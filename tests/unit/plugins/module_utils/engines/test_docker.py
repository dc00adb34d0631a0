# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
from typing import Any, List

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import DECLARABLE, Claim
from ansible_collections.fathom.containers.plugins.module_utils.engines.docker import (
    Docker,
    claim_of_inspect,
    claim_of_row,
)
from ansible_collections.fathom.containers.plugins.module_utils.errors import EngineError
from ansible_collections.fathom.containers.tests.unit.fake_engine import docker, engine, inspected, reply
from ansible_collections.fathom.containers.tests.unit.hosttree import A, B, C
from hypothesis import given
from hypothesis import strategies as st

HOSTILE = "'\"{{ lookup('pipe', 'id') }}\x1b[31m\u202e<b>\ud800"


def declared(**host_config):
    return claim_of_inspect(inspected(A, **host_config), "docker").declared


def test_info():
    with engine(docker()) as fake:
        client = Docker(fake.path, 5)
        assert client.info()._asdict() == {
            "name": "docker",
            "version": "20.10.24+dfsg1",
            "socket": fake.path,
            "cgroup_driver": "cgroupfs",
            "reachable": True,
            "error": None,
        }
        client.close()


def test_the_running_and_all():
    with engine(docker(inspected(A, "web"), inspected(B, "job", "exited"), inspected(C, "db", "paused"))) as fake:
        client = Docker(fake.path, 5)
        assert {one.id: (one.name, one.state) for one in client.list(stopped=False).values()} == {
            A: ("web", "running"),
            C: ("db", "paused"),
        }
        assert set(client.list(stopped=True)) == {A, B, C}
        client.close()
    assert fake.connections == 1


def test_a_row_declares_nothing_yet():
    row = {"Id": A, "Names": ["/web"], "Image": "goweb", "State": "running", "Labels": {"tier": "web"}}
    assert claim_of_row(row, "docker") == Claim(A, "web", "docker", "goweb", "running", None, {"tier": "web"}, None)


@pytest.mark.parametrize(
    ("names", "name"),
    [(["/client/web", "/web"], "web"), (["/web", "/client/web"], "web"), ([], None), (None, None), (["/a/b"], None)],
)
def test_the_name_is_not_an_alias_of_a_link(names, name):
    assert claim_of_row({"Id": A, "Names": names}, "docker").name == name


def test_describe():
    container = inspected(
        A,
        pid=3993,
        labels={"tier": "web"},
        Memory=67108864,
        MemorySwap=134217728,
        MemoryReservation=33554432,
        NanoCpus=1500000000,
        CpuShares=512,
        CpusetCpus="0-1",
        PidsLimit=100,
        OomKillDisable=True,
        CgroupParent="/small",
    )
    with engine(docker(container)) as fake:
        client = Docker(fake.path, 5)
        claim = client.describe(A)
        client.close()
    assert claim._replace(declared=None, isolation=None) == Claim(
        A, "web", "docker", "goweb:latest", "running", 3993, {"tier": "web"}, None
    )
    assert claim.declared == {
        "memory_bytes": 67108864,
        "memory_swap_bytes": 134217728,
        "memory_reservation_bytes": 33554432,
        "cpus": 1.5,
        "cpu_quota_usec": None,
        "cpu_period_usec": None,
        "cpu_shares": 512,
        "cpuset_cpus": "0-1",
        "pids_limit": 100,
        "oom_kill_disabled": True,
        "cgroup_parent": "/small",
    }
    assert fake.targets == [f"/containers/{A}/json"]


def test_nothing_set():
    assert declared() == dict(dict.fromkeys(DECLARABLE), oom_kill_disabled=False)


def test_an_engine_that_leaves_settings_out():
    document = inspected(A)
    document["HostConfig"] = {}
    assert set(claim_of_inspect(document, "docker").declared.values()) == {None}


@pytest.mark.parametrize(
    ("settings", "cpus"),
    [
        ({"NanoCpus": 500000000}, 0.5),
        ({"CpuQuota": 50000, "CpuPeriod": 100000}, 0.5),
        ({"CpuQuota": 50000, "CpuPeriod": 25000}, 2.0),
        ({"CpuQuota": 150000}, 1.5),
        ({"CpuQuota": -1}, None),
        ({"CpuPeriod": 50000}, None),
    ],
)
def test_cpus(settings, cpus):
    assert declared(**settings)["cpus"] == cpus


@pytest.mark.parametrize(("limit", "told"), [(None, None), (0, None), (-1, None), (7, 7)])
def test_pids_limit(limit, told):
    assert declared(PidsLimit=limit)["pids_limit"] == told


@pytest.mark.parametrize("lifted", [2**62, 2**63 - 65536, 2**63 - 4096, 2**63 - 1, -1])
def test_a_limit_that_was_lifted_is_none(lifted):
    """Docker has no word for it in an update but the largest that the kernel counts to; Podman has -1."""
    told = declared(Memory=lifted, MemorySwap=-1, MemoryReservation=lifted)
    assert (told["memory_bytes"], told["memory_swap_bytes"], told["memory_reservation_bytes"]) == (None, -1, None)
    assert declared(Memory=lifted, MemorySwap=lifted)["memory_swap_bytes"] == -1


def test_the_largest_limit_that_is_one():
    assert declared(Memory=2**62 - 1)["memory_bytes"] == 2**62 - 1


def test_unlimited_swap_is_minus_one():
    assert declared(Memory=67108864, MemorySwap=-1)["memory_swap_bytes"] == -1


@pytest.mark.parametrize(
    ("status", "pid"), [("running", 7), ("paused", 7), ("restarting", 7), ("exited", None), ("dead", None)]
)
def test_only_what_runs_has_a_pid(status, pid):
    assert claim_of_inspect(inspected(A, status=status, pid=7), "docker").pid == pid


def test_no_pid_yet():
    assert claim_of_inspect(inspected(A, status="restarting", pid=0), "docker").pid is None


@pytest.mark.parametrize(("uid", "pid"), [(None, 4242), (os.getuid(), None)])
def test_a_users_engine_is_not_believed_which_process_it_is(uid, pid):
    with engine(docker(inspected(A, pid=4242))) as fake:
        client = Docker(fake.path, 5, uid)
        for one in (client, client.again()):
            assert (one.describe(A).pid, one.describe(A).state) == (pid, "running")
            one.close()


def test_a_container_that_docker_does_not_have():
    with engine(docker()) as fake:
        client = Docker(fake.path, 5)
        assert client.describe(A) is None
        client.close()


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_a_refusal_is_an_engine_error_that_says_why(status):
    with engine(lambda _target: [reply({"message": "no such thing"}, status)]) as fake:
        client = Docker(fake.path, 5)
        with pytest.raises(EngineError, match=rf"GET /info on {fake.path} answered {status}: 'no such thing'"):
            client.info()
        client.close()


def test_a_refusal_that_is_no_object():
    with engine(lambda _target: [reply(["no"], 500)]) as fake, pytest.raises(
        EngineError, match=r"answered 500: .\['no'\]"
    ):
        Docker(fake.path, 5).info()


WRONG_INFOS: List[Any] = [[], None, "docker", 5, {"ServerVersion": 5}, {"CgroupDriver": []}]
WRONG_LISTS: List[Any] = [
    {},
    None,
    [5],
    [None],
    [[]],
    [{}],
    [{"Id": None}],
    [{"Id": 5}],
    [{"Id": ""}],
    [{"Id": "a b"}],
    [{"Id": A.upper()}],
    [{"Id": A + " HTTP/1.1\r\nX: y"}],
    [{"Id": A, "Names": 5}],
    [{"Id": A, "Names": [5]}],
    [{"Id": A, "Labels": "a=b"}],
    [{"Id": A, "Labels": [["a", "b"]]}],
    [{"Id": A, "Image": {}}],
    [{"Id": A, "State": []}],
]
GOOD = inspected(A)
WRONG_INSPECTS: List[Any] = [
    [],
    None,
    5,
    {},
    dict(GOOD, Id="b"),
    dict(GOOD, Name=None),
    dict(GOOD, State=None),
    dict(GOOD, State={}),
    dict(GOOD, State=[]),
    dict(GOOD, State={"Status": "running", "Pid": "7"}),
    dict(GOOD, State={"Status": "running", "Pid": float("inf")}),
    dict(GOOD, State={"Status": 5}),
    dict(GOOD, Config=None),
    dict(GOOD, Config={"Image": 5}),
    dict(GOOD, Config={"Labels": [1]}),
    dict(GOOD, HostConfig=None),
    dict(GOOD, HostConfig={"Memory": "64m"}),
    dict(GOOD, HostConfig={"Memory": 67108864.5}),
    dict(GOOD, HostConfig={"Memory": True}),
    dict(GOOD, HostConfig={"MemorySwap": {}}),
    dict(GOOD, HostConfig={"NanoCpus": "1"}),
    dict(GOOD, HostConfig={"CpuQuota": [1]}),
    dict(GOOD, HostConfig={"CpuPeriod": "x", "CpuQuota": 1}),
    dict(GOOD, HostConfig={"CpusetCpus": 0.5}),
    dict(GOOD, HostConfig={"PidsLimit": "many"}),
    dict(GOOD, HostConfig={"OomKillDisable": "no"}),
]


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        (lambda client: client.info(), WRONG_INFOS),
        (lambda client: client.list(False), WRONG_LISTS),
        (lambda client: client.describe(A), WRONG_INSPECTS),
    ],
    ids=["info", "list", "describe"],
)
def test_json_of_the_wrong_types_is_an_engine_error(question, documents):
    for document in documents:
        with engine(lambda _target, document=document: [reply(document)]) as fake:
            client = Docker(fake.path, 5)
            with pytest.raises(EngineError, match="answered what it should not: ") as caught:
                question(client)
            assert len(str(caught.value)) <= 300
            client.close()


def test_hostile_names_and_labels_come_as_data():
    container = inspected(A, name=HOSTILE, labels={HOSTILE: HOSTILE})
    with engine(docker(container)) as fake:
        client = Docker(fake.path, 5)
        claim = client.describe(A)
        (listed,) = client.list(False).values()
        client.close()
    # Half of a surrogate pair is no text, and Ansible would refuse all facts with it.
    told = HOSTILE.replace("\ud800", "\\ud800")
    assert claim.name == listed.name == told
    assert claim.labels == listed.labels == {told: told}
    json.dumps(claim, ensure_ascii=False).encode("utf-8")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.data())
def test_any_inspect_is_a_claim_or_an_error_that_the_client_understands(data):
    document = json.loads(json.dumps(inspected(A)))
    part = data.draw(st.sampled_from([document, document["State"], document["Config"], document["HostConfig"]]))
    part[data.draw(st.sampled_from(sorted(part)))] = data.draw(anything)
    try:
        claim = claim_of_inspect(document, "docker")
    except (KeyError, TypeError, ValueError, AttributeError):
        return
    assert claim.id == A
    assert set(claim.declared) == set(DECLARABLE)
