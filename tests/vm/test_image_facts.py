"""Images of Docker 26, of root's Podman 5 and of a user's, beside what each engine's own program says and saves.

Each engine is given the same images made by hand, and one that it makes of a container; Podman builds one as well.
"""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.live import savedimage
from tests.live.savedimage import Saved
from tests.vm import podman
from tests.vm.host import Json, Vm

MODULE = "fathom.containers.container_image_facts"
SECRET = "hunter2"
LABELS = {"fathom.lab": "vm"}
LOW, HIGH = (savedimage.layer(name, name.encode() * 1000) for name in ("low", "high"))
CREATED = {"created": "2026-01-02T03:04:05Z"}
# By purpose: the layers of an image and its history.
LOADED: dict[str, tuple[list[bytes], list[Json]]] = {
    "both": (
        [LOW, HIGH],
        [
            {"created_by": "low", **CREATED},
            {"created_by": f"/bin/sh -c #(nop)  ENV PASSWORD={SECRET}", "empty_layer": True, **CREATED},
            {"created_by": f"|1 TOKEN={SECRET} and more /bin/sh -c make {{{{ 7*7 }}}} \x1b[31m", **CREATED},
        ],
    ),
    # The same content as the second layer of the other, but upon nothing.
    "high-alone": ([HIGH], [{"created_by": "high", **CREATED}]),
    "low-alone": ([LOW], [{"created_by": "low", **CREATED}, {"created_by": "CMD", "empty_layer": True, **CREATED}]),
}
CONTAINERFILE = f"""FROM localhost/fathom-images/both:1
ARG API_TOKEN
ENV API_KEY="{SECRET} and more" COLOUR=red
COPY content /content
LABEL a=b
"""


@dataclass(frozen=True)
class Shop:
    """Whose engine it is. `prefix` is what Podman puts before a name that has no registry."""

    engine: str
    user: str
    prefix: str
    purposes: tuple[str, ...]

    def run(self, vm: Vm, *words: str, stdin: str | None = None) -> str:
        return vm.run([self.engine, *words], user=self.user, stdin=stdin)

    def tag(self, purpose: str) -> str:
        return f"{self.prefix}fathom-images/{purpose}:1"


SHOPS = {
    "docker": Shop("docker", "root", "", (*LOADED, "committed")),
    "podman": Shop("podman", "root", "localhost/", (*LOADED, "committed", "built")),
    "podman-rootless": Shop("podman", "lab", "localhost/", (*LOADED, "committed")),
}
ALL = [(name, purpose) for name, shop in SHOPS.items() for purpose in shop.purposes]


@dataclass
class Sight:
    """By engine and purpose, what the engine's program says, what it saves, and what the module tells."""

    inspected: dict[tuple[str, str], Json]
    history: dict[tuple[str, str], list[Json]]
    saved: dict[tuple[str, str], Saved]
    results: list[Json]

    def told(self, name: str, purpose: str, result: int = 0) -> Json:
        """The one record with this image's tag among those of its engine."""
        shop = SHOPS[name]
        (record,) = (
            one
            for one in self.results[result]["ansible_facts"]["container_images"]["images"]
            if shop.tag(purpose) in (one["tags"] or [])
            and (one["engine"], one["socket"] == podman.USER_SOCKET) == (shop.engine, shop.user != "root")
        )
        return record


@pytest.fixture(scope="module")
def sight(vm: Vm) -> Iterator[Sight]:
    try:
        for shop in SHOPS.values():
            _fill(vm, shop)
        (without_services,) = vm.play({MODULE: {"unused": True, "engine_timeout": 120}})
        with podman.services(vm, lasting=True):
            results = vm.play(
                {MODULE: {"unused": True, "engine_timeout": 120}},
                {MODULE: {"images": ["fathom-images/*"], "reveal": True, "engine_timeout": 120}},
                {MODULE: {"engine_timeout": 120}},
            )
        results.append(without_services)
        assert not any(result.get("failed") for result in results), results
        inspected = {
            (name, purpose): document
            for name, shop in SHOPS.items()
            for purpose, document in zip(shop.purposes, _inspect(vm, shop), strict=True)
        }
        yield Sight(
            inspected,
            {(name, purpose): _history(vm, SHOPS[name], purpose) for name, purpose in ALL},
            {(name, purpose): _save(vm, SHOPS[name], purpose, inspected[name, purpose]) for name, purpose in ALL},
            results,
        )
    finally:
        vm.clean()


def _fill(vm: Vm, shop: Shop) -> None:
    """The images of a shop, and a container of one of them."""
    for purpose, (layers, history) in LOADED.items():
        archive = savedimage.archive(shop.tag(purpose), layers, LABELS, history)
        packed = base64.b64encode(archive).decode("ascii")
        vm.run(f"base64 -d | {shop.engine} load", user=shop.user, stdin=packed)
    shop.run(vm, "create", "--name", "fathom-images", "--label", "fathom.lab=vm", shop.tag("both"))
    shop.run(vm, "cp", "/etc/hostname", "fathom-images:/copied")
    message = ("--message", f"with SECRET={SECRET}")
    # What Podman commits in its own format has no message.
    own = ("--format", "docker") if shop.engine == "podman" else ()
    shop.run(vm, "commit", *own, *message, "--change", "ENV A=b", "fathom-images", shop.tag("committed"))
    if "built" in shop.purposes:
        folder = "/tmp/fathom-images"
        vm.run(
            f"mkdir -p {folder} && cat >{folder}/Containerfile && echo content >{folder}/content", stdin=CONTAINERFILE
        )
        argument = f"API_TOKEN={SECRET}"
        shop.run(vm, "build", "--network", "none", "--build-arg", argument, "--tag", shop.tag("built"), folder)
        vm.run(["rm", "-r", folder])


def _inspect(vm: Vm, shop: Shop) -> list[Json]:
    """In the order of its purposes."""
    documents: list[Json] = json.loads(shop.run(vm, "image", "inspect", *map(shop.tag, shop.purposes)))
    return documents


def _history(vm: Vm, shop: Shop, purpose: str) -> list[Json]:
    """The first step first: {size, created_by, comment}."""
    template = "{{json .}}" if shop.engine == "docker" else "json"
    printed = shop.run(vm, "history", "--no-trunc", "--human=false", "--format", template, shop.tag(purpose))
    if shop.engine == "docker":
        rows = [json.loads(line) for line in printed.splitlines()]
        names = ("Size", "CreatedBy", "Comment")
    else:
        rows = json.loads(printed)
        names = ("size", "CreatedBy", "comment")
    return [
        {"size": int(row[names[0]]), "created_by": row.get(names[1], ""), "comment": row.get(names[2], "")}
        for row in reversed(rows)
    ]


def _save(vm: Vm, shop: Shop, purpose: str, inspected: Json) -> Saved:
    """Saved in the format that the engine keeps it in: another one would give it another config."""
    words = [shop.engine, "save", shop.tag(purpose)]
    if shop.engine == "podman":
        oci = inspected["ManifestType"].startswith("application/vnd.oci.")
        words[2:2] = ["--format", "oci-archive" if oci else "docker-archive"]
    # What it writes is for a file or a pipe.
    return savedimage.open_saved(base64.b64decode(vm.run(f"{shlex.join(words)} | base64 -w 0", user=shop.user)))


@pytest.mark.parametrize(("name", "purpose"), ALL)
def test_record_is_what_inspect_says(name: str, purpose: str, sight: Sight) -> None:
    told, inspected = sight.told(name, purpose), sight.inspected[name, purpose]
    assert (told["engine_known"], told["unreadable"]) == (True, [])
    assert told["id"] == "sha256:" + inspected["Id"].removeprefix("sha256:")
    assert (told["tags"], told["digests"]) == (inspected["RepoTags"], inspected["RepoDigests"])
    assert (told["os"], told["architecture"], told["size_bytes"]) == ("linux", "amd64", inspected["Size"])
    created = inspected.get("Created") or ""
    assert told["created"] == (None if created.startswith("0001-") else created or None)
    assert [layer["diff_id"] for layer in told["layers"]] == inspected["RootFS"]["Layers"]


@pytest.mark.parametrize(("name", "purpose"), ALL)
def test_layers_are_those_of_the_saved_image(name: str, purpose: str, sight: Sight) -> None:
    told, saved = sight.told(name, purpose), sight.saved[name, purpose]
    assert told["id"] == saved.id
    assert [layer["diff_id"] for layer in told["layers"]] == saved.diff_ids
    assert [layer["chain_id"] for layer in told["layers"]] == saved.chain_ids


@pytest.mark.parametrize(("name", "purpose"), ALL)
def test_steps_are_those_of_the_engine_and_of_the_saved_config(name: str, purpose: str, sight: Sight) -> None:
    told, saved = sight.told(name, purpose, result=1)["history"], sight.saved[name, purpose]
    assert [
        {"size": one["size_bytes"], "created_by": one["created_by"], "comment": one["comment"]} for one in told
    ] == sight.history[name, purpose]
    assert [one["created_by"] for one in told] == [one.get("created_by", "") for one in saved.history]
    assert [one["empty_layer"] for one in told] == [bool(one.get("empty_layer")) for one in saved.history]
    assert [one["chain_id"] for one in told] == saved.chain_id_of_steps
    sizes = [one["size_bytes"] for one in told if not one["empty_layer"]]
    assert [layer["size_bytes"] for layer in sight.told(name, purpose)["layers"]] == sizes


@pytest.mark.parametrize(("name", "purpose"), ALL)
def test_sharing_is_what_the_saved_images_of_the_same_engine_say(name: str, purpose: str, sight: Sight) -> None:
    own = sight.saved[name, purpose]
    others = [saved for (shop, _purpose), saved in sight.saved.items() if shop == name]
    ids = {one.id for one in others}
    for layer in sight.told(name, purpose)["layers"]:
        sharers = {one.id for one in others if layer["chain_id"] in one.chain_ids}
        assert set(layer["shared_with"]) & ids == sharers - {own.id}


@pytest.mark.parametrize("name", SHOPS)
def test_the_same_content_upon_something_else_is_another_layer(name: str, sight: Sight) -> None:
    upper = sight.told(name, "both")["layers"][1]
    (alone,) = sight.told(name, "high-alone")["layers"]
    assert upper["diff_id"] == alone["diff_id"]
    assert upper["chain_id"] != alone["chain_id"]
    assert alone["shared_with"] == []
    assert sight.told(name, "committed")["id"] in upper["shared_with"]


@pytest.mark.parametrize("name", SHOPS)
def test_only_the_image_of_a_container_unless_asked_for(name: str, sight: Sight) -> None:
    assert sight.told(name, "both", result=2)["containers"] == ["fathom-images"]
    assert sight.told(name, "low-alone")["containers"] == []
    used = sight.results[2]["ansible_facts"]["container_images"]["images"]
    assert all(one["containers"] for one in used)
    assert SHOPS[name].tag("low-alone") not in [tag for one in used for tag in one["tags"]]


@pytest.mark.parametrize("name", SHOPS)
def test_secrets_are_hidden(name: str, sight: Sight) -> None:
    lines = [one["created_by"] for one in sight.told(name, "both")["history"]]
    assert lines == [
        "low",
        "/bin/sh -c #(nop)  ENV PASSWORD=********",
        "|1 TOKEN=******** /bin/sh -c make {{ 7*7 }} \x1b[31m",
    ]
    assert SECRET in str(sight.results[1])
    assert SECRET not in str(sight.results[0]["ansible_facts"])


@pytest.mark.parametrize(("name", "purpose"), [one for one in ALL if SHOPS[one[0]].engine == "podman"])
def test_storage_tells_the_same_as_a_service(name: str, purpose: str, sight: Sight) -> None:
    assert sight.told(name, purpose, result=3) == sight.told(name, purpose)


def test_without_services_nobody_is_warned_of_them(sight: Sight) -> None:
    assert sight.results[3].get("warnings", []) == []
    told = sight.results[3]["ansible_facts"]["container_images"]
    assert (told["engines"][0]["name"], told["engines"][0]["reachable"]) == ("docker", True)
    assert len(told["images"]) == len(sight.results[0]["ansible_facts"]["container_images"]["images"])


def test_all_engines_answered(sight: Sight) -> None:
    facts = sight.results[0]["ansible_facts"]["container_images"]
    assert [(one["name"], one["socket"], one["error"]) for one in facts["engines"]] == [
        ("docker", "/var/run/docker.sock", None),
        ("podman", podman.SOCKET, None),
        ("podman", podman.USER_SOCKET, None),
    ]
    assert facts["layers_unique_bytes"] > 0
    assert facts["layers_shared_bytes"] > 0
