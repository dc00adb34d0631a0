# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a report can be written at all, asked before any host is."""

from __future__ import annotations

import os
import tempfile

from ...module_utils.errors import FathomError
from ...module_utils.policy.shown import shown
from .write import FILES, PROM


def real_folder(path):
    """Where the report is, whatever directory the task that writes it works in. FathomError where it is no path."""
    if not path or not isinstance(path, str):
        is_what = shown(path) if path else "empty"
        raise FathomError(f"audit_report_dir is {is_what}; give the directory on the controller for the report")
    return os.path.realpath(os.path.expanduser(path))


def make_writable(path, dry=False):
    """Make the directory if it isn't there, and see that files can be made in it. ``dry``: only see. FathomError."""
    try:
        if dry:
            _see(path)
        else:
            os.makedirs(path, mode=0o755, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass
    except OSError as exc:
        raise FathomError(
            f"audit_report_dir is {path}, where no report can be written: {exc.strerror}; give a directory on the "
            "controller in which files can be made"
        ) from None
    for name in FILES:
        if os.path.isdir(os.path.join(path, name)):
            raise FathomError(
                f"{os.path.join(path, name)} is a directory, and a file of the report is to have its name"
            )
    prom = os.path.join(path, PROM)
    if os.path.lexists(prom) and not os.path.isdir(prom):
        raise FathomError(f"{prom} is to be the directory of the files for Prometheus, and is something else")


def _see(path):
    """Raise OSError as it would be raised by the making of the directory, or of files in it."""
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    os.listdir(path)
    if not os.access(path, os.W_OK | os.X_OK):
        raise PermissionError(13, "Permission denied")
