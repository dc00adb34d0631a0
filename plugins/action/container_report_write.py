# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the report over all hosts that were asked."""

from __future__ import annotations

import gc
import os

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..module_utils.policy.packs import PACKS, load_packs
from ..plugin_utils.report.fleet import Fleet
from ..plugin_utils.report.folder import real_folder
from ..plugin_utils.report.merge import NOT_ASKED, merge
from ..plugin_utils.report.spool import Spool, now
from ..plugin_utils.report.summary import fleet_lines, fleet_warnings
from ..plugin_utils.report.write import HTML, write_report
from ..plugin_utils.told import told_to_people


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        _result, options = self.validate_argument_spec(
            {
                "path": {"type": "path", "required": True},
                "role": {"type": "path", "required": True},
                "hosts": {"type": "list", "elements": "str", "required": True},
                "lost": {"type": "list", "elements": "str", "default": []},
                "keep": {"type": "str", "choices": ["all", "inventory", "none"], "default": "all"},
            }
        )
        # What this process has of the controller's is not searched for garbage: there can be none.
        gc.freeze()
        result = dict(super().run(tmp, task_vars), changed=False)
        spool = Spool(constants.DEFAULT_LOCAL_TMP)
        run = spool.begin()
        folder = real_folder(options["path"])
        asked = {host: _asker(spool, host, host in options["lost"], run) for host in map(str, options["hosts"])}
        if self._task.check_mode:
            fleet = Fleet(run)
            for name, entry in merge((), asked, run):
                fleet.add(name, entry)
            lines = [*fleet_lines(fleet), "no report was written, as nothing is in check mode"]
            return {**result, "warnings": fleet_warnings(fleet), **told_to_people(lines)}
        known = {"all": None, "inventory": set(task_vars["groups"]["all"]), "none": set()}[options["keep"]]
        try:
            fleet, warnings = write_report(
                folder,
                asked,
                run,
                now(),
                options["role"],
                not_judged=_not_judged,
                wanted=None if known is None else known.__contains__,
            )
        except OSError as exc:
            raise AnsibleActionFail(
                f"the report could not be written to {folder}: {exc.strerror or exc}; the one that was there is as it "
                "was, and what was found is lost: mend that, or set audit_report_dir, and run the audit again"
            ) from exc
        result["path"] = os.path.join(folder, HTML)
        return {**result, "warnings": warnings + fleet_warnings(fleet), **told_to_people(fleet_lines(fleet))}


def _asker(spool, host, lost, run):
    """A function as merge.merge takes it."""

    def record(before):
        taken = spool.take(host)
        # One that failed after it was asked, in an earlier batch of this run, is in the report with its answer.
        if taken is None and lost and (before is None or before["run"] != run):
            return {"time": now(), "error": NOT_ASKED, "answer": None}
        return taken

    return record


def _not_judged(packs):
    """Of those of the packs that this version has; an earlier report may be by another."""
    return load_packs([name for name in packs if name in PACKS])[1]
