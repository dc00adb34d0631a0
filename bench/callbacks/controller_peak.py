"""Tells the most memory that Ansible's main process held; of all processes together only the largest is known."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: controller_peak
type: aggregate
short_description: Writes the peak of the main process, in KiB, to the file that FATHOM_BENCH_PEAK names
description: [For the bench.]
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "controller_peak"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_stats(self, stats: Any) -> None:  # noqa: ARG002
        peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        Path(os.environ["FATHOM_BENCH_PEAK"]).write_text(str(peak_kib), encoding="ascii")
