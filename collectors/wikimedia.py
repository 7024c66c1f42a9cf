"""Wikipedia in many languages: articles that cite a video or a phrase, and how often they are viewed each day.

A page that cites is a post of kind "page" without an author; when the citation came is not told, so a page has no time,
and a search covers the moment at which it was asked. Only articles are listed: pages of users would name accounts. A
page that is gone says ``missing``: only administrators can delete, so that is a removal by moderation, and stated.
Views are those of people (agent ``user``) on all devices; a day without data is no zero.

Terms: open, with a user agent that says who asks. Limits: only https links, in the spellings asked for; 10,000 results
of a phrase. Rates are limited anew since March 2026, with numbers that still move [U].
``exturlusage`` and ``info`` were read from a MediaWiki 1.39; ``insource:`` and the views in their documented form [U].
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from collectors._formats import mediawiki
from collectors._formats.articles import listed
from collectors._formats.taking import take
from spillover import Answer, Changed, Collector, Known, Measure, Page, Query, Window, known_shape, read_json

_VIEWS = "https://wikimedia.org/api/rest_v1/metrics/pageviews/per-article"
_LAST = 10_000  # results that a search of phrases gives
_DAY = timedelta(days=1)


class Wikimedia(Collector):
    """The cursor says which spelling is being asked for, and where to go on in its list."""

    name = "wikimedia"
    hosts = (".wikipedia.org", "wikimedia.org")
    services: ClassVar[Mapping[str, str]] = {"wikimedia.org": "pageviews"}
    instances = tuple(
        f"https://{edition}.wikipedia.org"
        for edition in ("en", "zh", "ru", "fa", "ar", "es", "fr", "de", "ja", "ko", "vi", "uk")
    )
    finds = frozenset({"link", "title", "phrase"})
    terms = "https://foundation.wikimedia.org/wiki/Policy:Terms_of_Use"
    limits = "It lists articles that cite now: not when the citation came, and not those that cited before."
    per_minute = 60.0
    every_s = 43_200
    first_reread_s = 86_400  # views come once a day

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        base, asks = query.at or self.bases[0], mediawiki.asks(query)
        at: dict[str, Any] | None = json.loads(cursor) if cursor else {"ask": 0, "go": {}}
        if not asks:
            yield Page(done=True, cut_short="nothing to ask for")
            return
        while at is not None:
            asked = asks[at["ask"]]
            answer, told = self._ask(base, asked | at["go"])
            with known_shape("a list"):
                rows, go = told["query"][asked["list"]], told.get("continue")
                total = told["query"].get("searchinfo", {}).get("totalhits")
                is_cut = go is not None and int(go.get("sroffset", 0)) >= _LAST
            if not isinstance(rows, list):
                raise Changed(f"{asked['list']} is no list")
            page = Page(window=Window(since=answer.fetched_at, until=answer.fetched_at), claimed_total=total)
            page.cut_short = f"{_LAST} results is all that a search gives" if is_cut else None
            take(page, rows, lambda row: [mediawiki.post(row, base)])
            at = {"ask": at["ask"], "go": go} if go and not is_cut else {"ask": at["ask"] + 1, "go": {}}
            at = at if at["ask"] < len(asks) else None
            page.done, page.cursor = at is None, json.dumps(at) if at else None
            yield page

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        batches = list(self._batches(posts))
        for number, (base, ids) in enumerate(batches, 1):
            answer, told = self._ask(base, {"prop": "info", "pageids": "|".join(ids.values())})
            page = Page(window=Window(since=answer.fetched_at, until=answer.fetched_at), cursor=str(number))
            with known_shape("a page"):
                found = {str(one["pageid"]): one for one in listed(told["query"]["pages"])}
                page.availability = [mediawiki.standing(post_id, found.get(id)) for post_id, id in ids.items()]
            for check in page.availability:
                page.measures += self._views(check.id, found[ids[check.id]]["title"]) if check.status == "up" else []
            page.done = number == len(batches)
            yield page

    def _batches(self, posts: Sequence[Known]) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield a wiki's address and up to 50 of its pages, by the ids of their posts."""
        bases, wikis = {urlsplit(base).netloc: base for base in self.bases}, dict[str, list[str]]()
        for post in posts:
            wikis.setdefault(post.id.rpartition(":")[0], []).append(post.id)
        for wiki, ids in wikis.items():
            for start in range(0, len(ids), 50):
                batch = {post_id: post_id.rpartition(":")[2] for post_id in ids[start : start + 50]}
                yield bases.get(wiki, f"https://{wiki}"), batch

    def _views(self, post_id: str, title: str) -> list[Measure]:
        wiki, now = post_id.rpartition(":")[0], self.client.now()
        if not wiki.endswith(".wikipedia.org"):
            return []  # another wiki, whose views nobody tells
        days = f"{now - 30 * _DAY:%Y%m%d}/{now - _DAY:%Y%m%d}"
        article = quote(title.replace(" ", "_"), safe="")
        answer = self.client.get(f"{_VIEWS}/{wiki}/all-access/user/{article}/daily/{days}")
        if answer.status == 404:  # nothing is known of these days, which is no zero
            return []
        with known_shape("views"):
            return [mediawiki.views(item, post_id) for item in read_json(answer)["items"]]

    def _ask(self, base: str, asked: dict[str, str]) -> tuple[Answer, Any]:
        fixed = {"action": "query", "format": "json", "formatversion": "2", "maxlag": "5"}
        answer = self.client.get(f"{base}/w/api.php", params=fixed | asked)
        told = read_json(answer)
        with known_shape("an answer"):
            if "error" in told:
                raise mediawiki.refusal(told["error"], answer)
        return answer, told
