# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of hosts on their way from the workers that asked to the report: files in Ansible's temporary directory.

Workers are processes. What they return goes through the main process and stays there to the end of the run, which for
the containers of a thousand hosts is gigabytes; so they return a few lines for people, and put the answer here. Ansible
removes the directory when it ends.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from datetime import UTC, datetime


class Spool:
    """``folder``: Ansible's temporary directory of this run, the same in all workers."""

    def __init__(self, folder):
        self._folder = os.path.join(folder, "fathom-audit")

    def begin(self):
        """The time at which this run's audit began, for whoever calls first; all others get the same.

        It has microseconds, since it is what runs that end in one report are told apart by.
        """
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        path = os.path.join(self._folder, "begun")
        mine = f"{path}.{os.getpid()}"
        with open(mine, "w", encoding="utf-8") as file:
            file.write(now("microseconds"))
        with contextlib.suppress(FileExistsError):
            os.link(mine, path)
        os.unlink(mine)
        with open(path, encoding="utf-8") as file:
            return file.read()

    def put(self, host, record):
        """``record``: {"time", "error", "answer"}, of which one of the latter two is None."""
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        path = self._path(host)
        # A reader never sees half of it.
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(json.dumps(record))
        os.replace(path + ".new", path)

    def take(self, host):
        """The record of the host, or None; it is given once, so that a later batch does not report it anew."""
        path = self._path(host)
        try:
            with open(path, encoding="utf-8") as file:
                record = json.load(file)
        except FileNotFoundError:
            return None
        os.unlink(path)
        return record

    def _path(self, host):
        # A host may be called as no file can be.
        return os.path.join(self._folder, hashlib.sha256(host.encode("utf-8", "surrogatepass")).hexdigest() + ".json")


def now(timespec="seconds"):
    """``2026-11-24T11:50:07Z``."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat(timespec=timespec) + "Z"
