"""What a collector is given and what it must yield: the one file that an author reads.

A collector is a pure translator. It asks through ``self.client`` and turns each answer into a ``Page``.
It has no clock, no sleep, no thread, no file and no database of its own, and it never sees a key.

Four modes exist; a collector declares one by defining it:

``search(query, window, cursor)``  find posts that a query names
``reread(posts)``                  read counts and status of posts that we hold
``stream(queries, cursor)``        follow a live feed until the client is stopped
``load(source)``                   read a file that an analyst brings

Unknown is a value: a count that a platform hides is ``None``, a count that it rounds is an ``Interval``,
and a status that could not be read is ``unknown``. Never 0, never ``gone``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from msgspec import Struct, field

Mode = Literal["search", "reread", "stream", "load"]
Status = Literal["up", "withheld", "private", "gone", "unknown"]
Basis = Literal["stated", "inferred", "absent"]
MODES: tuple[Mode, ...] = ("search", "reread", "stream", "load")


# The values below hold no cycles: with gc=False the collector of cycles never looks at them, a tenth of an import's time.


class Interval(Struct, gc=False, frozen=True):
    """A count that the platform shows rounded: the true one lies in ``low..high``, both included."""

    low: int
    high: int | None  # None: no upper bound ("100万+")
    shown: int  # the number as the platform prints it: 12000 for "1.2万"


Count = int | Interval | None


class Counts(Struct, gc=False, frozen=True, kw_only=True):
    """The counts of one reading. ``None`` means not shown, never 0."""

    views: Count = None
    likes: Count = None
    shares: Count = None
    comments: Count = None


class Author(Struct, gc=False, frozen=True, kw_only=True):
    """An account in clear. It exists between a collector and ``ingest``, nowhere else."""

    id: str
    names: tuple[str, ...] = ()  # handles and display names, so that ingest can take them out of texts


class Listing(Struct, gc=False, frozen=True, kw_only=True):
    """A post's place on a list or chart."""

    list: str
    region: str | None = None  # ISO 3166-1 alpha-2 of the chart, never of a person
    rank: int | None = None


class Post(Struct, gc=False, frozen=True, kw_only=True):
    """One public item, as it was shown in one reading."""

    id: str
    platform: str = ""  # empty: the collector's own name
    url: str | None = None
    kind: str = "post"
    title: str | None = None
    text: str | None = None
    author: Author | None = None
    published_at: datetime | None = None  # with its zone
    published_precision: str = "second"  # second, minute, hour, day
    lang: str | None = None  # BCP 47, as declared
    region: str | None = None  # ISO 3166-1 alpha-2 or ISO 3166-2, of the post or its audience
    region_basis: str | None = None  # where the region comes from: edition, ip_label, outlet, tagged
    hashtags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    duration_s: float | None = None
    counts: Counts | None = None
    observed_at: datetime | None = None  # None: when the client fetched the answer
    listing: Listing | None = None
    aside: bool = (
        False  # shown inside another record (the original of a repost): no record of its own, kept where it matches
    )


class Reading(Struct, gc=False, frozen=True, kw_only=True):
    """The counts of a post that we hold already."""

    id: str
    platform: str = ""
    counts: Counts
    observed_at: datetime | None = None


class Availability(Struct, frozen=True, kw_only=True):
    """What one check said about one post. ``cause`` is apart from ``status``."""

    id: str
    platform: str = ""
    status: Status
    cause: str | None = None  # author, platform, legal, moderation, account, geo, age_or_login, missing, error
    basis: Basis = "stated"
    allowed_in: tuple[str, ...] | None = None  # () means nowhere; None means not said
    blocked_in: tuple[str, ...] | None = None  # () means nowhere blocked
    checked_at: datetime | None = None
    vantage: str = "api"


class Reject(Struct, frozen=True, kw_only=True):
    """A record that could not be read: where it stood, why, and what to do."""

    line: int
    reason: str  # names the field and the fix; quotes no account
    raw: str = ""  # for whoever debugs a collector: never written to disk


class Window(Struct, frozen=True, kw_only=True):
    """A stretch of time, ends included; ``None`` where there is no bound."""

    since: datetime | None = None
    until: datetime | None = None


class Page(Struct, kw_only=True):
    """One answer, translated. ``window`` is what was really covered; ``cursor`` says where to go on."""

    posts: list[Post] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    availability: list[Availability] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    window: Window | None = None
    cursor: str | None = None
    done: bool = False  # nothing more to ask for this query now
    claimed_total: int | None = None  # the platform's own count of results
    cut_short: str | None = None  # why less came than was asked for


class Query(Struct, frozen=True, kw_only=True):
    """One thing to look for. ``kind`` is one of ``Collector.finds``."""

    kind: str  # link, title, phrase, hashtag, feed
    text: str
    lang: str | None = None
    region: str | None = None


class Known(Struct, frozen=True, kw_only=True):
    """A post that we hold and want to read again."""

    id: str
    url: str | None = None


class Source(Struct, frozen=True, kw_only=True):
    """A file to load. ``format`` is None where the content must tell; ``mapping`` names columns."""

    path: Path
    format: str | None = None
    mapping: Path | None = None


class Answer(Struct, frozen=True, kw_only=True):
    """An HTTP answer. ``body`` is empty where ``unchanged``."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    unchanged: bool = False  # 304, or the same bytes by ETag


class Client(Protocol):
    """How a collector reaches the world: pacing, retries, budgets, allowed hosts and the clock are behind it."""

    def now(self) -> datetime:
        """Return the time, UTC."""
        ...

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        spend: str | None = None,
        conditional: bool = False,
    ) -> Answer:
        """Fetch one address; ``spend`` names the budget that pays for it.

        Raises an error of spillover.errors: Refused, RateLimited, BudgetSpent, Broken.
        """
        ...

    def frames(self, url: str) -> Iterator[bytes]:
        """Yield the frames of a web socket until the run is stopped; raise Broken when it is cut."""
        ...


class Collector:
    """A platform or news source. Define at least one mode.

    Times that a collector yields carry a zone; ids are text; texts are as the platform shows them.
    An answer of unknown shape raises ``Changed``: never skip, never guess.
    """

    name: ClassVar[str]  # also the platform's name, and the file's name in tree
    hosts: ClassVar[tuple[str, ...]] = ()  # the only hosts that the client lets it talk to
    finds: ClassVar[frozenset[str]] = frozenset()  # kinds of query that search and stream answer
    terms: ClassVar[str] = ""  # the page that allows this reading
    needs: ClassVar[tuple[str, ...]] = ()  # secrets; a missing one switches the collector off and says so
    per_minute: ClassVar[float] = 60.0
    budgets: ClassVar[Mapping[str, tuple[int, str]]] = {}  # bucket -> (calls a day, time zone of the reset)
    every_s: ClassVar[int] = 900  # how often to ask, unless the campaign says otherwise

    def __init__(self, client: Client, secrets: Mapping[str, str] | None = None) -> None:
        self.client = client
        self.secrets: Mapping[str, str] = secrets or {}

    @classmethod
    def modes(cls) -> tuple[Mode, ...]:
        """Return the modes that this collector defines."""
        return tuple(mode for mode in MODES if getattr(cls, mode) is not getattr(Collector, mode))

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        """Find posts; yield a page for each answer, and stop at ``window.since``."""
        raise self._undeclared("search")

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        """Read counts and status of posts that we hold; say of each one asked for what came back."""
        raise self._undeclared("reread")

    def stream(self, queries: Sequence[Query], cursor: str | None) -> Iterator[Page]:
        """Follow a live feed from ``cursor``; yield a page now and then even when nothing matched."""
        raise self._undeclared("stream")

    def load(self, source: Source) -> Iterator[Page]:
        """Read a file in pages of bounded size."""
        raise self._undeclared("load")

    def _undeclared(self, mode: str) -> Exception:
        return AttributeError(f"collector {self.name} does not define {mode}")


Json = dict[str, Any]
