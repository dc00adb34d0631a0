# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import xml.etree.ElementTree as ET

from ansible_collections.fathom.containers.plugins.plugin_utils.sharing_svg import sharing_svg
from ansible_collections.fathom.containers.tests.unit.auditanswers import container, random_answer
from hypothesis import given
from hypothesis import strategies as st

SVG = "{http://www.w3.org/2000/svg}"
MARKUP = {"svg", "title", "desc", "style", "text", "path", "rect", "circle", "g"}


def texts(root):
    return [element.text or "" for element in root.iter(SVG + "text")]


def test_a_picture():
    web = container("web", shared={"net": "host", "uts": None})
    pair = [container(name, shared={"net": [other]}) for name, other in (("a", "b"), ("b", "a"))]
    group = {"type": "net", "inode": 1, "with_host": False, "containers": ["a", "b"]}
    root = ET.fromstring(sharing_svg([web, *pair], [group], "one.example.org"))
    assert root.get("role") == "img"
    ids = {element.get("id"): element.text for element in root.iter() if element.get("id")}
    assert [ids[name] for name in root.get("aria-labelledby").split()] == [
        "Namespaces shared on one.example.org",
        "web shares net with the host; not known: uts. a, b shares net with containers.",
    ]
    assert {"the host", "net", "uts", "web", "a, b", "2 containers", "?"} <= set(texts(root))
    # In columns of their own: the host's line is the first, that of the pair beside it.
    dots = {element.get("class"): element.get("cx") for element in root.iter(SVG + "circle") if element.get("r") == "6"}
    assert dots["host"] != dots["peer"]


def test_nothing_to_draw():
    assert "no container runs here" in sharing_svg([], [])
    assert "no namespace is shared" in sharing_svg([container("a", shared={})], [])


def test_what_is_not_drawn_is_told():
    sets = [[f"s{size}-{member}" for member in range(size)] for size in range(2, 44)]
    rows = [container(name, shared={"net": names}) for names in sets for name in names]
    shared = [{"type": "net", "inode": 1, "with_host": False, "containers": names} for names in sets]
    assert " more containers are not drawn" in sharing_svg(rows, shared)
    assert " more containers are not drawn" not in sharing_svg(rows[:100], shared)


def test_pictures_on_one_page_share_a_style_and_no_id():
    first, second = (ET.fromstring(sharing_svg([], [], prefix=prefix, style=False)) for prefix in ("p1", "p2"))
    assert not list(first.iter(SVG + "style"))
    ids = [{element.get("id") for element in root.iter()} - {None} for root in (first, second)]
    assert not ids[0] & ids[1]


def test_no_row_is_outside_of_the_picture():
    answer = random_answer(2, 100)
    root = ET.fromstring(sharing_svg(answer["containers"], answer["shared"]))
    width, height = float(root.get("width")), float(root.get("height"))
    assert all(
        0 <= float(dot.get("cx")) <= width and float(dot.get("cy")) < height for dot in root.iter(SVG + "circle")
    )


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_name_becomes_markup(name, host):
    text = sharing_svg([container(name, shared={"net": "host"})], [], host)
    root = ET.fromstring(text)
    assert {element.tag.replace(SVG, "") for element in root.iter()} <= MARKUP
    assert "<script" not in text
