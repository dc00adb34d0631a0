"""audit.html in a browser: what people see and do with it, at which width, in which scheme, without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from ansible_collections.fathom.containers.tests.unit.auditanswers import random_answer
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.report import generated
from tests.report.conftest import HOSTILE

VIEWS = ("overview", "findings", "containers", "hosts", "fixed", "run")
WIDTHS = (400, 1400)
Open = Callable[..., Page]
Scheme = Literal["light", "dark"]


@pytest.fixture
def opened(browser: Browser, report: Path) -> Iterator[Open]:
    """Opens a report's page at a view, in a browser without a network; what the page says or asks for is a failure."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def open_page(view: str = "overview", folder: Path = report, width: int = 1400, scheme: Scheme = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.on("request", lambda request: said.extend([] if request.url.startswith("file:") else [request.url]))
        page.goto(f"{(folder / 'audit.html').as_uri()}#/{view}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture(scope="module")
def told(report: Path) -> Any:
    return json.loads((report / "audit.json").read_text(encoding="utf-8"))


def of_all(told: Any, key: str) -> list[Any]:
    return [one for entry in told["hosts"].values() for one in entry.get(key, ())]


def rows(page: Page, view: str) -> list[str]:
    """The texts of the rows that are drawn."""
    texts: list[str] = page.locator(f"#{view} .row").evaluate_all("rows => rows.map(row => row.textContent)")
    return texts


def result(page: Page, view: str) -> int:
    """How many the view says that it lists, once it does; a form waits for whoever types."""
    page.wait_for_timeout(250)
    return int(re.match(r"[\d,]+", page.locator(f"#{view} .result").inner_text())[0].replace(",", ""))  # type: ignore[index]


def test_what_needs_attention_comes_first(opened: Open, told: Any) -> None:
    page = opened()
    summary = told["summary"]
    tiles = page.locator(".tile").all_inner_texts()
    assert [text.split() for text in tiles] == [
        [str(summary["by_severity"][severity]["fail"]), severity] for severity in ("critical", "high", "medium", "low")
    ]
    text = page.locator("#overview").inner_text()
    assert "2 hosts not audited" in text
    assert "host1.example.org: timed out" in text
    assert "never.example.org: Connection refused" in text
    changes = summary["changes"]
    assert f"{changes['new']} new, {changes['fixed']} fixed, {changes['open']} still open" in text.replace("\n", " ")
    assert "html" not in page.locator("h1").inner_text()


def test_a_tile_leads_to_its_findings(opened: Open, told: Any) -> None:
    page = opened()
    page.locator(".tile.medium").click()
    wanted = [found for found in of_all(told, "findings") if found["severity"] == "medium"]
    assert result(page, "findings") == len(wanted)
    assert page.locator("#findings [name=severity]").input_value() == "medium"


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("severity", "low", "severity"),
        ("status", "waived", "status"),
        ("status", "unknown", "status"),
        ("rule", "cis_docker_1_6/5.12", "rule"),
        ("engine", "docker", "engine"),
        ("change", "new", "change"),
        ("change", "open", "change"),
    ],
)
def test_filters(opened: Open, told: Any, name: str, value: str, key: str) -> None:
    page = opened("findings")
    page.locator(f"#findings [name={name}]").select_option(value)
    # What is left of a host that was no part of the last run, or is lost, has no changes to tell of.
    entries = [entry for entry in told["hosts"].values() if key != "change" or entry["changes"]]
    wanted = [found for entry in entries for found in entry.get("findings", ()) if found[key] == value]
    assert result(page, "findings") == len(wanted) > 0


def test_search_and_host(opened: Open, told: Any) -> None:
    page = opened("findings")
    page.locator("#findings [name=host]").fill("host2.example.org")
    assert result(page, "findings") == len(told["hosts"]["host2.example.org"]["findings"])
    page.locator("#findings [name=q]").fill("has EVERY memory")
    assert result(page, "findings") > 0
    assert all("every container has a memory limit" in text for text in rows(page, "findings"))
    page.locator("#findings [type=reset]").click()
    assert result(page, "findings") == len(of_all(told, "findings"))


def test_a_filter_is_in_the_address(opened: Open, told: Any) -> None:
    page = opened("findings?severity=low&host=host2.example.org")
    wanted = [found for found in told["hosts"]["host2.example.org"]["findings"] if found["severity"] == "low"]
    assert result(page, "findings") == len(wanted)
    page.locator("#findings [name=severity]").select_option("medium")
    page.wait_for_timeout(250)
    assert page.url.endswith("#/findings?severity=medium&host=host2.example.org")


def test_the_worst_findings_are_the_first_rows(opened: Open) -> None:
    page = opened("findings?status=fail")
    words = [re.match(r"critical|high|medium|low", text)[0] for text in rows(page, "findings")]  # type: ignore[index]
    order = ["critical", "high", "medium", "low"]
    assert words == sorted(words, key=order.index)


def test_a_finding_with_all_that_is_known_of_it(opened: Open, told: Any) -> None:
    page = opened("findings?host=host0.example.org&status=fail")
    wanted = next(found for found in told["hosts"]["host0.example.org"]["findings"] if found["status"] == "fail")
    page.locator("#findings .row").first.click()
    text = page.locator("#findings .detail").inner_text()
    for key in ("title", "expected", "declared", "enforced", "remediation", "container", "rule"):
        assert wanted[key] in text
    assert wanted["evidence"][0]["path"] in text


def test_with_the_keyboard(opened: Open) -> None:
    page = opened("findings")
    page.locator("#findings .list").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#findings .row[aria-selected=true]")
    assert chosen.get_attribute("aria-posinset") == "2"
    assert page.locator("#findings .list").get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    assert page.locator("#findings .detail h2").count() == 1
    page.keyboard.press("End")
    assert chosen.get_attribute("aria-posinset") == chosen.get_attribute("aria-setsize")


def test_memory_is_told_on_one_scale(opened: Open) -> None:
    page = opened("containers?q=tight")
    assert len(rows(page, "containers")) == 1
    bar = page.locator("#containers .row .memory")
    assert bar.get_attribute("aria-label") == "63 MiB used, working set 32 MiB, limit 64 MiB, effective limit 64 MiB"
    parts = {
        name: bar.locator(f".{name}").evaluate(f"part => part.style.{name_of}")
        for name, name_of in (("usage", "width"), ("working", "width"), ("limit", "left"), ("effective", "left"))
    }
    assert parts == {"usage": "98.4375%", "working": "50%", "limit": "100%", "effective": "100%"}
    assert result(page, "containers") == 1
    page.locator("#containers [name=q]").fill("")
    page.locator("#containers [name=memory]").select_option("full")
    page.wait_for_timeout(250)
    assert all("9" in text for text in rows(page, "containers"))


def test_hosts_with_the_picture_of_what_is_shared(opened: Open) -> None:
    page = opened("hosts?q=strange")
    picture = page.locator("#hosts .detail svg")
    assert picture.get_attribute("role") == "img"
    assert "shares net with the host" in picture.locator("desc").text_content()  # type: ignore[operator]
    lost = opened("hosts?state=lost")
    assert result(lost, "hosts") == 2
    lost.locator("#hosts .row").first.click()
    assert "Not audited: timed out" in lost.locator("#hosts .detail").inner_text()


def test_what_was_fixed(opened: Open, told: Any) -> None:
    page = opened("fixed")
    assert result(page, "fixed") == told["summary"]["changes"]["fixed"] > 0


def test_the_run_and_what_nobody_judged(opened: Open, told: Any) -> None:
    text = opened("run").locator("#run").inner_text()
    assert "2 audited in this run" not in text
    assert f"{told['summary']['hosts']['audited']} audited in this run" in text
    assert told["not_judged"][0]["title"] in text


def test_hostile_names_are_text(opened: Open) -> None:
    page = opened("findings?host=strange")
    assert any(
        "</script><img src=x onerror=alert(1)>{{ 7*7 }}\\u202e\\x1b[31m" in text for text in rows(page, "findings")
    )
    assert page.locator("img").count() == 0
    assert HOSTILE not in page.content()
    page.locator("#findings .row").first.click()
    hosts = opened("hosts?q=strange")
    assert hosts.locator("img").count() == 0


def test_without_scripts_the_summary_and_the_worst_findings_are_there(
    browser: Browser, report: Path, told: Any
) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto((report / "audit.html").as_uri())
    assert page.locator("nav").is_hidden()
    shown = page.locator("#worst tbody tr").all_inner_texts()
    assert len(shown) == min(50, told["summary"]["by_status"]["fail"])
    assert shown[0].startswith("critical")
    assert page.locator("#run").is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_for_everybody_and_in_every_size(opened: Open, width: int, scheme: Scheme) -> None:
    page = opened(width=width, scheme=scheme)
    backs = set()
    for view in VIEWS:
        page.evaluate(f"location.hash = '#/{view}'")
        page.wait_for_timeout(100)
        if view in ("findings", "containers", "hosts"):
            page.locator(f"#{view} .row").first.click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{view} is wider than the window"
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        backs.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert backs == {"rgb(251, 251, 250)" if scheme == "light" else "rgb(17, 20, 23)"}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thousand hosts of a hundred containers."""
    folder = tmp_path_factory.mktemp("fleet")

    answers = [random_answer(number, 100) for number in range(20)]
    generated.write(folder, 1, {f"host{number:04}.example.org": answers[number % 20] for number in range(1000)})
    return folder


def test_a_hundred_thousand_containers(opened: Open, fleet: Path) -> None:
    page = opened("containers", fleet)
    assert result(page, "containers") == 100_000
    most = page.evaluate("Math.ceil(document.querySelector('#containers .list').clientHeight / 56) + 14")
    for share in (0, 0.5, 1):
        page.locator("#containers .list").evaluate(
            "(list, share) => { list.scrollTop = list.scrollHeight * share; }", share
        )
        page.wait_for_timeout(100)
        assert 0 < len(rows(page, "containers")) < most
    assert page.locator("#containers .row").last.get_attribute("aria-posinset") == "100000"
    page.locator("#containers [name=host]").fill("host0777.example.org")
    assert result(page, "containers") == 100
    page.evaluate("location.hash = '#/findings'")
    page.locator("#findings [name=severity]").select_option("low")
    assert result(page, "findings") > 50_000
    assert 0 < len(rows(page, "findings")) < most
