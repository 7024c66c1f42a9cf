"""Keyed stand-ins for accounts: one key a campaign, so that nothing links an account across campaigns.

The key is 32 random bytes in a file that only its owner may read. It is never in the database and never exported.
Without it a pseudonym cannot be computed from a name, and what is sealed cannot be opened: to delete the key is to forget.
"""

from __future__ import annotations

import os
import re
import secrets
from hashlib import blake2b
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from spillover.errors import UsageError

# Accounts as texts name them: @name, @name@host. E-mail addresses are cut too, by their second half.
_MENTION = re.compile(r"(?<![\w/])[@＠][\w.\-]{2,}(?:@[\w\-]+(?:\.[\w\-]+)+)?|[\w.+\-]{1,64}@[\w\-]+(?:\.[\w\-]+)+")
_SHORTEST_NAME = 3  # a display name of one or two letters is a word as well


class Key:
    """The key of one campaign."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:
            raise UsageError("a campaign key is 32 bytes; this one is damaged: restore it from your own copy")
        self._names = blake2b(secret, digest_size=32, person=b"spillover names").digest()
        self._siv = AESSIV(blake2b(secret, digest_size=64, person=b"spillover seals").digest())

    def author(self, platform: str, account: str) -> bytes:
        """Return the pseudonym of an account, 16 bytes."""
        return blake2b(
            f"{platform}\0{account}".encode("utf-8", "surrogatepass"), digest_size=16, key=self._names
        ).digest()

    def stand_in(self, platform: str, native_id: str) -> str:
        """Return an id for a post whose own id names an account: the last part of that id, and a keyed digest of all."""
        digest = blake2b(
            f"post\0{platform}\0{native_id}".encode("utf-8", "surrogatepass"), digest_size=8, key=self._names
        )
        return f"{native_id.rsplit('/', 1)[-1].rsplit('_', 1)[-1]}~{digest.hexdigest()}"

    def seal(self, platform: str, native_id: str) -> bytes:
        """Close an id so that only this key opens it; the same id gives the same bytes."""
        return self._siv.encrypt(native_id.encode("utf-8", "surrogatepass"), [platform.encode()])

    def unseal(self, platform: str, sealed: bytes) -> str:
        """Open a sealed id; raise UsageError when this is not the key that closed it."""
        try:
            return self._siv.decrypt(sealed, [platform.encode()]).decode("utf-8", "surrogatepass")
        except InvalidTag as error:
            raise UsageError("this id was sealed with another key: the campaign's key file was replaced") from error


def throwaway_key() -> Key:
    """Return a key that is never written down."""
    return Key(secrets.token_bytes(32))


def campaign_key(path: Path) -> Key:
    """Return the key in this file, and make one if there is none."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(path)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
        file.flush()
        os.fsync(file.fileno())
    return _read_key(path)


def _read_key(path: Path) -> Key:
    if path.stat().st_mode & 0o077:
        raise UsageError(f"{path}: others may read this key; run: chmod 600 {path}")
    return Key(path.read_bytes())


def without_names(text: str | None, names: tuple[str, ...]) -> str | None:
    """Return the text with handles, addresses of mail and this author's own names taken out."""
    if not text:
        return text
    if "@" in text or "＠" in text:
        text = _MENTION.sub("@…", text)
    for name in names:
        if len(name) >= _SHORTEST_NAME and name in text:
            text = text.replace(name, "…")
    return text
