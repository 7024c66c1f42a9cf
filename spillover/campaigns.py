"""The campaigns of a workspace: their files are the truth, the database keeps every version of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from spillover import segments
from spillover.campaign import Campaign, read_campaign
from spillover.config import Workspace, publishers
from spillover.errors import UsageError
from spillover.ingest import Subject, identify
from spillover.matching import Matcher
from spillover.pseudonym import Key, campaign_key
from spillover.seeds import Seed, seeds
from spillover.store import Store, campaign_id


class Campaigns:
    """Reads campaign files, and keeps the database in step with them."""

    def __init__(self, workspace: Workspace, store: Store) -> None:
        self.workspace, self.store = workspace, store

    def read(self, name: str) -> Campaign:
        """Return a campaign as its file says; raise UsageError when there is none of this name."""
        path = self.workspace.campaign_file(name)
        if not path.is_file():
            raise UsageError(f"no campaign {name!r} in {self.workspace.root}; see: spillover campaign list")
        state = path.stat()
        return _read_again(path, state.st_mtime_ns, state.st_size)

    def subject(self, name: str) -> Subject:
        """Return what a page needs to be taken in for this campaign."""
        campaign = self.read(name)
        made = subject(self.workspace, campaign, self.save(name)["version"])
        own = _by_key(campaign, made.key)
        rows = self.store.rows(
            "SELECT post_key FROM held.post_campaign WHERE campaign_id = ? AND list_contains(?, post_key)",
            [made.campaign_id, list(own)],
        )
        held = {row[0] for row in rows}
        return replace(made, seeds={key: seed for key, seed in own.items() if key not in held})

    def save(self, name: str) -> dict[str, Any]:
        """Take in a campaign's file; when it changed, match again what is stored for it."""
        campaign = self.read(name)
        before = self._version(name)
        version = self.store.save_campaign(campaign)
        changed = before is not None and version != before
        rematched = self._match_again(campaign, version) if changed else 0
        return {"name": name, "version": version, "rematched": rematched, "backfill_needed": changed}

    def save_all(self) -> None:
        """Take in every campaign file; one that cannot be read keeps its last version in force."""
        for path in sorted((self.workspace.root / "campaigns").glob("[!.]*.toml")):
            try:
                self.save(path.stem)
            except UsageError:
                continue  # `campaign list` and `doctor` name it

    def marks(self) -> dict[str, tuple[int, int]]:
        """Return what changes when a campaign file does: time and size of each."""
        found = {}
        for path in (self.workspace.root / "campaigns").glob("[!.]*.toml"):
            with suppress(FileNotFoundError):
                found[path.stem] = (path.stat().st_mtime_ns, path.stat().st_size)
        return found

    def overview(self) -> list[dict[str, Any]]:
        """Return a row a campaign: name, state, title, live, version, and what is wrong with its file if anything."""
        rows = self.store.rows("SELECT name, state, title, live, version FROM campaigns ORDER BY added_at, name")
        return [
            dict(zip(("name", "state", "title", "live", "version"), row, strict=True)) | self._trouble(row[0])
            for row in rows
        ]

    def active(self) -> list[tuple[Campaign, bool]]:
        """Return the campaigns that are collected for, each with whether the network may be asked."""
        today = datetime.now(UTC).date()
        found = []
        for row in self.overview():
            if row["state"] == "active" and "problem" not in row:
                campaign = self.read(row["name"])
                found.append((campaign, row["live"] and (campaign.stop is None or campaign.stop >= today)))
        return found

    def _trouble(self, name: str) -> dict[str, str]:
        try:
            self.read(name)
        except UsageError as error:
            return {"problem": str(error)}
        return {}

    def _version(self, name: str) -> int | None:
        key = [campaign_id(name)]
        found = self.store.rows("SELECT max(version) FROM held.campaign_version WHERE campaign_id = ?", key)
        return None if found[0][0] is None else int(found[0][0])

    def _match_again(self, campaign: Campaign, version: int) -> int:
        """Write a match of the new version for every stored post; an empty one where it matches no longer."""
        matcher, key = Matcher(campaign), campaign_id(campaign.name)
        own = _by_key(campaign, campaign_key(self.workspace.key_file(campaign.name)))
        now = datetime.now(UTC).replace(tzinfo=None)
        held = self.store.rows(
            """SELECT post_key, title, text, url, links, hashtags, c.role FROM held.post JOIN held.post_campaign c USING (post_key)
               WHERE campaign_id = ?""",
            [key],
        )
        rows = []
        for post_key, title, text, url, links, hashtags, role in held:
            match = matcher.best(
                text, title=title, links=[*([url] if url else []), *(links or [])], hashtags=hashtags or []
            )
            # the address of its own video is not on disk where it names an account
            if post_key in own and (match is None or match.kind != "link"):
                match = own[post_key].match
            if match is None and role != "match":
                continue
            found = (
                {"kind": match.kind, "term": match.term, "confidence": match.confidence, "video": match.video}
                if match
                else {"confidence": 0.0}
            )
            rows.append({"post_key": post_key, "campaign_id": key, "version": version, "matched_at": now, **found})
        if rows:
            segments.put(self.workspace.spool, {"match": pa.Table.from_pylist(rows, schema=segments.SCHEMAS["match"])})
            self.store.drain()
        return len(held)


@lru_cache(maxsize=256)  # each turn of a collector reads its campaign three times, and none of them changes it
def _read_again(path: Path, changed_ns: int, size: int) -> Campaign:
    return read_campaign(path)


def _by_key(campaign: Campaign, key: Key) -> dict[int, Seed]:
    """Return a campaign's own videos by the keys of their posts."""
    found = {}
    for seed in seeds(campaign):
        known = seed.known
        found[identify(known.platform, known.id, known.url, key).post_key] = seed
    return found


def subject(workspace: Workspace, campaign: Campaign, version: int) -> Subject:
    """Return what a page needs to be taken in for a campaign, on a host that holds its key."""
    return Subject(
        campaign_id=campaign_id(campaign.name),
        version=version,
        matcher=Matcher(campaign),
        key=campaign_key(workspace.key_file(campaign.name)),
        publishers=publishers(workspace),
    )
