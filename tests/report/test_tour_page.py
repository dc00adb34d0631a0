"""The tour's page in a browser: read at each width and in each scheme, without a network, and by everybody."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from ansible_collections.fathom.containers.plugins.plugin_utils.tour.gathered import Gathered
from ansible_collections.fathom.containers.plugins.plugin_utils.tour.page import tour_page
from ansible_collections.fathom.containers.tests.unit import tourresults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from lab import CHECKOUT

KEYS = (
    *("layers", "history", "container", "processes", "inside", "namespaces", "uts", "net"),
    *("cgroups", "memory", "effective", "declared"),
)
WIDTHS = (400, 1400)
SCHEMES = ("light", "dark")
Open = Callable[..., Page]
Scheme = Literal["light", "dark"]


def _deep() -> tourresults.Json:
    """Of an image with 120 layers, whose last step is a line that never ends."""
    layers = [tourresults.layer(f"sha256:{number:064x}", number * 1000) for number in range(120)]
    steps = [tourresults.step(f"RUN {number}", one["chain_id"], 1) for number, one in enumerate(layers)]
    return tourresults.of(image=tourresults.image(layers=layers, history=[*steps, tourresults.step("x" * 16384, None)]))


def _hostile() -> tourresults.Json:
    """Of a container whose every name tries to be more than a name."""
    text = tourresults.HOSTILE
    told = tourresults.of(image=tourresults.image(tags=[text], history=[tourresults.step(text, None)]))
    told["cgroups"]["ansible_facts"]["container_cgroups"]["containers"] = [
        tourresults.container(name=text, image=text, labels={text: text})
    ]
    told["root"] = {"files": [{"path": "/proc/1/root/" + text.replace("/", "")}]}
    told["uts"] = tourresults.entered(text)
    return told


KINDS = {"running": tourresults.results(), "stopped": tourresults.stopped(), "deep": _deep(), "hostile": _hostile()}


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens the page of a kind of tour, without a network; what the page says or asks for is a failure."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def open_page(kind: str, width: int = 1400, scheme: Scheme = "light") -> Page:
        file = tmp_path / f"{kind}.html"
        gathered = Gathered(KINDS[kind], "one.example.org", "2026-11-24T15:20:58Z")
        file.write_text(tour_page(gathered, str(CHECKOUT / "roles" / "tour")), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.on("request", lambda request: said.extend([] if request.url.startswith("file:") else [request.url]))
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_chapter_is_read_without_scrolling_sideways(opened: Open, kind: str, width: int) -> None:
    page = opened(kind, width)
    assert page.locator("section").evaluate_all("all => all.map(one => one.id)") == list(KEYS)
    assert page.locator("section:visible").count() == len(KEYS)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    places = page.locator("section p, section dl, section figure").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(one => [one.left, one.right])"
    )
    assert [place for place in places if place[0] < 0 or place[1] > width] == []


@pytest.mark.parametrize(
    ("kind", "width", "scheme"),
    [
        *(("running", width, scheme) for width in WIDTHS for scheme in SCHEMES),
        *((kind, 400, "dark") for kind in KINDS if kind != "running"),
    ],
)
def test_everybody_can_read_it(opened: Open, kind: str, scheme: Scheme, width: int) -> None:
    results = Axe().run(opened(kind, width, scheme))
    assert results.violations_count == 0, results.generate_report()


def test_dark_is_dark(opened: Open) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    light, dark = (opened("running", scheme=scheme).evaluate(colour) for scheme in SCHEMES)
    assert [sum(map(int, one.strip("rgb()").split(","))) > 380 for one in (light, dark)] == [True, False]


def test_links_lead_to_the_chapters(opened: Open) -> None:
    page = opened("running")
    page.locator("nav a").nth(9).click()
    assert page.url.endswith("#memory")
    place = page.locator("#memory").bounding_box()
    assert place is not None
    assert place["y"] < 900


def test_pictures_are_to_scale(opened: Open) -> None:
    page = opened("running")
    heights = page.locator("#layers rect").evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
    assert heights[2] / heights[0] == pytest.approx(8 / 5, rel=0.05)
    assert heights[1] < 5
    widths = page.locator("#memory rect").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    track, usage, working = widths[:3]
    assert (usage / track, working / track) == (pytest.approx(8 / 64, rel=0.01), pytest.approx(6 / 64, rel=0.01))


def test_boxes_lie_in_one_another(opened: Open) -> None:
    page = opened("running")
    boxes = page.locator("#namespaces .box")
    assert [name.split("\n")[0] for name in boxes.all_inner_texts()] == [
        "Could not be read",
        "The host one.example.org",
        "With sidecar",
        "web alone",
    ]
    places = [box.bounding_box() for box in boxes.all()]
    for outer, inner in itertools.pairwise(places):
        assert outer is not None
        assert inner is not None
        assert outer["x"] < inner["x"]
        assert outer["y"] + outer["height"] > inner["y"] + inner["height"]


def test_names_are_shown_as_they_are(opened: Open) -> None:
    page = opened("hostile")
    assert "</script><img src=x onerror=alert(1)>{{ 7*7 }}\\u202e\\x1b[31m" in page.locator("h1").inner_text()
    assert page.locator("img").count() == 0
