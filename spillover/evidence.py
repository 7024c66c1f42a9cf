"""Lasting copies of what may vanish, made by the Wayback Machine when somebody asks for them, never by themselves.

A copy is public and outlives the post, so the line is narrow: a campaign's own videos, and of its posts only one that
is named, is held, and whose address names no account. What only some may see is never copied.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from spillover import registry
from spillover.client import HttpClient, Place
from spillover.collect import Run, Task
from spillover.collection import Collection
from spillover.config import secret
from spillover.contract import Known, Page
from spillover.errors import UsageError
from spillover.ingest import Subject
from spillover.links import resolve

_COLLECTOR = "wayback"


def save(collection: Collection, campaign: str, url: str | None) -> list[dict[str, Any]]:
    """Have copies made and return a row a copy: address, evidence, outcome, reason."""
    wanted = registry.load(_COLLECTOR).wants
    if missing := [name for name in wanted if not secret(name)]:
        raise UsageError(f"set {' and '.join(missing)}; keys are at https://archive.org/account/s3.php")
    posts = [_post(collection, campaign, url)] if url else list(_videos(collection, campaign))
    if not posts:
        raise UsageError(f'campaign {campaign!r} names no address of a video; write url = "…" under [[videos]]')
    subject = collection.campaigns.subject(campaign)
    return [_copy(collection, subject, post) for post in posts]


def _videos(collection: Collection, campaign: str) -> Iterator[Known]:
    for video in collection.campaigns.read(campaign).videos:
        address = resolve(video.url) if video.url else None
        if address and address.canonical and not address.private:
            yield Known(id=address.post_id or address.canonical, platform=address.platform or "", url=address.canonical)


def _post(collection: Collection, campaign: str, url: str) -> Known:
    """Return the post to copy; raise UsageError for what is not to be copied."""
    address = resolve(url)
    for video in _videos(collection, campaign):
        if video.url == address.canonical:
            return video
    if address.private or address.carries_account or address.canonical is None:
        raise UsageError("not copied: an address that is private, or that names an account, stays where it is")
    held = collection.store.rows(
        "SELECT platform, id FROM held.post JOIN held.post_campaign USING (post_key) WHERE campaign_id = ? AND url = ?",
        [collection.campaigns.subject(campaign).campaign_id, address.canonical],
    )
    if not held:
        raise UsageError(f"not copied: no post of campaign {campaign!r} has this address")
    return Known(id=held[0][1], platform=held[0][0], url=address.canonical)


def _copy(collection: Collection, subject: Subject, post: Known) -> dict[str, Any]:
    found: list[Page] = []
    collector = registry.load(_COLLECTOR)
    secrets = {name: secret(name) or "" for name in collector.wants}
    place = Place(secrets, gates=collection.workspace.gates, allow_private=collection.allow_private)
    run = Run(Task(_COLLECTOR, "search", subject, f"copy:{post.url}"), collection.workspace.spool)
    with HttpClient(collector, place, stop=collection.stopping) as client:
        tally = run.follow(_kept(collector(client, secrets), post, found))
    collection.store.drain()
    evidence = next((check.evidence for page in found for check in page.availability), None)
    return {"url": post.url, "evidence": evidence, "outcome": tally.outcome, "reason": tally.reason}


def _kept(collector: Any, post: Known, found: list[Page]) -> Iterator[Page]:
    page: Page = collector.capture(post.url, post)
    found.append(page)
    yield page
