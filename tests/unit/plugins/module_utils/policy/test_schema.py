# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.kernel.files import UNLIMITED
from ansible_collections.fathom.containers.plugins.module_utils.policy.limits import limits_of
from ansible_collections.fathom.containers.plugins.module_utils.policy.match import MATCH
from ansible_collections.fathom.containers.plugins.module_utils.policy.schema import CHECKS, read_policy
from ansible_collections.fathom.containers.plugins.module_utils.policy.wanted import read_limits
from hypothesis import given
from hypothesis import strategies as st

MIB, GIB = 1 << 20, 1 << 30

# One good value for every key there is: what is written, what is read.
EVERY_CHECK = {
    "memory": {
        "limited": (True, True),
        "min": ("16MiB", 16 * MIB),
        "max": ("2GiB", 2 * GIB),
        "limit": (256 * MIB, 256 * MIB),
        "swap": (0, 0),
        "reservation": ("128M", 128 * MIB),
        "usage_below": ("80%", 80.0),
        "no_oom_kills": ("yes", True),
    },
    "cpu": {"limited": ("true", True), "max": ("1.5", 1.5), "prioritised": ("on", True)},
    "pids": {"limited": ("on", True), "max": ("512", 512)},
    "namespaces": {
        "private": (["pid", "net"], ["pid", "net"]),
        "not_shared_with_host": (["ipc"], ["ipc"]),
        "not_shared_with_containers": (["ipc"], ["ipc"]),
        "allow_shared_with": (["sidecar-*"], ["sidecar-*"]),
        "shared_with_host": ([], []),
    },
    "security": {
        "not_privileged": (True, True),
        "no_new_privileges": (True, True),
        "seccomp": (True, True),
        "apparmor": (1, True),
        "selinux": ("yes", True),
        "capabilities": (["CAP_CHOWN", "net_raw"], ["CAP_CHOWN", "CAP_NET_RAW"]),
        "user_mapped": ("on", True),
        "read_only_root": (True, True),
        "forbidden_mounts": (["/var/run/docker.sock"], ["/var/run/docker.sock"]),
        "private_mounts": (True, True),
    },
    "cgroup": {"default_parent": (True, True)},
    "drift": {"none": (True, True), "none_after_reload": (True, True)},
    "engine": {"known": (True, True)},
    "image": {"allowed": (["nginx:*"], ["nginx:*"])},
}


def refused(rules):
    with pytest.raises(FathomError) as caught:
        read_policy(rules)
    return str(caught.value)


def test_every_key_of_the_schema():
    written = {section: {key: pair[0] for key, pair in checks.items()} for section, checks in EVERY_CHECK.items()}
    read = {section: {key: pair[1] for key, pair in checks.items()} for section, checks in EVERY_CHECK.items()}
    assert {section: list(checks) for section, checks in EVERY_CHECK.items()} == {
        section: list(checks) for section, checks in CHECKS.items()
    }
    match = {
        "containers": ["web-*"],
        "labels": {"tier": "web", "empty": ""},
        "images": ["nginx:*"],
        "engines": ["docker", "podman"],
        "states": ["running"],
        "compose_projects": ["shop"],
    }
    assert list(match) == list(MATCH)
    (rule,) = read_policy([{"name": "all of it", "severity": "critical", "match": match, **written}])
    assert rule == ("all of it", "all of it", "critical", match, read, None)


def test_what_may_be_left_out():
    (rule,) = read_policy([{"name": "short", "drift": "none"}])
    assert rule == ("short", "short", "medium", {}, {"drift": {"none": True}}, None)
    (rule,) = read_policy([{"name": "short", "title": "No drift", "drift": "none"}])
    assert rule.title == "No drift"


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (None, "the policy is empty, expected a list of rules"),
        ({}, "the policy is a dictionary, expected a list of rules"),
        ([], "the policy has no rules; give at least one, with a name and checks such as memory: {max: 2GiB}"),
        (["x"], "rule 1 is 'x', expected a dictionary with some of name, title, severity, match, memory, "),
        ([{}], "rule 1 is empty, expected some of name, "),
        ([{"drift": "none"}], "rule 1 has no name"),
        ([{"name": "  ", "drift": "none"}], "rule 1: name is empty"),
        ([{"name": 7, "drift": "none"}], "rule 1: name is 7, expected text"),
        (
            [{"name": "a", "drift": "none"}, {"nmae": "b"}],
            "rule 2 has the unknown key 'nmae'; near it: name",
        ),
        ([{"name": "x", "drift": "none"}] * 2, "the policy has two rules of the name 'x'; give each a name of its own"),
        ([{"name": "x", 1: 2}], "rule 'x' has the unknown key 1"),
    ],
)
def test_a_policy_that_is_none(rules, message):
    assert message in refused(rules)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({}, "rule 'web' checks nothing; give it at least one of memory, cpu, pids, "),
        ({"memroy": {"max": 1}}, "rule 'web' has the unknown key 'memroy'; near it: memory; accepted: name, "),
        ({"memory": {"limt": 1}}, "rule 'web': memory has the unknown key 'limt'; near it: limit, limited; accepted: "),
        ({"memory": {}}, "rule 'web': memory is empty, expected some of limited, min, max"),
        ({"memory": None}, "rule 'web': memory is empty, expected a dictionary with some of limited, min"),
        ({"memory": "2GiB"}, "rule 'web': memory is '2GiB', expected a dictionary with some of limited, min"),
        ({"memory": {"limit": None}}, "rule 'web': memory.limit is empty, expected a size"),
        ({"memory": {"max": "unlimited"}}, "rule 'web': memory.max is 'unlimited', expected a size"),
        ({"memory": {"min": 0}}, "rule 'web': memory.min is 0, which is no memory at all"),
        ({"memory": {"limited": "maybe"}}, "rule 'web': memory.limited is 'maybe', expected true or false"),
        ({"memory": {"limited": 2}}, "memory.limited is 2, expected true or false"),
        ({"security": {"seccomp": False}}, "security.seccomp is false, expected true; leave it out where it is not"),
        ({"security": {"seccomp": "off"}}, "security.seccomp is 'off', expected true; leave it out where"),
        ({"namespaces": {"allow_shared_with": ["a"]}}, "namespaces.allow_shared_with says nothing without private"),
        ({"memory": {"limited": []}}, "memory.limited is a list, expected true or false"),
        ({"memory": {"usage_below": 0}}, "memory.usage_below is 0, expected a number above 0 and up to 100"),
        ({"memory": {"usage_below": "101%"}}, "memory.usage_below is '101%', expected a number"),
        ({"memory": {"usage_below": "nan"}}, "memory.usage_below is 'nan', expected a number"),
        ({"memory": {"usage_below": True}}, "memory.usage_below is true, expected a number"),
        ({"pids": {"max": 1.5}}, "pids.max is 1.5, expected a whole number above 0 and up to 4194304, such as 512"),
        ({"pids": {"max": "9" * 5000}}, "pids.max is '9999"),
        ({"cpu": {"max": 10**400}}, "cpu.max is a huge number, expected a number"),
        ({"security": {"seccomp": 10**5000}}, "security.seccomp is a huge number, expected true or false"),
        ({"cpu": {"max": float("nan")}}, "cpu.max is nan, expected a number"),
        ({"pids": {"max": float("inf")}}, "pids.max is inf, expected a whole number"),
        ({"cpu": {"max": "-1"}}, "cpu.max is '-1', expected a number above 0"),
        ({"namespaces": {"private": ["pids"]}}, "namespaces.private[0] is 'pids'; near it: pid; accepted: pid, net, "),
        ({"namespaces": {"private": []}}, "namespaces.private is an empty list, expected at least one"),
        (
            {"drift": "none", "match": {"images": []}},
            "match.images is an empty list, which selects nothing; leave it out to select all",
        ),
        ({"memory": {"usage_below": 0.9}}, "memory.usage_below is 0.9, expected percent; write 90, or 0.9% if"),
        (
            {"namespaces": {"private": "pid"}},
            "namespaces.private is 'pid', expected a list; write ['pid'] for a single",
        ),
        ({"security": {"capabilities": ["cap_chwn"]}}, "security.capabilities[0] is 'cap_chwn'; near it: CAP_CHOWN"),
        ({"security": {"forbidden_mounts": ["sock"]}}, "forbidden_mounts[0] is 'sock', expected an absolute path"),
        ({"drift": "some"}, "rule 'web': drift is 'some', expected a dictionary with some of none, none_"),
        ({"drift": "none", "severity": "hgih"}, "rule 'web': severity is 'hgih'; near it: high; accepted: low, medium"),
        ({"drift": "none", "severity": ["high"]}, "rule 'web': severity is a list; accepted: low, medium, high, "),
        ({"drift": "none", "match": {}}, "rule 'web': match is empty, expected some of containers"),
        (
            {"drift": "none", "match": {"container": ["a"]}},
            "match has the unknown key 'container'; near it: containers",
        ),
        ({"drift": "none", "match": {"containers": [1]}}, "match.containers[0] is 1, expected text; write a number"),
        (
            {"drift": "none", "match": {"labels": {1: "a"}}},
            "the name of a label of rule 'web': match.labels is 1, expected text",
        ),
        ({"drift": "none", "match": {"states": ["up"]}}, "match.states[0] is 'up'; accepted: running, "),
    ],
)
def test_a_mistake_names_the_rule_and_the_key(rule, message):
    assert message in refused([{"name": "web", **rule}])


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"memory": {"limit": "3G", "max": "1G"}}, "memory.limit is '3G', above max, '1G'; no container can have both"),
        ({"memory": {"limit": "unlimited", "max": "1G"}}, "memory.limit is 'unlimited', above max, '1G'"),
        ({"memory": {"min": "3G", "max": "1G"}}, "memory.min is '3G', above max, '1G'"),
        ({"memory": {"min": "3G", "limit": "1G"}}, "memory.min is '3G', above limit, '1G'"),
        ({"memory": {"reservation": "2G", "limit": "1G"}}, "memory.reservation is '2G', above limit, '1G'"),
        (
            {"memory": {"limited": False, "limit": "1G"}},
            "memory.limited is false, but limit is '1G'; leave one of them",
        ),
        ({"memory": {"limited": "no", "max": "1G"}}, "memory.limited is 'no', but max is '1G'"),
        ({"memory": {"limited": True, "limit": "unlimited"}}, "memory.limited is true, but limit is 'unlimited'"),
        ({"pids": {"limited": False, "max": 5}}, "pids.limited is false, but max is 5"),
        ({"cpu": {"limited": False, "max": 5}}, "cpu.limited is false, but max is 5"),
        (
            {"namespaces": {"private": ["net", "pid"], "shared_with_host": ["net", "user"]}},
            "namespaces.shared_with_host allows net, and private does not; leave one out",
        ),
        (
            {"namespaces": {"not_shared_with_host": ["ipc"], "shared_with_host": ["ipc"]}},
            "namespaces.shared_with_host allows ipc, and not_shared_with_host does not",
        ),
    ],
)
def test_contradictions(rule, message):
    assert message in refused([{"name": "web", **rule}])


@pytest.mark.parametrize(
    "memory",
    [
        {"limited": True, "limit": "1G", "max": "1G", "min": "1G", "reservation": "1G"},
        {"limited": False, "limit": "unlimited"},
        {"limited": False},
        {"limited": False, "min": "1G"},
        {"limit": "unlimited", "reservation": "1G"},
    ],
)
def test_what_only_looks_like_a_contradiction(memory):
    assert read_policy([{"name": "web", "memory": memory}])


def test_hostile_text_is_shown_escaped_and_cut():
    message = refused([{"name": "\x1b[31m\u202e{{ 1 }}\n" + "x" * 5000, "memory": {"\x1b[2J" * 100: 1}}])
    assert message.isprintable()
    assert len(message) < 500


def test_enforcement_takes_what_is_stated_exactly():
    rules = read_policy(
        [
            {"name": "judged", "memory": {"limited": True, "max": "2GiB"}},
            {"name": "web", "match": {"containers": ["web-*"]}, "memory": {"limit": "256MiB", "swap": 0}},
            {"name": "db", "match": {"states": ["running"]}, "memory": {"reservation": "1G", "limit": "unlimited"}},
            {"name": "other", "pids": {"max": 512}},
        ]
    )
    entries = limits_of(rules)
    assert entries == [
        {"rule": "web", "containers": ["web-*"], "memory": str(256 * MIB), "swap": "0"},
        {"rule": "db", "states": ["running"], "memory": "unlimited", "reservation": str(GIB)},
    ]
    assert [entry.wanted for entry in read_limits(entries)] == [(256 * MIB, 0, None), (UNLIMITED, None, GIB)]


leaf = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1M", "docker", "pid", "none", "high", "80%", "unlimited"])
)
every_key = ["name", "severity", "match", *MATCH, *CHECKS, *(key for checks in CHECKS.values() for key in checks)]
some_key = st.sampled_from(every_key) | st.text(max_size=3) | st.integers(0, 3)
json_like = st.recursive(
    leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(some_key, inner, max_size=5), max_leaves=15
)
# Rules that are right but for one value.
nearly = st.builds(
    lambda section, key, value: {"name": "x", section: {key: value}},
    st.sampled_from(["match", *CHECKS]),
    st.sampled_from(every_key),
    json_like,
)


@given(json_like | st.lists(json_like | nearly, max_size=3))
def test_anything_is_read_or_refused(policy):
    try:
        rules = read_policy(policy)
    except FathomError:
        return
    assert [rule.name for rule in rules] == [given["name"] for given in policy]
    assert all(rule.checks and rule.severity for rule in rules)
    if limits_of(rules):
        assert len(read_limits(limits_of(rules))) == len(limits_of(rules))
