"""A campaign's own videos: what an analyst starts with, known by address before anything is found of them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from spillover.campaign import Campaign
from spillover.contract import Known
from spillover.links import Address, resolve
from spillover.matching import Match


class Seed(Struct, frozen=True):
    """A video of a campaign, as a post to be read and as a match by its own link."""

    known: Known
    match: Match


def seeds(campaign: Campaign) -> Iterator[Seed]:
    """Yield the videos whose address names a platform and an id there; the others wait until something finds them."""
    for place, video in enumerate(campaign.videos):
        address = resolve(video.url) if video.url else None
        if video.url and address and address.platform and (post_id := _post_id(address)):
            known = Known(id=post_id, platform=address.platform, url=address.canonical or video.url)
            yield Seed(known, Match(kind="link", term=video.url, confidence=1.0, video=place))


def _post_id(address: Address) -> str | None:
    return None if address.private or address.kind == "channel" else address.post_id
