# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs container_audit on a host, puts the answer where the report is made of it, and shows what was found."""

from __future__ import annotations

from ansible import constants
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ..plugin_utils.module_action import leave_garbage
from ..plugin_utils.report.spool import Spool, now
from ..plugin_utils.report.terminal import failing, host_lines
from ..plugin_utils.report.words import SEVERITIES
from ..plugin_utils.told import told_to_people

_MODULE = "fathom.containers.container_audit"
_OWN = {
    "fail_on": {"type": "str", "choices": ["none", *SEVERITIES], "default": "none"},
    "fail_on_unknown": {"type": "bool", "default": False},
}
# Of the module's answer, what is none of a report's.
_ANSIBLES = ("invocation", "warnings", "deprecations", "failed", "exception")


class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        leave_garbage()
        result = dict(super().run(tmp, task_vars), changed=False)
        host = task_vars["inventory_hostname"]
        spool = Spool(constants.DEFAULT_LOCAL_TMP)
        options = dict(self._task.args)
        own = _checked({key: options.pop(key) for key in _OWN if key in options})
        try:
            told = self._execute_module(_MODULE, module_args=options, task_vars=task_vars)
        except BaseException as exc:
            # Whatever ends it, a host that was asked is in the report: one that can't be reached, or takes too long.
            reason = exc.message if isinstance(exc, AnsibleError) else str(exc)
            spool.put(host, {"time": now(), "error": reason or type(exc).__name__, "answer": None})
            raise
        if "summary" not in told or told.get("failed"):
            reason = _reason(told)
            spool.put(host, {"time": now(), "error": reason, "answer": None})
            return {**result, **told}
        answer = {key: value for key, value in told.items() if not key.startswith("_") and key not in _ANSIBLES}
        spool.put(host, {"time": now(), "error": None, "answer": answer})
        if told.get("warnings"):
            result["warnings"] = told["warnings"]
        too_bad = failing(answer, own["fail_on"], own["fail_on_unknown"])
        if too_bad:
            result["failing"] = too_bad
        return {**result, **told_to_people(host_lines(answer))}


def _reason(told):
    """Why there is no answer; where the module could not run at all, the host's own words are in what it wrote."""
    words = str(told.get("msg") or "the module failed and did not say why")
    streams = (str(told.get(stream) or "").strip().splitlines() for stream in ("module_stdout", "module_stderr"))
    # The last of them is ssh's own.
    written = [line for lines in streams for line in lines if not line.startswith("Shared connection to ")]
    return f"{words}: {written[-1 if written[0].startswith('Traceback') else 0]}" if written else words


def _checked(given):
    """The options that are not the module's, with their defaults."""
    validated = ArgumentSpecValidator(_OWN).validate(given)
    if validated.error_messages:
        raise AnsibleActionFail("; ".join(validated.error_messages))
    return validated.validated_parameters
