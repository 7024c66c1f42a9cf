"""Bech32 (BIP 173), in which Nostr writes ids: letters with a checksum over a prefix and bytes (NIP-19)."""

from __future__ import annotations

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM = 6  # letters
_EVENT, _BYTES = 0, 32  # of an id; the type under which a nevent holds it, beside relays and author


def event_id(text: str) -> str | None:
    """Return the id of an event that a note1… or nevent1… stands for; None for any other, and for a mistyped one."""
    prefix, _, data = text.rpartition("1")
    body = _decoded(prefix, data)
    if body is None:
        return None
    found = body if prefix == "note" else dict(_fields(body)).get(_EVENT, b"") if prefix == "nevent" else b""
    return found.hex() if len(found) == _BYTES else None


def _decoded(prefix: str, data: str) -> bytes | None:
    values = [_LETTERS.find(letter) for letter in data]
    spread = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    if -1 in values or _checked(spread + values) != 1:
        return None
    bits = "".join(f"{value:05b}" for value in values[:-_CHECKSUM])
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8))


def _checked(values: list[int]) -> int:
    made = 1
    for value in values:
        top = made >> 25
        made = (made & 0x1FFFFFF) << 5 ^ value
        for place, term in enumerate(_GENERATOR):
            made ^= term if top >> place & 1 else 0
    return made


def _fields(body: bytes) -> list[tuple[int, bytes]]:
    """Return the fields of a body, each a type, a length and as many bytes; of a type that comes again the first holds."""
    found, at = [], 0
    while at + 2 <= len(body):
        found.append((body[at], body[at + 2 : at + 2 + body[at + 1]]))
        at += 2 + body[at + 1]
    return found[::-1]
