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
CAUSES = ("author", "platform", "legal", "moderation", "account", "geo", "age_or_login", "missing", "error")
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
    followers: int | None = None  # kept as an order of magnitude, to find posts that compare


class Parent(Struct, gc=False, frozen=True, kw_only=True):
    """The post from which another came, as the platform states it: never inferred."""

    id: str
    relation: str  # repost, quote, reply, forward
    platform: str = ""  # empty: the platform of the post itself


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
    parents: tuple[Parent, ...] = ()
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
    vantage: str = "api"  # from where it was seen: api, page, archive, or a country's code
    said: str | None = None  # the platform's own words, kept as evidence; ingest takes accounts out of them
    evidence: str | None = None  # what shows it to others: "wayback:20250501123000"


class AccountState(Struct, frozen=True, kw_only=True):
    """What a platform said of a whole account. Like ``Author`` it exists between a collector and ``ingest``, nowhere else.

    ``ingest`` turns it into the availability of the posts that are held of this account.
    """

    id: str  # the account in clear, as in ``Author``
    platform: str = ""  # empty: the collector's own name
    status: Status
    cause: str = "account"
    basis: Basis = "stated"  # inferred where an account is up: that says nothing of any single post
    said: str | None = None  # the platform's own word: takendown, suspended, deleted
    checked_at: datetime | None = None


class Measure(Struct, gc=False, frozen=True, kw_only=True):
    """A number that is about no post: articles that match, views of a page a day, tries that met a block."""

    series: str  # what is counted, the same words every time: "articles", "ooni.anomaly"
    subject: str  # of what: the query, a domain, a page
    value: float | None  # None: not shown, never 0
    unit: str  # articles, views, posts, tests, share
    since: datetime
    until: datetime
    region: str | None = None  # ISO 3166-1 alpha-2
    lang: str | None = None  # BCP 47


class Reject(Struct, frozen=True, kw_only=True):
    """A record that could not be read: where it stood, why, and what to do."""

    line: int
    reason: str  # names the field and the fix; quotes no account
    raw: str = ""  # for whoever debugs a collector: never written to disk


class Window(Struct, frozen=True, kw_only=True):
    """A stretch of time, ends included; ``None`` where there is no bound."""

    since: datetime | None = None
    until: datetime | None = None


Outcome = Literal["answered", "refused", "broken", "cut_short", "not_asked"]


class OtherRun(Struct, frozen=True, kw_only=True):
    """A run that another collector made elsewhere, as a file tells of it; it lands in the ledger under that name.

    ``None`` for a number of answers: as many as the outcome lets us think.
    """

    id: str  # tells it from other runs of the same file
    collector: str
    mode: Mode
    started_at: datetime
    ended_at: datetime
    outcome: Outcome
    query: str | None = None  # kind:text
    window: Window = Window()
    asked: int | None = None
    answered: int | None = None
    refused: int | None = None
    broken: int | None = None
    claimed_total: int | None = None
    reason: str | None = None  # why it was refused, broke, was cut short or asked nothing


class Page(Struct, kw_only=True):
    """One answer, translated. ``window`` is what was really covered; ``cursor`` says where to go on."""

    posts: list[Post] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    availability: list[Availability] = field(default_factory=list)
    accounts: list[AccountState] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    window: Window | None = None
    cursor: str | None = None
    done: bool = False  # nothing more to ask for this query now
    claimed_total: int | None = None  # the platform's own count of results
    cut_short: str | None = None  # why less came than was asked for
    run: OtherRun | None = None  # whose answer it was, where a file tells of runs elsewhere


class Query(Struct, frozen=True, kw_only=True):
    """One thing to look for. ``kind`` is one of ``Collector.finds``."""

    kind: str  # link, title, phrase, hashtag, feed
    text: str
    lang: str | None = None
    region: str | None = None
    at: str | None = None  # the instance to ask ("https://mastodon.example"), where a collector has several


class Known(Struct, frozen=True, kw_only=True):
    """A post that we hold and want to read again."""

    id: str
    url: str | None = None
    platform: str = ""  # empty: the collector's own name


class Source(Struct, frozen=True, kw_only=True):
    """A file to load. ``format`` is None where the content must tell; ``mapping`` names columns."""

    path: Path
    format: str | None = None
    mapping: Path | None = None


class Budget(Struct, frozen=True, kw_only=True):
    """What may be spent out of one bucket. It is on disk before the request leaves, so a restart spends nothing twice."""

    limit: int
    unit: str = "calls"  # calls, units, posts, microdollars
    per: Literal["day", "month", "rolling"] = "day"
    zone: str = "UTC"  # where a day or a month ends at midnight
    rolling_s: int = 0  # of a rolling budget: how far it looks back
    reserve: float = 0.0  # the share that only re-reads may touch


class Cost(Struct, frozen=True, kw_only=True):
    """What one request of a mode costs, for the plan of a day."""

    bucket: str
    amount: int = 1  # in the bucket's unit, at most
    batch: int = 1  # posts that one re-read covers


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
        cost: int = 1,
        conditional: bool = False,
    ) -> Answer:
        """Fetch one address; ``spend`` names the budget that pays ``cost`` for it.

        Raises an error of spillover.errors: Refused, RateLimited, BudgetSpent, Broken. An answer of status 404, 410
        or 451 is returned, because only the collector knows what it means.
        """
        ...

    def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        spend: str | None = None,
        cost: int = 1,
    ) -> Answer:
        """Send a body to an address; like ``get``, but tried again only where nothing can have arrived."""
        ...

    def refund(self, bucket: str, amount: int) -> None:
        """Give back what a request cost less than was set aside for it."""
        ...

    def frames(
        self, url: str, *, send: Sequence[bytes] = (), headers: Mapping[str, str] | None = None, quiet: bool = False
    ) -> Iterator[bytes]:
        """Yield the frames of a web socket until the run is stopped; raise Broken when it is cut or silent for long.

        ``send`` is said first, each as a text frame. Whoever has heard enough closes the iterator. Where silence is
        nothing unusual, say ``quiet``: an empty frame then tells now and then that the other end is there.
        """
        ...


class Collector:
    """A platform or news source. Define at least one mode.

    Times that a collector yields carry a zone; ids are text; texts are as the platform shows them.
    An answer of unknown shape raises ``Changed``: never skip, never guess.
    """

    name: ClassVar[str]  # also the platform's name, and the file's name in tree
    hosts: ClassVar[tuple[str, ...]] = ()  # the only hosts that the client lets it talk to
    services: ClassVar[
        Mapping[str, str]
    ] = {}  # host -> its name in SPILLOVER_<NAME>_<SERVICE>_BASE_URL, where it has several
    instances: ClassVar[
        tuple[str, ...]
    ] = ()  # base addresses asked unless the campaign names its own; none: one platform
    finds: ClassVar[frozenset[str]] = frozenset()  # kinds of query that search and stream answer
    rereads: ClassVar[tuple[str, ...]] = ()  # platforms whose posts it reads again; none: its own
    vantage: ClassVar[str] = "api"  # from where it sees posts; an archive is read at a rhythm of its own
    terms: ClassVar[str] = ""  # the page that allows this reading
    limits: ClassVar[str] = ""  # one sentence: what it cannot see
    needs: ClassVar[tuple[str, ...]] = ()  # secrets; a missing one switches the collector off and says so
    wants: ClassVar[tuple[str, ...]] = ()  # secrets that widen what it sees; it works without
    packages: ClassVar[
        tuple[str, ...]
    ] = ()  # modules of an extra; a missing one switches the collector off and says so
    optional: ClassVar[bool] = False  # off until a campaign names it among its platforms
    per_minute: ClassVar[float] = 60.0
    budgets: ClassVar[Mapping[str, Budget]] = {}
    costs: ClassVar[Mapping[Mode, Cost]] = {}  # what a request of each mode takes out of which budget
    every_s: ClassVar[int] = 900  # how often to ask, unless the campaign says otherwise
    looks_back_days: ClassVar[int] = 30  # how far the first search of a new query goes back
    first_reread_s: ClassVar[int] = 900  # how soon a new post is read again: less where posts vanish fast

    def __init__(self, client: Client, secrets: Mapping[str, str] | None = None, instances: Sequence[str] = ()) -> None:
        self.client = client
        self.secrets: Mapping[str, str] = secrets or {}
        self.bases: tuple[str, ...] = tuple(instances) or self.instances

    @classmethod
    def modes(cls) -> tuple[Mode, ...]:
        """Return the modes that this collector defines."""
        return tuple(mode for mode in MODES if getattr(cls, mode) is not getattr(Collector, mode))

    @classmethod
    def takes(cls, query: Query) -> bool:
        """Say whether this query is for this collector at all; feeds of one platform are none of another's."""
        return True

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
