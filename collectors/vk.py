"""VK, by its API: search public posts and, with the key of a user, videos; read both again.

Terms: VK's Platform Rules; access is free and may end without notice. Limits: a search gives the newest 1,000 results, so
where there are more, the stretch is halved, down to 15 minutes. The key goes into the Authorization header, as VK's page on
keys allows (vk.com/dev/oauth_gettoken). A service key is enough for posts; videos want a user's.
A post and a video may share one number: a video's id is ``video-1_2`` here, ``-1_2`` is a post.
No answer was recorded: all is read in its documented form. Not confirmed [U]: how many searches a day VK allows, whether
it finds addresses within posts, whether both ends of a stretch are included, that a post that is gone is left out, and the
words of restrictions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from collectors._formats import vk_pages
from collectors._formats.vk_pages import stretch, times
from spillover import Answer, Collector, Known, Page, Query, Window

_CEILING, _FLOOR_S = 1_000, 900
_LOOK_BACK = timedelta(days=1)  # VK's own, where nobody says since when
_ALONG = {"extended": "1", "count": "200", "fields": "screen_name,members_count,followers_count"}
_AFRESH: dict[str, Any] = {"from": None, "edge": None, "seen": 0}  # of a stretch that nothing was read of yet
_BATCH = 100


class Vk(Collector):
    """Search newest first, posts and then videos; the cursor holds the stretches that are still to be read."""

    name = "vk"
    hosts = ("api.vk.com",)
    finds = frozenset({"link", "title", "phrase", "hashtag"})
    terms = "https://dev.vk.com/ru/rules"
    limits = "It sees what VK's search finds on public walls and among videos, at most 1,000 results in 15 minutes."
    needs = ("VK_TOKEN",)
    per_minute = 180

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        words, until = vk_pages.words(query), window.until or self.client.now()
        since = min(window.since or until - _LOOK_BACK, until)
        span = [int(since.timestamp()), int(until.timestamp())]
        at = {"span": span, "todo": [span], "total": None, "videos": 0 if query.kind == "title" else None} | _AFRESH
        page = Page(cursor=cursor or json.dumps(at)) if words else Page(done=True, cut_short="nothing to ask for")
        if not words:
            yield page
        while not page.done:
            at = json.loads(page.cursor or "")
            page = self._posts(words, at) if at["todo"] else self._videos(words, at)
            yield page

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        ids = sorted((post.id for post in posts), key=lambda id: id.startswith("video"))
        walls = sum(not id.startswith("video") for id in ids)
        for some in (ids[:walls], ids[walls:]):
            for start in range(0, len(some), _BATCH):
                yield from self._again(some[start : start + _BATCH])

    def _posts(self, words: str, at: dict[str, Any]) -> Page:
        """Read one page of a stretch; halve the stretch where VK would not show all of it."""
        since, until = at["todo"].pop()
        edge, token = at["edge"] or until, at["from"]
        asked = _ALONG | {"q": words, "start_time": str(since), "end_time": str(until)}
        answer, told = self._ask("newsfeed.search", asked | ({"start_from": token} if token else {}))
        page, total, seen = vk_pages.posts(told, answer), vk_pages.total(told), at["seen"] + len(told["items"])
        following, oldest = told.get("next_from") if told["items"] else None, max(since, min([edge, *times(page)]))
        page.window = stretch(oldest, edge)
        if total > _CEILING and not token and until - since > _FLOOR_S:
            middle, following = (since + until) // 2, None
            at["todo"] += [[since, middle], [middle, until]]
        elif following:
            at["todo"].append([since, until])
        elif max(total, seen) > _CEILING or (total and not seen):
            page.cut_short = f"VK shows {seen} of {total} results"
        else:
            page.window = stretch(since, edge)
        page.claimed_total = at["total"] = total if at["total"] is None else at["total"]
        return _left(page, at | ({"from": following, "edge": oldest, "seen": seen} if following else _AFRESH))

    def _videos(self, words: str, at: dict[str, Any]) -> Page:
        """Read one page of videos, which VK gives by the date when they were added and for no stretch of time."""
        (since, until), offset = at["span"], at["videos"]
        try:
            answer, told = self._ask("video.search", {"q": words, "sort": "0", "offset": str(offset)} | _ALONG)
        except vk_pages.NotForThisKey:
            return Page(done=True, cut_short="VK shows videos only to the key of a user")
        page, total, offset = vk_pages.videos(told, answer), vk_pages.total(told), offset + len(told["items"])
        is_whole = offset >= total or max(times(page), default=until) < since
        has_ended = is_whole or not told["items"] or offset >= _CEILING
        page.window = stretch(since if is_whole else max(since, min([until, *times(page)])), until)
        page.cut_short = f"VK shows {offset} of {total} videos" if has_ended and not is_whole else None
        return _left(page, at | {"videos": None if has_ended else offset})

    def _again(self, ids: list[str]) -> Iterator[Page]:
        """Read some posts or some videos; where VK closes the door on all for one, ask for halves."""
        is_video = ids[0].startswith("video")
        asked = {"videos" if is_video else "posts": ",".join(id.removeprefix("video") for id in ids), "count": "200"}
        try:
            answer, told = self._ask("video.get" if is_video else "wall.getById", asked)
            yield vk_pages.readings(told, ids, answer)
        except vk_pages.Closed as error:
            if len(ids) == 1:
                yield vk_pages.closed(ids[0], error)
            else:
                yield from self._again(ids[: len(ids) // 2])
                yield from self._again(ids[len(ids) // 2 :])

    def _ask(self, method: str, asked: dict[str, str]) -> tuple[Answer, dict[str, Any]]:
        key = {"Authorization": f"Bearer {self.secrets.get('VK_TOKEN')}"}
        answer = self.client.get(f"https://api.vk.com/method/{method}", params=asked | {"v": "5.199"}, headers=key)
        return answer, vk_pages.told(answer)


def _left(page: Page, at: dict[str, Any]) -> Page:
    page.done = not at["todo"] and at["videos"] is None
    page.cursor = None if page.done else json.dumps(at)
    return page
