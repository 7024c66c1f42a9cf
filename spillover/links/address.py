"""What an address is found to be."""

from __future__ import annotations

from hashlib import blake2b

from msgspec import Struct

WEB = "web"  # the platform of what is on none: articles of outlets and other pages, whoever found them


class Address(Struct, frozen=True):
    """What an address points to. Everything is None or False where it is no web address."""

    platform: str | None = None
    kind: str | None = None
    id: str | None = None
    canonical: str | None = None
    needs_network: bool = False  # what it names, or its lasting id, is known only after one read
    private: bool = False  # for those who were given it: never collected, no canonical form
    carries_account: bool = False  # the canonical form or the id names an account, or may
    post_id: str | None = None  # by what a post is told from all others of its platform; mostly the id

    @property
    def page_id(self) -> str | None:
        """By what a page of the open web is known: its canonical form under https; a digest where that names an account."""
        if self.canonical is None:
            return None
        whole = "https" + self.canonical[4:] if self.canonical.startswith("http:") else self.canonical
        return blake2b(whole.encode(), digest_size=16).hexdigest() if self.carries_account else whole


NOTHING = Address()
