"""What an address is found to be."""

from __future__ import annotations

from msgspec import Struct


class Address(Struct, frozen=True):
    """What an address points to. Everything is None or False where it is no web address."""

    platform: str | None = None
    kind: str | None = None
    id: str | None = None
    canonical: str | None = None
    needs_network: bool = False  # what it names, or its lasting id, is known only after one read
    private: bool = False  # for those who were given it: never collected, no canonical form
    carries_account: bool = False  # the canonical form or the id names an account, or may


NOTHING = Address()
