"""The site of `make docs`: built without a warning, with a page for everything, and nothing fetched from elsewhere."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from lab import CHECKOUT

SITE = CHECKOUT / "dist" / "docs"


def stems(pattern: str) -> set[str]:
    return {path.stem for path in CHECKOUT.glob(pattern)}


WANTED = [
    *(f"collections/{name}_module.html" for name in sorted(stems("plugins/modules/*.py"))),
    *(f"collections/{name}_filter.html" for name in sorted(stems("plugins/filter/*.py"))),
    *(f"collections/{name}_role.html" for name in sorted(stems("roles/*"))),
    *(f"roles/{name}/README.html" for name in sorted(stems("roles/*"))),
    *(f"docs/{name}.html" for name in sorted(stems("docs/*.md"))),
    *(f"{name}.html" for name in sorted(stems("*.md"))),
]


@pytest.fixture(scope="module")
def built() -> subprocess.CompletedProcess[str]:
    return subprocess.run([CHECKOUT / "scripts" / "docs.sh"], capture_output=True, text=True, check=False)


def test_it_is_built_without_a_warning(built: subprocess.CompletedProcess[str]) -> None:
    assert (built.returncode, built.stderr) == (0, "")
    assert built.stdout == "dist/docs/index.html\n"


@pytest.mark.usefixtures("built")
def test_every_module_filter_role_and_guide_has_a_page_that_a_list_leads_to() -> None:
    lists = {folder: (SITE / folder / "index.html").read_text(encoding="utf-8") for folder in ("", "collections")}
    assert [page for page in WANTED if not (SITE / page).is_file()] == []
    lost = [
        page
        for page in WANTED
        if f'href="{page}"' not in lists[""] and f'href="{Path(page).name}"' not in lists["collections"]
    ]
    assert lost == []


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("page", "title", "shown"),
    [
        ("collections/container_memory_limit_module.html", "container_memory_limit", ".highlight"),
        ("README.html", "fathom.containers", "img[src*='audit-report.png']"),
    ],
)
def test_a_page_is_whole_and_fetches_nothing(browser: Browser, page: str, title: str, shown: str) -> None:
    opened = browser.new_page()
    fetched: list[str] = []
    failed: list[str] = []
    opened.on("request", lambda request: fetched.append(request.url))
    opened.on("requestfailed", lambda request: failed.append(request.url))
    opened.on("pageerror", lambda error: failed.append(str(error)))
    try:
        opened.goto(Path(SITE, page).as_uri())
        assert title in opened.title()
        assert opened.locator(shown).first.is_visible()
        assert [address for address in fetched if not address.startswith(("file:", "data:"))] == []
        assert failed == []
    finally:
        opened.close()
