# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.policy.packs import PACKS, load_packs, with_packs
from ansible_collections.fathom.containers.plugins.module_utils.policy.schema import read_policy

# The items of section 5 of version 1.6.
ITEMS = {f"5.{number}" for number in range(1, 33)}
# Those that a container's kernel can prove.
PROVABLE = {
    *("5.2", "5.3", "5.4", "5.5", "5.6", "5.10", "5.11", "5.12", "5.13", "5.16", "5.17", "5.20", "5.21", "5.22"),
    *("5.25", "5.26", "5.29", "5.31", "5.32"),
}


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_is_a_policy(pack):
    rules, not_judged = load_packs([pack])
    assert rules
    for rule in rules:
        assert (rule.pack, rule.match) == (pack, {})
        assert re.match(rf"{pack}/[a-z0-9.-]+\Z", rule.name)
        assert rule.title != rule.name
    for row in not_judged:
        assert list(row) == ["pack", "item", "title", "reason"]
        assert all(isinstance(text, str) and text for text in row.values())


def test_every_item_of_the_benchmark_is_judged_or_named():
    rules, not_judged = load_packs(["cis_docker_1_6"])
    judged = [rule.name.partition("/")[2] for rule in rules]
    named = [row["item"] for row in not_judged]
    assert set(judged) == PROVABLE
    assert set(named) == (ITEMS - PROVABLE) | {"1", "2", "3", "4", "6", "7"}
    assert len(judged + named) == len({*judged, *named})
    assert all(rule.title.startswith(rule.name.partition("/")[2] + " ") for rule in rules)


def test_several_packs_beside_a_policy():
    own = read_policy([{"name": "mine", "drift": "none"}])
    rules, not_judged = with_packs(own, ["baseline", "cis_docker_1_6", "baseline"])
    assert rules[0] == own[0]
    assert len({rule.name for rule in rules}) == len(rules)
    assert {rule.pack for rule in rules} == {None, *PACKS}
    assert {row["pack"] for row in not_judged} == {"cis_docker_1_6"}
    assert with_packs(own, []) == (own, [])


def test_a_name_that_a_pack_has():
    own = read_policy([{"name": "baseline/drift", "drift": "none"}])
    with pytest.raises(FathomError, match="the policy has a rule of the name 'baseline/drift', which is that of "):
        with_packs(own, ["baseline"])
    assert with_packs(own, ["cis_docker_1_6"])


def test_a_pack_that_there_is_not():
    with pytest.raises(FathomError, match="no pack has the name 'baselin'; near it: baseline"):
        load_packs(["baselin"])
