"""X, by its API v2, which is paid by the piece: counts first, then the posts that are worth their money.

Money: what an answer holds is reckoned at the list price (a post or a count of posts $0.005, an account $0.010). The worst
case is set aside before a request and what did not come is given back, so a month costs at most $20, or what the operator
sets as SPILLOVER_X_MONEY_LIMIT (in dollars); half is kept for re-reads. The true bill is lower: X gives a post that was
paid for again until midnight UTC.
Terms: delete within 24 hours what X removed; no benchmarking, no surveillance, no inferring of politics or health.
A compliance job needs an upload, which our client has not: the file import reads its result (``x_compliance``), where alone
X always tells deleted from suspended.
Not confirmed [U]: that accounts and posts that come along are charged (they are reckoned), that ``url:`` finds an id within
an address, X's words for a post of a suspended account ("not authorized" alone stays unknown), and its names: it is asked
for ``tweet.fields`` as its guides say (``post.fields`` in its OpenAPI), and read under old and new names alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from collectors._formats import x_pages
from collectors._formats.x_query import moment, stamp, words
from spillover import Answer, Budget, BudgetSpent, CollectError, Collector, Cost, Known, Mode, Page, Query, Window

_API = "https://api.x.com/2/tweets"
_REACH, _LAG = timedelta(days=7) - timedelta(minutes=1), timedelta(seconds=30)  # X knows a post after ten seconds
_POST, _EACH = x_pages.POST, x_pages.EACH
_WORTH, _BATCH, _SMALLEST = 300, 100, 10  # posts of a query a run, of a page, of the smallest page
_FIELDS = {"tweet.fields": "created_at,public_metrics,lang,entities,withheld,referenced_tweets,edit_history_tweet_ids"}
_ALONG = {"expansions": "author_id,referenced_tweets.id", "user.fields": "public_metrics,username,name"}
_MONEY = Budget(limit=20_000_000, unit="microdollars", per="month", reserve=0.5)


class X(Collector):
    """Search newest first; the cursor says what was asked and down to where it has been read."""

    name = "x"
    hosts = ("api.x.com",)
    finds = frozenset({"link", "title", "phrase", "hashtag"})
    terms = "https://docs.x.com/developer-terms/policy"
    limits = "It sees seven days back, 300 posts of a query a run, no protected accounts, and what money allows."
    needs = ("X_BEARER_TOKEN",)
    optional = True
    per_minute = 20  # counts: 300 in 15 minutes, the slowest of the three
    budgets: ClassVar[Mapping[str, Budget]] = {"money": _MONEY}
    costs: ClassVar[Mapping[Mode, Cost]] = {
        "search": Cost(bucket="money", amount=_POST + _WORTH * _EACH),
        "reread": Cost(bucket="money", amount=_BATCH * _POST, batch=_BATCH),
    }
    every_s, first_reread_s = 6 * 3600, 24 * 3600  # each reading costs

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        asked, now = words(query), self.client.now()
        floor = now - _REACH
        since, until = max(window.since or floor, floor), min(window.until or now, now - _LAG)
        if cursor and json.loads(cursor)["edge"] > stamp(floor):
            page = Page(cursor=cursor)
        elif not asked or since >= until:
            page = Page(done=True, cut_short="X is asked for words and links of the last seven days")
            yield page
        else:
            page = self._counted({"query": asked, "start_time": stamp(since), "end_time": stamp(until)}, query.text)
            page.cut_short = "X searches the last seven days" if window.since and window.since < since else None
            yield page
        while not page.done:
            page = self._found(json.loads(page.cursor or ""), stamp(floor))
            yield page

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        for start in range(0, len(posts), _BATCH):
            ids = [post.id for post in posts[start : start + _BATCH]]
            answer, told = self._ask("", {"ids": ",".join(ids)} | _FIELDS, len(ids) * _POST)
            page = x_pages.readings(told, answer, ids)
            page.done = start + _BATCH >= len(posts)
            yield page

    def _counted(self, asked: dict[str, str], subject: str) -> Page:
        """Ask how many posts there are; where there are none, nothing else needs to be asked."""
        total, hours = x_pages.counted(self._ask("/counts/recent", asked | {"granularity": "hour"}, _POST)[1], subject)
        window = Window(since=moment(asked["end_time" if total else "start_time"]), until=moment(asked["end_time"]))
        cursor = json.dumps({"asked": asked, "edge": asked["end_time"], "total": total, "read": 0}) if total else None
        return Page(measures=hours, window=window, claimed_total=total, cursor=cursor, done=not total)

    def _found(self, at: dict[str, Any], floor: str) -> Page:
        """Read one page of posts and say which stretch of time it covers."""
        asked, edge = at["asked"] | {"start_time": max(at["asked"]["start_time"], floor)}, moment(at["edge"])
        answer, told = self._bought(asked, min(max(at["total"] - at["read"], _SMALLEST), _BATCH))
        count, token = x_pages.paged(told)
        page, read = x_pages.posts(told, answer), at["read"] + count
        last = min([edge, *(post.published_at for post in page.posts if post.published_at and not post.aside)])
        page.window = Window(since=last if token else moment(asked["start_time"]), until=edge)
        page.claimed_total, page.done = at["total"], not token or read >= _WORTH
        if page.done and (token or not read):
            page.cut_short = f"the newest {read} of {at['total']} posts {'are worth their money' if token else 'came'}"
        elif token:
            page.cursor = json.dumps(at | {"asked": asked | {"next_token": token}, "edge": stamp(last), "read": read})
        return page

    def _bought(self, asked: dict[str, str], wanted: int) -> tuple[Answer, dict[str, Any]]:
        """Pay for a page, or for the smallest where there is no money left for as many posts as are wanted."""
        try:
            sized = asked | _FIELDS | _ALONG | {"max_results": str(wanted)}
            return self._ask("/search/recent", sized, wanted * _EACH)
        except BudgetSpent as error:
            if wanted == _SMALLEST or error.body:
                raise
            return self._bought(asked, _SMALLEST)

    def _ask(self, path: str, asked: dict[str, str], worst: int) -> tuple[Answer, dict[str, Any]]:
        key = {"Authorization": f"Bearer {self.secrets.get('X_BEARER_TOKEN')}"}
        try:
            answer = self.client.get(f"{_API}{path}", params=asked, headers=key, spend="money", cost=worst)
            told = x_pages.told(answer)
        except CollectError as error:
            if error.body:  # X answered, and charges for no error
                self.client.refund("money", worst)
            raise x_pages.refusal(error, self.client.now()) from None
        self.client.refund("money", 0 if "granularity" in asked else max(0, worst - x_pages.price(told)))
        return answer, told
