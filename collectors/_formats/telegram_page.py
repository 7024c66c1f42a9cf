"""Telegram's public pages: the messages of a channel's preview and of the widget for one post."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from collectors._formats.fields import count, hashtags_in, seconds, unique
from collectors._formats.page import Element, parse
from spillover import (
    Answer,
    Author,
    Broken,
    Changed,
    Counts,
    Interval,
    Parent,
    Post,
    Refused,
    Reject,
    is_wall,
    read_count,
    read_time,
    read_wording,
    resolve,
)

if TYPE_CHECKING:
    from spillover import Wording

_VIDEOS = ("tgme_widget_message_video_player", "tgme_widget_message_roundvideo_player", "tgme_widget_message_video")
NOTICES = ("tgme_widget_message_error", "tme_no_messages_found", "tgme_page_description", "tgme_page_additional")
_LINKS = ("tgme_widget_message_link_preview", "tgme_widget_message_inline_button")  # a card, a button below the post
_TEXTS = ("js-message_text", "tgme_widget_message_poll_question", "tgme_widget_message_document_title")


@dataclass(frozen=True)
class _Channel:
    """What a page says of the channel itself."""

    title: str | None = None
    followers: int | None = None


def read_page(answer: Answer) -> Element:
    """Return a page of Telegram; raise for what is none, or only half of one."""
    if answer.status != 200 or not answer.body.strip():
        raise Broken(f"t.me answered {answer.status}, {len(answer.body)} bytes", body=answer.body)
    if b"tgme_" not in answer.body:  # no post is in it, so a word such as "captcha" is the page's own
        kind, why = (Refused, "a bot wall") if is_wall(answer.body) else (Changed, "what is no page of a channel")
        raise kind(f"t.me answered with {why}", body=answer.body)
    if b"</html>" not in answer.body:
        raise Broken("t.me answered with half a page", body=answer.body)
    return parse(answer.body)


def read_posts(shown: Element) -> tuple[list[Post], list[Reject]]:
    """Return the posts of a page; raise Changed where it has messages and none can be read."""
    of, posts, rejects = _channel(shown), list[Post](), list[Reject]()
    for line, message in enumerate(_messages(shown), 1):
        if "service_message" in message.classes:
            rejects.append(Reject(line=line, reason="a service message (created, renamed, pinned) is no post"))
            continue
        try:
            posts.append(_post(message, of))
        except ValueError as error:
            rejects.append(Reject(line=line, reason=str(error)))
    if not posts and any("service" not in reject.reason for reject in rejects):
        raise Changed(f"no message can be read: {rejects[-1].reason}")
    return posts, rejects


def notice(shown: Element) -> Wording | None:
    """Return what Telegram says in the place of posts."""
    texts = (one.text() for name in NOTICES for one in shown.all(name))
    return next(filter(None, (read_wording(text, "telegram") for text in texts)), None)


def _channel(page: Element) -> _Channel:
    """Return what the head of a preview says."""
    title, counter = page.first("tgme_channel_info_header_title"), page.first("tgme_channel_info_counter")
    said = counter.text() if counter else ""
    number = read_count(said.partition(" ")[0]) if "subscriber" in said else None
    return _Channel(title.text() if title else None, number.shown if isinstance(number, Interval) else number)


def _messages(page: Element) -> list[Element]:
    """Return the messages of a page."""
    return [one for one in page.all("tgme_widget_message") if "data-post" in one.attributes]


def _post(message: Element, of: _Channel) -> Post:
    """Return a message as a post; raise ValueError where it lacks what every message has."""
    address = resolve(f"https://t.me/{message.attributes['data-post']}")
    if address.platform != "telegram" or address.kind != "post" or not address.id:
        raise ValueError("data-post is no address of a post")
    told = message.first(*_TEXTS)
    text = (told.text() if told else "") or None
    return Post(
        id=address.id,
        url=address.canonical,
        kind="video" if message.first(*_VIDEOS) else "post",
        text=text,
        author=_author(message, address.id.partition("/")[0], of),
        published_at=_moment(message),
        hashtags=hashtags_in(text),
        links=_links(message, told),
        parents=tuple(_parents(message)),
        duration_s=_duration(message),
        counts=Counts(views=count(_said(message, "tgme_widget_message_views"), "views")),
    )


def _said(message: Element, name: str) -> str | None:
    found = message.first(name)
    return found.text() if found else None


def _moment(message: Element) -> datetime:
    date = message.first("tgme_widget_message_date")
    times = [
        one.attributes["datetime"]
        for one in (date or message).walk()
        if isinstance(one, Element) and "datetime" in one.attributes
    ]
    if not times:
        raise ValueError("time: no datetime")
    return read_time(times[0])[0]


def _author(message: Element, name: str, of: _Channel) -> Author:
    owner = message.first("tgme_widget_message_owner_name")
    title = owner.text() if owner else of.title
    return Author(id=_number(message) or name, names=unique((name, title)), followers=of.followers)


def _number(message: Element) -> str | None:
    """Return the channel's number, which stays when it takes another name: the page says it to its own counter."""
    packed = message.attributes.get("data-view", "")
    try:
        told = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        return str(abs(int(told["c"])))
    except (ValueError, KeyError, TypeError):
        return None


def _links(message: Element, told: Element | None) -> tuple[str, ...]:
    anchors = [one for one in (told.walk() if told else ()) if isinstance(one, Element) and one.tag == "a"]
    found = [one.attributes.get("href") for one in (*anchors, *(one for name in _LINKS for one in message.all(name)))]
    return unique(link for link in found if link and link.startswith(("https://", "http://")))


def _parents(message: Element) -> list[Parent]:
    """Return the posts that it came from or answers, where the page links to a public one."""
    named = {"forward": "tgme_widget_message_forwarded_from_name", "reply": "tgme_widget_message_reply"}
    found = {relation: message.first(name) for relation, name in named.items()}
    addresses = {relation: resolve(one.attributes.get("href", "")) for relation, one in found.items() if one}
    return [
        Parent(id=address.id, relation=relation)
        for relation, address in addresses.items()
        if address.platform == "telegram" and address.kind == "post" and address.id
    ]


def _duration(message: Element) -> float | None:
    said = _said(message, "message_video_duration") or _said(message, "tgme_widget_message_roundvideo_duration")
    return seconds(said)
