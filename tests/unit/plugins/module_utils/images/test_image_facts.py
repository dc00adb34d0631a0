# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import os
import re

import pytest
from ansible_collections.fathom.containers.plugins.module_utils.engines.docker import Docker
from ansible_collections.fathom.containers.plugins.module_utils.engines.podman import Podman, PodmanState
from ansible_collections.fathom.containers.plugins.module_utils.engines.witness import Witness
from ansible_collections.fathom.containers.plugins.module_utils.errors import FathomError
from ansible_collections.fathom.containers.plugins.module_utils.images.image_facts import gather_image_facts
from ansible_collections.fathom.containers.tests.unit.fake_engine import HANG, engine, reply
from ansible_collections.fathom.containers.tests.unit.fake_images import Built, Storage, digest, image_engine, user
from ansible_collections.fathom.containers.tests.unit.hosttree import A, B, C

BASE = Built(("ADD base", 100), tags=["base:1"])
WEB = Built(("ADD base", 100), ("COPY web", 20), tags=["web:1", "web:latest"])
JOB = Built(("ADD base", 100), ("COPY job", 30), tags=["job:1"])
# What a container runs whose tag went to a newer image, so that no list has it.
OLD = Built(("ADD base", 100), ("COPY old", 9))
# What was removed although a container runs it.
GONE = Built(("ADD gone", 1))
CONTAINERS = [
    user(A, "web-1", WEB, pid=7),
    user(B, "job-1", JOB, status="exited"),
    user(C, "old-1", OLD, pid=8),
    user("d" * 64, "gone-1", GONE, pid=9),
]
ALL = image_engine([BASE, WEB, JOB], CONTAINERS, unlisted=[OLD])


class State:
    """What an engine keeps on disk of a container, and no images."""

    storage, uid = "/nowhere", 0

    def __init__(self, *claims):
        self._claims = claims

    def claims(self):
        return {one.id: one for one in self._claims}


@contextlib.contextmanager
def witnesses(*pairs, timeout_seconds=5, state=None):
    """Of (client, answers): (the witnesses, the fake engines)."""
    with contextlib.ExitStack() as stack:
        fakes = [stack.enter_context(engine(answer)) for _client, answer in pairs]
        found = [Witness(client(fake.path, timeout_seconds), state) for (client, _answer), fake in zip(pairs, fakes)]
        try:
            yield found, fakes
        finally:
            for witness in found:
                witness.close()


def gather(answer=ALL, **options):
    with witnesses((Docker, answer)) as (found, _fakes):
        return gather_image_facts(found, root="/nowhere", **options)


def ids(facts):
    return [image["id"] for image in facts["images"]]


def test_images_that_containers_were_made_from():
    facts, warnings = gather()
    assert warnings == []
    assert {image["id"]: image["containers"] for image in facts["images"]} == {
        WEB.id: ["web-1"],
        JOB.id: ["job-1"],
        OLD.id: ["old-1"],
        GONE.id: ["gone-1"],
    }
    assert [image["engine_known"] for image in facts["images"]] == [True, True, True, False]
    assert [(one["name"], one["reachable"], one["error"]) for one in facts["engines"]] == [("docker", True, None)]
    assert all("history" in image for image in facts["images"])


def test_sharing_and_bytes_are_over_all_images():
    facts, _warnings = gather(images=["web"])
    (web,) = facts["images"]
    assert web["layers"][0]["shared_with"] == sorted([BASE.id, JOB.id, OLD.id])
    assert (web["unique_bytes"], web["shared_bytes"]) == (20, 100)
    assert (facts["layers_unique_bytes"], facts["layers_shared_bytes"]) == (59, 100)


def test_all_images():
    assert ids(gather(unused=True)[0]) == [BASE.id, WEB.id, JOB.id, OLD.id, GONE.id]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"images": ["base:1"]}, [BASE.id]),
        ({"images": ["job:*", "base:*"]}, [JOB.id, BASE.id]),
        ({"images": [OLD.id]}, [OLD.id]),
        ({"images": [GONE.hex[:20]]}, [GONE.id]),
        ({"containers": ["web-1"]}, [WEB.id]),
        ({"containers": ["job-1"]}, [JOB.id]),
        ({"containers": ["gone-1", "o*"]}, [OLD.id, GONE.id]),
        ({"containers": [A[:12]]}, [WEB.id]),
        ({"containers": ["*-1"], "images": ["web*", "base*"]}, [WEB.id]),
        ({"containers": ["web-1"], "unused": True}, [WEB.id]),
    ],
)
def test_selection(options, expected):
    facts, warnings = gather(**options)
    assert (ids(facts), warnings) == (expected, [])


def test_globs_that_match_nothing_are_warnings():
    facts, warnings = gather(images=["x*"], containers=["y*"])
    assert facts["images"] == []
    assert warnings == ["no image matches 'x*'", "no container matches 'y*'"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"images": ["wbe:1"]}, "no image has the tag, digest or id 'wbe:1'; near it: web:1"),
        ({"containers": ["wbe-1"]}, "no container has the name or id 'wbe-1'; near it: web-1"),
    ],
)
def test_words_that_name_nothing(options, message):
    with pytest.raises(FathomError, match=message):
        gather(**options)


def test_one_question_for_each_thing_over_one_connection():
    with witnesses((Docker, ALL)) as (found, (fake,)):
        gather_image_facts(found, root="/nowhere")
    of_images = [target for target in fake.targets if re.match("/images/sha256", target)]
    assert fake.connections == 1
    assert sorted(of_images) == sorted(
        [f"/images/{one.id}/{word}" for one in (BASE, WEB, JOB, OLD) for word in ("json", "history")]
        + [f"/images/{GONE.id}/json"]
    )
    assert fake.targets[:2] == ["/containers/json?all=1", "/images/json"]
    assert fake.targets.count("/info") == 1


def test_each_engine_has_layers_of_its_own():
    podman = image_engine([WEB, BASE], [user("e" * 64, "web-2", WEB)], podman=True)
    with witnesses((Docker, ALL), (Podman, podman)) as (found, _fakes):
        facts, warnings = gather_image_facts(found, root="/nowhere", images=["web"])
    assert warnings == []
    told = [(one["engine"], one["containers"], one["layers"][0]["shared_with"]) for one in facts["images"]]
    assert told == [
        ("docker", ["web-1"], sorted([BASE.id, JOB.id, OLD.id])),
        ("podman", ["web-2"], [BASE.id]),
    ]
    assert (facts["layers_unique_bytes"], facts["layers_shared_bytes"]) == (59 + 20, 100 + 100)


def test_an_engine_that_hangs_in_the_middle_leaves_what_it_said():
    def answer(target):
        return [HANG] if target == f"/images/{JOB.id}/history" else ALL(target)

    with witnesses((Docker, answer), timeout_seconds=0.5) as (found, _fakes):
        facts, (warning,) = gather_image_facts(found, root="/nowhere")
    assert warning.startswith("docker can't be asked for all its images: no answer to GET /images/")
    web = facts["images"][0]
    assert (web["id"], web["layers"][0]["size_bytes"], web["layers"][0]["shared_with"]) == (WEB.id, 100, None)
    assert [image["engine_known"] for image in facts["images"]] == [True, False, False, False]
    assert (facts["layers_unique_bytes"], facts["layers_shared_bytes"]) == (None, None)


def test_an_engine_that_fails_at_one_image_tells_the_others():
    def answer(target):
        return [reply({"message": "no"}, 500)] if target == f"/images/{WEB.id}/json" else ALL(target)

    facts, (warning,) = gather(answer, unused=True)
    assert warning.startswith(f"docker can't tell 1 of its images: GET /images/{WEB.id}/json")
    told = {image["id"]: image for image in facts["images"]}
    assert {one for one, image in told.items() if image["engine_known"]} == {BASE.id, JOB.id, OLD.id}
    web = told[WEB.id]
    assert (web["engine_known"], web["containers"], web["layers"], web["history"]) == (False, ["web-1"], None, None)
    assert [one["path"] for one in web["unreadable"]] == [f"/images/{WEB.id}/json"]
    assert told[JOB.id]["layers"][0]["shared_with"] is None
    assert (facts["layers_unique_bytes"], facts["engines"][0]["reachable"]) == (None, True)


def test_an_unused_image_at_which_its_engine_fails_is_named_where_asked_for():
    def answer(target):
        return [reply({"message": "no"}, 500)] if target == f"/images/{BASE.id}/json" else ALL(target)

    facts, (warning,) = gather(answer, images=[BASE.id])
    assert BASE.id in warning
    assert [(image["id"], image["engine_known"]) for image in facts["images"]] == [(BASE.id, False)]


def test_an_engine_that_is_down_leaves_what_is_on_disk():
    with witnesses((Docker, ALL)) as (found, _fakes):
        found[0].testify(stopped=True)
        known = found[0].claims[A]._replace(engine="podman")
    witness = Witness(Podman("/nowhere", 1), State(known, known._replace(id=B, image_id="../x")))
    facts, (warning,) = gather_image_facts([witness])
    assert "systemctl enable --now podman.socket" in warning
    (web,) = facts["images"]
    assert (web["id"], web["engine_known"], web["containers"]) == (WEB.id, False, ["web-1"])
    assert facts["layers_unique_bytes"] is None


def test_a_podman_without_a_service_has_its_images_on_disk(tmp_path):
    storage = Storage(tmp_path, BASE, WEB)
    storage.write(f"{storage.driver}-containers/containers.json", [{"id": A, "names": ["web-1"], "image": WEB.hex}])
    witness = Witness(Podman("/nowhere", 1), PodmanState(str(tmp_path), os.geteuid()))
    facts, warnings = gather_image_facts([witness], images=["web"])
    assert warnings == []
    (web,) = facts["images"]
    assert (web["engine_known"], web["containers"], web["size_bytes"]) == (True, ["web-1"], 127)
    assert (web["unique_bytes"], web["shared_bytes"], facts["layers_shared_bytes"]) == (20, 100, 100)
    assert [one["reachable"] for one in facts["engines"]] == [False]


def test_a_host_without_engines():
    absent = [Witness(Docker("/nowhere", 1)), Witness(Podman("/nowhere", 1))]
    assert gather_image_facts(absent) == (
        {"images": [], "layers_unique_bytes": None, "layers_shared_bytes": None, "engines": []},
        [],
    )


def test_an_engine_that_was_asked_for_and_is_not_there():
    facts, (warning,) = gather_image_facts([Witness(Docker("/nowhere", 1))], engines=["docker"])
    assert warning.startswith("docker can't be asked for all its images: /nowhere")
    assert [one["reachable"] for one in facts["engines"]] == [False]


def test_an_image_that_is_removed_while_others_are_read():
    removed = image_engine([BASE, WEB, JOB], unlisted=[])

    def answer(target):
        return removed(target.replace(BASE.id, digest("removed")))

    facts, warnings = gather(answer, unused=True)
    assert (ids(facts), warnings) == ([WEB.id, JOB.id], [])
    assert facts["images"][0]["layers"][0]["shared_with"] == [JOB.id]
