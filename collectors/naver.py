"""Naver, by its search API: Korean news, blogs, cafés and web pages in which words stand.

Terms: results are shown as they came, with Naver named. Since 2026-07-31 keys come from NAVER API HUB only (secrets of
40 characters); keys of the Developers Center (10 characters) work until 2027-06-30. Which of the two a key is, is told
by its length [U]. Limits: 25,000 calls a day, 1,000 results a question; cafés and web pages carry no date, so only
their first 100 are read and they cover a moment, not a stretch of time.

No recorded answer was at hand: the documented form is read. Unconfirmed [U]: that quotes keep words together, and that
``sort=date`` is strict. An address of a blog names its writer: such a post has a digest as its id and no address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from collectors._formats import naver
from collectors._formats.articles import kept_back, listed, reached, read_each
from spillover import (
    Answer,
    Broken,
    Budget,
    Collector,
    Cost,
    Mode,
    Page,
    Query,
    RateLimited,
    Refused,
    Window,
    known_shape,
    read_json,
)

_DATED, _UNDATED = ("news", "blog"), ("cafearticle", "webkr")
_KINDS = (*_DATED, *_UNDATED)
_AT_ONCE, _LAST_START = 100, 1000
_ERRORS = {"010": RateLimited, "012": RateLimited, "024": Refused, "028": Refused, "SE99": Broken}


class Naver(Collector):
    """The cursor is the kind of result and the place in its list: ``blog:101``."""

    name = "naver"
    hosts = ("naverapihub.apigw.ntruss.com", "openapi.naver.com")
    services: ClassVar[Mapping[str, str]] = {"openapi.naver.com": "openapi"}
    finds = frozenset({"title", "phrase"})
    terms = "https://guide.ncloud-docs.com/docs/apihub-overview"
    limits = "It sees what Naver indexed, at most 1,000 results a question; cafés and web pages come without dates."
    needs = ("NAVER_CLIENT_ID", "NAVER_CLIENT_SECRET")
    per_minute = 300.0
    budgets: ClassVar[Mapping[str, Budget]] = {"calls": Budget(limit=25_000, zone="Asia/Seoul")}
    costs: ClassVar[Mapping[Mode, Cost]] = {"search": Cost(bucket="calls")}
    every_s = 3600

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        kind, start = (cursor or "news:1").split(":")
        for each in _KINDS[_KINDS.index(kind) :]:
            at = int(start) if each == kind else 1
            while at:
                page = self._found(query, window, each, at)
                at = 0 if page.done else at + _AT_ONCE
                after = _KINDS[_KINDS.index(each) + 1 :]
                page.cursor = f"{each}:{at}" if at else f"{after[0]}:1" if after else None
                page.done = page.cursor is None
                yield page

    def _found(self, query: Query, window: Window, kind: str, start: int) -> Page:
        asked = {"query": f'"{query.text.replace(chr(34), " ")}"', "display": str(_AT_ONCE), "start": str(start)}
        asked |= {"sort": "date"} if kind != "webkr" else {}
        answer, told = self._ask(kind, asked)
        with known_shape("a list of results"):
            items, total = listed(told["items"]), int(told["total"])
        posts, rejects = read_each(items, lambda item: naver.read(kind, item, answer.fetched_at), start)
        ended = start + len(items) > total or not items
        if kind in _DATED:
            ceiling = f"1,000 of {total} results is all that Naver gives" if start + _AT_ONCE > _LAST_START else None
            page = reached(posts, window, answer.fetched_at, ended=ended, ceiling=ceiling)
        else:
            cut_short = None if ended else f"{kind}: the first {_AT_ONCE} of {total}, which carry no date"
            now = Window(since=answer.fetched_at, until=answer.fetched_at)
            page = Page(posts=posts, window=now, cut_short=cut_short, done=True)
        page.rejects, page.claimed_total = rejects, total
        kept_back(page, len(items), start - 1)
        return page

    def _ask(self, kind: str, asked: dict[str, str]) -> tuple[Answer, dict[str, Any]]:
        id, secret = (self.secrets.get(name, "") for name in self.needs)
        if len(secret) > 20:
            url, names = f"https://{self.hosts[0]}/search/v1/{kind}", ("X-NCP-APIGW-API-KEY-ID", "X-NCP-APIGW-API-KEY")
            asked = {**asked, "format": "json"}
        else:
            url, names = (
                f"https://{self.hosts[1]}/v1/search/{kind}.json",
                ("X-Naver-Client-Id", "X-Naver-Client-Secret"),
            )
        answer = self.client.get(url, params=asked, headers=dict(zip(names, (id, secret), strict=True)), spend="calls")
        told = read_json(answer)
        if isinstance(told, dict) and "errorCode" in told:
            raise _ERRORS.get(str(told["errorCode"]), Broken)(f"Naver answers with error {told['errorCode']}")
        return answer, told
