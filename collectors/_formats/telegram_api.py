"""Messages of Telegram's API, as Telethon's objects tell them by ``to_dict``: plain values, so nothing of Telethon here."""

from __future__ import annotations

from collectors._formats.fields import Json, at, count, dicts, first, hashtags_in, identity, links_in, text, unique
from spillover import Author, Availability, Counts, Known, Parent, Post, Reject, read_time, read_wording, resolve

# What a restriction is for, where its text is not known. An app's shop may hide a channel that is up elsewhere.
_CAUSES = {"copyright": "legal", "terms": "platform", "porn": "platform", "sensitive": "age_or_login"}


def channel_of(address: str) -> str | None:
    """Return the name of the public channel that an address leads to; None for another address."""
    found = resolve(address if "://" in address else f"https://{address}")
    known = found.platform == "telegram" and found.kind in ("channel", "post") and found.id
    return found.id.partition("/")[0] if known and found.id else None


def read(answer: Json, channel: Json) -> tuple[list[Post], list[Reject]]:
    """Return the posts among the messages of an answer; raise KeyError where it has none of these fields."""
    names = {chat["id"]: name for chat in dicts(answer.get("chats")) if (name := username(chat))}
    posts, rejects = list[Post](), list[Reject]()
    for line, message in enumerate(answer["messages"], 1):
        if message["_"] != "Message":
            rejects.append(Reject(line=line, reason=f"a {message['_']} is no post"))
            continue
        try:
            posts.append(_post(message, channel, names))
        except ValueError as error:
            rejects.append(Reject(line=line, reason=str(error)))
    return posts, rejects


def username(channel: Json) -> str | None:
    """Return the name by which a channel has a public address, in small letters."""
    more = (other.get("username") for other in dicts(channel.get("usernames")) if other.get("active"))
    found = text(channel.get("username")) or text(next(more, None))
    return found.lower() if found else None


def standing(known: Known, message: Json | None, channel: Json) -> Availability:
    """Say how a post stands: what its channel or itself is kept back for, or that it was deleted."""
    reasons = [*dicts(channel.get("restriction_reason")), *dicts(at(message, "restriction_reason"))]
    if message is None:
        return _check(known, "unknown", "missing", basis="absent")
    if message["_"] == "MessageEmpty":
        return _check(known, "gone", None)  # by whom, Telegram does not say
    if not reasons:
        return _check(known, "up", None)
    reason = next((one for one in reasons if one.get("platform") == "all"), reasons[0])
    said = read_wording(str(reason.get("text") or ""), "telegram")
    if said is None or said.status == "unknown" or reason.get("platform") != "all":
        cause = _CAUSES.get(str(reason.get("reason")), "platform")
        return _check(known, "withheld", cause, said=said.said if said else text(reason.get("reason")))
    return _check(known, said.status, said.cause, said=said.said)


def _check(known: Known, status: str, cause: str | None, **more: str | None) -> Availability:
    return Availability(id=known.id, platform="telegram", status=status, cause=cause, **more)  # type: ignore[arg-type]


def _post(message: Json, channel: Json, names: dict[int, str]) -> Post:
    body, name = text(message.get("message")), username(channel)
    number, own = identity(channel.get("id"), "channel"), identity(message.get("id"))
    film = _film(message)
    return Post(
        id=f"{name or number}/{own}",
        platform="telegram",
        url=f"https://t.me/{name}/{own}" if name else None,
        kind="video" if film else "post",
        text=body,
        author=Author(
            id=number, names=unique((name, channel.get("title"))), followers=channel.get("participants_count")
        ),
        published_at=read_time(message.get("date"))[0],
        hashtags=hashtags_in(body),
        links=_links(message, body),
        parents=tuple(_parents(message, number, {int(number): name or number} | names)),
        duration_s=film.get("duration") if film else None,
        counts=Counts(
            views=count(message.get("views"), "views"),
            shares=count(message.get("forwards"), "forwards"),
            comments=count(at(message, "replies", "replies"), "replies"),
        ),
    )


def _film(message: Json) -> Json | None:
    attributes = dicts(at(message, "media", "document", "attributes"))
    moving = not any(one["_"] == "DocumentAttributeAnimated" for one in attributes)
    return next((one for one in attributes if moving and one["_"] == "DocumentAttributeVideo"), None)


def _links(message: Json, body: str | None) -> tuple[str, ...]:
    hidden = (one.get("url") for one in dicts(message.get("entities")) if one["_"] == "MessageEntityTextUrl")
    rows = (dicts(row.get("buttons")) for row in dicts(at(message, "reply_markup", "rows")))
    buttons = (at(one, "type", "url") or one.get("url") for row in rows for one in row)  # in new layers and old ones
    found = unique((*links_in(body), *hidden, at(message, "media", "webpage", "url"), *buttons))
    return tuple(link for link in found if link.startswith(("https://", "http://")))


def _parents(message: Json, own: str, names: dict[int, str]) -> list[Parent]:
    """Return the posts that it came from or answers; a channel without a public name stands by its number."""
    source = at(message, "fwd_from", "from_id", "channel_id"), at(message, "fwd_from", "channel_post")
    reply = message.get("reply_to") or {}
    answered = first({"other": at(reply, "reply_to_peer_id", "channel_id"), "own": int(own)}, "other", "own")
    found = {"forward": source, "reply": (answered, reply.get("reply_to_msg_id"))}
    return [
        Parent(id=f"{names.get(channel, channel)}/{number}", relation=relation)
        for relation, (channel, number) in found.items()
        if channel and number
    ]
