"""Links in the project's pages: each that leads to a file of the project leads to one that is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from lab import CHECKOUT

LINK = re.compile(r"\]\(([^)#\s]+)")
_LISTED = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
PAGES = subprocess.run(_LISTED, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout.splitlines()


def targets(page: str) -> list[Path]:
    links = LINK.findall((CHECKOUT / page).read_text(encoding="utf-8"))
    return [(CHECKOUT / page).parent / link for link in links if "://" not in link and not link.startswith("mailto:")]


def test_pages_have_links() -> None:
    assert len(targets("README.md")) > 15


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    assert [str(target) for target in targets(page) if not target.exists()] == []
