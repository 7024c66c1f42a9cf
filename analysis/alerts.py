"""What an analyst should be told without asking: events, each of which happened once, and the rules that find them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import duckdb
import pandas as pd

from analysis import _breaks, _bursts, _waves
from analysis._breaks import breaks
from analysis._bursts import bursts
from analysis._events import KINDS, Event, Rule
from analysis._newly import newly
from analysis._newly import rules as of_firsts
from analysis._rows import INSUFFICIENT, as_answer
from analysis._time import iso, naive
from analysis._waves import waves

__all__ = ["KINDS", "Event", "Rule", "alerts", "events", "rules"]

_KNOWN_UNTIL = """
SELECT greatest(
    (SELECT max(coalesce(ended_at, started_at)) FROM runs WHERE campaign = $campaign AND mode <> 'load'),
    (SELECT max(p.last_seen_at) FROM held.post p JOIN held.post_campaign c USING (post_key)
     JOIN held.campaign k USING (campaign_id) WHERE k.name = $campaign))"""


def alerts(
    con: duckdb.DuckDBPyConnection, campaign: str, *, by: Sequence[str] = (), as_of: datetime | None = None
) -> pd.DataFrame:
    """Return a row an event, then a row a rule with how many false alarms a week it is expected to give.

    What it says: ``crossing``: a region is reached after the first one; ``first_seen``: a first sighting on a platform, there
    or at all; ``removal_wave``: more posts gone than controls within 6 or 24 hours; ``burst``: more new sightings on a platform
    than the hour of the week lets expect; ``broken``: a collector that answered has failed twice. ``by`` names kinds.
    What it does not say: why, or who did it; nothing about an account, and no number that fewer than five stand behind.
    Formula: bursts: negative-binomial predictive by hour of the week with exposure from the ledger, p < .001 in two hours
    running or false-discovery rate .01 over the series of a day (Noufaily et al., Stat. Med. 32, 2013; Benjamini & Hochberg,
    1995). Waves: hypergeometric on accounts, .001 over both windows (Fisher, 1935). Expected false alarms: the chance of an
    alarm under the predictive itself, summed over a week; for waves the test's exact size at today's numbers.
    Unknowns: an hour of which less than half was watched is a gap, and never a zero; with less than 72 watched hours, or
    fewer than 5 controls, the rule is ``insufficient``. Where more than 30 % of the controls go at once it is our own outage.
    """
    kinds = tuple(by) or KINDS
    if unknown := sorted(set(kinds) - set(KINDS)):
        raise ValueError(f"alerts are {', '.join(KINDS)}, not {', '.join(unknown)}")
    found = [event for event in events(con, campaign, as_of=as_of) if event.kind in kinds]
    promised = [rule for rule in rules(con, campaign, as_of=as_of) if rule.kind in kinds]
    return as_answer([*map(_event_row, found), *map(_rule_row, promised)])


def events(con: duckdb.DuckDBPyConnection, campaign: str, *, as_of: datetime | None = None) -> list[Event]:
    """Return every event that the store knows of: crossings and firsts ever, waves and bursts of the last week."""
    parameters, now = _asked(con, campaign, as_of)
    if now is None:
        return []
    found = [*newly(con, parameters), *breaks(con, parameters)]
    return [*found, *waves(con, campaign, as_of, now), *bursts(con, parameters, now)]


def rules(con: duckdb.DuckDBPyConnection, campaign: str, *, as_of: datetime | None = None) -> list[Rule]:
    """Return what each rule watches, and how often a week it is expected to be wrong."""
    parameters, now = _asked(con, campaign, as_of)
    if now is None:
        return [Rule(kind, None, 0, "nothing is held yet", INSUFFICIENT) for kind in KINDS]
    firsts = of_firsts(list(newly(con, parameters)))
    wave, burst = _waves.rule(con, campaign, as_of, now), _bursts.rule(con, parameters, now)
    return [*firsts, wave, burst, _breaks.rule(con, parameters)]


def _asked(
    con: duckdb.DuckDBPyConnection, campaign: str, as_of: datetime | None
) -> tuple[dict[str, Any], datetime | None]:
    """Return what the queries take, and up to when the store knows: what is not read yet is not calm."""
    last = con.execute(_KNOWN_UNTIL, {"campaign": campaign}).fetchall()[0][0]
    then = naive(as_of)
    now = last if then is None or last is None else min(last, then)
    return {"campaign": campaign, "as_of": then}, now


def _event_row(event: Event) -> dict[str, Any]:
    return {
        "question": "alerts", "keys": {"kind": event.kind, **event.keys, "since": iso(event.since)}, "metric": "event",
        "value": event.value, "low": event.low, "high": event.high, "n": event.n,
        "rests_on": f"{event.text} {event.rests_on}", "suppressed": event.suppressed, "verdict": "alert",
    }  # fmt: skip


def _rule_row(rule: Rule) -> dict[str, Any]:
    return {
        "question": "alerts", "keys": {"kind": rule.kind}, "metric": "expected_false_a_week", "value": rule.false_a_week,
        "n": rule.n, "rests_on": rule.rests_on, "suppressed": False, "verdict": rule.verdict,
    }  # fmt: skip
