"""Bluesky: the server on which an account's records lie, asked about posts that the AppView leaves out.

The AppView says nothing of what it leaves out. A record that its author deleted is no longer on the account's own server;
one that the network's moderation took down still is. That tells the two apart, by inference: a post that the AppView
never took in looks the same, so young posts are not judged, nor is anything where many are missing at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from collectors._formats.bluesky import AT_POST, PLATFORM, POSTS, error_in
from collectors._formats.fields import at, dicts
from spillover import Availability, Broken, Client, CollectError, Page, Window, read_json, read_time

DIRECTORY, SERVERS = "plc.directory", ".host.bsky.network"  # who keeps a server of their own is not asked there
_YOUNG = timedelta(hours=6)  # an AppView can lag behind the servers that it follows
_FEW = 3  # that may be missing out of any number
_STATES = ("RepoTakendown", "RepoSuspended", "RepoDeactivated")


def still_kept(client: Client, left_out: Sequence[str], asked: int) -> Iterator[Page]:
    """Say which of the posts that the AppView left out are still on their server: somebody else than the author hid them."""
    if len(left_out) > max(_FEW, asked // 2):
        return
    servers: dict[str, str | None] = {}
    for uri in left_out:
        did = uri.split("/")[2]
        try:
            if did not in servers:
                servers[did] = _server(client, did)
            check = _checked(client, servers[did], uri)
        except CollectError:  # the AppView has answered; what its silence means stays open
            continue
        if check is not None:
            yield Page(availability=[check], window=Window(since=check.checked_at, until=check.checked_at))


def _server(client: Client, did: str) -> str | None:
    """Return the address of the server that keeps an account's records."""
    if not did.startswith("did:plc:"):
        return None
    answer = client.get(f"https://{DIRECTORY}/{did}")
    told = dicts(at(read_json(answer), "service")) if answer.status == 200 else []
    address = next((one.get("serviceEndpoint") for one in told if str(one.get("id")).endswith("#atproto_pds")), None)
    return address.rstrip("/") if isinstance(address, str) and urlsplit(address).hostname else None


def _checked(client: Client, server: str | None, uri: str) -> Availability | None:
    found = AT_POST.fullmatch(uri)
    if server is None or found is None:
        return None
    asked = urlencode({"repo": found[1], "collection": POSTS, "rkey": found[2]})
    try:
        answer = client.get(f"{server}/xrpc/com.atproto.repo.getRecord?{asked}")
    except Broken as error:
        if (state := error_in(error.body)) in _STATES:
            now = client.now()
            return Availability(id=uri, platform=PLATFORM, status="gone", cause="account", said=state, checked_at=now)
        raise
    if at(read_json(answer), "uri") != uri or _is_young(at(read_json(answer), "value", "createdAt"), answer.fetched_at):
        return None
    return Availability(
        id=uri, platform=PLATFORM, status="gone", cause="platform", basis="inferred", checked_at=answer.fetched_at,
        said="left out by the AppView, still on its server",
    )  # fmt: skip


def _is_young(created: object, now: datetime) -> bool:
    try:
        return now - read_time(created)[0] < _YOUNG
    except ValueError:
        return False
