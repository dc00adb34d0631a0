# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory that a report takes does not grow with the containers of all hosts: one host is held at a time."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path

from ansible_collections.fathom.containers.plugins.plugin_utils.report.write import write_report
from ansible_collections.fathom.containers.tests.unit.auditanswers import answer, container, finding

ROLE = str(Path(__file__).resolve().parents[5] / "roles" / "audit")
RUN = "2026-11-24T11:00:00Z"
CONTAINERS = 40


def of_host(number):
    """An answer that shares no container with that of another host."""
    here = [container(f"web-{number}-{index}") for index in range(CONTAINERS)]
    return answer(here, [finding(one) for one in here])


def held_bytes(folder, hosts):
    """What is held when all hosts have come, and what is said of all of them is still to be written."""
    folder.mkdir()
    asked = {
        f"host-{number}": lambda _before, number=number: {"time": RUN, "error": None, "answer": of_host(number)}
        for number in range(hosts)
    }
    held = []

    def all_have_come(_packs):
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])
        return []

    write_report(str(folder), asked, RUN, RUN, ROLE, all_have_come)
    return held[0]


def test_36_hosts_more_take_less_memory_than_the_answer_of_one(tmp_path):
    tracemalloc.start()
    try:
        # What is loaded once is loaded before it counts.
        held_bytes(tmp_path / "first", 1)
        few, many = held_bytes(tmp_path / "few", 4), held_bytes(tmp_path / "many", 40)
        before = tracemalloc.get_traced_memory()[0]
        one = of_host(0)
        one_bytes = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(one["containers"]) == CONTAINERS
    assert many - few < one_bytes
