"""Kakao, by Daum's search API: Korean web pages, videos, blogs and cafés in which words stand.

Terms: for results shown as they came, with Daum named; no copy of the index may be built. Limits: 30,000 calls of a
kind a day, 50 pages of 50 (of videos 15 of 30); the newest come first, and what ``pageable_count`` leaves out is never
shown. Of a video there is its address only, no counts.

No recorded answer was at hand: the documented form is read. Unconfirmed [U]: when the quota is filled again (taken to
be midnight in Korea), how exact ``datetime`` is, and that quotes keep words together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from collectors._formats import kakao
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
    Window,
    known_shape,
    read_json,
)

_API = "https://dapi.kakao.com/v2/search"
_KINDS = {"web": (50, 50), "vclip": (15, 30), "blog": (50, 50), "cafe": (50, 50)}  # pages, results a page


class Kakao(Collector):
    """The cursor is the kind of result and the page of its list: ``blog:3``."""

    name = "kakao"
    hosts = ("dapi.kakao.com",)
    finds = frozenset({"title", "phrase"})
    terms = "https://developers.kakao.com/terms/latest/ko/site-terms"
    limits = "It sees what Daum indexed, at most 2,500 results a question and 450 videos; no counts."
    needs = ("KAKAO_REST_KEY",)
    per_minute = 300.0
    budgets: ClassVar[Mapping[str, Budget]] = {"calls": Budget(limit=30_000, zone="Asia/Seoul")}
    costs: ClassVar[Mapping[Mode, Cost]] = {"search": Cost(bucket="calls")}
    every_s = 3600

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        kinds = list(_KINDS)
        kind, number = (cursor or "web:1").split(":")
        for each in kinds[kinds.index(kind) :]:
            at = int(number) if each == kind else 1
            while at:
                page = self._found(query, window, each, at)
                at = 0 if page.done else at + 1
                after = kinds[kinds.index(each) + 1 :]
                page.cursor = f"{each}:{at}" if at else f"{after[0]}:1" if after else None
                page.done = page.cursor is None
                yield page

    def _found(self, query: Query, window: Window, kind: str, number: int) -> Page:
        pages, size = _KINDS[kind]
        words = f'"{query.text.replace(chr(34), " ")}"'
        answer, told = self._ask(kind, {"query": words, "sort": "recency", "page": str(number), "size": str(size)})
        with known_shape("a list of results"):
            items, meta = listed(told["documents"]), told["meta"]
            total, pageable, ended = int(meta["total_count"]), int(meta["pageable_count"]), meta["is_end"] is True
        posts, rejects = read_each(
            items, lambda item: kakao.read(kind, item, answer.fetched_at), (number - 1) * size + 1
        )
        withheld = ended and number * size >= pageable and total > pageable
        full = withheld or (number >= pages and not ended)
        ceiling = f"{kind}: {min(pageable, pages * size)} of {total} results is all that Kakao gives" if full else None
        page = reached(posts, window, answer.fetched_at, ended=ended and not withheld, ceiling=ceiling)
        page.rejects, page.claimed_total = rejects, total
        kept_back(page, len(items), number - 1)
        return page

    def _ask(self, kind: str, asked: dict[str, str]) -> tuple[Answer, Any]:
        key = {"Authorization": f"KakaoAK {self.secrets.get('KAKAO_REST_KEY', '')}"}
        try:
            answer = self.client.get(f"{_API}/{kind}", params=asked, headers=key, spend="calls")
        except Broken as error:
            raise kakao.refusal(error.body, self.client.now()) or error from error
        told = read_json(answer)
        if (
            isinstance(told, dict)
            and "documents" not in told
            and (said := kakao.refusal(answer.body, self.client.now()))
        ):
            raise said
        return answer, told
