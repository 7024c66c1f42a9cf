"""The Wayback Machine: what a video's page answered when the archive looked, and a lasting copy of it on request.

Terms: the index is open, asked gently; a copy is public, so none is asked for by itself (see ``capture``). Limits: an
address that was never captured says nothing; addresses are compared whole, so a capture under other parameters is not
found; the archive looks from the United States; removed pages of most video platforms answer 200, and of these a 200
says only that a copy exists. A question gives 150,000 captures at most. Pages of some sites are excluded (refused).

The index is read by recorded answers; Save Page Now by its public documentation [U], as is how soon it lists a capture.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from collectors._formats import wayback
from spillover import Broken, Budget, Collector, Cost, Known, Mode, Page, Query, Refused, Window, resolve

_INDEX, _SAVE = "https://web.archive.org/cdx/search/cdx", "https://web.archive.org/save"
_AT_ONCE, _MOST = 10_000, 150_000
_LOOKS = 36  # at the state of a capture: three minutes at our pace


class Wayback(Collector):
    """The cursor is the stretch of time, how many captures were read, and the archive's own key for the next ones."""

    name = "wayback"
    hosts = ("web.archive.org",)
    finds = frozenset({"link"})
    rereads = wayback.HONEST
    vantage = "archive"
    terms = "https://archive.org/about/terms"
    limits = "It sees what the archive captured, from the United States; no capture says nothing about a post."
    wants = ("WAYBACK_ACCESS_KEY", "WAYBACK_SECRET_KEY")
    per_minute = 12.0
    budgets: ClassVar[Mapping[str, Budget]] = {"lookups": Budget(limit=2_000), "captures": Budget(limit=1_000)}
    costs: ClassVar[Mapping[Mode, Cost]] = {"search": Cost(bucket="lookups"), "reread": Cost(bucket="lookups")}
    every_s, looks_back_days = 24 * 3600, 12_000  # all that it ever captured
    first_reread_s = 7 * 24 * 3600

    @classmethod
    def takes(cls, query: Query) -> bool:
        return wayback.video(query.text) is not None

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        video = wayback.video(query.text)
        if video is None:
            yield Page(done=True, cut_short="the archive is asked only for videos of platforms that we know")
            return
        until = min(window.until or self.client.now(), self.client.now())
        span = {"from": wayback.stamp(window.since), "to": wayback.stamp(until)}
        at: dict[str, Any] = json.loads(cursor) if cursor else {**span, "limit": _AT_ONCE, "read": 0}
        covered = Window(since=wayback.moment(at["from"]), until=wayback.moment(at["to"]))
        yield from self._captures(video, at, covered)

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        for number, post in enumerate(posts, 1):
            last = number == len(posts)
            if not post.url or resolve(post.url).private:
                yield Page(cut_short="a post without an address that may be asked for", done=last)
                continue
            for page in self._captures(post, {"limit": _MOST, "read": 0}, Window(until=self.client.now())):
                if page.done:
                    page.availability.append(wayback.looked(post, self.client.now()))
                page.cursor, page.done = None, page.done and last
                yield page

    def capture(self, url: str, post: Known | None = None) -> Page:
        """Have a page copied by the archive, unless it was within a day, and return the capture as a check of the post.

        The copy is public and lasts: whoever calls this has made sure that it is nobody's private post.
        """
        id, secret = (self.secrets.get(name, "") for name in self.wants)
        if not (id and secret) or resolve(url).private:
            raise Refused("a private address is not copied" if id and secret else f"set {' and '.join(self.wants)}")
        asked = urlencode({"url": url, "if_not_archived_within": "1d", "skip_first_archive": "1"}).encode()
        key = {"Authorization": f"LOW {id}:{secret}", "Accept": "application/json"}
        answer = self.client.post(_SAVE, asked, headers=key | wayback.FORM, spend="captures")
        for _ in range(_LOOKS):
            page, job = wayback.saved(answer, post or wayback.video(url) or Known(id=url, url=url))
            if page is not None:
                return page
            answer = self.client.get(f"{_SAVE}/status/{job}", headers=key)
        raise Broken("the archive did not finish the capture in time")

    def _captures(self, post: Known, at: dict[str, Any], window: Window) -> Iterator[Page]:
        """Yield the captures of a page; what the archive excludes is said and ends no run."""
        done = False
        while not done:
            asked = {"url": post.url or "", "output": "json", "fl": ",".join(wayback.FIELDS), "showResumeKey": "true"}
            asked |= {name: str(at[name]) for name in ("from", "to", "limit", "resumeKey") if at.get(name)}
            whole = "to" not in at  # the same question every time, so an answer that did not change is known
            try:
                rows, at["resumeKey"] = wayback.table(
                    self.client.get(_INDEX, params=asked, spend="lookups", conditional=whole)
                )
            except Refused as error:
                if wayback.EXCLUDED not in error.body:
                    raise
                yield Page(cut_short="the archive excludes this page", done=True)
                return
            checks, rejects = wayback.checks(rows, post)
            at["read"] += len(rows)
            full = bool(at["resumeKey"]) and at["read"] >= _MOST
            done = full or not at["resumeKey"]
            page = Page(availability=checks, rejects=rejects, window=window, done=done)
            page.cut_short = f"the archive gives {_MOST} captures at most" if full else None
            page.cursor = None if done else json.dumps(at)
            yield page
