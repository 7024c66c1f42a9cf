"""Feeds, RSS and Atom, as outlets really write them: an entry is an article, or a video of a YouTube channel's feed.

``https://www.youtube.com/feeds/videos.xml?channel_id=UC…`` follows a channel, such as one that uploads the video anew,
without a key; its 15 newest videos come with their views. Whether that costs quota is unconfirmed [U].

Terms: a feed is published to be read by machines; each is asked for at the outlet's own pace and only for what changed.
Limits: a feed holds its newest entries only, so what fell out between two readings is a gap, and the window says so. Texts
are stripped of markup; a time that cannot be is unknown. An entry that is no longer there may merely have grown old.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from collectors._formats import feeds
from spillover import Changed, Collector, Page, Query, Window


class Rss(Collector):
    """One query is one feed; one answer is one page."""

    name = "rss"
    hosts = ("*",)
    finds = frozenset({"feed"})
    terms = "https://www.rssboard.org/rss-specification"
    limits = "A feed holds its newest entries only: what came and fell out between two readings is not seen."

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        url = query.text if "://" in query.text else f"https://{query.text}"
        answer = self.client.get(url, conditional=True)
        now = answer.fetched_at
        page = Page(done=True, window=Window(since=window.since, until=now))
        if not answer.unchanged:
            feed = feeds.parse(answer)
            feeds.take(feed, page, now)
            if page.rejects and not page.posts:
                raise Changed(f"none of {len(page.rejects)} entries can be read: {page.rejects[0].reason}")
            times = [post.published_at for post in page.posts if post.published_at]
            page.window, reason = _covered(times, window, now)
            page.cut_short = "the feed breaks off" if feeds.breaks_off(feed) else reason
        yield page


def _covered(times: list[datetime], window: Window, now: datetime) -> tuple[Window, str | None]:
    """Return what a feed covers: it holds its newest entries, so its oldest one is where it begins."""
    oldest = min(times, default=None)
    if oldest is None or (window.since and oldest <= window.since):
        return Window(since=window.since or now, until=now), None
    reason = f"feed reaches back only to {oldest:%Y-%m-%dT%H:%M:%SZ}" if window.since else None
    return Window(since=min(oldest, now), until=now), reason
