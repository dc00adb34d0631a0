# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.boundary import run
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import ENGINES
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.options import shared_options


class Ended(Exception):
    """A module ends by an exit of its process; here by this."""


class Module:
    """What the boundary uses of an AnsibleModule."""

    def __init__(self, **params):
        defaults = {"containers": None, "engines": None, "docker_socket": "/nowhere", "podman_socket": "/nowhere"}
        self.params = dict(defaults, engine_timeout=10.0, **params)
        self.argument_spec = shared_options(parts={"type": "list", "choices": ["one", "two"]})
        self.no_log_values = set()
        self.warnings = []
        self.ended = None

    def warn(self, warning):
        self.warnings.append(warning)

    def exit_json(self, **result):
        self._end("exit", result)

    def fail_json(self, **result):
        self._end("fail", result)

    def _end(self, how, result):
        assert self.ended is None
        self.ended = (how, result)
        raise Ended


def ended(module, action):
    with pytest.raises(Ended):
        run(module, action)
    return module.ended


def test_result_and_warnings():
    module = Module()
    assert ended(module, lambda params, _witnesses: ({"x": params["engine_timeout"]}, ["careful"])) == (
        "exit",
        {"x": 10.0},
    )
    assert module.warnings == ["careful"]


def test_an_error_is_a_failed_task_with_its_text():
    def action(_params, _witnesses):
        raise FathomError("no container has the name or id 'x'")

    assert ended(Module(), action) == ("fail", {"msg": "no container has the name or id 'x'"})


def test_a_defect_is_not_dressed_up_as_bad_input():
    def action(_params, _witnesses):
        raise KeyError("x")

    with pytest.raises(KeyError):
        run(Module(), action)


@pytest.mark.parametrize("error", [None, FathomError("x"), KeyError("x")])
def test_connections_are_closed_however_it_ends(error):
    closed = []

    def action(_params, asked):
        for witness in asked:
            witness.close = lambda: closed.append(1)
        if error:
            raise error
        return {}, []

    with pytest.raises((Ended, KeyError)):
        run(Module(), action)
    assert closed


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"containers": []},
            "containers is an empty list, which selects nothing: leave the option out for its default",
        ),
        ({"engines": []}, "engines is an empty list, .*, or give some of docker, podman, .*, unknown"),
        ({"parts": []}, "parts is an empty list, .*, or give some of one, two"),
        ({"engine_timeout": 0.0}, "engine_timeout is 0, expected seconds above 0 and up to 86400"),
        (
            {"docker_socket": "tcp://10.0.0.1:2375"},
            "docker_socket is 'tcp://10.0.0.1:2375', expected the path of a local",
        ),
        ({"engine_timeout": -1.5}, "engine_timeout is -1.5, expected seconds above 0"),
        ({"engine_timeout": float("nan")}, "engine_timeout is nan, expected seconds above 0"),
        ({"engine_timeout": float("inf")}, "engine_timeout is inf, expected seconds above 0 and up to 86400"),
        ({"engine_timeout": 1e300}, r"engine_timeout is 1e\+300, expected seconds above 0 and up to 86400"),
    ],
)
def test_options_that_make_no_sense(params, message):
    def action(_params, _witnesses):
        raise AssertionError("not to be called")

    module = Module()
    module.params.update(params)
    how, result = ended(module, action)
    assert how == "fail"
    assert re.match(message, result["msg"])


def test_shared_options_and_a_modules_own():
    spec = shared_options(mine={"type": "str"})
    assert set(spec) == {"mine", "containers", "engines", "docker_socket", "podman_socket", "engine_timeout"}
    assert spec["engines"]["choices"] == list(ENGINES)
