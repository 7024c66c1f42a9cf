"""OONI: from which countries a platform could be reached, day by day, as volunteers' probes measured it.

It says "this platform did not open from that country", never "this post was removed". A platform is the host at which a
campaign's video lives, with and without ``www.``. What is counted are tests, and few tests say little: a day without a
row was not measured, and a day of two tests that went well is no "reachable". An *anomaly* may be a fault of the
network; only *confirmed* stands for a block page or a forged answer that OONI knows. A *failure* is a test that broke.

Terms: CC BY-NC-SA 4.0 (github.com/ooni/license, data/LICENSE.md), so name it and mind the non-commercial clause.
Limits: ten questions a minute and a daily quota (ooni/backend, config.py); questions that run for a minute fail, so each is for a month at most.

The shape is that of ooni/backend at 32d8349, ``routers/v1/aggregation.py``; no answer of the live service was at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from collectors._formats.stretches import Place, Stretch
from spillover import Broken, Changed, Collector, Measure, Page, Query, Window, known_shape, read_json, resolve

_API = "https://api.ooni.io/api/v1/aggregation"
_DAY = timedelta(days=1)
_FIRST = datetime(2012, 12, 5, tzinfo=UTC)  # OONI's first measurement
_ALSO = {"x.com": ("twitter.com",)}  # the name under which most tests of it are still filed
_COUNTS = ("ok", "anomaly", "confirmed", "failure", "measurement")


class Ooni(Collector):
    """The cursor holds the stretches of at most a month that are still to be asked for."""

    name = "ooni"
    hosts = ("api.ooni.io",)
    finds = frozenset({"link"})
    terms = "https://ooni.org/about/data-policy/"
    limits = (
        "It tells whether a platform opened from a country, where volunteers tested it; never what became of a post."
    )
    per_minute = 6.0
    every_s = 86_400  # with the overlap of two turns, a day is read three times: probes report late
    # Chosen by hand [U]: whole video or social platforms were reported blocked there since 2019. A query's region goes before.
    countries: ClassVar[tuple[str, ...]] = (
        "BY", "CN", "ET", "IR", "KZ", "MM", "PK", "RU", "TM", "TR", "TZ", "UG", "UZ", "VE", "VN",
    )  # fmt: skip

    def search(self, query: Query, window: Window, cursor: str | None) -> Iterator[Page]:
        domain = (urlsplit(resolve(query.text).canonical or query.text).hostname or "").removeprefix("www.")
        if not domain:
            yield Page(done=True, cut_short="the link names no host")
            return
        place = Place.of(cursor, *_months(window, self.client.now()))
        while place.left:
            since, until = place.left[-1].since or _FIRST, place.left[-1].until
            place.finish()
            asked = {
                "probe_cc": query.region or ",".join(self.countries),
                "domain": ",".join((domain, f"www.{domain}", *_ALSO.get(domain, ()))),
                "test_name": "web_connectivity",
                "since": f"{since:%Y-%m-%d}",
                "until": f"{until:%Y-%m-%d}",  # not included
                "time_grain": "day",
                "axis_x": "measurement_start_day",
                "axis_y": "probe_cc",
            }
            rows = _rows(read_json(answer := self.client.get(_API, params=asked)))
            with known_shape("a row"):
                measures = [measure for row in rows for measure in _measures(row, domain, (since, until))]
            covered = Window(since=since, until=min(until, max(since, answer.fetched_at)))
            yield Page(measures=measures, window=covered, cursor=place.cursor(), done=not place.left)


def _months(window: Window, now: datetime) -> list[Stretch]:
    """Return whole days of a window, at most 30 at once, the newest last; the last 30 where nothing is said."""
    end = window.until or now
    first, last = _midnight(window.since or end - 30 * _DAY), _midnight(end) + _DAY
    days = range(0, max((last - first).days, 1), 30)
    return [Stretch(first + day * _DAY, min(first + (day + 30) * _DAY, last)) for day in days]


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.astimezone(UTC).date(), time.min, UTC)


def _rows(told: Any) -> list[dict[str, Any]]:
    with known_shape("an aggregation"):
        if said := told.get("msg") or told.get("error") or told.get("detail"):  # some of its errors come with 200
            raise Broken(f"OONI answered: {said}"[:200])
        if told["dimension_count"] != 2 or not isinstance(told["result"], list):
            raise Changed("not the table of days and countries that was asked for")
        rows: list[dict[str, Any]] = told["result"]
        return rows


def _measures(row: dict[str, Any], domain: str, asked: tuple[datetime, datetime]) -> Iterator[Measure]:
    day = datetime.strptime(row["measurement_start_day"], "%Y-%m-%d").replace(tzinfo=UTC)
    if not asked[0] <= day < asked[1]:
        raise ValueError("a day that was not asked for")
    for name in _COUNTS:
        count = row[f"{name}_count"]
        if type(count) is not int or count < 0:
            raise ValueError(f"{name}_count is no count")
        series = "ooni.measurements" if name == "measurement" else f"ooni.{name}"
        yield Measure(
            series=series, subject=domain, value=count, unit="tests", since=day, until=day + _DAY, region=row["probe_cc"]
        )  # fmt: skip
