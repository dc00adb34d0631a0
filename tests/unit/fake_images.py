# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of a fake engine: what Docker's API and Podman's answer for them, and the config that both are about."""

from __future__ import annotations

import base64
import hashlib
import json
import os

from ansible_collections.fathom.containers.tests.unit.fake_engine import docker, inspected, reply

INFO = {"ServerVersion": "20.10", "CgroupDriver": "cgroupfs", "DockerRootDir": "/srv/docker", "Driver": "overlay2"}
CREATED_SECONDS = 1795506044
CREATED = "2026-11-24T07:40:44Z"


def digest(data):
    """``sha256:...`` of a text or bytes."""
    return "sha256:" + hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


class Built:
    """An image. ``steps``: (created_by, bytes of its layer or None for none, what is in the layer)."""

    def __init__(self, *steps, tags=(), env=(), history=True):
        self.tags = list(tags)
        self.env = list(env)
        self.steps = [(*step, *step[:1])[:3] for step in steps]
        self.diff_ids = [digest(content) for _by, size, content in self.steps if size is not None]
        self.told = self.steps if history else []
        self.history = [
            dict({"created": CREATED, "created_by": by}, **({"empty_layer": True} if size is None else {}))
            for by, size, _content in self.told
        ]
        config = {"history": self.history, "rootfs": {"diff_ids": self.diff_ids}, "config": {"Env": self.env}}
        self.config = json.dumps(config).encode()
        self.id = digest(self.config)
        self.hex = self.id[len("sha256:") :]

    def inspect(self):
        return {
            "Id": self.id,
            "RepoTags": self.tags or None,
            "RepoDigests": [],
            "Created": "2026-11-24T07:40:44.411772816Z",
            "Os": "linux",
            "Architecture": "amd64",
            "Size": sum(size or 0 for _by, size, _content in self.steps),
            "Config": {"Env": self.env or None},
            "RootFS": {"Type": "layers", "Layers": self.diff_ids},
        }

    def rows(self):
        """The answer about its history, the last step first."""
        return [
            {"Id": "<missing>", "Created": CREATED_SECONDS, "CreatedBy": by, "Size": size or 0, "Comment": ""}
            for by, size, _content in reversed(self.told)
        ]

    def keep(self, root):
        """Write its config where the engine of INFO has it."""
        folder = f"{root}/srv/docker/image/overlay2/imagedb/content/sha256"
        os.makedirs(folder, exist_ok=True)
        path = f"{folder}/{self.hex}"
        with open(path, "wb") as file:
            file.write(self.config)
        return path


class Storage:
    """What a Podman keeps on disk of these images, below ``root``; of each image's own files 7 bytes."""

    def __init__(self, root, *images, driver="overlay"):
        self.root, self.driver = str(root), driver
        self.rows, self.layers = [], {}
        for image in images:
            self.add(image)

    def add(self, image, **changes):
        parent = ""
        for number, diff_id in enumerate(image.diff_ids):
            size = [one for _by, one, _content in image.steps if one is not None][number]
            layer = digest(parent + diff_id)[len("sha256:") :]
            self.layers[layer] = {"id": layer, "parent": parent, "diff-digest": diff_id, "diff-size": size}
            parent = layer
        row = {"id": image.hex, "names": image.tags, "digest": digest("manifest"), "layer": parent}
        self.rows.append(dict(row, **{"big-data-sizes": {"manifest": 7}}, **changes))
        name = base64.b64encode(image.id.encode()).decode()
        self.write(f"{self.driver}-images/{image.hex}/={name}", image.config)
        self.save()

    def save(self):
        self.write(f"{self.driver}-images/images.json", self.rows)
        self.write(f"{self.driver}-layers/layers.json", list(self.layers.values()))

    def write(self, path, content):
        whole = f"{self.root}/{path}"
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "wb") as file:
            file.write(content if isinstance(content, bytes) else json.dumps(content).encode())
        return whole


def user(container_id, name, image, **fields):
    """A container that was made from an image, as ``fake_engine.inspected`` gives it."""
    return dict(inspected(container_id, name, **fields), Image=image.id)


def image_engine(images, containers=(), unlisted=(), podman=False):
    """The answers of an engine that has these images; the ``unlisted`` are not among all it lists."""
    of_containers = docker(*containers, info=INFO)
    by_id = {image.id: image for image in (*images, *unlisted)}

    def answer(target):
        if target in ("/containers/json", "/containers/json?all=1"):
            rows = json.loads(of_containers(target)[0].partition(b"\r\n\r\n")[2])
            images_of = {one["Id"]: one["Image"] for one in containers}
            return [reply([dict(row, ImageID=images_of[row["Id"]]) for row in rows])]
        if target == "/_ping":
            return [reply("OK", headers=["Libpod-API-Version: 5.4.2"])]
        if target == "/images/json":
            return [reply([{"Id": image.id} for image in images])]
        words = target.split("/")
        own = words[1].startswith("v")
        if "images" not in words or own is not (podman and words[-1] == "json"):
            return of_containers(target)
        image = by_id.get(words[-2])
        if image is None:
            return [reply({"message": "No such image"}, 404)]
        if words[-1] == "history":
            return [reply(image.rows())]
        return [reply(dict(image.inspect(), **({"Id": image.hex, "History": image.history} if own else {})))]

    return answer
