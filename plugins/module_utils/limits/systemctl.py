# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells systemd the limits of a unit, so that a daemon-reload does not put back what it had (systemctl(1))."""

from __future__ import annotations

from ..errors import FathomError
from ..kernel.files import UNLIMITED, printable


def set_properties(run_command, unit, settings):
    """``settings``: {property: bytes or UNLIMITED}; until the unit ends. Raises FathomError.

    ``run_command`` is AnsibleModule's. systemd's own program, as there is no client of D-Bus in the standard library;
    it gives up by itself where systemd does not answer, after 25 seconds.
    """
    words = [f"{name}={'infinity' if value == UNLIMITED else int(value)}" for name, value in settings.items()]
    command = ["systemctl", "set-property", "--runtime", "--", unit, *words]
    try:
        status, _out, said = run_command(command, handle_exceptions=False, encoding=None)
    except OSError as exc:
        raise FathomError(f"systemd could not be told of the limits of {unit}: {exc}") from exc
    if status:
        raise FathomError(f"systemd did not take {' '.join(words)} for {unit}: {printable(said).strip()[:200]!r}")
