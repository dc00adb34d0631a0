# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that modules share, and what of them makes no sense. Pure."""

from __future__ import annotations

from .engines.contract import ENGINES
from .errors import FathomError

_LONGEST_TIMEOUT_SECONDS = 86400


def shared_options(**options):
    """The argument spec of a module: the shared options (doc fragment ``containers``) and its own."""
    return engine_options(containers=dict(type="list", elements="str"), **options)


def engine_options(**options):
    """The same for a module that has its own way to say which containers (doc fragment ``containers.engines``)."""
    return dict(
        options,
        engines=dict(type="list", elements="str", choices=list(ENGINES)),
        docker_socket=dict(type="str", default="/var/run/docker.sock"),
        podman_socket=dict(type="str", default="/run/podman/podman.sock"),
        engine_timeout=dict(type="float", default=10),
    )


def check_options(params, argument_spec):
    """FathomError for an empty list where that means nothing, a time that is none, and what is no local socket."""
    for option, value in params.items():
        if value == [] and argument_spec.get(option, {}).get("default") != []:
            if argument_spec.get(option, {}).get("required"):
                raise FathomError(f"{option} is an empty list, expected at least one entry")
            choices = argument_spec.get(option, {}).get("choices")
            accepted = ", or give some of " + ", ".join(choices) if choices else ""
            raise FathomError(
                f"{option} is an empty list, which selects nothing: leave the option out for its default{accepted}"
            )
    timeout_seconds = params["engine_timeout"]
    if not 0 < timeout_seconds <= _LONGEST_TIMEOUT_SECONDS:
        raise FathomError(
            f"engine_timeout is {timeout_seconds:g}, expected seconds above 0 and up to {_LONGEST_TIMEOUT_SECONDS}"
        )
    for option in ("docker_socket", "podman_socket"):
        socket_path(option, params[option])


def socket_path(option, value):
    """The path of a local socket, also where it is written as DOCKER_HOST has it; FathomError for another address."""
    path = value[len("unix://") :] if value.startswith("unix://") else value
    if "://" in path or not path:
        raise FathomError(
            f"{option} is {value!r}, expected the path of a local unix socket, such as /var/run/docker.sock"
        )
    return path
