# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes kernel files. Everything else in this package only reads."""

from __future__ import annotations

import errno
import os

from ..errors import Gone


class Writer:
    """Writes below one root. Raises Gone where the cgroup has ended, OSError where the kernel refuses."""

    def __init__(self, root="/"):
        self._root = root.rstrip("/")

    def write(self, path, text):
        """One write(2): the kernel takes or refuses a value as a whole."""
        try:
            descriptor = os.open(self._root + path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError as exc:
            if not os.path.isdir(os.path.dirname(self._root + path)):
                raise Gone(path) from exc
            raise
        try:
            os.write(descriptor, text.encode("ascii"))
        except OSError as exc:
            if exc.errno == errno.ENODEV:
                raise Gone(path) from exc
            raise
        finally:
            os.close(descriptor)
