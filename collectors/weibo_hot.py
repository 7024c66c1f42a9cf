"""Weibo's hot-search lists, from a public archive: what was let onto the list in China, day by day since November 2020.

Reads github.com/justjavac/weibo-trending-hot-search (MIT), which keeps the list of each day, written about every hour.
Weibo itself is never asked: it offers no public interface, and its private one is not ours to use.

Terms: an archive of titles under the MIT licence; the titles are Weibo's. Limits: a day's file gathers all titles of the
day, so when a title left the list is not known; of a past day only the day is known, and its last second stands for it:
by then at the latest the title had been on the list. Today's file says what stood there by now. A place is that of the
first sight. Promoted entries and what the Party's media place on top are among them, without a place. Hours come with a
table of first sights, which the file import reads; both know one title by one id.

Unconfirmed [U]: how soon the raw host refuses a reader who is not logged in; it is asked once for each day and query.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from collectors._formats import weibo_list
from collectors._formats.fields import CHINA, Seen
from spillover import Answer, Broken, Changed, Collector, Page, Post, Query, Reject, Window, read_json

_FILE = "https://raw.githubusercontent.com/justjavac/weibo-trending-hot-search/master/raw/{}.json"
_BEGUN = date(2020, 11, 24)
_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)
_HAN = re.compile(r"[\u4e00-\u9fff]")


class WeiboHot(Collector):
    """One answer is one day in China, oldest first; the cursor is the next day to read."""

    name = "weibo_hot"
    hosts = ("raw.githubusercontent.com",)
    finds = frozenset({"title", "phrase", "hashtag"})
    terms = "https://github.com/justjavac/weibo-trending-hot-search/blob/master/LICENSE"
    limits = "titles of the hot-search list only, never posts; by the day, and not when a title left the list"
    per_minute = 30.0
    every_s = 3600

    @classmethod
    def takes(cls, query: Query) -> bool:
        """Take what is written in Chinese: the list has hardly anything else."""
        return _HAN.search(query.text) is not None

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        """Read the list of each day; which titles are about a campaign is decided behind the door."""
        now = self.client.now()
        until = min(window.until or now, now)
        since = window.since or until - _DAY
        day, last = date.fromisoformat(cursor) if cursor else _day_of(since), _day_of(until)
        if last < _BEGUN:
            yield Page(done=True, cut_short=f"the archive begins on {_BEGUN}")
            return
        short = f"the archive begins on {_BEGUN}" if day < _BEGUN else None
        day = max(day, _BEGUN)
        if day > last:  # the cursor is ahead of the window: nothing is left to read
            yield Page(done=True, window=Window(since=until, until=until))
        while day <= last:
            page = self._day(day)
            page.cut_short, short = page.cut_short or short, None
            page.done, page.cursor = day == last, None if day == last else (day + _DAY).isoformat()
            day += _DAY
            yield page

    def _day(self, day: date) -> Page:
        answer = self.client.get(_FILE.format(day), conditional=True)
        begin = datetime.combine(day, time(), CHINA).astimezone(UTC)
        if answer.status == 404:
            is_today = day == _day_of(answer.fetched_at)
            return Page(cut_short=f"the list of {day} is not {'published yet' if is_today else 'in the archive'}")
        if answer.status != 200 and not answer.unchanged:
            raise Broken(f"the archive answers {answer.status}", body=answer.body)
        seen_at = min(begin + _DAY - _SECOND, answer.fetched_at)
        page = Page(window=Window(since=begin, until=max(begin, seen_at)))
        if not answer.unchanged:
            _fill(page, _entries(answer), Seen(seen_at, seen_at))
        return page


def _entries(answer: Answer) -> list[Any]:
    told = read_json(answer)
    if not isinstance(told, list) or not told:
        raise Changed("a day's list is a list of titles, and never an empty one")
    return told


def _fill(page: Page, entries: list[Any], seen: Seen) -> None:
    """Add the titles to a page, each once; raise Changed where none can be read."""
    posts: dict[str, Post] = {}
    for number, entry in enumerate(entries, 1):
        try:
            topic = weibo_list.topic_of(entry, seen)
            posts[topic.id] = topic
        except (ValueError, TypeError, AttributeError) as error:
            page.rejects.append(Reject(line=number, reason=f"entry {number}: {error}"))
    if not posts:
        raise Changed(f"no title among {len(entries)} entries; {page.rejects[0].reason}")
    page.posts = list(posts.values())


def _day_of(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()
