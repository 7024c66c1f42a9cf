"""Native ids that are made by arithmetic from what an address shows. No network."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from spillover.links.bech32 import event_id

_BASE58 = "FcwAPNKTMug3GV5Lj7EJnHpWsx4tb8haYeviqBz6rkCy12mUSDQX9RdoZf"  # Bilibili's own order
_BILI_XOR, _BILI_MASK, _BILI_MAX = 23442827791579, 2251799813685247, 1 << 51
_FLICKR = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
_BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
Groups = dict[str, str]


def bv_of_av(aid: int) -> str:
    """Return Bilibili's BV id of an av number: 170001 -> BV17x411w7KC."""
    places = list("BV1000000000")
    rest, at = (_BILI_MAX | aid) ^ _BILI_XOR, len(places) - 1
    while rest:
        rest, digit = divmod(rest, 58)
        places[at] = _BASE58[digit]
        at -= 1
    places[3], places[9] = places[9], places[3]
    places[4], places[7] = places[7], places[4]
    return "".join(places)


def weibo_mid(bid: str) -> str:
    """Return Weibo's number of a post from its short form: z0JH2lOMb -> 3501756485200075."""
    groups = [bid[max(0, end - 4) : end] for end in range(len(bid), 0, -4)][::-1]
    numbers = []
    for group in groups:
        number = 0
        for letter in group:
            number = number * 62 + _BASE62.index(letter)
        numbers.append(str(number))
    return numbers[0] + "".join(number.zfill(7) for number in numbers[1:])


def peertube_uuid(short: str) -> str | None:
    """Return the UUID of a PeerTube short id, which is that UUID in base 58; None where it comes to no UUID."""
    if len(short) == 36:
        return short.lower()
    number = 0
    for letter in short:
        number = number * 58 + _FLICKR.index(letter)
    made = uuid.UUID(int=number) if number < 1 << 128 else None
    return str(made) if made and made.version in range(1, 6) else None


def _bili_av(groups: Groups, _: str) -> str | None:
    aid = int(groups["aid"])
    return bv_of_av(aid) if 0 < aid < _BILI_MAX else None


def _bsky(groups: Groups, _: str) -> str:
    if not groups["actor"].startswith("did:"):
        groups["actor"] = groups["actor"].lower()  # for the canonical form as well: a handle is a host name
    return f"at://{groups['actor']}/app.bsky.feed.post/{groups['rkey']}"


def _lbry(groups: Groups, _: str) -> str:
    return f"{groups['name']}:{groups['claim']}"


NORMAL: dict[str, Callable[[Groups, str], str | None]] = {
    "bili_bv": lambda groups, _: "BV" + groups["tail"],
    "bili_av": _bili_av,
    "weibo_bid": lambda groups, _: weibo_mid(groups["bid"]),
    "vk_oid_id": lambda groups, _: f"{groups['oid']}_{groups['vid']}",
    "tg_post": lambda groups, _: f"{groups['chan'].lower()}/{groups['msg']}",
    "bsky": _bsky,
    "lower": lambda groups, _: groups["id"].lower(),
    "lbry": _lbry,
    "nostr_event": lambda groups, _: event_id(groups["code"]),
    "peertube": lambda groups, _: peertube_uuid(groups["id"]),
    "host_id": lambda groups, host: f"{host}/{groups['local']}",
}
