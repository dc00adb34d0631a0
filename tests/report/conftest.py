"""A small report, and a browser that shows it. Both are made once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.fathom.containers.tests.unit.auditanswers import answer, container, finding, random_answer
from playwright.sync_api import Browser, sync_playwright

from lab import packages
from tests.report import generated

HOSTILE = "</script><img src=x onerror=alert(1)>{{ 7*7 }}\u202e\x1b[31m"


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a report after two runs: six hosts, of which one is lost, one is not part of the second run."""
    folder = tmp_path_factory.mktemp("report")
    hostile = container(HOSTILE, image=HOSTILE, shared={"net": "host"})
    tight = container("tight", usage_bytes=63 << 20)
    strange = answer(
        [hostile, tight], [finding(hostile, 0, title=HOSTILE, enforced=HOSTILE), finding(tight, 3, "unknown")]
    )
    hosts = {f"host{number}.example.org": random_answer(number, 20) for number in range(4)}
    generated.write(folder, 1, {**hosts, "never.example.org": "Connection refused"})
    again = {"host0.example.org": random_answer(10, 20), "host1.example.org": "timed out", "strange": strange}
    generated.write(folder, 2, {**again, "host3.example.org": random_answer(3, 20)})
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    packages.install(["chromium"], "the tests of the report's page")
    with sync_playwright() as playwright:
        # Root has no use of the sandbox, and in a container it has none.
        shown = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield shown
        shown.close()
