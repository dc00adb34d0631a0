# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells systemd the limits of a unit, so that a daemon-reload does not put back what it had (systemctl(1))."""

from __future__ import annotations

import subprocess

from ..errors import FathomError
from ..kernel.files import UNLIMITED, printable

_LONGEST_SECONDS = 30


def set_properties(unit, settings):
    """``settings``: {property: bytes or UNLIMITED}; until the unit ends. Raises FathomError.

    systemd's own program, as there is no client of D-Bus in the standard library.
    """
    words = [f"{name}={'infinity' if value == UNLIMITED else int(value)}" for name, value in settings.items()]
    try:
        done = subprocess.run(
            ["systemctl", "set-property", "--runtime", "--", unit, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise FathomError(f"systemd could not be told of the limits of {unit}: {exc}") from exc
    if done.returncode:
        said = printable(done.stderr).strip()[:200]
        raise FathomError(f"systemd did not take {' '.join(words)} for {unit}: {said!r}")
