"""The door: pages in, rows out. Names stop here.

Everything that a page says is cleaned, matched and pseudonymised before the first byte goes to disk, on the host that
collects and holds the campaign's key. Posts that are not about the campaign are counted and dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import pyarrow as pa

from spillover.contract import AccountState, Availability, Count, Counts, Interval, Measure, Page, Post, Reading
from spillover.controls import Controls, magnitude
from spillover.folding import fold
from spillover.links import WEB, Address, id_carries_account, resolve
from spillover.matching import Match, Matcher
from spillover.pseudonym import Key, without_names
from spillover.seeds import Seed
from spillover.segments import SCHEMAS

_BIGGEST = 2**63 - 1  # a count beyond this is no count
_LONGEST = 100_000  # characters of a text that we keep
_METRICS = ("views", "likes", "shares", "comments")
_NOTHING = Counts()
_TABLES = (
    "post", "post_campaign", "observation", "availability", "listing", "account", "edge", "control", "measure", "match",
)  # fmt: skip
_WORDS = 300  # characters of a platform's own words that we keep as evidence
_ACCOUNT = re.compile(r"@[\w.-]{2,}|did:[a-z]+:\S+|[«„“\"'‘][^»“”\"'’]{1,80}[»“”\"'’]|https?://\S+")


@dataclass(frozen=True)
class Subject:
    """For which campaign a page is taken in, and with which key."""

    campaign_id: int
    version: int
    matcher: Matcher | None  # None: everything is kept, nothing is matched
    key: Key
    keep_all: bool = False
    held: bool = (
        False  # posts that we hold are read again: of one that matches no term (a control) the counts are taken
    )
    policy: str | None = (
        None  # None: the platform's own terms; published: rows that others published, which do not expire
    )
    publishers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    seeds: Mapping[int, Seed] = field(default_factory=dict)  # the campaign's own videos of which nothing is held yet
    now: datetime | None = None  # when pages are matched, of a file later than it was seen; None: when they were seen


@dataclass
class Taken:
    """What became of one page. ``seen`` are the posts that it showed: key, and when published, epoch seconds."""

    tables: dict[str, pa.Table]
    posts: int
    matched: int
    seen: list[tuple[int, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Identity:
    """How a post is known on disk."""

    post_key: int
    id: str
    url: str | None
    sealed: bytes | None


def take_in(
    page: Page, subject: Subject, *, platform: str, run_id: str, seen_at: datetime, controls: Controls | None = None
) -> Taken:
    """Turn a page into rows. ``platform`` and ``seen_at`` stand in where an item does not say its own.

    With ``controls`` the page's other posts are looked through for posts that compare.
    """
    door = _Door(subject, platform, run_id, seen_at, controls)
    for post in page.posts:
        door.post(post)
    for reading in page.readings:
        door.reading(reading)
    for check in page.availability:
        door.availability(check)
    for state in page.accounts:
        door.account(state)
    for measure in page.measures:
        door.measure(measure)
    door.pair()
    return Taken(door.tables(), sum(not post.aside for post in page.posts), door.matched, door.seen)


def post_key(platform: str, stored_id: str) -> int:
    """Return the 64-bit key of a post; among 100 million posts two share one with a chance of 0.0003."""
    digest = blake2b(f"{platform}\0{stored_id}".encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big", signed=True)


def identify(platform: str, native_id: str, url: str | None, key: Key) -> Identity:
    """Return the form of a post's id and address that names no account; seal the id where there is no such form."""
    address = resolve(url) if url else None
    is_address = "://" in native_id and not id_carries_account(platform)
    if id_carries_account(platform) or (is_address and resolve(native_id).carries_account):
        stored = key.stand_in(platform, native_id)
        stored = f"~{stored.rpartition('~')[2]}" if is_address else stored  # its last part may be the account itself
        return Identity(post_key(platform, stored), stored, None, key.seal(platform, native_id))
    return Identity(post_key(platform, native_id), native_id, _public_form(address), None)


def _public_form(address: Address | None) -> str | None:
    if address is None or address.private or address.carries_account:
        return None
    return address.canonical


class _Door:
    """Rows that gather while one page passes; a tuple a row is four times as fast as a list a column."""

    def __init__(
        self, subject: Subject, platform: str, run_id: str, seen_at: datetime, controls: Controls | None
    ) -> None:
        self.subject, self.platform, self.run_id, self.seen_at = subject, platform, run_id, seen_at
        self.controls = controls
        self.seen: list[tuple[int, float]] = []
        self.rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _TABLES}
        self.matched = 0
        self.kept: set[int] = set()

    def tables(self) -> dict[str, pa.Table]:
        return {name: _table(name, rows) for name, rows in self.rows.items() if rows}

    def post(self, post: Post) -> None:
        match = self._match(post)
        if self.controls is not None:
            self._note(self.controls, post, match)
        if match is None and self.subject.held and not post.aside:
            self.reading(
                Reading(
                    id=post.id, platform=post.platform, counts=post.counts or _NOTHING, observed_at=post.observed_at
                )
            )
            return
        if match is None and (post.aside or not self.subject.keep_all):
            return
        who = self._keep(post, "kept" if match is None else "match", match)
        if match is not None:
            self.matched += 1
            self._match_row(who.post_key, match)
        if post.listing is not None:
            place = post.listing
            seen_at = _utc(post.observed_at or self.seen_at)
            values = (who.post_key, _text(place.list), _text(place.region), place.rank, seen_at, self.run_id)
            self.rows["listing"].append(values)

    def pair(self) -> None:
        """Keep the controls that the posts so far allow."""
        for pair in self.controls.pairs(self.seen_at) if self.controls is not None else ():
            matched, control = (self._identify(post) for post in (pair.matched, pair.control))
            self._keep(pair.control, "control", None)
            values = (self.subject.campaign_id, matched.post_key, control.post_key, pair.agrees, self.run_id)
            self.rows["control"].append(values)

    def _keep(self, post: Post, role: str, match: Match | None) -> Identity:
        platform, who = post.platform or self.platform, self._identify(post)
        self.kept.add(who.post_key)
        seen_at = _utc(post.observed_at or self.seen_at)
        self._post_row(post, platform, who, seen_at, _names(post, match))
        self._campaign_row(post, platform, who, role)
        self._observation_row(who.post_key, seen_at, post.counts or _NOTHING, aside=post.aside)
        for parent in post.parents:
            above = identify(parent.platform or platform, parent.id, None, self.subject.key)
            self.rows["edge"].append((who.post_key, above.post_key, parent.relation, seen_at, self.run_id))
        return who

    def _note(self, controls: Controls, post: Post, match: Match | None) -> None:
        """Remember a post of a search: for the canary, and to pair it."""
        key = self._identify(post).post_key if controls.keyed or match else 0
        if controls.keyed and post.published_at is not None and not post.aside:
            self.seen.append((key, post.published_at.timestamp()))
        if match is not None:
            controls.want(post, key)
        elif not post.aside:
            controls.offer(post)

    def _identify(self, post: Post) -> Identity:
        return identify(post.platform or self.platform, post.id, post.url, self.subject.key)

    def account(self, state: AccountState) -> None:
        """Keep how an account stands under its pseudonym; the drain finds the posts that it holds for.

        An account that is up again says nothing of a post that may have gone before it: that is read again.
        """
        author = self.subject.key.author(state.platform or self.platform, state.id)
        status = "unknown" if state.status == "up" else state.status
        values = (
            self.subject.campaign_id, author, _utc(state.checked_at or self.seen_at), self.run_id, "api", status, state.cause,
            state.basis, said(state.said),
        )  # fmt: skip
        self.rows["account"].append(values)

    def measure(self, measure: Measure) -> None:
        values = (
            self.subject.campaign_id, self.platform, measure.series, _text(measure.subject), measure.unit, measure.region, measure.lang,
            _utc(measure.since), _utc(measure.until), measure.value, _utc(self.seen_at), self.run_id,
        )  # fmt: skip
        self.rows["measure"].append(values)

    def reading(self, reading: Reading) -> None:
        who = identify(reading.platform or self.platform, reading.id, None, self.subject.key)
        self._begin(who.post_key)
        # aside: it is no record of a post, so it is none that came twice either
        self._observation_row(who.post_key, _utc(reading.observed_at or self.seen_at), reading.counts, aside=True)

    def availability(self, check: Availability) -> None:
        who = identify(check.platform or self.platform, check.id, None, self.subject.key)
        self._begin(who.post_key)
        values = (
            who.post_key, _utc(check.checked_at or self.seen_at), self.run_id, check.vantage, check.status, check.cause, check.basis,
            check.allowed_in, check.blocked_in, said(check.said), check.evidence,
        )  # fmt: skip
        self.rows["availability"].append(values)

    def _begin(self, key: int) -> None:
        """Hold a campaign's own video from the first word that is said of it, though no answer showed it."""
        seed = self.subject.seeds.get(key)
        if seed is None or key in self.kept:
            return
        self.kept.add(key)
        post = Post(id=seed.known.id, platform=seed.known.platform, url=seed.known.url, kind="")
        who = self._identify(post)
        self._post_row(post, post.platform, who, _utc(self.seen_at), ())
        self._campaign_row(post, post.platform, who, "match")
        self._match_row(key, seed.match)

    def _match(self, post: Post) -> Match | None:
        if self.subject.matcher is None:
            return None
        links = (post.url, *post.links) if post.url else post.links
        return self.subject.matcher.best(post.text, title=post.title, links=links, hashtags=post.hashtags)

    def _post_row(self, post: Post, platform: str, who: Identity, seen_at: datetime, names: tuple[str, ...]) -> None:
        published_at = _utc(post.published_at) if post.published_at else None
        links = [form for link in post.links if (form := _public_form(resolve(link)))]
        values = (
            who.post_key, _text(platform), _text(who.id), who.url, post.kind or None, _text(without_names(post.title, names)),
            _text(without_names(post.text, names)), published_at, post.published_precision if published_at else None, _text(post.lang),
            _text(post.region), post.region_basis, post.duration_s, [_text(tag) for tag in post.hashtags], links,
            self.subject.policy or (self.platform if platform == WEB else platform), seen_at,
        )  # fmt: skip
        self.rows["post"].append(values)

    def _campaign_row(self, post: Post, platform: str, who: Identity, role: str) -> None:
        author = publisher = size = None
        if post.author is not None:
            size = magnitude(post.author.followers)
            author = self.subject.key.author(platform, post.author.id)
            publisher = self.subject.publishers.get((platform, post.author.id))
        self.rows["post_campaign"].append(
            (who.post_key, self.subject.campaign_id, role, author, publisher, who.sealed, self.run_id, size)
        )

    def _observation_row(self, key: int, observed_at: datetime, counts: Counts, *, aside: bool = False) -> None:
        numbers = [number for metric in _METRICS for number in _bounds(getattr(counts, metric))]
        self.rows["observation"].append((key, self.subject.campaign_id, observed_at, self.run_id, aside, *numbers))

    def _match_row(self, key: int, match: Match) -> None:
        values = (
            key, self.subject.campaign_id, self.subject.version, match.kind, match.term, match.confidence, match.video, _utc(self.subject.now or self.seen_at),
        )  # fmt: skip
        self.rows["match"].append(values)


def said(words: str | None) -> str | None:
    """Return a platform's own words as we keep them: short, and without what may name an account."""
    text = _text(words)
    return None if not text else _ACCOUNT.sub("…", text)[:_WORDS]


def _table(name: str, rows: list[tuple[Any, ...]]) -> pa.Table:
    schema = SCHEMAS[name]
    columns = zip(schema, zip(*rows, strict=True), strict=True)
    return pa.table([pa.array(values, field.type) for field, values in columns], schema=schema)


def _bounds(count: Count) -> tuple[int | None, int | None, int | None]:
    """Return a count as shown, its lower and its upper bound."""
    if isinstance(count, Interval):
        high = count.high if count.high is None or count.high <= _BIGGEST else None
        return (count.shown, count.low, high) if count.shown <= _BIGGEST else (None, None, None)
    return (count, count, count) if count is not None and 0 <= count <= _BIGGEST else (None, None, None)


def _names(post: Post, match: Match | None) -> tuple[str, ...]:
    """Return what to take out of a post's texts; a channel that is called as the story is ("CIA") stays in its titles."""
    if post.author is None:
        return ()
    story = _folded(match.term) if match else ""
    return tuple(name for name in (post.author.id, *post.author.names) if name and not (story and fold(name) in story))


@lru_cache(maxsize=1024)
def _folded(term: str) -> str:
    return fold(term)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _text(value: str | None) -> str | None:
    """Return a text that can be stored: no lone surrogates, no NUL, of bounded length."""
    if value is None:
        return None
    if len(value) > _LONGEST:
        value = value[:_LONGEST] + "…"
    if "\0" in value:
        value = value.replace("\0", "")
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode()
    return value
