# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.fathom.containers.plugins.modules import container_image_facts
from ansible_collections.fathom.containers.tests.unit.fake_engine import engine
from ansible_collections.fathom.containers.tests.unit.fake_images import Built, image_engine, user
from ansible_collections.fathom.containers.tests.unit.hosttree import A

WEB = Built(("ADD base", 100), ("ENV PASSWORD=hunter2", None), tags=["web:1"], env=["PASSWORD=hunter2"])
IDLE = Built(("ADD base", 100), tags=["idle:1"])


@pytest.fixture
def run_module(capsys):
    """Runs the module as Ansible does: (how it ended, what it printed)."""

    def run(**args):
        with engine(image_engine([WEB, IDLE], [user(A, "web", WEB)])) as fake:
            args = dict({"docker_socket": fake.path, "podman_socket": "/nowhere"}, **args)
            with patch_module_args(args), pytest.raises(SystemExit) as ended:
                container_image_facts.main()
        return ended.value.code, json.loads(capsys.readouterr().out)

    return run


def images(result):
    return result["ansible_facts"]["container_images"]["images"]


def test_facts(run_module):
    code, result = run_module()
    assert (code, result.get("changed", False)) == (0, False)
    (web,) = images(result)
    assert (web["tags"], web["containers"]) == (["web:1"], ["web"])
    assert web["layers"][0]["shared_with"] == [IDLE.id]
    assert "hunter2" not in json.dumps(result)


def test_options(run_module):
    assert [one["tags"] for one in images(run_module(unused=True)[1])] == [["web:1"], ["idle:1"]]
    (web,) = images(run_module(containers=["web"], reveal=True)[1])
    assert web["history"][1]["created_by"] == "ENV PASSWORD=hunter2"
    (web,) = images(run_module(images=["web:*"], history=False)[1])
    assert "history" not in web


def test_check_mode_gives_the_same(run_module):
    plain, checked = run_module()[1], run_module(_ansible_check_mode=True)[1]
    for result in (plain, checked):
        # Each run has an engine with a socket of its own.
        result["ansible_facts"]["container_images"].pop("engines")
        images(result)[0].pop("socket")
    assert plain["ansible_facts"] == checked["ansible_facts"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"images": ["wbe:1"]}, "no image has the tag, digest or id 'wbe:1'; near it: web:1"),
        ({"containers": ["wbe"]}, "no container has the name or id 'wbe'; near it: web"),
        ({"images": []}, "images is an empty list, which selects nothing"),
        ({"containers": []}, "containers is an empty list, which selects nothing"),
        ({"unused": "perhaps"}, "unused"),
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
