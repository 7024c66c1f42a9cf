"""yt-dlp as a reader of pages: its extractors, with our client in the place of their network."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

from yt_dlp import YoutubeDL
from yt_dlp.networking.common import Request, RequestHandler, Response
from yt_dlp.networking.exceptions import HTTPError, TransportError
from yt_dlp.utils import ExtractorError, GeoRestrictedError

from collectors._formats.fields import hashtags_in, links_in, seconds, text, unique
from spillover import (
    Answer,
    Author,
    Availability,
    Broken,
    Changed,
    Client,
    CollectError,
    Counts,
    Known,
    Post,
    Refused,
    is_wall,
    known_shape,
    read_count,
    read_wording,
)

# platform -> the extractor's name and the address that it reads. A reader for any page ("generic") is never used.
READERS = {
    "rutube": ("Rutube", "https://rutube.ru/video/{}/"),
    "ok": ("Odnoklassniki", "https://ok.ru/video/{}"),
    "dailymotion": ("Dailymotion", "https://www.dailymotion.com/video/{}"),
    "niconico": ("Niconico", "https://www.nicovideo.jp/watch/{}"),
    "navertv": ("Naver", "https://tv.naver.com/v/{}"),
    "kakaotv": ("Kakao", "https://tv.kakao.com/embed/player/cliplink/{}"),
    "vimeo": ("Vimeo", "https://vimeo.com/{}"),
    "bitchute": ("BitChute", "https://www.bitchute.com/video/{}/"),
}
_SETTINGS = {
    "quiet": True, "skip_download": True, "ignore_no_formats_error": True, "noplaylist": True, "cachedir": False,
    "check_formats": False, "retries": 0, "extractor_retries": 0,
    "geo_bypass": False,  # it would claim to stand in a country where it does not
}  # fmt: skip
_OURS = frozenset({"user-agent", "accept-encoding", "x-forwarded-for"})  # we say who we are and where, not an extractor
_SHUT = {"private": ("private", "author")} | dict.fromkeys(
    ("needs_auth", "subscriber_only", "premium_only"), ("unknown", "age_or_login")
)
_STATED = {410: ("gone", None), 451: ("withheld", "legal")}
_COUNTRY = re.compile(r"[A-Z]{2}")


class Reader:
    """Reads one post after another; what it learnt of a site (a token) ends with it."""

    def __init__(self, client: Client) -> None:
        self.said: list[str] = []  # warnings since the last post was asked for
        self._site = YoutubeDL({**_SETTINGS, "logger": self})
        self._wire = _ClientRH(client, logger=self)
        self._site._request_director.close()
        self._site._request_director.add_handler(self._wire)

    def debug(self, message: str) -> None:
        """Leave out what yt-dlp is doing."""

    def error(self, message: str, *_: Any, **__: Any) -> None:
        """Leave out what is raised as well."""

    stdout = stderr = error

    def warning(self, message: str, *_: Any, **__: Any) -> None:
        """Keep a warning: a reason that hides no more than the film is told as one."""
        self.said.append(message)

    def read(self, known: Known) -> tuple[Post | None, Availability]:
        """Return a post as it is now, where it can be seen, and how it stands; raise where we could not see."""
        key, address = READERS[known.platform]
        extractor, url = self._site.get_info_extractor(key), address.format(known.id)
        if not extractor.suitable(url):
            return None, _unknown(known, "an id that no address has")
        if hasattr(extractor, "_HEADERS"):  # one for all readers of a process: a token in it would outlive its time
            extractor._HEADERS = dict(extractor._HEADERS)
        self.said.clear()
        self._wire.trouble, self._wire.last = None, None
        try:
            with known_shape(f"{known.platform}, as yt-dlp reads it,"):
                info = extractor.extract(url)
                return _seen(known, info, self.said)
        except (ExtractorError, AssertionError, Changed) as error:
            return None, self._unseen(known, error)

    def _unseen(self, known: Known, error: Exception) -> Availability:
        """Return what an error says of the post; raise what it says of us or of the reader."""
        words = _words(error)
        wording = read_wording(words, known.platform)
        if isinstance(error, GeoRestrictedError):
            said = wording.said if wording else _hashed(words)
            return _check(known, "withheld", "geo", said=said, allowed_in=_places(error))
        if wording and wording.cause != "error":
            absent = wording.status == "unknown" and wording.cause == "missing"
            basis = "absent" if absent else wording.basis
            return _check(known, wording.status, wording.cause, said=wording.said, basis=basis)
        if self._wire.trouble:
            raise self._wire.trouble from error
        stated = _by_status(known, error)
        if stated is None and (wording or not words):
            raise self._ours(known, error) from error
        return stated or _unknown(known, words)

    def _ours(self, known: Known, error: Exception) -> CollectError:
        """Return what kept us from seeing, which is nothing of the post's."""
        last = self._wire.last
        if last is not None and is_wall(last.body):
            return Refused(f"{known.platform} answered with a bot wall", body=last.body)
        if _words(error):
            return Broken(f"{known.platform} cannot answer now")
        return Changed(
            f"{known.platform} is no longer what this yt-dlp reads; update it: {getattr(error, 'orig_msg', error)}"[
                :200
            ]
        )


class _ClientRH(RequestHandler):  # type: ignore[misc]  # yt-dlp wants the two letters
    """Sends an extractor's requests through our client, and asks for no film."""

    _SUPPORTED_URL_SCHEMES = ("http", "https")

    def __init__(self, client: Client, **more: Any) -> None:
        super().__init__(**more)
        self.client = client
        self.trouble: CollectError | None = None
        self.last: Answer | None = None

    def _check_extensions(self, extensions: dict[str, Any]) -> None:
        extensions.clear()

    def _send(self, request: Request) -> Response:
        if urlsplit(request.url).path.endswith((".m3u8", ".mpd", ".f4m", ".ism")):
            return _response(request.url, 200, b"#EXTM3U\n")  # which films there are is none of our business
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OURS}
        url = re.sub(r"^http:", "https:", request.url)
        try:
            answer = (
                self.client.get(url, headers=headers)
                if request.data is None
                else self.client.post(url, bytes(request.data), headers=headers)
            )
        except CollectError as error:
            self.trouble = error
            status = str(error).rpartition(" answered ")[2]
            if status.isdecimal():  # a reason may stand in the body: the extractor knows where
                raise HTTPError(_response(url, int(status), error.body)) from error
            raise TransportError(cause=error) from error
        self.last = answer
        response = _response(answer.url, answer.status, answer.body, answer.headers.get("content-type"))
        if answer.status >= 400:
            raise HTTPError(response)
        return response


def _words(error: Exception) -> str:
    """Return what a platform said, as far as yt-dlp tells it; nothing where only the reader stumbled."""
    told = isinstance(error, ExtractorError) and error.expected and not isinstance(error.cause, HTTPError)
    return str(error.orig_msg) if told else ""  # type: ignore[attr-defined]


def _by_status(known: Known, error: Exception) -> Availability | None:
    cause = getattr(error, "cause", None)
    status = cause.status if isinstance(cause, HTTPError) else None
    if status == 404:
        return _check(known, "unknown", "missing", basis="absent")
    if status in _STATED:
        return _check(known, *_STATED[status], said=f"HTTP {status}")
    return None


def _response(url: str, status: int, body: bytes, kind: str | None = None) -> Response:
    return Response(io.BytesIO(body), url, {"Content-Type": kind} if kind else {}, status)


def _seen(known: Known, info: dict[str, Any], said: list[str]) -> tuple[Post | None, Availability]:
    if info.get("_type", "video") != "video":
        return None, _unknown(known, "shown elsewhere")
    status, cause = _SHUT.get(info.get("availability") or "", ("up", None))
    wordings = (read_wording(words, known.platform) for words in said if "HTTP Error" not in words)
    told = next((wording for wording in wordings if wording and wording.status != "unknown"), None)
    check = _check(known, told.status, told.cause, said=told.said) if told else _check(known, status, cause)
    return _post(known, info), check


def _post(known: Known, info: dict[str, Any]) -> Post:
    told, stamp = text(info.get("description")), info.get("timestamp")
    uploader = text(info.get("uploader_id") or info.get("channel_id"))
    return Post(
        id=known.id,
        platform=known.platform,
        url=READERS[known.platform][1].format(known.id),
        kind="video",
        title=text(info.get("title")),
        text=told,
        author=Author(id=uploader, names=unique((info.get("uploader"), info.get("channel")))) if uploader else None,
        published_at=datetime.fromtimestamp(stamp, UTC) if stamp else None,
        hashtags=hashtags_in(told),
        links=links_in(told),
        duration_s=seconds(info.get("duration")),
        counts=Counts(
            views=read_count(info.get("view_count")),
            likes=read_count(info.get("like_count")),
            shares=read_count(info.get("repost_count")),
            comments=read_count(info.get("comment_count")),
        ),
    )


def _check(known: Known, status: Any, cause: str | None, **more: Any) -> Availability:
    return Availability(id=known.id, platform=known.platform, status=status, cause=cause, vantage="page", **more)


def _unknown(known: Known, words: str) -> Availability:
    """Say that something was said that nobody here can read: the words are kept as a mark of them, no more."""
    return _check(known, "unknown", "error", basis="inferred", said=_hashed(words))


def _hashed(words: str) -> str:
    return f"words {blake2b(words.encode(), digest_size=8).hexdigest()}"


def _places(error: GeoRestrictedError) -> tuple[str, ...] | None:
    named = (str(place).upper() for place in error.countries or ())
    return tuple(place for place in named if _COUNTRY.fullmatch(place)) or None
