"""Names stop at the door: keyed stand-ins, sealed ids, and texts without handles."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spillover.errors import UsageError
from spillover.pseudonym import campaign_key, throwaway_key, without_names


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "c.key"
    first = campaign_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert campaign_key(path).author("x", "alice") == first.author("x", "alice")


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.key"
    campaign_key(path)
    path.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        campaign_key(path)


def test_nothing_links_an_account_across_campaigns_or_platforms() -> None:
    one, other = throwaway_key(), throwaway_key()
    stand_ins = {
        one.author("x", "alice"),
        other.author("x", "alice"),
        one.author("vk", "alice"),
        one.author("x", "bob"),
    }
    assert len(stand_ins) == 4
    assert all(len(stand_in) == 16 for stand_in in stand_ins)


def test_two_posts_of_one_account_share_nothing_in_their_stand_in_ids() -> None:
    key = throwaway_key()
    first, second = (
        key.stand_in("bluesky", f"did:plc:abc/{rkey}").split("~") for rkey in ("3mptbyoeyc22k", "3mptbyoeyc22l")
    )
    assert first[1] != second[1]
    assert "did" not in "".join(first)


@given(st.text(min_size=1, max_size=200))
def test_a_sealed_id_opens_with_its_key_and_no_other(native_id: str) -> None:
    key = throwaway_key()
    sealed = key.seal("vk", native_id)
    assert sealed == key.seal("vk", native_id)
    assert key.unseal("vk", sealed) == native_id
    with pytest.raises(UsageError):
        throwaway_key().unseal("vk", sealed)
    with pytest.raises(UsageError):
        key.unseal("telegram", sealed)


@pytest.mark.parametrize(
    ("text", "names", "clean"),
    [
        ("RT @alice_99: look", (), "RT @…: look"),
        ("von @bob@mastodon.example, danke", (), "von @…, danke"),
        ("mail me: someone@example.org", (), "mail me: @…"),
        ("Li Wei posted this", ("Li Wei",), "… posted this"),
        ("at 5 @ noon", (), "at 5 @ noon"),
        ("＠用户名 你好", (), "@… 你好"),
        (None, ("x",), None),
    ],
)
def test_texts_lose_handles_and_their_author(text: str | None, names: tuple[str, ...], clean: str | None) -> None:
    assert without_names(text, names) == clean
