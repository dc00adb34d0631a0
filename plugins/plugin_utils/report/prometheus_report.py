# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""audit.prom: the figures of one host, as node_exporter's textfile collector reads them. Pure.

What is not known, and a limit that is not set, has no sample.
"""

from __future__ import annotations

from datetime import datetime

from ..text import harmless
from .merge import answer_of
from .words import SEVERITIES, title_of

_METRICS = {
    "fathom_audit_timestamp_seconds": "When the host was audited.",
    "fathom_audit_findings": "Findings of the host by severity and status.",
    "fathom_container_findings": "Checks that the container fails, by severity.",
    "fathom_container_memory_usage_bytes": "Memory that the kernel counts for the container.",
    "fathom_container_memory_working_set_bytes": "Usage less what the kernel can drop at once.",
    "fathom_container_memory_limit_bytes": "The container's own limit; none where it is unlimited.",
    "fathom_container_memory_effective_limit_bytes": "The limit that counts, whoever sets it.",
}
_FIGURES = {
    "fathom_container_memory_usage_bytes": "usage_bytes",
    "fathom_container_memory_working_set_bytes": "working_set_bytes",
    "fathom_container_memory_limit_bytes": "limit_bytes",
    "fathom_container_memory_effective_limit_bytes": "effective_limit_bytes",
}


def prometheus_text(entry):
    """The text of a host's file; None for one that was never audited."""
    answer = answer_of(entry)
    if answer is None:
        return None
    samples = {metric: {} for metric in _METRICS}
    taken = datetime.fromisoformat(entry["audited_at"]).timestamp()
    samples["fathom_audit_timestamp_seconds"][""] = taken
    for severity, statuses in answer["summary"]["by_severity"].items():
        for status, number in statuses.items():
            samples["fathom_audit_findings"][_labels(severity=severity, status=status)] = number
    failures = _failures(answer["findings"])
    for container in answer["containers"]:
        names = {
            "container": title_of(container),
            "engine": container["engine"],
            "id": container["id"][:12] if len(container["id"]) == 64 else container["id"],
        }
        for severity in SEVERITIES:
            labels = _labels(**names, severity=severity)
            samples["fathom_container_findings"][labels] = failures.get((container["id"], severity), 0)
        for metric, figure in _FIGURES.items():
            if container[figure] is not None:
                samples[metric][_labels(**names)] = container[figure]
    return "".join(_lines(metric, samples[metric]) for metric in _METRICS)


def _failures(findings):
    counts = {}
    for finding in findings:
        if finding["status"] == "fail":
            key = finding["container_id"], finding["severity"]
            counts[key] = counts.get(key, 0) + 1
    return counts


def _lines(metric, samples):
    head = f"# HELP {metric} {_METRICS[metric]}\n# TYPE {metric} gauge\n"
    return head + "".join(f"{metric}{labels} {value}\n" for labels, value in samples.items()) if samples else ""


def _labels(**labels):
    return "{" + ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items()) + "}"


def _escaped(text):
    return harmless(text, 200).replace("\\", "\\\\").replace('"', '\\"')
