# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.fathom.containers.plugins.plugin_utils.tour.gathered import Gathered
from ansible_collections.fathom.containers.plugins.plugin_utils.tour.terminal import tour_lines
from ansible_collections.fathom.containers.tests.unit.tourresults import (
    HOSTILE,
    container,
    image,
    layer,
    namespace,
    namespaces,
    of,
    results,
    step,
    stopped,
)


def lines(told, host="one"):
    return tour_lines(Gathered(told, host, "2026-11-24T15:20:58Z"))


def test_a_tour():
    told = lines(results())
    assert told[0] == "A tour of web on one, 2026-11-24T15:20:58Z"
    assert [line for line in told if line[:1].isdigit()][::11] == [
        "1. The layers of its image",
        "12. What the engine declares",
    ]
    assert "  layer  bytes  chain id      shared with   made by" in told
    assert "      3  8 MiB  cccccccccccc  none          imported" in told
    assert "  .dockerenv  app  tmp" in told
    assert "  $ show 1" in told
    assert "  where: /proc/8940/cgroup" in told


@pytest.mark.parametrize("told", [stopped(), results(root={"files": []}), of(image=image(history=[], layers=[]))])
def test_a_tour_of_which_little_is_known(told):
    assert sum(1 for line in lines(told) if line[:1].isdigit()) == 12


def test_no_name_can_do_harm():
    told = results(container=container(name=HOSTILE, image=HOSTILE, labels={HOSTILE: HOSTILE}))
    told["root"] = {"files": [{"path": "/proc/1/root/" + HOSTILE.replace("/", "")}]}
    strange = namespaces(hostname=HOSTILE, namespaces={"net": namespace(1, False, HOSTILE)})
    told["namespaces"] = of(namespaces=strange)["namespaces"]
    told["images"] = of(image=image(history=[step(HOSTILE * 99, None)], tags=[HOSTILE]))["images"]
    told["uts"][0]["stdout_lines"] = [HOSTILE]
    text = "\n".join(lines(told, HOSTILE))
    assert not {char for char in text if not char.isprintable()} - {"\n"}
    assert "\\u202e\\x1b[31m" in text
    assert max(map(len, text.splitlines())) < 400


def test_the_path_of_a_cgroup_is_whole():
    path = "/lab.slice/docker-" + "a" * 64 + ".scope/container"
    told = lines(results(container=container(hierarchies=[{"id": 0, "controllers": [], "path": path}])))
    assert f"   0  cgroup v2    {path}" in told


def test_what_is_long_has_an_end():
    many = [layer(f"sha256:{number:064x}", number) for number in range(120)]
    told = lines(of(image=image(layers=many, history=[step("RUN " + "x" * 65536, None)])))
    assert "  and 80 more, which are on the page" in told
    assert max(map(len, told)) < 250
