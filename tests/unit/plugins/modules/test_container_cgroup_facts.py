# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import functools
import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.fathom.containers.plugins.module_utils.containers.cgroup_facts import gather_cgroup_facts
from ansible_collections.fathom.containers.plugins.modules import container_cgroup_facts
from ansible_collections.fathom.containers.tests.unit.fake_engine import docker, engine, inspected
from ansible_collections.fathom.containers.tests.unit.hosttree import MIB, A, B, unified_host, v2_container

HOSTILE = "'\"{{ lookup('pipe', 'id') }}\x1b[31m\u202e<b>"


@pytest.fixture
def run_module(tmp_path, monkeypatch, capsys):
    """Runs the module as Ansible does, on a host of files: (how it ended, what it printed)."""
    tree = unified_host(tmp_path)
    v2_container(tree, f"/docker/{A}", 7, {"memory.max": 64 * MIB})
    v2_container(tree, f"/docker/{B}", 8)
    rooted = functools.partial(gather_cgroup_facts, root=tree.root)
    monkeypatch.setattr(container_cgroup_facts, "gather_cgroup_facts", rooted)

    def run(answer=None, **args):
        with engine(answer or docker(inspected(A, "web", pid=7), inspected(B, "db", pid=8))) as fake:
            args = dict({"docker_socket": fake.path, "podman_socket": "/nowhere"}, **args)
            with patch_module_args(args), pytest.raises(SystemExit) as ended:
                container_cgroup_facts.main()
        return ended.value.code, json.loads(capsys.readouterr().out)

    return run


def test_facts(run_module):
    code, result = run_module()
    assert code == 0
    assert not result.get("changed")
    facts = result["ansible_facts"]["container_cgroups"]
    assert facts["host"]["mode"] == "unified"
    assert {one["name"]: one["memory"]["limit_bytes"] for one in facts["containers"]} == {"web": 64 * MIB, "db": None}
    assert {"memory", "cpu", "pids"} <= set(facts["containers"][0])
    assert not {"io", "stat", "processes"} & set(facts["containers"][0])
    assert not result.get("warnings")


def test_check_mode_gives_the_same(run_module):
    _code, checked = run_module(_ansible_check_mode=True)
    _code, result = run_module()
    for facts in (checked, result):
        facts["ansible_facts"]["container_cgroups"]["host"].pop("engines")
    assert checked["ansible_facts"] == result["ansible_facts"]


def test_options(run_module):
    _code, result = run_module(
        containers=["w*"], gather_subset=["!all", "io"], engines=["docker"], engine_timeout="2.5"
    )
    (container,) = result["ansible_facts"]["container_cgroups"]["containers"]
    assert (container["name"], container["io"]) == ("web", [])
    assert "memory" not in container


def test_a_failing_engine_is_a_warning(run_module, monkeypatch):
    # Ansible gives each warning once in a process, and other tests give the same.
    warnings = []
    monkeypatch.setattr(
        container_cgroup_facts.AnsibleModule, "warn", lambda _self, text, **_more: warnings.append(text)
    )
    code, result = run_module(docker_socket="/nowhere/docker.sock")
    assert code == 0
    assert len(result["ansible_facts"]["container_cgroups"]["containers"]) == 2
    assert "docker can't be asked" in warnings[0]
    assert "No such file or directory" in warnings[0]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"containers": ["wbe"]}, "no container has the name or id 'wbe'; near it: web"),
        ({"containers": []}, "containers is an empty list"),
        (
            {"engines": []},
            "engines is an empty list, which selects nothing: leave the option out for its default, or give",
        ),
        ({"gather_subset": []}, "leave the option out for its default, or give some of all, memory, "),
        ({"gather_subset": ["disk"]}, "value of gather_subset must be one or more of: all, memory, "),
        (
            {"engines": ["rkt"]},
            "value of engines must be one or more of: docker, podman, containerd, crio, lxc, nspawn",
        ),
        ({"engine_timeout": 0}, "engine_timeout is 0, expected seconds above 0"),
        ({"engine_timeout": "soon"}, "engine_timeout"),
        ({"nonsense": 1}, "Unsupported parameters"),
    ],
)
def test_bad_input_is_a_failed_task_without_facts(run_module, args, message):
    code, result = run_module(**args)
    assert code == 1
    assert message in result["msg"]
    assert "ansible_facts" not in result
    assert "Traceback" not in json.dumps(result)


def test_hostile_text_arrives_as_it_is(run_module):
    answers = docker(
        inspected(A, HOSTILE, pid=7, labels={HOSTILE: HOSTILE, "half": "\ud800"}), inspected(B, "db", pid=8)
    )
    code, result = run_module(answers)
    assert code == 0
    (web,) = [one for one in result["ansible_facts"]["container_cgroups"]["containers"] if one["id"] == A]
    assert web["name"] == HOSTILE
    assert web["labels"][HOSTILE] == HOSTILE
