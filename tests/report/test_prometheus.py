"""audit.prom as those read it who have to: Prometheus's own tool, and its client's parser."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lab import cache, packages


@pytest.fixture(scope="module")
def promtool() -> Path:
    """Prometheus's tool, out of Debian's package, which is not installed: it would start a server."""
    name = f"promtool-{cache.digest('prometheus')}"
    return cache.made_once(name, lambda folder: packages.fetch("prometheus", folder)) / "usr" / "bin" / "promtool"


def files(report: Path) -> list[Path]:
    return sorted((report / "audit.prom").iterdir())


def test_a_file_for_each_host_that_was_audited(report: Path) -> None:
    assert [path.stem for path in files(report)] == [*(f"host{number}.example.org" for number in range(4)), "strange"]


def test_promtool_has_nothing_against_it(report: Path, promtool: Path) -> None:
    for path in files(report):
        done = subprocess.run([promtool, "check", "metrics"], input=path.read_bytes(), capture_output=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_names_come_out_as_they_were_shown(report: Path) -> None:
    (path,) = (path for path in files(report) if path.stem == "strange")
    families = {
        family.name: family.samples for family in text_string_to_metric_families(path.read_text(encoding="utf-8"))
    }
    names = {sample.labels["container"] for sample in families["fathom_container_memory_usage_bytes"]}
    assert names == {"tight", "</script><img src=x onerror=alert(1)>{{ 7*7 }}\\u202e\\x1b[31m"}
    assert {sample.value for sample in families["fathom_container_memory_usage_bytes"]} == {40 << 20, 63 << 20}
