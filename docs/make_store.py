"""Write docs/store.md from the schema itself: python docs/make_store.py. A test fails when it was not done."""

from __future__ import annotations

import re
import sys
from importlib import resources
from pathlib import Path

import duckdb

from spillover.migrate import migrate
from spillover.store import PUBLIC_VIEWS

_HEAD = """# The store

One DuckDB file, `spillover.duckdb`, held by one process at a time.
Read it with `spillover sql "SELECT ..."` or from Python, also while the owner runs:

```python
import spillover

with spillover.connect("my-workspace") as store:
    print(store.sql("SELECT platform, count(*) AS posts FROM posts GROUP BY platform").df())
```

Times are UTC. Ids are text. NULL means not shown or not known, never 0.
Each `views`, `likes`, `shares` and `comments` is the number as the platform shows it; where it rounds, the true one lies between `_low` and `_high`, both included, and a NULL `_high` means that there is no upper bound.
`post_key` joins the views with each other; it means nothing outside this file.

This page is generated from `spillover/schema.sql` and `spillover/views.sql`.
"""


_NOTES = {
    "added_at": "when the campaign was registered",
    "allowed_in": "countries where it may be seen; empty: nowhere, NULL: not said",
    "author": "pseudonym, of this campaign only; NULL: not shown",
    "band": "reviewed, high, medium, low; kept and control as the role; rejected; dropped: matched an earlier version",
    "basis": "stated, inferred, absent",
    "blocked_in": "countries where it is withheld; empty: nowhere, NULL: not said",
    "campaign": "the campaign's name",
    "cause": "author, platform, legal, moderation, account, geo, missing, ...: apart from the status",
    "checked_at": "when the check was made",
    "collector": "who asked; `file` for imports",
    "confidence": "of the match, 0 to 1; a rule, not yet calibrated",
    "duration_s": "length in seconds",
    "ended_at": "NULL while it runs",
    "first_observed_at": "when it was read first",
    "first_seen_at": "when an answer showed it first",
    "hashtags": "as the platform marks them",
    "hour": "start of the hour",
    "increments": "how many increments touch the hour",
    "kind": "post, video, article, topic, ...; of a match: link, title, phrase, hashtag",
    "last_seen_at": "when an answer showed it last",
    "list": "which list or chart",
    "live": "whether collectors may ask the network for it",
    "match_kind": "link, title, phrase, hashtag; NULL: does not match",
    "match_term": "the term that matched",
    "matched": "of them, about the campaign",
    "matched_at": "when the match was made",
    "mode": "search, reread, stream, load",
    "name": "the name in the campaign file",
    "note": "the reviewer's note",
    "observed_at": "when it was read",
    "outcome": "running, answered, refused, broken, cut_short",
    "platform": "as the address rules name it",
    "post_key": "joins the views",
    "published_at": "as the platform says",
    "rank": "1 is the top",
    "readings": "how often it was read",
    "region": "ISO 3166 of the post, its audience or the chart; never of a person",
    "region_basis": "where the region comes from: edition, ip_label, outlet, tagged, list",
    "reviewed_at": "when the verdict was given",
    "role": "match, control, kept",
    "run_id": "joins runs",
    "started_at": "when the run began",
    "state": "active, paused, archived",
    "status": "up, withheld, private, gone, unknown; in statuses also unconfirmed: absent, not yet believed",
    "term": "the term that matched",
    "text": "without handles",
    "title": "without handles; of a campaign: as its file says",
    "vantage": "from where the check was made",
    "verdict": "the last review: accept, reject, unsure",
    "version": "of the campaign file",
    "alerts.kind": "crossing, first_seen, removal_wave, burst, broken",
    "alerts.since": "when it began, as far as we know; of a few accounts the day only",
    "alerts.text": "as it was sent: no account, no text of a post",
    "alerts.title": "as it was sent, behind the campaign's name",
    "attempts": "how often it was tried",
    "deliveries.outcome": "sending, taken, failed, given_up",
    "deliveries.reason": "why it was not taken",
    "event_key": "the event's name; joins alerts and deliveries",
    "keys": "JSON: platform, region or collector",
    "last_attempt_at": "when the last attempt began or ended",
    "raised_at": "when it was noticed, before anybody was told",
    "reason": "why it was refused, broke, was cut short or was not asked",
    "rests_on": "what the alert rests on",
    "retry_at": "before which the target is left alone",
    "target": "to whom, by name",
    "told_by": "the series of another event that says this as well",
    "agrees": "in what post and control are alike beside platform and form: age, lang, size",
    "confirmed_at": "when absence was believed: a second reading, ten minutes apart or more, in a run that found a control up",
    "control_id": "the post that it is compared with",
    "first_missing_at": "the first check since it was up that did not find it up: with last_up_at the bounds of a removal",
    "lag_s": "seconds that what was read lay behind the clock",
    "last_checked_at": "the last check of any result",
    "last_up_at": "the last check that found it up",
    "parent_id": "the post from which it came; NULL where that one is not held",
    "parent_platform": "its platform; NULL where it is not held",
    "read_at": "when the number was read; of one stretch the last reading counts",
    "relation": "repost, quote, reply, forward: as the platform states it",
    "said": "the platform's own words, without accounts",
    "seen_at": "when an answer stated it first",
    "series": "what is counted",
    "since": "start of the stretch",
    "spent": "JSON: what the run took out of each budget",
    "subject": "of what: a query, a domain, a page",
    "unit": "articles, views, posts, tests, share",
    "until": "end of the stretch",
    "value": "NULL: not shown",
    "video": "which of the campaign's videos, from 0",
    "window_to": "end of what was really covered",
    "id": "the platform's id; where that names an account, a stand-in",
    "answered": "answers that came",
    "refused": "answers that the platform refused",
    "url": "the form without an account; NULL where there is none",
    "lang": "BCP 47, as declared",
    "views": "as shown; in reach_hourly: new known views of the hour",
}


def page() -> str:
    """Return the page's text."""
    schema = resources.files("spillover").joinpath("schema.sql").read_text("utf-8")
    notes = dict(
        re.findall(r"^\s+(\w+)\s+[A-Z][A-Z\[\]]*(?: NOT NULL)?(?: PRIMARY KEY)?,?\s+-- (.+)$", schema, re.MULTILINE)
    )
    db = duckdb.connect()
    migrate(db)
    parts = [_HEAD]
    for view in sorted(PUBLIC_VIEWS):
        parts.append(f"## {view}\n\n| column | type | |\n|---|---|---|")
        for name, kind, *_ in db.execute(f"DESCRIBE {view}").fetchall():
            parts.append(
                f"| `{name}` | {kind} | {_NOTES.get(f'{view}.{name}') or _NOTES.get(name) or notes.get(name) or _metric(name)} |"
            )
        parts.append("")
    return "\n".join(parts)


def _metric(name: str) -> str:
    metric, _, part = name.partition("_")
    known = {
        "": f"{metric} as shown",
        "low": f"lower bound of {metric}",
        "high": f"upper bound of {metric}",
        "at": f"when {metric} were shown last",
    }
    return known.get(part, "")


if __name__ == "__main__":
    sys.stdout.write(f"{Path(__file__).with_name('store.md').write_text(page(), 'utf-8')} characters\n")
