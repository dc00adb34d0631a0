# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: all its files from the hosts of a run and the report that is there. Holds one host at a time.

Every file is written beside its place and then put there, so that a reader never meets half of one; a lock on the
directory lets runs that end at the same time add to one another's report.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import itertools
import os
import tempfile
from urllib.parse import quote

from . import store
from .csv_report import CsvReport
from .fleet import Fleet
from .junit_report import JUnitReport
from .merge import merge
from .page import Page
from .prometheus_report import prometheus_text

JSON, HTML, CSV, JUNIT, PROM = "audit.json", "audit.html", "audit.csv", "audit.junit.xml", "audit.prom"
FILES = (JSON, HTML, CSV, JUNIT)
_MODE = 0o644
_LONGEST_NAME = 200


def write_report(folder, asked, run, now, role, not_judged, wanted=None):
    """Write the files of the report into ``folder``; (the fleet, warnings).

    ``asked``: as merge.merge takes it. ``run``: begin of the run. ``role``: the folder of the role. ``not_judged``:
    function of the packs' names that tells what they leave out. ``wanted``: function of a host's name that says whether
    a host that was no part of this run stays in the report; all do where it is None.
    """
    with _locked(folder), _previous(folder) as (before, hosts, warnings):
        fleet = Fleet(run)
        kept = _kept(folder, hosts, lambda name: name in asked or wanted is None or wanted(name))
        with contextlib.ExitStack() as stack:
            lines, data = (stack.enter_context(_scratch(folder)) for _number in range(2))
            files = {name: stack.enter_context(_File(folder, name)) for name in FILES}
            page = Page(role, data, fleet.state_of)
            outputs = [CsvReport(files[CSV].file), JUnitReport(files[JUNIT].file, run), page]
            _prometheus_folder(folder)
            held = None
            for name, entry in merge(kept, asked, run):
                if held is not None:
                    lines.write(store.line(*held, last=False))
                held = name, entry
                fleet.add(name, entry)
                for output in outputs:
                    output.add(name, entry)
                if fleet.state_of(entry) == "audited":
                    with _File(os.path.join(folder, PROM), file_name(name) + ".prom") as prom:
                        prom.file.write(prometheus_text(entry))
                        prom.done()
            if held is not None:
                lines.write(store.line(*held, last=True))
            outputs[0].end()
            outputs[1].end()
            head = fleet.head(now, _previous_time(before, run), not_judged(fleet.packs()))
            lines.seek(0)
            store.write(files[JSON].file, head, lines)
            page.write(files[HTML].file, fleet, head)
            for file in files.values():
                file.done()
    return fleet, warnings


def _kept(folder, hosts, stays):
    """The hosts that stay in the report; of those that don't, the figures go."""
    for name, entry in hosts:
        if stays(name):
            yield name, entry
        else:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(folder, PROM, file_name(name) + ".prom"))


def file_name(host):
    """A host's name as the name of a file, which no other host has."""
    name = quote(host, safe=" :@+,", errors="backslashreplace")
    if len(name) <= _LONGEST_NAME:
        return name
    return name[:_LONGEST_NAME] + "~" + hashlib.sha256(name.encode("ascii")).hexdigest()[:12]


def _previous_time(before, run):
    """When the report was written that this one goes on from; that of an earlier batch of this run went on itself."""
    if before is None:
        return None
    return before["previous_generated_at"] if before["run"] == run else before["generated_at"]


class _File:
    """A file that is put in its place when it is done, and else leaves nothing behind."""

    def __init__(self, folder, name):
        self._path = os.path.join(folder, name)
        descriptor, self._scratch = tempfile.mkstemp(prefix=f".{name[:50]}.", dir=folder)
        self.file = open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n")  # noqa: SIM115
        self._done = False

    def done(self):
        self.file.flush()
        os.fchmod(self.file.fileno(), _MODE)
        os.replace(self._scratch, self._path)
        self._done = True

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        try:
            self.file.close()
        finally:
            # What is not done may find no room at its closing either.
            if not self._done:
                os.unlink(self._scratch)


def _scratch(folder):
    return tempfile.TemporaryFile("w+", encoding="utf-8", errors="backslashreplace", dir=folder)


def _prometheus_folder(folder):
    with contextlib.suppress(FileExistsError):
        os.mkdir(os.path.join(folder, PROM), 0o755)


@contextlib.contextmanager
def _locked(folder):
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _free(path):
    """The path, or where that is taken the first with a number that is not."""
    numbered = itertools.chain([path], (f"{path}-{number}" for number in itertools.count(2)))
    return next(one for one in numbered if not os.path.lexists(one))


@contextlib.contextmanager
def _previous(folder):
    """(The head of the report that is there, its hosts, warnings); None and none where there is none to go on from."""
    path = os.path.join(folder, JSON)
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(open(path, encoding="utf-8"))
        except FileNotFoundError:
            yield None, iter(()), []
            return
        try:
            head, _hosts = store.read(file)
            # All of it is looked at before anything is made of it.
            for _name, _entry in _hosts:
                pass
            file.seek(0)
            head, hosts = store.read(file)
        except (store.NoAudit, UnicodeDecodeError) as exc:
            aside = _free(path + ".unread")
            os.replace(path, aside)
            yield None, iter(()), [f"{path} is no audit to go on from: {exc}. It was put aside as {aside}"]
            return
        yield head, hosts, []
