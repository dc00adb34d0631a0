# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import re

import pytest
from ansible_collections.fathom.containers.plugins.plugin_utils.tour.gathered import Gathered
from ansible_collections.fathom.containers.plugins.plugin_utils.tour.page import tour_page
from ansible_collections.fathom.containers.tests.unit.tourresults import (
    HOSTILE,
    container,
    image,
    namespace,
    namespaces,
    of,
    results,
    step,
    stopped,
)

ROLE = os.path.join(os.path.dirname(__file__), *[os.pardir] * 5, "roles", "tour")


def page(told, host="one"):
    return tour_page(Gathered(told, host, "2026-11-24T15:20:58Z"), ROLE)


@pytest.mark.parametrize("told", [results(), stopped(), results(images={"msg": "no"}, root={"msg": "no"})])
def test_every_chapter_is_there_and_nothing_is_fetched(told):
    text = page(told)
    assert len(re.findall("<section ", text)) == 12
    assert re.findall(r"""(?:src|href)=["']?([^#"'> ]+)""", text) == []
    assert "<script" not in text
    assert "default-src 'none'" in text


def test_pictures_stand_beside_words():
    text = page(results())
    assert len(re.findall("<figure ", text)) == 3
    assert 'aria-label="3 layers upon one another, to scale; the largest is number 3 with 8 MiB"' in text
    assert [line for line in text.splitlines() if 'class="box own"' in line]


def test_names_are_text():
    told = results(container=container(name=HOSTILE, image=HOSTILE, labels={HOSTILE: HOSTILE}))
    strange = namespaces(hostname=HOSTILE, namespaces={"net": namespace(1, False, HOSTILE)})
    told["namespaces"] = of(namespaces=strange)["namespaces"]
    told["images"] = of(image=image(history=[step(HOSTILE, None)], tags=[HOSTILE]))["images"]
    told["uts"][0]["stdout_lines"] = [HOSTILE]
    text = page(told, HOSTILE)
    assert "<img" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.count("&lt;img src=x") > 8
    assert "{{ 7*7 }}" in text
