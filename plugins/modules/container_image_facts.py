#!/usr/bin/python
# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: container_image_facts
short_description: What the images of a host's containers are made of, which layers they share, and how they were built
version_added: 0.1.0
description:
  - Tells of each image its layers with diff id, chain id and size, the other images that have the same layer, and the
    containers that were made from it.
  - Tells how the image was built, step by step, and which step made which layer. What looks like a secret in there is
    hidden.
  - Counts the bytes of layers that only one image has, and of those that several share.
  - Docker and Podman are asked, over one connection each. Where no service of Podman answers, its storage is read.
  - Of every image there is the layers are read, also of those that are not told, since only that shows which layers are
    shared.
extends_documentation_fragment:
  - fathom.containers.containers.engines
  - fathom.containers.containers.facts
options:
  containers:
    description:
      - Only the images of these containers, running or not, each given by its name, its id, the beginning of its id,
        or a glob over names and ids.
      - A word without a glob that matches nothing, or the beginning of several ids, is an error. A glob that matches
        nothing is a warning.
    type: list
    elements: str
  images:
    description:
      - Only these images, used by a container or not, each given by a tag, a digest, its id, the beginning of its id
        (four digits or more), or a glob over all of these.
      - A name without a tag means V(latest). The registry that a name begins with may be left out.
      - A word without a glob that matches nothing, or the beginning of several ids, is an error. A glob that matches
        nothing is a warning.
    type: list
    elements: str
  unused:
    description:
      - Whether to tell images as well that no container was made from, neither a running one nor one that has ended.
    type: bool
    default: false
  history:
    description:
      - Whether to tell how the images were built.
      - The history holds all that was typed in the build, its arguments included.
    type: bool
    default: true
  reveal:
    description:
      - Whether to leave in the history what looks like a secret.
      - By default the values of assignments, options, headers and fields such as C(TOKEN=...), C(--token ...) and
        C("token":"...") are replaced by V(********) where the name looks secret (password, passwd, secret, token, key,
        credential, auth, private and the like), and so are passwords and tokens in addresses. A secret under another
        name, or without a name, is not recognised.
      - Such a secret is in the image for everybody who has it. Take it out of there rather than out of the facts.
    type: bool
    default: false
seealso:
  - module: fathom.containers.container_cgroup_facts
  - module: fathom.containers.container_namespace_facts
  - name: OCI Image Configuration
    description: What diff ids, chain ids and the history of an image are.
    link: https://github.com/opencontainers/image-spec/blob/main/config.md
"""

EXAMPLES = r"""
- name: Gather the images of all containers
  fathom.containers.container_image_facts:

- name: Show how the image of one container was built, the last step first
  fathom.containers.container_image_facts:
    containers: [web-1]
  register: web

- name: Print it
  ansible.builtin.debug:
    msg: "{{ web.ansible_facts.container_images.images[0].history | reverse | map(attribute='created_by') }}"

- name: Gather all images without their history, to see what is there for nothing
  fathom.containers.container_image_facts:
    unused: true
    history: false

- name: Print the images that no container uses and the bytes that would be free without each of them
  ansible.builtin.debug:
    msg: "{{ item.tags | first | default(item.id) }}: {{ item.unique_bytes | ansible.builtin.human_readable }}"
  loop: "{{ ansible_facts.container_images.images | rejectattr('containers') }}"
  loop_control:
    label: "{{ item.id }}"

- name: Stop where containers run from an image that their engine no longer has
  ansible.builtin.assert:
    that: ansible_facts.container_images.images | rejectattr('engine_known') | length == 0
"""

RETURN = r"""
ansible_facts:
  description: The facts, for use in later tasks as RV(ignore:ansible_facts.container_images).
  returned: success
  type: dict
  contains:
    container_images:
      description: The images of the host's engines.
      returned: success
      type: dict
      contains:
        images:
          description: One record for each image.
          returned: success
          type: list
          elements: dict
          contains:
            id:
              description:
                - Id of the image as its engine has it, also where Podman writes it without C(sha256:).
                - It is the hash of the image's config. Where Docker keeps images in containerd's store, it is the
                  digest of the manifest or of the list of manifests instead; the config is then not found by it, and
                  RV(ignore:empty_layer) is told without.
              type: str
              returned: success
              sample: sha256:ccf5bf7f5979e5f1b3d1bd7a5b7fb8c9d6ae2d1a4d0a3c7f4d1b6d3f8e2a9c10
            engine:
              description: The engine that has it, V(docker) or V(podman).
              type: str
              returned: success
              sample: docker
            engine_known:
              description:
                - Whether the engine has the image and tells of it. If not, a container was made from it and it was
                  removed since, the engine can't be asked, or it fails at this image, which RV(ignore:unreadable) then
                  names. What only the engine can tell is then null.
              type: bool
              returned: success
              sample: true
            socket:
              description: The socket of the engine. The ordinary users' Podman have one and images of their own each.
              type: str
              returned: success
              sample: /var/run/docker.sock
            tags:
              description: Names with tags.
              type: list
              elements: str
              returned: success
              sample: [ccarmelo/goweb:latest]
            digests:
              description: Names with digests of the manifest; mostly only an image that came from a registry has some.
              type: list
              elements: str
              returned: success
              sample: []
            os:
              description: Operating system that it is for.
              type: str
              returned: success
              sample: linux
            architecture:
              description: Architecture that it is for.
              type: str
              returned: success
              sample: amd64
            created:
              description: When it was made, as the engine writes it; null if the image does not say.
              type: str
              returned: success
              sample: "2026-11-24T14:50:24.453928367Z"
            size_bytes:
              description:
                - Bytes of all its layers, as the engine counts them. Podman may count the archive of a layer and Docker
                  the files in it.
              type: int
              returned: success
              sample: 13060000
            unique_bytes:
              description:
                - Bytes of the layers that no other image of the engine has, about what is free without this image.
                - Null if the bytes of one of them can't be told or not all images could be read.
              type: int
              returned: success
              sample: 7470000
            shared_bytes:
              description: The same of the layers that other images have too.
              type: int
              returned: success
              sample: 5590000
            layers:
              description: The layers, the lowest first.
              type: list
              elements: dict
              returned: success
              contains:
                diff_id:
                  description: Hash of the layer's content, an archive that is not compressed.
                  type: str
                  returned: success
                  sample: sha256:5216338b40a7b96416b8b9858974bbe4acc3096ee60acbc4dfb1ee02aecceb10
                chain_id:
                  description: Hash of the layer with all below it, under which engines keep it.
                  type: str
                  returned: success
                  sample: sha256:5216338b40a7b96416b8b9858974bbe4acc3096ee60acbc4dfb1ee02aecceb10
                size_bytes:
                  description:
                    - Its bytes as the engine counts them. They are those of the step that made it; null if no history
                      tells which that is.
                  type: int
                  returned: success
                  sample: 5590000
                shared_with:
                  description:
                    - Ids of the other images of the engine with the same layer upon the same layers.
                    - Null if not all images could be read.
                  type: list
                  elements: str
                  returned: success
                  sample: []
            history:
              description:
                - The steps in which it was built, the first step first; C(docker history) prints them from the last on.
                - Empty if the image has none; null if it can't be told.
              type: list
              elements: dict
              returned: if O(history) is true
              contains:
                created:
                  description: When; null if the image does not say.
                  type: str
                  returned: success
                  sample: "2026-11-24T14:50:22Z"
                created_by:
                  description: What was run or set, with what looks secret hidden unless O(reveal) is true.
                  type: str
                  returned: success
                  sample: "/bin/sh -c mkdir /app"
                created_by_truncated:
                  description: Whether there was more of it than 16384 characters.
                  type: bool
                  returned: success
                  sample: false
                size_bytes:
                  description: Bytes of the layer that it made, 0 if it made none; null if the engine does not tell.
                  type: int
                  returned: success
                  sample: 0
                empty_layer:
                  description:
                    - Whether it made no layer. A layer may have no bytes, such as one with a directory.
                    - Null if that can't be told. It is read from the image's config, which Docker keeps below
                      C(/var/lib/docker) and does not tell; without it, from the number of layers and their bytes.
                  type: bool
                  returned: success
                  sample: false
                chain_id:
                  description: The layer that it made; null if it made none or that can't be told.
                  type: str
                  returned: success
                  sample: sha256:0f4d5ca9a5d6ba3f4d1f1aeb1ae5d5e0e8e2f5ab7d9ff3b1b0d7b5a1c2e3f405
                comment:
                  description: What was said of it; up to 16384 characters.
                  type: str
                  returned: success
                  sample: ""
            containers:
              description: Names of the containers that were made from it, running or not; the id of one without a name.
              type: list
              elements: str
              returned: success
              sample: [beautiful_williamson]
            unreadable:
              description: What could not be read; the values it would have given are null or found in another way.
              type: list
              elements: dict
              returned: success
              contains:
                path:
                  description: The file, or what the engine was asked.
                  type: str
                  returned: success
                  sample: /var/lib/docker/image/overlay2/imagedb/content/sha256/ccf5bf7f5979
                reason:
                  description: Why it could not be read.
                  type: str
                  returned: success
                  sample: Permission denied
        layers_unique_bytes:
          description:
            - Bytes of the layers that only one image has, over all images of the engines, also those that are not told.
            - Null if the bytes of one of them can't be told, not all images could be read or there is no engine.
          type: int
          returned: success
          sample: 7470000
        layers_shared_bytes:
          description: The same of the layers that several images have, each counted once.
          type: int
          returned: success
          sample: 5590000
        engines:
          description: The engines that were asked.
          type: list
          elements: dict
          returned: success
          contains:
            name:
              description: Name of the engine.
              type: str
              returned: success
              sample: docker
            socket:
              description: The socket it was asked on.
              type: str
              returned: success
              sample: /var/run/docker.sock
            reachable:
              description: Whether it answered everything that it was asked.
              type: bool
              returned: success
              sample: true
            error:
              description: Why it did not; null if it did.
              type: str
              returned: success
              sample: null
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.fathom.containers.plugins.module_utils.boundary import run
from ansible_collections.fathom.containers.plugins.module_utils.images.image_facts import gather_image_facts
from ansible_collections.fathom.containers.plugins.module_utils.options import engine_options

_OWN = ("containers", "images", "engines", "unused", "history", "reveal")


def gather(params, witnesses):
    facts, warnings = gather_image_facts(witnesses, **{option: params[option] for option in _OWN})
    return {"ansible_facts": {"container_images": facts}}, warnings


def main():
    module = AnsibleModule(
        argument_spec=engine_options(
            containers=dict(type="list", elements="str"),
            images=dict(type="list", elements="str"),
            unused=dict(type="bool", default=False),
            history=dict(type="bool", default=True),
            reveal=dict(type="bool", default=False),
        ),
        supports_check_mode=True,
    )
    run(module, gather)


if __name__ == "__main__":
    main()
