# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which entry counts for which container."""

from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.discover import Found
from ansible_collections.fathom.containers.plugins.module_utils.containers.identify import Identity
from ansible_collections.fathom.containers.plugins.module_utils.containers.inventory import Container
from ansible_collections.fathom.containers.plugins.module_utils.engines.contract import Claim
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.limits.assign import assign, refuse_missing
from ansible_collections.fathom.containers.plugins.module_utils.limits.holders import Limits
from ansible_collections.fathom.containers.plugins.module_utils.policy.wanted import read_limits
from ansible_collections.fathom.containers.tests.unit.hosttree import MIB, A, B, C


def container(container_id, name, state="running"):
    found = Found(Identity("docker", container_id, f"/docker/{container_id}"), None, [7])
    claim = Claim(container_id, name, "docker", "app", state, None, {}, None)
    return Container(found if state == "running" else None, claim)


WEB, WORKER = container(A, "web"), container(B, "worker")
STOPPED = container(C, "web-old", "exited")
ALL = [WEB, WORKER, STOPPED]


def assigned(entries, containers=tuple(ALL), allowed=None):
    """{name: MiB of memory} and the texts about what is missing; ``entries``: [(match, MiB)]."""
    documents = [dict(match, memory=f"{mib}M") for match, mib in entries]
    result = assign(read_limits(documents), list(containers), containers if allowed is None else allowed)
    return {one.container.name: one.wanted.memory // MIB for one in result.assignments}, result.missing


def test_the_first_entry_that_fits_counts():
    limits, missing = assigned([({"containers": ["web"]}, 64), ({"engines": ["docker"]}, 128)])
    assert (limits, missing) == ({"web": 64, "worker": 128}, [])
    limits, _missing = assigned([({"engines": ["docker"]}, 128), ({"containers": ["web"]}, 64)])
    assert limits == {"web": 128, "worker": 128}


def test_what_no_entry_fits_is_not_touched():
    assert assigned([({"containers": ["work*"]}, 64)]) == ({"worker": 64}, [])
    assert assigned([({"engines": ["podman"]}, 64)]) == ({}, [])


def test_only_what_is_allowed_is_touched_but_any_word_is_known():
    entries = [({"containers": ["web", "worker"]}, 64)]
    assert assigned(entries, allowed=[WORKER]) == ({"worker": 64}, [])


@pytest.mark.parametrize("word", ["web-old", C, C[:12]])
def test_a_stopped_container_is_meant_by_its_own_name_or_id(word):
    assert assigned([({"containers": [word]}, 64)]) == ({"web-old": 64}, [])


@pytest.mark.parametrize("match", [{"containers": ["web*"]}, {"engines": ["docker"]}, {"images": ["*"]}])
def test_a_stopped_container_is_meant_by_nothing_else(match):
    assert "web-old" not in assigned([(match, 64)])[0]


def test_a_stopped_container_that_an_earlier_entry_fits_is_not_left_to_a_later_one():
    """The first counts, and that one leaves the stopped alone."""
    limits, missing = assigned([({"containers": ["web*"]}, 64), ({"containers": ["web-old"]}, 128)])
    assert (limits, missing) == ({"web": 64}, [])


def test_a_stopped_container_that_is_named_beside_a_glob():
    limits, _missing = assigned([({"containers": ["work*", "web-old"]}, 64)])
    assert limits == {"worker": 64, "web-old": 64}


def test_a_name_means_this_container_alone_though_another_id_begins_so():
    named = container(B, A[:6])
    limits, _missing = assigned([({"containers": [A[:6]]}, 64)], [WEB, named])
    assert limits == {A[:6]: 64}


def test_words_that_mean_no_container_are_told_with_their_entry():
    limits, missing = assigned([({"containers": ["web"]}, 64), ({"containers": ["wrker", "no-*"]}, 128)])
    assert limits == {"web": 64}
    (text,) = missing
    assert text.startswith("limits[1] names 'wrker', and no container here has that name or id")
    assert "near it: worker" in text
    with pytest.raises(FathomError, match=r"limits\[1\] names 'wrker'.*Nothing was changed"):
        refuse_missing(missing)


def test_why_an_entry_is_nobodys():
    entries = [
        ({"containers": ["web-*"]}, 64),
        ({"containers": ["web"]}, 64),
        ({"images": ["app*"], "containers": ["w*b"]}, 64),
        ({"labels": {"tier": "db"}}, 64),
    ]
    result = assign(read_limits([dict(match, memory=f"{mib}M") for match, mib in entries]), ALL, ALL)
    assert result.idle == {0: "stopped", 2: "earlier_entry", 3: "nothing_fits"}


def test_a_glob_that_fits_nothing_is_told_and_no_other():
    result = assign(read_limits([{"containers": ["web", "wbe*", "web-*"], "memory": "64M"}]), ALL, [WORKER])
    assert result.missing_globs == [
        "limits[0] has the glob 'wbe*', and no container here has a name or id that fits it"
    ]
    assert (result.missing, result.idle) == ([], {0: "nothing_fits"})


def test_nothing_missing_is_no_error():
    refuse_missing([])


def test_a_beginning_that_fits_several_ids_is_refused():
    other = container(A[:20] + "f" * 44, "other")
    with pytest.raises(FathomError, match="fits 2 containers"):
        assigned([({"containers": [A[:12]]}, 64)], [WEB, other])


def test_two_cgroups_with_one_id_are_both_met():
    """Anybody can name a cgroup of their own after a container: that must not keep its owner from naming it."""
    impostor = Container(WEB.found._replace(nested_in=B), None)
    for word in (A, A[:12]):
        result = assign(read_limits([{"containers": [word], "memory": "64M"}]), [WEB, impostor], [WEB])
        assert [(one.container, one.wanted) for one in result.assignments] == [(WEB, Limits(64 * MIB, None, None))]


def test_the_rule_goes_with_the_limits():
    document = {"rule": "web tier", "containers": ["web"], "memory": "64M"}
    (one,) = assign(read_limits([document]), ALL, ALL).assignments
    assert one.rule == "web tier"
