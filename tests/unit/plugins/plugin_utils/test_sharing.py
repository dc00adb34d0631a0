# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.fathom.containers.plugins.plugin_utils.sharing import (
    HOST,
    OWN,
    UNKNOWN,
    Line,
    label,
    picture,
    sentences,
)
from ansible_collections.fathom.containers.tests.unit.auditanswers import container, random_answer
from hypothesis import given
from hypothesis import strategies as st


def one(name, **shared):
    return container(name, shared=shared)


def group(kind, *names):
    return {"type": kind, "inode": 1, "with_host": False, "containers": list(names)}


def test_nothing_is_shared():
    drawn = picture([one("a"), one("b")], [])
    assert (drawn.columns, drawn.lines, drawn.left_out) == ([], [], 0)
    assert [(row.names, row.count) for row in drawn.rows] == [(["a", "b"], 2)]
    assert sentences(drawn) == ["a, b shares nothing."]


def test_no_container():
    assert picture([], []) == ([], [], [], 0)


def test_with_the_host():
    drawn = picture([one("db", user="host"), one("web", user="host", net="host")], [])
    assert drawn.columns == ["net", "user"]
    assert [(row.names, row.cells) for row in drawn.rows] == [(["web"], [0, 1]), (["db"], [OWN, 1])]
    assert drawn.lines == [Line("net", True, (0,)), Line("user", True, (0, 1))]
    assert sentences(drawn) == ["web shares net, user with the host.", "db shares user with the host."]


def test_what_is_not_known_is_not_called_its_own():
    drawn = picture([one("a", net=None)], [])
    assert (drawn.columns, drawn.rows[0].cells, drawn.lines) == (["net"], [UNKNOWN], [])
    assert sentences(drawn) == ["a shares nothing; not known: net."]


def test_with_each_other():
    drawn = picture(
        [one("app", net=["side"], ipc=["side"]), one("side", net=["app"], ipc=["app"])],
        [
            group("net", "app", "side"),
            group("ipc", "app", "side"),
        ],
    )
    assert [(row.names, row.count, row.copies) for row in drawn.rows] == [(["app", "side"], 2, 1)]
    assert drawn.lines == [Line("net", False, (0,)), Line("ipc", False, (0,))]
    assert sentences(drawn) == ["app, side shares net, ipc with containers."]


def test_one_that_joined_others_is_a_row_of_its_own_on_their_line():
    members = ["app", "side", "join"]
    drawn = picture(
        [one("app", net=members, ipc=["side"]), one("side", net=members, ipc=["app"]), one("join", net=members)],
        [group("net", *members), group("ipc", "app", "side")],
    )
    assert [row.names for row in drawn.rows] == [["app", "side"], ["join"]]
    assert drawn.lines == [Line("net", False, (0, 1)), Line("ipc", False, (0,))]


def pods(number):
    names = [[f"pod{pod}-{part}" for part in ("web", "log")] for pod in range(number)]
    containers = [one(name, net=[other for other in pod if other != name]) for pod in names for name in pod]
    return containers, [group("net", *pod) for pod in names]


def test_sets_that_look_alike_are_drawn_once():
    drawn = picture(*pods(50))
    assert [(row.count, row.copies, row.names[:3]) for row in drawn.rows] == [
        (100, 50, ["pod0-web", "pod0-log", "pod1-web"])
    ]
    assert len(drawn.lines) == 1


def test_sets_of_other_sizes_are_not_alike():
    containers, shared = pods(2)
    containers.append(one("third", net=["pod0-web", "pod0-log"]))
    shared[0]["containers"].append("third")
    assert sorted((row.count, row.copies) for row in picture(containers, shared).rows) == [(2, 1), (3, 1)]


def test_without_the_groups_the_members_tell_the_namespace():
    drawn = picture([one("app", net=["side"]), one("side", net=["app"])], [])
    assert [row.count for row in drawn.rows] == [2]


def sets_of_growing_size(number):
    """So many sets that do not look alike: of two, of three, ..."""
    sets = [[f"s{size}-{member}" for member in range(size)] for size in range(2, number + 2)]
    containers = [one(name, net=[other for other in names if other != name]) for names in sets for name in names]
    return containers, [group("net", *names) for names in sets]


def test_the_most_rows_that_are_drawn():
    containers, shared = sets_of_growing_size(8)
    drawn = picture(containers, shared, most_rows=3)
    assert len(drawn.rows) == 3
    assert drawn.left_out == len(containers) - sum(row.count for row in drawn.rows)
    assert all(row < 3 for line in drawn.lines for row in line.rows)


def test_names_are_cut():
    (row,) = picture([one(f"c{number}") for number in range(100)], []).rows
    assert label(row) == "c0, c1, c2 and 97 more"


cells = st.sampled_from([None, "host", "x", "y"])


@given(st.lists(st.dictionaries(st.sampled_from(["net", "pid", "user"]), cells, max_size=3), max_size=12))
def test_every_container_is_drawn_once_and_shares_what_it_shares(given_cells):
    names = [f"c{number}" for number in range(len(given_cells))]
    groups = {
        (kind, letter): [name for name, row in zip(names, given_cells) if row.get(kind) == letter]
        for kind in ("net", "pid", "user")
        for letter in "xy"
    }
    containers = [
        one(name, **{kind: groups[kind, cell] if cell in ("x", "y") else cell for kind, cell in row.items()})
        for name, row in zip(names, given_cells)
    ]
    drawn = picture(containers, [group(kind, *members) for (kind, _letter), members in groups.items() if members])
    assert sum(row.count for row in drawn.rows) == len(names)
    assert sorted(name for row in drawn.rows for name in row.names) == sorted(names)
    for row in drawn.rows:
        for name in row.names:
            mine = given_cells[int(name[1:])]
            for kind, cell in zip(drawn.columns, row.cells):
                told = UNKNOWN if cell == UNKNOWN else OWN if cell == OWN else drawn.lines[cell].with_host
                wanted = {"host": True, "x": False, "y": False, None: UNKNOWN}[mine[kind]] if kind in mine else OWN
                assert told == wanted
            assert all(kind in drawn.columns for kind in mine)


def test_a_hundred_random_containers_are_few_rows():
    answer = random_answer(1, 100)
    assert len(picture(answer["containers"], answer["shared"]).rows) <= 4
    assert HOST == "host"
