"""The live feed of Mastodon's API: frames of new, edited and deleted statuses into pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import DecodeError
from msgspec.json import decode

from collectors._formats.fields import Seen
from collectors._formats.mastodon import global_id
from collectors._formats.mastodon_pages import page_of
from spillover import Availability, Changed, Page, Refused, Reject, Window, known_shape

_STATUSES = ("update", "status.update")
_OF_NO_CONCERN = (
    "notification", "filters_changed", "conversation", "announcement", "announcement.reaction", "announcement.delete",
    "encrypted_message", "notifications_merged",
)  # fmt: skip
_REMEMBERED = 50_000  # statuses of other servers, whose end is told by this server's number
_UNREADABLE = 10  # statuses in a row


class Feed:
    """Gathers frames. A feed gives nothing back for the time when nobody listened."""

    def __init__(self, host: str, begun_at: datetime) -> None:
        self.host, self.since, self.heard_at = host, begun_at, begun_at
        self.frames = 0  # of this page
        self._page = Page()
        self._seen, self._odd = 0, 0
        self._ids: dict[str, str] = {}

    def take(self, frame: bytes, now: datetime) -> None:
        """Take in a frame; raise Changed for one of another shape, Refused where the server wants none of us."""
        self.frames, self._seen, self.heard_at = self.frames + 1, self._seen + 1, now
        if not frame:  # nobody used the hashtag, and the server is there: that is watching, too
            return
        with known_shape("a frame"):
            told = _object(frame)
            if "error" in told:
                refused = told.get("status") in (401, 403)
                raise (Refused if refused else Changed)(f"{self.host}: the feed answered {told['error']!r:.100}")
            event, payload = told["event"], told.get("payload")
            if event == "delete":
                self._delete(str(payload), now)
            elif event in _STATUSES:
                self._status(payload, now)
            elif event not in _OF_NO_CONCERN:
                self._page.rejects.append(Reject(line=self._seen, reason=f"event: {event!r:.40} is not known"))

    def page(self, until: datetime) -> Page:
        """Return what has come since the last page."""
        page, self._page, self.frames = self._page, Page(), 0
        page.window, page.cursor = Window(since=self.since, until=until), until.isoformat()
        self.since = until
        return page

    def _delete(self, number: str, now: datetime) -> None:
        known_as = self._ids.get(number, f"{self.host}/{number}")
        gone = Availability(id=known_as, status="gone", said="delete", checked_at=now)  # by whom is not said
        self._page.availability.append(gone)

    def _status(self, payload: Any, now: datetime) -> None:
        try:
            record = _object(payload)
            found = page_of([record], Seen(now, now), self.host)
        except (Changed, ValueError) as error:
            self._odd += 1
            if self._odd >= _UNREADABLE:
                raise Changed(f"{self._odd} statuses in a row cannot be read: {error}") from error
            self._page.rejects.append(Reject(line=self._seen, reason=str(error)))
            return
        self._odd = 0
        self._page.posts += found.posts
        self._page.rejects += found.rejects
        self._ids[str(record["id"])] = global_id(record)
        while len(self._ids) > _REMEMBERED:
            del self._ids[next(iter(self._ids))]


def _object(text: Any) -> dict[str, Any]:
    try:
        found = decode(text)
    except (DecodeError, UnicodeDecodeError) as error:
        raise ValueError("no JSON") from error
    if not isinstance(found, dict):
        raise ValueError(f"a {type(found).__name__} in the place of an object")
    return found
