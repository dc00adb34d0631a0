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
    if "\0" in path:
        raise FathomError(f"audit_report_dir is {shown(path)}, which no file can be called; give another name")
    return os.path.realpath(os.path.expanduser(path))


def make_writable(path, dry=False):
    """Make the directory if it isn't there, and see that files can be made in it. ``dry``: only see. FathomError."""
    prom = os.path.join(path, PROM)
    folder = path
    try:
        if not dry:
            os.makedirs(path, mode=0o755, exist_ok=True)
        for folder in (path, prom) if os.path.isdir(prom) else (path,):
            _try(folder)
    except OSError as exc:
        raise FathomError(
            f"audit_report_dir is {path}, where no report can be written{_where(folder, path)}: {exc.strerror}; give a "
            "directory on the controller in which files can be made"
        ) from None
    for name in FILES:
        if os.path.isdir(os.path.join(path, name)):
            raise FathomError(
                f"{os.path.join(path, name)} is a directory, and a file of the report is to have its name"
            )
    if os.path.lexists(prom) and not os.path.isdir(prom):
        raise FathomError(f"{prom} is to be the directory of the files for Prometheus, and is something else")


def _where(folder, path):
    return "" if folder == path else f" in {folder}"


def _try(path):
    """Raise OSError as it would be raised by the making of the directory, or of files in it."""
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    # A file without a name: nothing is to be seen of it.
    with tempfile.TemporaryFile(dir=path):
        pass
