# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module boundary: the options that modules share, and the one place where an error becomes a failed task."""

from __future__ import annotations

import gc

from . import once_compiled  # noqa: F401  # pylint: disable=unused-import
from .engines.contract import ENGINES
from .engines.find import witnesses
from .errors import FathomError
from .nothing_hidden import spare_the_search

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


def run(module, action):
    """``action(params, witnesses)`` gives (what the module returns, warnings); ends the module."""
    spare_the_search(module)
    # A module ends before its garbage is worth a search.
    gc.disable()
    asked = []
    try:
        _check(module.params, module.argument_spec)
        asked = witnesses(module.params)
        result, warnings = action(module.params, asked)
    except FathomError as exc:
        module.fail_json(msg=str(exc))
    finally:
        for witness in asked:
            witness.close()
    for warning in warnings:
        module.warn(warning)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


def _check(params, argument_spec):
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
