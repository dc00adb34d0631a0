# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.fathom.containers.plugins.filter import (
    limit_portions,
    limit_record,
    limit_table,
    policy_limits,
    recorded_limits,
)
from ansible_collections.fathom.containers.tests.unit.limitresults import MIB, container, limits, result

PLANNED = result(container("web-1", "changed", limits(), limits(80 * MIB)))


def a_filter(module):
    ((_name, function),) = module.FilterModule().filters().items()
    return function


def test_each_file_has_the_filter_of_its_name():
    for module in (limit_portions, limit_record, limit_table, policy_limits, recorded_limits):
        assert list(module.FilterModule().filters()) == [module.__name__.rpartition(".")[2]]


def test_what_they_give():
    assert a_filter(policy_limits)([{"name": "web", "memory": {"limit": "80MiB"}}, {"name": "x", "drift": "none"}]) == [
        {"rule": "web", "memory": str(80 * MIB)}
    ]
    assert a_filter(limit_table)(PLANNED, check_mode=True)[0] == "1 to be set"
    assert a_filter(limit_table)({"a": {}}, planned={"a": PLANNED})[0] == "1 not begun"
    assert a_filter(limit_portions)(PLANNED, 50)[0]["label"] == "1 to 1 of 1"
    assert list(a_filter(limit_record)({"a": PLANNED}, "now")["hosts"]) == ["a"]


@pytest.mark.parametrize(
    ("module", "given", "message"),
    [
        (policy_limits, ([{"name": "web", "memroy": 1}],), "rule 'web' has the unknown key 'memroy'; near it: memory"),
        (policy_limits, ([],), "the policy has no rules"),
        (limit_portions, (PLANNED, 0), "a portion of 0 containers"),
        (limit_portions, (5, 1), "limit_portions takes what fathom.containers.container_memory_limit returns, but "),
        (limit_table, ([],), "limit_table takes what fathom.containers.container_memory_limit returns, but "),
        (limit_table, (result({}),), "limit_table takes .* lacks or mistypes 'status'"),
        (limit_record, ("x", "now"), "limit_record takes "),
        (recorded_limits, ("{", "alpha", "x.json"), "x.json is no record of memory limits: it is no JSON"),
    ],
)
def test_what_they_say_of_something_else(module, given, message):
    with pytest.raises(AnsibleFilterError, match=message):
        a_filter(module)(*given)
