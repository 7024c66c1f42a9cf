"""The addresses under which people write one and the same video, for services that find an address only as it is written."""

from __future__ import annotations

from collectors._formats.fields import unique
from spillover import resolve

_WAYS = {
    "youtube": (
        "https://www.youtube.com/watch?v={}", "https://youtu.be/{}", "https://youtube.com/watch?v={}",
        "https://m.youtube.com/watch?v={}", "https://www.youtube.com/shorts/{}", "https://youtube.com/shorts/{}",
    ),
}  # fmt: skip


def spellings(url: str) -> tuple[str, ...]:
    """Return the addresses, the common form first."""
    address = resolve(url)
    ways = _WAYS.get(address.platform or "", ()) if address.id else ()
    return unique((*(way.format(address.id) for way in ways), address.canonical or url, url))
