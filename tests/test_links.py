"""Addresses: every rule's own examples, the corpora, look-alikes, and anything at all without a crash."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spillover.links import NOTHING, id_carries_account, links_in, resolve
from tests.conftest import RECORDED

VIDEO = "dQw4w9WgXcQ"
WATCH = f"https://www.youtube.com/watch?v={VIDEO}"


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("vector", lines(RECORDED / "urls/rule_vectors.ndjson"), ids=lambda vector: vector["url"][:60])
def test_every_rule_reads_its_own_examples(vector: dict) -> None:
    found = resolve(vector["url"])
    assert (found.platform, found.kind, found.id) == (vector["platform"], vector["kind"], vector["id"])


def test_platforms_agree_with_the_tests_of_a_well_known_downloader() -> None:
    """The rest: bare ids, onion hosts, playlists on other sites, pages that embed a player."""
    vectors = lines(RECORDED / "urls/ytdlp_tests.ndjson")
    right = [vector for vector in vectors if resolve(vector["url"]).platform == vector["platform"]]
    assert len(right) / len(vectors) > 0.92


@pytest.mark.parametrize(
    "url",
    [
        f"https://youtube.com.evil.example/watch?v={VIDEO}",
        f"https://evil-youtube.com/watch?v={VIDEO}",
        f"https://youtube.com@evil.example/watch?v={VIDEO}",
        f"https://youtube.com\\@evil.example/watch?v={VIDEO}",
        f"https://уoutube.com/watch?v={VIDEO}",
        f"https://ｙoutube.com/watch?v={VIDEO}",
        f"https://youtube.com:8080/watch?v={VIDEO}",
        f"https://youtube%2ecom/watch?v={VIDEO}",
        f"https://notyoutu.be/{VIDEO}",
        "https://netflix.com/status/1234567890123456789",
    ],
)
def test_a_host_that_only_looks_like_a_platform_is_none(url: str) -> None:
    assert resolve(url).platform is None


@pytest.mark.parametrize(
    "url",
    [
        f"youtu.be/{VIDEO}",
        f"//youtu.be/{VIDEO}",
        f"HTTPS://WWW.YouTube.COM./watch?feature=x&amp;v={VIDEO}#t=3",
        f" <https://m.youtube.com/watch?v={VIDEO}>, ",
        f"https://www.google.com/url?sa=t&url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3D{VIDEO}",
        f"https://l.facebook.com/l.php?u=https%3A%2F%2Fyoutu.be%2F{VIDEO}&h=x",
        f"https://web.archive.org/web/20250501000000/{WATCH}",
        f"https://web.archive.org/web/2025*/{WATCH}",
        f"https://yewtu.be/watch?v={VIDEO}",
        f"https://i.ytimg.com/vi/{VIDEO}/hqdefault.jpg",
        f"vnd.youtube:{VIDEO}",
    ],
)
def test_forms_of_one_address_are_one(url: str) -> None:
    found = resolve(url)
    assert (found.platform, found.id, found.canonical) == ("youtube", VIDEO, WATCH)


@pytest.mark.parametrize(
    "url", ["https://t.me/c/1234567890/55", "https://t.me/+AbCdEfGhIjKlMnOp", "https://vimeo.com/392479337/a52724358e"]
)
def test_a_private_link_is_refused(url: str) -> None:
    assert resolve(url).private


@pytest.mark.parametrize(
    "url",
    ["https://t.co/abcdef", "https://b23.tv/x1Y2z3", "https://vm.tiktok.com/ZTabc/", "https://www.tiktok.com/t/ZTabc/"],
)
def test_a_short_link_says_that_it_needs_one_read(url: str) -> None:
    assert resolve(url).needs_network and resolve(url).id is None


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://x.com/someone/status/1234567890123456789?s=20", "https://x.com/i/status/1234567890123456789"),
        (
            "https://www.tiktok.com/@someone/video/7123456789012345678",
            "https://www.tiktok.com/@_/video/7123456789012345678",
        ),
        ("https://weibo.com/2803301701/z0JH2lOMb", "https://m.weibo.cn/detail/3501756485200075"),
        ("https://mastodon.social/@someone/103254962155278888", "https://mastodon.social/@_/103254962155278888"),
    ],
)
def test_where_a_form_without_the_account_exists_it_is_the_canonical_one(url: str, canonical: str) -> None:
    found = resolve(url)
    assert found.canonical == canonical and not found.carries_account


def test_platforms_whose_ids_name_accounts_are_known() -> None:
    assert {"bluesky", "telegram", "vk"} <= {
        name for name in ("bluesky", "telegram", "vk", "youtube", "x") if id_carries_account(name)
    }
    assert not id_carries_account("youtube") and not id_carries_account("x")


def test_a_page_of_no_platform_loses_what_tracks_its_reader() -> None:
    url = "https://User:pw@News.Example.org:443/a%20b/?id=5&utm_source=x&fbclid=y#part"
    assert resolve(url).canonical == "https://news.example.org/a%20b/?id=5"


@pytest.mark.parametrize(
    "text",
    ["", "not a url", "javascript:alert(1)", "mailto:a@b.example", "https://", "http://localhost/x", "x" * 10_000_000],
)
def test_what_is_no_web_address_is_nothing(text: str) -> None:
    assert resolve(text) == NOTHING


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"看视频https://youtu.be/{VIDEO}，太可怕", [f"https://youtu.be/{VIDEO}"]),
        (f"see youtube.com/watch?v={VIDEO}.", [f"youtube.com/watch?v={VIDEO}"]),
        ("(https://en.wikipedia.org/wiki/A_(b))", ["https://en.wikipedia.org/wiki/A_(b)"]),
        ("www.youtube.com/watch?v=V5lD...", []),
        ("www.youtube.com/watch?v=V5lD…", []),
        ("someone@example.com wrote t.me/channel/12 today", ["t.me/channel/12"]),
        ("v1.2 of node.js and end.of sentence", []),
    ],
)
def test_links_in_running_text(text: str, found: list[str]) -> None:
    assert links_in(text) == found


@given(
    st.one_of(st.text(max_size=300), st.text(alphabet=":/?#@[].%&=ahtps\\wyoutbe0123456789 -\ud800\0中", max_size=80))
)
@example("https://[::1]/x")
@example("https://youtu.be/" + "%" * 50)
@example("at://a/app.bsky.feed.post/b")
def test_anything_resolves_without_a_crash_and_canonical_forms_stay(text: str) -> None:
    found = resolve(text)
    links_in(text)
    if found.canonical and found.canonical.startswith("http"):
        assert resolve(found.canonical).canonical == found.canonical


def test_canonical_forms_of_real_links_stay(shared: Path) -> None:
    with gzip.open(shared / "data/urls/shared_links_minet.txt.gz", "rt") as file:
        links = file.read().split("\n")
    forms = [form for link in links if (form := resolve(link).canonical)]
    assert len(forms) > 7000
    assert [form for form in forms if resolve(form).canonical != form] == []


def test_video_ids_agree_with_another_extractor(shared: Path) -> None:
    cases = json.loads((shared / "data/urls/newpipe_link_handler_cases.json").read_text("utf-8"))
    ids = [
        case
        for case in cases
        if case["check"] == "getId" and isinstance(case["expected"], str) and len(case["expected"]) == 11
    ]
    assert len(ids) > 10
    assert [
        case for case in ids if resolve(case["input"]).kind == "video" and resolve(case["input"]).id != case["expected"]
    ] == []
