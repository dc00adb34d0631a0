# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.fathom.containers.plugins.filter.tour_lines import FilterModule as Lines
from ansible_collections.fathom.containers.plugins.filter.tour_page import FilterModule as Page
from ansible_collections.fathom.containers.tests.unit.tourresults import results

ROLE = os.path.join(os.path.dirname(__file__), *[os.pardir] * 4, "roles", "tour")
LINES = Lines().filters()["tour_lines"]
PAGE = Page().filters()["tour_page"]


def test_both_tell_the_tour():
    assert LINES(results(), "one")[0] == "A tour of web on one, 2026-11-24T15:20:58Z"
    assert PAGE(results(), "one", ROLE).startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("wrong", [{}, {"time": "x", "cgroups": {}}, 7, results(uts=7)])
def test_something_else_is_an_error_that_says_what_is_taken(wrong):
    with pytest.raises(AnsibleFilterError, match=r"tour_lines takes what the role fathom\.containers\.tour gathers"):
        LINES(wrong, "one")
    with pytest.raises(AnsibleFilterError, match=r"tour_page takes what the role fathom\.containers\.tour gathers"):
        PAGE(wrong, "one", ROLE)
