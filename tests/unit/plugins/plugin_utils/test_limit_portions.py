# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import NamedTuple, Optional

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.containers.select import select
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.plugin_utils.limit_portions import portions
from ansible_collections.fathom.containers.tests.unit.limitresults import container, result
from hypothesis import given
from hypothesis import strategies as st


class One(NamedTuple):
    id: str
    name: Optional[str] = None


def test_portions_of_what_would_be_changed():
    planned = result(
        *(container(f"c{number}", "changed") for number in range(5)), container("kept"), container("no", "refused")
    )
    assert [(one["label"], len(one["containers"])) for one in portions(planned, 2)] == [
        ("1 to 2 of 5", 2),
        ("3 to 4 of 5", 2),
        ("5 to 5 of 5", 1),
    ]
    assert portions(result(container("kept")), 50) == portions(result(), 50) == []


@pytest.mark.parametrize("size", [0, -1, "50", 1.5, True, None])
def test_a_portion_has_a_size(size):
    with pytest.raises(FathomError, match="expected a whole number from 1 on"):
        portions(result(), size)


first = st.sampled_from("ab[*")
ids = st.lists(
    st.builds(lambda a, b: a + b, first, st.text("ab*?[]-", max_size=4)), min_size=1, max_size=5, unique=True
)


@given(ids)
def test_each_word_is_a_glob_that_fits_its_container_alone(identities):
    every = [One(identity) for identity in identities]
    planned = result(*(container(identity, "changed", id=identity) for identity in identities))
    (portion,) = portions(planned, len(every))
    for one, word in zip(every, portion["containers"]):
        assert select(every, [word]) == [one]
        # It is no error where the container has ended.
        assert select([other for other in every if other != one], [word]) == []
