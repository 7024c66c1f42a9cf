"""A page in a real browser, and how to know that it is drawn."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_READY = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  if (!app || app.getAttribute('data-test-connection-state') !== 'CONNECTED') return false;
  if (app.getAttribute('data-test-script-state') !== 'notRunning') return false;
  if (document.querySelector('[data-stale="true"],[data-testid="stSkeleton"],[data-testid="stAppSkeleton"],[data-testid="stSpinner"]'))
    return false;
  for (const box of document.querySelectorAll('[data-testid="stVegaLiteChart"]'))
    if (box.getClientRects().length && !box.querySelector('canvas,svg.marks')) return false;
  return document.fonts.status === 'loaded';
}"""
_SETTLED = """(quiet) => new Promise(done => {
  let timer = setTimeout(end, quiet);
  const watch = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(end, quiet); });
  watch.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
  const last = setTimeout(end, 6000);
  function end() { clearTimeout(last); watch.disconnect(); requestAnimationFrame(() => requestAnimationFrame(done)); }
})"""
_BOTTOM = """() => {
  const main = document.querySelector('[data-testid="stMain"]');
  const parts = document.querySelectorAll('[data-testid="stMainBlockContainer"] [data-testid="stElementContainer"]');
  return Math.ceil(28 + Math.max(...[...parts].map(e => e.getBoundingClientRect()).filter(r => r.height > 1).map(r => r.bottom + main.scrollTop)));
}"""
# an address with a path is asked for Streamlit's own files relative to it first; these two answers are its normal way
_STREAMLITS_OWN = ("_stcore/health", "_stcore/host-config")


class Tab:
    """One tab: what it asked for, what it complained of, how much it was sent."""

    def __init__(self, page: Any) -> None:
        self.page, self.outside, self.errors, self.received = page, [], [], 0
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._said)
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", self._asked)
        network.on("Network.webSocketFrameReceived", self._got)

    def open(self, address: str) -> Tab:
        self.received = 0
        self.page.goto(address)
        return self.ready()

    def ready(self) -> Tab:
        """Wait until the script has run, every picture is drawn, and nothing moves any more."""
        self.page.wait_for_function(_READY, timeout=45_000, polling=50)
        self.page.evaluate(_SETTLED, 250)
        self.page.wait_for_function(_READY, timeout=45_000, polling=50)
        return self

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        return int(
            self.page.evaluate("""() => Math.max(...[document.documentElement, document.querySelector('[data-testid="stMain"]')]
            .map(e => e.scrollWidth - e.clientWidth))""")
        )

    def shoot(self, path: Path, *, most: int = 4000) -> None:
        """Take a picture of the whole page: Streamlit scrolls inside it, so the window grows instead."""
        for _ in range(3):
            height = min(max(self.page.evaluate(_BOTTOM), 700), most)
            if self.page.viewport_size["height"] == height:
                break
            self.page.set_viewport_size({"width": self.page.viewport_size["width"], "height": height})
            self.ready()
        self.page.screenshot(path=path)

    def _said(self, message: Any) -> None:
        where = message.location.get("url", "")
        if message.type == "error" and not where.endswith(_STREAMLITS_OWN):
            self.errors.append(message.text)

    def _asked(self, event: dict[str, Any]) -> None:
        address = event["request"]["url"]
        if not address.startswith(("http://127.0.0.1", "data:", "blob:")):
            self.outside.append(address)

    def _got(self, event: dict[str, Any]) -> None:
        frame = event["response"]
        binary = frame["opcode"] == 2
        self.received += len(base64.b64decode(frame["payloadData"])) if binary else len(frame["payloadData"])


@contextmanager
def tab(browser: Any, *, dark: bool = False, width: int = 1440, **more: Any) -> Iterator[Tab]:
    """Open a tab of its own, in one theme and width."""
    settings = {"timezone_id": "UTC", "reduced_motion": "reduce", "locale": "en-US"} | more
    viewport = {"width": width, "height": 900}
    context = browser.new_context(viewport=viewport, color_scheme="dark" if dark else "light", **settings)
    yield Tab(context.new_page())
    context.close()
