# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import functools
import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.fathom.containers.plugins.module_utils.containers.namespace_facts import gather_namespace_facts
from ansible_collections.fathom.containers.plugins.module_utils.kernel.visit import Answer
from ansible_collections.fathom.containers.plugins.modules import container_namespace_facts
from ansible_collections.fathom.containers.tests.unit.fake_engine import docker, engine, inspected
from ansible_collections.fathom.containers.tests.unit.hosttree import A, unified_host, v2_container


@pytest.fixture
def run_module(tmp_path, monkeypatch, capsys):
    """Runs the module as Ansible does, on a host of files: (how it ended, what it printed)."""
    tree = unified_host(tmp_path)
    v2_container(tree, f"/docker/{A}", 7)
    for pid, inode in ((1, 100), (7, 200)):
        for kind in ("net", "uts"):
            tree.link(f"/proc/{pid}/ns/{kind}", f"{kind}:[{inode}]")
    rooted = functools.partial(
        gather_namespace_facts, root=tree.root, visit=lambda places: [Answer(error="not here") for _place in places]
    )
    monkeypatch.setattr(container_namespace_facts, "gather_namespace_facts", rooted)

    def run(**args):
        with engine(docker(inspected(A, "web", pid=7))) as fake:
            args = dict({"docker_socket": fake.path, "podman_socket": "/nowhere"}, **args)
            with patch_module_args(args), pytest.raises(SystemExit) as ended:
                container_namespace_facts.main()
        return ended.value.code, json.loads(capsys.readouterr().out)

    return run


def test_facts(run_module):
    code, result = run_module()
    assert code == 0
    assert not result.get("changed")
    (web,) = result["ansible_facts"]["container_namespaces"]["containers"]
    assert web["name"] == "web"
    assert web["namespaces"]["net"] == {"inode": 200, "shared_with_host": False, "shared_with": []}
    assert web["namespaces"]["time"]["inode"] is None
    assert {"hostname", "interfaces", "user_map", "root_mount", "security"} <= set(web)
    assert not {"mounts", "listening", "processes"} & set(web)
    assert [one["reason"] for one in web["unreadable"]] == ["could not be entered: not here"] * 2


def test_check_mode_gives_the_same(run_module):
    _code, checked = run_module(_ansible_check_mode=True)
    _code, result = run_module()
    for facts in (checked, result):
        facts["ansible_facts"]["container_namespaces"]["host"].pop("engines")
    assert checked["ansible_facts"] == result["ansible_facts"]


def test_options(run_module):
    _code, result = run_module(containers=["w*"], gather_subset=["!all", "mounts"], engines=["docker"])
    (web,) = result["ansible_facts"]["container_namespaces"]["containers"]
    assert (web["mounts"], web["mounts_truncated"]) == (None, None)
    assert "hostname" not in web


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"containers": ["wbe"]}, "no container has the name or id 'wbe'; near it: web"),
        ({"containers": []}, "containers is an empty list"),
        ({"gather_subset": []}, "leave the option out for its default, or give some of all, hostname, "),
        ({"gather_subset": ["net"]}, "value of gather_subset must be one or more of: all, hostname, interfaces, "),
        ({"engine_timeout": 0}, "engine_timeout is 0, expected seconds above 0"),
        ({"nonsense": 1}, "Unsupported parameters"),
    ],
)
def test_bad_input_is_a_failed_task_without_facts(run_module, args, message):
    code, result = run_module(**args)
    assert code == 1
    assert message in result["msg"]
    assert "ansible_facts" not in result
    assert "Traceback" not in json.dumps(result)
