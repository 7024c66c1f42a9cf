"""Times in and out of SQL: the store holds naive UTC, people get aware UTC, the machine's own zone plays no part."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd

# SQL: by when a run had told us what it did. A file is loaded long after its chart was read, and an answer as of a day
# between the two counts what stood on the chart, so it counts that the chart was read as well.
TOLD = "CASE WHEN mode = 'load' THEN coalesce(window_to, started_at) ELSE started_at END"
GRAINS = {"hour": timedelta(hours=1), "6h": timedelta(hours=6), "day": timedelta(days=1)}


def naive(moment: datetime | None) -> datetime | None:
    """Return a moment as the store writes it; one without a zone is taken as UTC already."""
    if moment is None or moment.tzinfo is None:
        return moment
    return moment.astimezone(UTC).replace(tzinfo=None)


def aware(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return the frame with these columns as UTC times with their zone, also where they are empty."""
    for column in columns:
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[us]").dt.tz_localize("UTC")
    return frame


def iso(moment: datetime | None) -> str:
    """Return a moment of the store for people, to the minute."""
    return moment.strftime("%Y-%m-%dT%H:%MZ") if moment else "never"


def width(grain: str) -> timedelta:
    """Return how long a grain is; raise ValueError for one that is not known."""
    if grain not in GRAINS:
        raise ValueError(f"no grain {grain!r}: choose one of {', '.join(GRAINS)}")
    return GRAINS[grain]
