# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which containers a rule of a policy, or an entry of ``limits``, applies to. Pure.

A match is a dictionary with some of ``containers``, ``labels``, ``images``, ``engines``, ``states`` and
``compose_projects``; a key that is missing or None leaves every container in, and all the others have to fit. What is
not known of a container (its image where no engine tells) fits nothing; :func:`may_fit` tells where that is why.
"""

from __future__ import annotations

import re

from ..engines.contract import ENGINES, ID_PREFIX
from ..errors import FathomError
from ..globs import globbed, is_glob
from . import kinds

# What Docker and Podman call the states of containers.
_STATES = (
    *("running", "paused", "restarting", "created", "initialized", "configured"),
    *("stopping", "stopped", "exited", "removing", "dead", "unknown"),
)

MATCH = {
    "containers": kinds.any_of(kinds.text),
    "labels": kinds.labels,
    "images": kinds.any_of(kinds.text),
    "engines": kinds.any_of(kinds.choice(*ENGINES)),
    "states": kinds.any_of(kinds.choice(*_STATES)),
    "compose_projects": kinds.any_of(kinds.text),
}

_PREFIX = re.compile(rf"{ID_PREFIX}\Z")
_PROJECT_LABELS = ("com.docker.compose.project", "io.podman.compose.project")
# Podman's word for an image that was built here.
_LOCAL = "localhost/"


def fits(match, container):
    """Whether a container (anything with ``id``, ``name``, ``engine``, ``image``, ``labels``, ``state``) is meant."""
    return all(test(match[key], container) for key, test in _TESTS.items() if match.get(key) is not None)


def may_fit(match, container, untold):
    """Whether it could be meant if what is ``untold`` of it (some of _ASKED_FOR) were known."""
    return all(
        _ASKED_FOR.get(key) in untold or test(match[key], container)
        for key, test in _TESTS.items()
        if match.get(key) is not None
    )


def exact_words(match):
    """The words of ``containers`` that are no glob, each of which is expected to mean a container."""
    return [word for word in match.get("containers") or () if not is_glob(word)]


def resolve(match, containers):
    """(The match with the ids that its exact words mean, the words that mean no container.)

    A word means the containers of this name, or else that of this id, or else the one whose id begins so. With one
    container in sight :func:`fits` can't tell that a word is another one's name. Raises FathomError where several
    ids begin with the word.
    """
    ids, missing = [], []
    for word in exact_words(match):
        meant = [one.id for one in containers if one.name == word] or _by_id(containers, word)
        ids.extend(meant)
        if not meant:
            missing.append(word)
    if match.get("containers") is None:
        return match, []
    globs = [word for word in match["containers"] if is_glob(word)]
    return dict(match, containers=globs + ids), missing


def _by_id(containers, word):
    # Several cgroups may bear one id: anybody can make one in a cgroup of their own.
    ids = {one.id for one in containers if one.id == word}
    ids = ids or {one.id for one in containers if _PREFIX.match(word) and one.id.startswith(word)}
    if len(ids) > 1:
        raise FathomError(
            f"container id prefix {word!a} fits {len(ids)} containers: "
            f"{', '.join(sorted(one[:12] for one in ids)[:10])}; give more of the id, or the name"
        )
    return list(ids)


def _containers(words, container):
    name, identity = container.name or "", container.id
    for word in words:
        if word in (name, identity) or (_PREFIX.match(word) and identity.startswith(word)):
            return True
        if is_glob(word) and (globbed(name, word) or globbed(identity, word)):
            return True
    return False


def _labels(wanted, container):
    labels = container.labels or {}
    return all(key in labels and globbed(labels[key], glob) for key, glob in wanted.items())


def _images(globs, container):
    return any(globbed(name, glob) for name in image_names(container.image) for glob in globs)


def image_names(image):
    """``nginx`` -> ``nginx``, ``nginx:latest``; ``localhost/web:1`` -> also ``web:1``."""
    if not image:
        return []
    names = [image]
    if "@" not in image and ":" not in image.rpartition("/")[2]:
        names.append(image + ":latest")
    return names + [name[len(_LOCAL) :] for name in names if name.startswith(_LOCAL)]


def _projects(globs, container):
    labels = container.labels or {}
    projects = [labels[key] for key in _PROJECT_LABELS if key in labels]
    return any(globbed(project, glob) for project in projects for glob in globs)


_TESTS = {
    "engines": lambda engines, container: container.engine in engines,
    "states": lambda states, container: container.state in states,
    "containers": _containers,
    "labels": _labels,
    "images": _images,
    "compose_projects": _projects,
}
# What a test asks for that an engine alone can tell.
_ASKED_FOR = {
    "engines": "engine",
    "containers": "name",
    "labels": "labels",
    "images": "image",
    "compose_projects": "labels",
}
