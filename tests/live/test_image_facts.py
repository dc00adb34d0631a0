"""Images as they are told, beside docker inspect, docker history, docker system df and the saved image's own config."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import docker
import pytest
from docker.models.images import Image

from tests.live import savedimage
from tests.live.fleet import Fleet
from tests.live.plays import Json, play
from tests.live.savedimage import Saved
from tests.live.shelf import Shelf

MODULE = "fathom.containers.container_image_facts"
HIDDEN = "********"
SECRET = "hunter2"
HOSTILE = "RUN echo '{{ 7*7 }}' {% raw %} \x1b[31m<b>&amp;\u202e'\""
LONG = "RUN " + "x" * 65536
LAYERS = 120
LOW, HIGH = (savedimage.layer(name, name.encode() * 1000) for name in ("low", "high"))
# By purpose. Of those that are built: the base is the image of all containers under test.
DOCKERFILES = {
    "app": "FROM {base}\nARG API_TOKEN\nENV DB_PASSWORD='{secret} with blanks' COLOUR=red\nRUN mkdir /app\n"
    'WORKDIR /app\nCOPY content /app/\nRUN true\nRUN TOKEN={secret} touch /x\nLABEL a=b\nCMD ["sleep", "900"]\n',
    "child": "FROM {app}\nRUN echo more >/app/more\n",
    "sibling": "FROM {app}\nRUN echo other >/app/other\nENV A=b\n",
    "mother": "FROM {base}\nRUN echo mother >/mother\n",
    "daughter": "FROM {mother}\nRUN echo daughter >/daughter\n",
    "removed": "FROM {base}\nRUN echo removed >/removed\n",
    "unused": "FROM {base}\nENV B=c\n",
}
LOADED: dict[str, tuple[list[bytes], list[Json] | None]] = {
    "both": (
        [LOW, HIGH],
        [{"created_by": "low"}, {"created_by": "nothing", "empty_layer": True}, {"created_by": "high"}],
    ),
    # The same content as the second layer of the other, but upon nothing.
    "high-alone": ([HIGH], [{"created_by": "high"}]),
    "low-alone": ([LOW], [{"created_by": "low", "comment": "as in both"}]),
    "no-history": ([LOW, savedimage.layer("mute", b"mute")], None),
    "deep": (
        [savedimage.layer(f"file-{number}", b"x" * number) for number in range(LAYERS)],
        [{"created_by": f"RUN {number}", "created": "2026-01-02T03:04:05Z"} for number in range(LAYERS)],
    ),
    "strange": ([LOW], [{"created_by": HOSTILE, "comment": HOSTILE, "empty_layer": True}, {"created_by": LONG}]),
}
PURPOSES = [*(one for one in DOCKERFILES if one not in ("mother", "removed")), *LOADED]


@dataclass
class Sight:
    """The results of the tasks, by what each was asked for, and what Docker itself has."""

    shelf: Shelf
    fleet: Fleet
    images: dict[str, Image]
    saved: dict[str, Saved]
    shared_bytes: dict[str, int]
    results: dict[str, Json]

    def facts(self, asked: str) -> Json:
        return self.results[asked]["ansible_facts"]["container_images"]

    def told(self, asked: str) -> dict[str, Json]:
        """The records of this module's images, by purpose."""
        purposes = {str(image.id): purpose for purpose, image in self.images.items()}
        return {purposes[one["id"]]: one for one in self.facts(asked)["images"] if one["id"] in purposes}


@pytest.fixture(scope="module")
def shelf(client: docker.DockerClient) -> Iterator[Shelf]:
    shelf = Shelf(client, secrets.token_hex(3))
    try:
        yield shelf
    finally:
        shelf.remove()


@pytest.fixture(scope="module")
def sight(shelf: Shelf, fleet: Fleet, client: docker.DockerClient, image: str) -> Iterator[Sight]:
    tags = {"base": image, "secret": SECRET, **{purpose: shelf.tag(purpose) for purpose in DOCKERFILES}}
    images = {
        purpose: shelf.build(purpose, dockerfile.format(**tags), API_TOKEN=f"{SECRET} and more")
        if "ARG" in dockerfile
        else shelf.build(purpose, dockerfile.format(**tags))
        for purpose, dockerfile in DOCKERFILES.items()
    }
    images |= {purpose: shelf.load(purpose, *made) for purpose, made in LOADED.items()}
    try:
        _use(fleet, client, images)
        saved = {purpose: shelf.save(purpose) for purpose in PURPOSES}
        disk_use = {one["Id"]: one["SharedSize"] for one in client.df()["Images"]}
        asked: dict[str, Json] = {
            "all": {"unused": True},
            "used": {},
            "revealed": {"images": [shelf.glob], "reveal": True},
            "by-glob": {"images": [shelf.glob], "history": False},
            "by-container": {"containers": [fleet.name("app")]},
            "checked": {"images": [shelf.tag("app")]},
        }
        tasks: list[Json] = [{MODULE: options} for options in asked.values()]
        tasks[-1]["check_mode"] = True
        used = "{{ ansible_facts.container_images.images[0].history | map(attribute='comment') }}"
        *results, seen = play(
            *tasks, {MODULE: {"images": [shelf.tag("strange")]}}, {"ansible.builtin.debug": {"msg": used}}
        )
        told = dict(zip([*asked, "strange"], results, strict=True))
        yield Sight(shelf, fleet, images, saved, disk_use, {**told, "seen": seen})
    finally:
        # Images that containers use can't be removed.
        fleet.remove()


def _use(fleet: Fleet, client: docker.DockerClient, images: dict[str, Image]) -> None:
    """A container that runs, one that has ended, one whose image has lost its name, and one whose image is gone."""
    fleet.run("app", image=images["app"].id)
    fleet.create("child", image=images["child"].id)
    fleet.run("mother", image=images["mother"].id)
    client.images.remove(images["mother"].tags[0], force=True)
    removed = fleet.create("removed", image=images["removed"].id)
    client.images.remove(str(images["removed"].id), force=True)
    removed.start()


def _utc(seconds: int) -> str | None:
    # Docker's word for no time is the first second of the year 1.
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds > -62135596800 else None


@pytest.mark.parametrize("purpose", PURPOSES)
def test_record_is_what_inspect_says(purpose: str, sight: Sight) -> None:
    told, attrs = sight.told("all")[purpose], sight.images[purpose].attrs
    assert (told["engine"], told["engine_known"], told["unreadable"]) == ("docker", True, [])
    assert (told["id"], told["tags"], told["digests"]) == (attrs["Id"], attrs["RepoTags"], attrs["RepoDigests"])
    assert (told["os"], told["architecture"], told["size_bytes"]) == (attrs["Os"], attrs["Architecture"], attrs["Size"])
    assert told["created"] == (None if attrs["Created"].startswith("0001-") else attrs["Created"])
    assert [layer["diff_id"] for layer in told["layers"]] == attrs["RootFS"]["Layers"]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_layers_are_those_of_the_saved_image(purpose: str, sight: Sight) -> None:
    told, saved = sight.told("all")[purpose], sight.saved[purpose]
    assert told["id"] == saved.id
    assert [layer["diff_id"] for layer in told["layers"]] == saved.diff_ids == saved.config["rootfs"]["diff_ids"]
    assert [layer["chain_id"] for layer in told["layers"]] == saved.chain_ids


@pytest.mark.parametrize("purpose", PURPOSES)
def test_steps_are_those_of_docker_history(purpose: str, sight: Sight) -> None:
    told = sight.told("revealed")[purpose]["history"]
    rows = list(reversed(sight.images[purpose].history()))
    assert [(one["created"], one["size_bytes"], one["comment"]) for one in told] == [
        (_utc(row["Created"]), row["Size"], row["Comment"]) for row in rows
    ]
    assert [one["created_by"] for one in told] == [row["CreatedBy"][:16384] for row in rows]
    assert [one["created_by_truncated"] for one in told] == [len(row["CreatedBy"]) > 16384 for row in rows]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_steps_are_matched_to_layers_as_the_saved_config_has_them(purpose: str, sight: Sight) -> None:
    told, saved = sight.told("all")[purpose], sight.saved[purpose]
    assert [one["empty_layer"] for one in told["history"]] == [bool(one.get("empty_layer")) for one in saved.history]
    assert [one["chain_id"] for one in told["history"]] == saved.chain_id_of_steps
    if saved.history:
        made = [one["size_bytes"] for one in told["history"] if not one["empty_layer"]]
        assert [layer["size_bytes"] for layer in told["layers"]] == made
        assert sum(made) == told["size_bytes"]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_sharing_is_what_saved_images_say(purpose: str, sight: Sight) -> None:
    """Among the images of this module; with others of this machine at most the base is shared."""
    own = sight.saved[purpose]
    ids = {saved.id for saved in sight.saved.values()}
    for layer in sight.told("all")[purpose]["layers"]:
        sharers = {one.id for one in sight.saved.values() if layer["chain_id"] in one.chain_ids}
        assert set(layer["shared_with"]) & ids == sharers - {own.id}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_bytes_are_those_of_docker_system_df(purpose: str, sight: Sight) -> None:
    told = sight.told("all")[purpose]
    if purpose == "no-history":
        # The layer that another image has is known by that one's history; nobody tells of the other.
        assert [layer["size_bytes"] for layer in told["layers"]] == [3000, None]
        assert (told["shared_bytes"], told["unique_bytes"]) == (3000, None)
        return
    shared_bytes = sight.shared_bytes[told["id"]]
    if purpose == "daughter":
        # Docker does not count the image without a name, which a container uses all the same.
        shared_bytes += told["layers"][1]["size_bytes"]
    assert (told["shared_bytes"], told["unique_bytes"]) == (shared_bytes, told["size_bytes"] - shared_bytes)


def test_the_same_content_upon_something_else_is_another_layer(sight: Sight) -> None:
    told = sight.told("all")
    upper, alone = told["both"]["layers"][1], told["high-alone"]["layers"][0]
    assert upper["diff_id"] == alone["diff_id"]
    assert upper["chain_id"] != alone["chain_id"]
    assert (upper["shared_with"], alone["shared_with"]) == ([], [])
    assert str(sight.images["both"].id) in told["low-alone"]["layers"][0]["shared_with"]


def test_totals_count_each_layer_once(sight: Sight) -> None:
    facts = sight.facts("all")
    # Nobody tells the bytes of a layer of the image without a history.
    assert facts["layers_unique_bytes"] is None
    sizes = {
        layer["chain_id"]: layer["size_bytes"]
        for one in facts["images"]
        for layer in one["layers"] or []
        if layer["shared_with"]
    }
    assert facts["layers_shared_bytes"] == sum(sizes.values())
    assert {sight.facts(asked)["layers_shared_bytes"] for asked in ("used", "by-glob")} == {sum(sizes.values())}


def test_only_images_that_containers_use_unless_asked_for(sight: Sight) -> None:
    told = {purpose: one["containers"] for purpose, one in sight.told("used").items()}
    assert told == {purpose: [sight.fleet.name(purpose)] for purpose in ("app", "child", "mother", "removed")}
    assert set(sight.told("all")) == {*PURPOSES, "mother", "removed"}
    assert sight.told("all")["unused"]["containers"] == []
    assert set(sight.told("by-glob")) == set(PURPOSES)
    assert set(sight.told("by-container")) == {"app"}


def test_an_image_without_a_name_that_another_is_built_on(sight: Sight) -> None:
    """No list of the engine has it."""
    told = sight.told("used")["mother"]
    assert (told["tags"], told["engine_known"]) == ([], True)
    assert str(sight.images["daughter"].id) in told["layers"][1]["shared_with"]


def test_an_image_that_was_removed_below_a_running_container(sight: Sight) -> None:
    told = sight.told("used")["removed"]
    assert (told["engine_known"], told["containers"]) == (False, [sight.fleet.name("removed")])
    assert {told[key] for key in ("tags", "layers", "history", "size_bytes", "created", "unique_bytes")} == {None}
    assert sight.results["used"].get("warnings", []) == []


def test_secrets_are_hidden_unless_asked_for(sight: Sight) -> None:
    revealed, hidden = (
        [one["created_by"] for one in sight.told(asked)["app"]["history"]] for asked in ("revealed", "all")
    )
    with_secrets = [line for line in revealed if SECRET in line]
    assert len(with_secrets) >= 3
    assert SECRET not in str(sight.facts("all"))
    assert [line for line in hidden if f"API_TOKEN={HIDDEN}" in line]
    assert [line for line in hidden if line.endswith(f"ENV DB_PASSWORD={HIDDEN} COLOUR=red")]
    assert [line for line in hidden if line.endswith(f"TOKEN={HIDDEN} touch /x")]
    harmless = [number for number, line in enumerate(revealed) if SECRET not in line]
    assert [hidden[number] for number in harmless] == [revealed[number] for number in harmless]


def test_no_history_where_none_is_asked_for(sight: Sight) -> None:
    whole = sight.told("all")
    for purpose, told in sight.told("by-glob").items():
        assert told == {key: value for key, value in whole[purpose].items() if key != "history"}


def test_text_of_builders_is_data_with_an_end(sight: Sight) -> None:
    strange, long = sight.told("all")["strange"]["history"]
    assert (strange["created_by"], strange["comment"]) == (HOSTILE, HOSTILE)
    assert (long["created_by"], long["created_by_truncated"]) == (LONG[:16384], True)
    assert HOSTILE in sight.results["seen"]["msg"]


def test_check_mode_gives_the_same_and_nothing_is_changed(sight: Sight) -> None:
    checked = sight.results["checked"]
    assert (checked["changed"], "skipped" in checked) == (False, False)
    assert sight.told("checked")["app"] == sight.told("all")["app"]
