"""The pages in Chromium: drawn in both themes, offline, quiet, as wide as the window, and with addresses that work."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.dashboard.browsing import tab
from tests.dashboard.conftest import ROOT, serve
from tests.dashboard.stage import CHARTS, CIA, EMPTY, HOSTILE, MIXED

pytestmark = pytest.mark.browser
PAGES = ("overview", "timeline", "collectors")
PICTURES = '[data-testid="stVegaLiteChart"]'


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_whole_offline_and_quiet(server: str, chromium: Any, page: str, dark: bool) -> None:
    with tab(chromium, dark=dark) as seen:
        for campaign in (CHARTS, MIXED, CIA, EMPTY):
            seen.open(f"{server}/{page}?c={campaign}")
            assert (seen.outside, seen.errors) == ([], []), campaign
            assert seen.page.locator('[data-testid="stException"], [data-testid="stAlert"]').count() == 0, campaign
            assert seen.received < 400_000, campaign
            assert seen.overflow() <= 0, campaign
            assert bool(seen.page.locator(PICTURES).count()) == (campaign != EMPTY), campaign


@pytest.mark.parametrize("page", PAGES)
def test_every_picture_says_what_it_shows(server: str, chromium: Any, page: str) -> None:
    with tab(chromium) as seen:
        seen.open(f"{server}/{page}?c={MIXED}")
        boxes = seen.page.locator(PICTURES)
        said = [boxes.nth(place).evaluate(_ALTERNATIVE) for place in range(boxes.count())]
        assert said
        assert all(said), said


_ALTERNATIVE = """box => [box, ...box.querySelectorAll('[aria-label]')].map(e => e.getAttribute('aria-label')).find(Boolean) || ''"""


def test_a_deep_link_the_menu_and_the_back_button_agree(server: str, chromium: Any) -> None:
    with tab(chromium) as seen:
        page = seen.open(f"{server}/overview?c={MIXED}&r=7d").page
        assert "Made up" in page.inner_text("h2.title")
        page.get_by_role("link", name="Timeline").click()
        page.wait_for_url(re.compile("/timeline.*c=mixed"))
        seen.ready()
        assert "r=7d" in page.url
        page.get_by_role("radio", name="30 d").click()
        page.wait_for_url(re.compile("r=30d"))
        seen.ready()
        page.go_back()
        page.wait_for_url(re.compile("r=7d"))
        seen.ready()
        assert page.get_by_role("radio", name="7 d", exact=True).get_attribute("aria-checked") == "true"


def test_the_bare_address_shows_the_overview(server: str, chromium: Any) -> None:
    with tab(chromium) as seen:
        assert "Sample" in seen.open(server).page.inner_text("h2.title")
        assert seen.errors == []


@pytest.mark.parametrize("width", [390, 820, 2560])
def test_no_page_is_wider_than_its_window(server: str, chromium: Any, width: int) -> None:
    with tab(chromium, width=width) as seen:
        for page in PAGES:
            assert seen.open(f"{server}/{page}?c={CHARTS}").overflow() <= 0, page


def test_the_pictures_follow_the_theme_of_the_system_at_once(server: str, chromium: Any) -> None:
    with tab(chromium) as seen:
        page = seen.open(f"{server}/overview?c={CHARTS}").page
        assert page.evaluate(_LABEL_COLOUR) == "#5a646e"
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(f"() => ({_LABEL_COLOUR})() === '#aab5bf'", timeout=15_000)


_LABEL_COLOUR = (
    """() => document.querySelector('[data-testid="stVegaLiteChart"] .role-axis-label text')?.getAttribute('fill')"""
)


def test_hostile_text_is_shown_and_does_nothing(server: str, chromium: Any) -> None:
    shown = HOSTILE.replace("\u202e", "")
    with tab(chromium) as seen:
        for address in (f"overview?c={EMPTY}", f"collectors?c={CIA}", f"overview?c={MIXED}"):
            page = seen.open(f"{server}/{address}").page
            main = page.locator('[data-testid="stMain"]')
            assert page.evaluate("() => window.hacked") is None
            assert main.locator("img, a[href*='evil']").count() == 0
            assert seen.outside == []
            if EMPTY in address:
                assert page.inner_text("h2.title") == shown
                assert main.locator("h2.title strong").count() == 0


def test_scripts_of_the_world_stand_in_their_own_direction(server: str, chromium: Any) -> None:
    with tab(chromium) as seen:
        page = seen.open(f"{server}/overview?c={CIA}").page
        assert "なぜ私はCIAに接触したのか" in page.inner_text(".names [lang=ja]")
        assert "Спасите будущее" in page.inner_text(".names [lang=ru]")
        page = seen.open(f"{server}/overview?c={MIXED}").page
        assert page.locator(".names [lang=ar]").evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_times_do_not_depend_on_the_zone_of_the_browser(server: str, chromium: Any) -> None:
    labels = []
    for zone in ("UTC", "Asia/Kathmandu"):
        with tab(chromium, timezone_id=zone) as seen:
            page = seen.open(f"{server}/timeline?c={CHARTS}").page
            labels.append(page.locator(PICTURES).first.locator(".role-axis-label text").all_inner_texts())
    assert labels[0]
    assert labels[0] == labels[1]


def test_the_zone_that_is_asked_for_moves_the_clock(server: str, chromium: Any) -> None:
    with tab(chromium) as seen:
        page = seen.open(f"{server}/overview?c={CHARTS}&tz=Asia/Shanghai").page
        assert "as of 15 Apr 2026 11:49 CST" in page.inner_text('[data-testid="stMain"]')


def test_a_download_holds_the_numbers_of_the_page(server: str, chromium: Any, tmp_path: Path) -> None:
    with tab(chromium) as seen:
        page = seen.open(f"{server}/overview?c={MIXED}").page
        with page.expect_download() as download:
            page.get_by_role("button", name="Counts (csv)").click()
        download.value.save_as(tmp_path / "counts.csv")
    frame = pd.read_csv(tmp_path / "counts.csv").set_index(["platform", "metric"])
    assert frame.loc[("bilibili", "known_views"), "high"] == 349_972
    assert pd.isna(frame.loc[("vk", "known_views"), "value"])
    assert bool(frame.loc[("vk", "known_views"), "suppressed"])


def test_a_page_that_fails_says_so_with_a_number_and_without_its_reason(chromium: Any, tmp_path: Path) -> None:
    for address in serve([sys.executable, "-c", _BROKEN], tmp_path / "log.txt"):
        with tab(chromium) as seen:
            seen.page.goto(f"{address}/timeline")
            said = seen.page.locator('[data-testid="stAlert"]').inner_text(timeout=30_000)
            assert re.search(r"could not be drawn \(error [0-9a-f]{8}\)", said)
            assert "disk of glass" not in seen.page.inner_text("body")
    assert "disk of glass" in (tmp_path / "log.txt").read_text()


_BROKEN = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.dashboard import serve
class Broken:
    workspace = ""
    def data_version(self): raise OSError("the disk of glass broke")
serve.show(Broken(), sys.argv[1])
"""


def test_the_demo_replays_the_sample_and_shows_it(chromium: Any, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "spillover",
        "--workspace",
        str(tmp_path / "demo"),
        "demo",
        "--no-browser",
        "--port",
    ]
    for address in serve(command, tmp_path / "log.txt"):
        with tab(chromium) as seen:
            page = seen.open(f"{address}/overview").page
            assert "Sample data" in page.inner_text('[data-testid="stMain"]')
            assert page.locator(PICTURES).count() >= 4
            page.get_by_role("link", name="Collectors").click()
            page.wait_for_url(re.compile("/collectors"))
            seen.ready()
            assert page.get_by_role("button", name="Run now").count() == 1
            assert (seen.outside, seen.errors) == ([], [])
