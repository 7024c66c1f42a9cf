"""Addresses: every rule's own examples, the corpora, look-alikes, and anything at all without a crash."""

from __future__ import annotations

import gzip
import json
import re
import time
from pathlib import Path
from urllib.parse import quote

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


# What another's test suite says and we do not, each with its reason.
PLAYED_ELSEWHERE = ("lequipe.fr/", "vid.plus/", "zwearz.com/")  # sites of others that embed a player
ON_ANY_HOST = ("/a/chocobozzz", "/c/")  # PeerTube's channels, which look like any site's pages
ANOTHER_ID = (
    r"archive\.org/details",  # they number files, we name the item
    r"video/BV\w+/?\?p=",  # they number parts
    r"BV1TE411f7f1|av114868162141203|i/events/|video276849682_170681728|video-95168827_456239103|yYr8q0y5Jfg",  # what a page leads to
    r"peertube2\.cpy|john-livingston",  # they keep the short form, we the UUID that it stands for
    r"embed/_xDOZElKyNU\?list=",  # they want the list, we the video
)


def test_platforms_agree_with_a_well_known_downloader() -> None:
    vectors = lines(RECORDED / "urls/ytdlp_tests.ndjson")
    wrong = [vector["url"] for vector in vectors if resolve(vector["url"]).platform != vector["platform"]]
    assert len(vectors) > 570
    assert [url for url in wrong if not any(part in url for part in (*PLAYED_ELSEWHERE, *ON_ANY_HOST))] == []


def test_ids_agree_with_a_well_known_downloader_where_both_name_the_same_thing() -> None:
    vectors = [vector for vector in lines(RECORDED / "urls/ytdlp_tests.ndjson") if vector["id"]]
    wrong = [vector["url"] for vector in vectors if resolve(vector["url"]).id != vector["id"]]
    assert len(vectors) > 160
    assert [url for url in wrong if not re.search("|".join(ANOTHER_ID), url)] == []


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
        f"https://youtube.com%2f@evil.example/watch?v={VIDEO}",
        f"https://evil.example\\.youtube.com/watch?v={VIDEO}",
        f"https://evil.example/www.youtube.com/watch?v={VIDEO}",
        f"https://google.evil.example/url?q=https://youtu.be/{VIDEO}",
        f"https://evil.example\\@youtube.com/watch?v={VIDEO}",
        f"https://youtube。com/watch?v={VIDEO}",
        f"https://you\u200btube.com/watch?v={VIDEO}",
        f"https://youtube.com..evil.example/watch?v={VIDEO}",
        "https://netflix.com/status/1234567890123456789",
        "https://someone.tumblr.com/post/123456",
        "https://www.example.org/videos/9c9de5e8-0a1e-484a-b099-e80766180a6d",
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
        f"https://www.youtube.com//watch?v={VIDEO}",
        f"https://www.youtube.com/#!/watch?v={VIDEO}",
        f"https://youtu.be/{VIDEO})，",
        f"https://www.youtube.com/watch?v={VIDEO}太可怕",
        f"https://youtube.com:443/embed/{VIDEO}",
        f"https://www.facebook.com/flx/warn/?u=https%3A%2F%2Fyoutu.be%2F{VIDEO}",
        f"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fyoutu.be%2F{VIDEO}&data=x",
        "https://www.bing.com/ck/a?!&&u=a1aHR0cHM6Ly95b3V0dS5iZS9kUXc0dzlXZ1hjUQ&ntb=1",
        f"https://web.archive.org/web/20120712231619/http%3A//www.youtube.com/watch%3Fgl%3DUS%26v%3D{VIDEO}",
        f"https://www-youtube-com.cdn.ampproject.org/c/s/www.youtube.com/watch?v={VIDEO}",
        f"https://consent.youtube.com/m?continue=https%3A%2F%2Fwww.youtube.com%2Flive%2F{VIDEO}%3Fcbrd%3D1&gl=NL",
        f"https://www.youtube.com/signin?next=%2Fwatch%3Fv%3D{VIDEO}",
        f"vnd.youtube:{VIDEO}",
        f"vnd.youtube://www.youtube.com/watch?v={VIDEO}",
    ],
)
def test_forms_of_one_address_are_one(url: str) -> None:
    found = resolve(url)
    assert (found.platform, found.id, found.canonical) == ("youtube", VIDEO, WATCH)


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("at://did:plc:z72i7hdynmk6r22z27h6tvur/app.bsky.feed.post/3l6oveex3ii2l", ("bluesky", "post")),
        ("nostr:note1" + "q" * 58, ("nostr", "post")),
        ("tg://resolve?post=5&domain=Channel", ("telegram", "post")),
        ("tg://privatepost?channel=1234567890&post=55", ("telegram", "post")),
        ("lbry://@lbry#3f/odysee#7", ("odysee", "video")),
        ("bilibili://video/170001", ("bilibili", "video")),
        ("snssdk1128://aweme/detail/7123456789012345678", ("douyin", "video")),
    ],
)
def test_addresses_of_apps_are_read(url: str, form: tuple[str, str]) -> None:
    assert (resolve(url).platform, resolve(url).kind) == form


@pytest.mark.parametrize(
    ("url", "platform"),
    [
        ("https://t.me/c/1234567890/55", "telegram"),
        ("https://t.me/+AbCdEfGhIjKlMnOp", "telegram"),
        ("tg://join?invite=AbCdEfGhIjKlMnOp", "telegram"),
        ("https://vimeo.com/392479337/a52724358e", "vimeo"),
        ("https://player.vimeo.com/video/54469442?h=abc", "vimeo"),
        ("https://rutube.ru/video/private/884fb55f07a97ab673c7d654553e0f48/?p=x2QojCumHTS3rsKHWXN8Lg", "rutube"),
    ],
)
def test_a_private_link_is_refused_and_its_key_is_not_kept(url: str, platform: str) -> None:
    found = resolve(url)
    assert (found.platform, found.private, found.canonical) == (platform, True, None)


@pytest.mark.parametrize(
    ("url", "platform"),
    [
        ("https://t.co/abcdef", None),
        ("bit.ly/abcdef", None),
        ("https://b23.tv/x1Y2z3", "bilibili"),
        ("https://vm.tiktok.com/ZTabc/", "tiktok"),
        ("https://www.tiktok.com/t/ZTabc/", "tiktok"),
        ("https://www.reddit.com/r/videos/s/AbCdEf", "reddit"),
        ("https://www.instagram.com/share/reel/BAbCdEf", "instagram"),
    ],
)
def test_a_short_link_says_that_it_needs_one_read(url: str, platform: str | None) -> None:
    found = resolve(url)
    assert (found.platform, found.id, found.needs_network) == (platform, None, True)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/@someone",
        "https://rumble.com/embed/v5pv5f",
        "https://www.youtube.com/clip/UgkxAbCdEfGhIj",
    ],
)
def test_an_id_that_one_read_turns_into_another_says_so(url: str) -> None:
    assert resolve(url).id and resolve(url).needs_network


@pytest.mark.parametrize(
    "url",
    ["https://www.youtube.com/embed/videoseries", "https://www.youtube.com/feed/trending", "https://rumble.com/videos"],
)
def test_a_page_of_a_platform_that_is_no_post_has_no_id(url: str) -> None:
    assert resolve(url).platform and (resolve(url).kind, resolve(url).id) == (None, None)


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


@pytest.mark.parametrize(
    "url",
    [
        "https://x.com/someone",
        "https://bsky.app/profile/someone.example/post/3l6oveex3ii2l",
        "https://t.me/someone/5",
        "https://vk.com/wall-5_6",
        "https://www.tiktok.com/@someone",
        "https://mastodon.example/@someone",
        "https://someone.tumblr.com/",
        "https://www.reddit.com/u/someone/s/abc",
        "https://forum.example.org/members/someone.5/",
    ],
)
def test_a_form_that_names_an_account_says_so(url: str) -> None:
    assert resolve(url).carries_account


WITH_ACCOUNT = [
    "x.com/{}/status/1234567890123456789", "x.com/{}", "twitter.com/#!/{}/statuses/12345678", "www.tiktok.com/@{}/video/7123456789012345678",
    "www.tiktok.com/@{}/live", "www.instagram.com/{}/reel/Chunk8-jurw/", "www.threads.net/@{}/post/CuVNSeqv0tZ", "truthsocial.com/@{}/108779000807761862",
    "www.facebook.com/{}/videos/10155529876156509/", "www.facebook.com/{}/posts/x/10102577175875681", "odysee.com/@{}:b/a-video:e", "odysee.com/@{}:b",
    "www.reddit.com/user/{}/comments/6rrwyj", "www.reddit.com/user/{}", "t.me/{}/5", "t.me/s/{}", "ok.ru/{}/topic/151234567890", "gab.com/{}/posts/107163961867310434",
    "mastodon.social/@{}/103254962155278888", "mastodon.social/@{}", "mastodon.social/users/{}", "bsky.app/profile/{}.example/post/3l6oveex3ii2l",
    "www.youtube.com/@{}", "www.youtube.com/c/{}", "www.youtube.com/{}", "www.twitch.tv/{}/v/6528877", "dzen.ru/{}", "archive.org/details/@{}", "{}.tumblr.com/post/1",
    "{}@youtu.be/dQw4w9WgXcQ", "www.xiaohongshu.com/user/profile/{}", "vimeo.com/{}/review/392479337/a52724358e", "weibo.com/{}", "github.com/{}",
]  # fmt: skip


@given(
    name=st.from_regex(r"zz[a-z0-9]{6,10}", fullmatch=True),
    form=st.sampled_from(WITH_ACCOUNT),
    scheme=st.sampled_from(["https://", "http://", ""]),
)
def test_no_account_is_left_where_none_is_said_to_be(name: str, form: str, scheme: str) -> None:
    found = resolve(scheme + form.format(name))
    assert found.carries_account or name not in f"{found.canonical} {found.id}"


def test_platforms_whose_ids_name_accounts_are_known() -> None:
    assert {"bluesky", "mastodon", "telegram", "vk"} <= {
        name for name in ("bluesky", "mastodon", "telegram", "vk", "youtube", "x") if id_carries_account(name)
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
        (f"看视频https://youtu.be/{VIDEO}太可怕了", [f"https://youtu.be/{VIDEO}"]),
        (f"https://youtu.be/{VIDEO}https://b23.tv/abc 好", [f"https://youtu.be/{VIDEO}", "https://b23.tv/abc"]),
        (f"看youtu.be/{VIDEO}……然后", [f"youtu.be/{VIDEO}"]),
        ("https://zh.wikipedia.org/wiki/中国，在亚洲", ["https://zh.wikipedia.org/wiki/中国"]),
        ("Смотри: https://ru.wikipedia.org/wiki/Россия.", ["https://ru.wikipedia.org/wiki/Россия"]),
        ("شاهد https://t.me/channel/12، ثم", ["https://t.me/channel/12"]),
        (f"[a](https://youtu.be/{VIDEO}) **https://youtu.be/{VIDEO}**🔥", [f"https://youtu.be/{VIDEO}"] * 2),
        (f"&lt;a href=&quot;{WATCH}&amp;t=3&quot;&gt;", [f"{WATCH}&amp;t=3"]),
        (f"https://web.archive.org/web/2020/{WATCH}.", [f"https://web.archive.org/web/2020/{WATCH}"]),
        ("5.43 复制打开抖音 https://v.douyin.com/iRNBho6U/ 01/12 T@y.TL", ["https://v.douyin.com/iRNBho6U/"]),
        ("evil-youtube.com/x youtube.com.evil.example/a", []),
        ("https://x.com/i/status/12345…", []),
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


ANYTHING = st.one_of(
    st.text(max_size=300),
    st.text(alphabet=":/?#@[].%&=ahtps\\wyoutbe0123456789 -\ud800\0中", max_size=80),
    st.lists(st.sampled_from(["https://", "youtu.be/", VIDEO, "www.google.com/url?q=", "web.archive.org/web/2020/", "%2F", "&amp;", "#!/", "@", "\\", "\ud800", "…", ")"])).map("".join),
)  # fmt: skip


@given(ANYTHING)
@example("https://[::1]/x")
@example("https://youtu.be/" + "%" * 50)
@example("at://a/app.bsky.feed.post/b")
@example("https://x.example:²/")
@example("https://" + "ü" * 300 + ".example/")
@example("//" * 4000)
def test_anything_resolves_without_a_crash_and_canonical_forms_stay(text: str) -> None:
    found = resolve(text)
    links_in(text)
    if found.canonical:
        again = resolve(found.canonical)
        assert again.canonical == found.canonical
        again.canonical.encode()  # no half of a pair is left in it
        if found.id is not None:
            assert (again.platform, again.kind, again.id) == (found.platform, found.kind, found.id)


@pytest.mark.parametrize("wrapper", ["https://www.google.com/url?q=", "https://vk.com/away.php?to="])
def test_wrappers_in_wrappers_are_opened_five_times(wrapper: str) -> None:
    def wrapped(times: int) -> str:
        url = WATCH
        for _ in range(times):
            url = wrapper + quote(url, safe="")
        return url

    assert resolve(wrapped(5)).id == VIDEO
    assert resolve(wrapped(6)) == NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "a." * 10**6,
        "https://" * 10**5,
        "https://a.b/" + ")" * 10**6,
        "(" * 10**6 + "a.b/",
        "https://youtu.be/" + "中" * 10**6,
    ],
)
def test_endless_texts_are_read_in_a_moment(text: str) -> None:
    began = time.monotonic()
    assert resolve(text) == NOTHING
    links_in(text)
    assert time.monotonic() - began < 5  # it takes a tenth of a second; what is not linear takes hours


def test_real_addresses_stay_what_they_are() -> None:
    """Facebook has no address without the account by which one could tell a post from a profile."""
    for vector in (*lines(RECORDED / "urls/ytdlp_tests.ndjson"), *lines(RECORDED / "urls/rule_vectors.ndjson")):
        found = resolve(vector["url"])
        again = resolve(found.canonical or "")
        assert again.canonical == found.canonical
        if found.canonical and (found.platform, found.kind) != ("facebook", "post"):
            assert (again.platform, again.kind, again.id) == (found.platform, found.kind, found.id)


def test_canonical_forms_of_real_links_stay(shared: Path) -> None:
    with gzip.open(shared / "data/urls/shared_links_minet.txt.gz", "rt") as file:
        links = file.read().split("\n")
    forms = [form for link in links if (form := resolve(link).canonical)]
    assert len(forms) > 7000
    assert [form for form in forms if resolve(form).canonical != form] == []


def test_video_ids_agree_with_another_extractor(shared: Path) -> None:
    cases = json.loads((shared / "data/urls/newpipe_link_handler_cases.json").read_text("utf-8"))
    of_videos = [case for case in cases if "Stream" in case["test"] or "Comments" in case["test"]]
    assert len(of_videos) > 90
    assert [case for case in of_videos if not _agrees(case)] == []


def _agrees(case: dict) -> bool:
    sides = {case["input"], case["expected"]} if case["check"] in ("getId", "csv") else set()
    if sides:  # one side is the id, in some tables the first
        identity = next(side for side in sides if re.fullmatch(r"[\w-]{11}", side))
        return all(resolve(side).id == identity for side in sides - {identity})
    found = resolve(case["input"])
    refused = "Invalid" in case["check"] or case["expected"] is False
    named = re.match(r"case:getId_(\w+?)_from", case["check"])
    return (
        (found.kind != "video")
        if refused
        else found.kind == "video" and (named is None or named[1] in (found.id or ""))
    )


def test_youtube_x_and_instagram_agree_with_a_library_of_addresses(shared: Path) -> None:
    tables = json.loads((shared / "data/urls/ural_test_pairs.json").read_text("utf-8"))
    posts = {"youtube_test": ("PARSE_TESTS", ("YoutubeVideo", "YoutubeShort")), "twitter_test": ("PARSE_TWEET_URL_TESTS", ("TwitterTweet",)),
             "instagram_test": ("PARSE_TESTS", ("InstagramPost", "InstagramReel"))}  # fmt: skip
    for table, (name, types) in posts.items():
        for url, expected, *_ in tables[table][name]:
            identity = expected["id"] if expected and expected["type"] in types else None
            assert (resolve(url).id if resolve(url).kind in ("video", "post") else None) == identity, url
    for table, platform in (("youtube_test", "youtube"), ("twitter_test", "x"), ("instagram_test", "instagram")):
        for url, expected in tables[table]["IS_TESTS"]:
            assert (resolve(url).platform == platform) == expected or url == "yt.be", url


def test_links_in_texts_agree_with_a_library_of_addresses(shared: Path) -> None:
    tables = json.loads((shared / "data/urls/ural_test_pairs.json").read_text("utf-8"))
    for text, expected in tables["urls_from_text_test"]["TESTS"]:
        assert links_in(text) == expected


def test_sites_of_others_are_taken_for_no_platform(shared: Path) -> None:
    """Of 4,900 addresses of other sites, none gets the form of a platform that may be on any host."""
    with gzip.open(shared / "data/urls/ytdlp_urls_other_sites.ndjson.gz", "rt", encoding="utf-8") as file:
        found = [resolve(json.loads(line)["url"]) for line in file]
    assert len(found) > 4900
    assert {address.platform for address in found} & {"peertube", "mastodon", "lemmy"} == set()


@pytest.mark.parametrize(
    ("url", "post_id"),
    [
        ("https://vk.com/video-1_2", "video-1_2"),
        ("https://vk.com/clip-1_2?c=1", "video-1_2"),
        ("https://vk.com/video_ext.php?oid=-1&id=2", "video-1_2"),
        ("https://vk.com/wall-1_2", "-1_2"),
        ("https://m.vk.com/wall-1_2?reply=7", "-1_7"),
        ("https://vk.com/feed?w=wall-1_2_r7", "-1_7"),
        ("https://vk.com/story-1_2", "story-1_2"),
    ],
)
def test_of_vk_a_post_a_video_a_comment_and_a_story_with_one_number_are_four(url: str, post_id: str) -> None:
    assert resolve(url).post_id == post_id
    assert resolve(resolve(url).canonical or "").post_id == post_id


# From NIP-21 and from texts of others about NIP-18 and NDK; each holds its own checksum.
NOTE = "note1fntxtkcy9pjwucqwa9mddn7v03wwwsu9j330jj350nvhpky2tuaspk6nqc"
NEVENT = "nevent1qqstna2yrezu5wghjvswqqculvvwxsrcvu7uc0f78gan4xqhvz49d9spr3mhxue69uhkummnw3ez6un9d3shjtn4de6x2argwghx6egpr4mhxue69uhkummnw3ez6ur4vgh8wetvd3hhyer9wghxuet5nxnepm"


@pytest.mark.parametrize(
    ("url", "begins"),
    [
        (f"nostr:{NOTE}", "4cd665db"),
        (f"web+nostr:{NOTE}", "4cd665db"),
        (f"https://primal.net/e/{NEVENT}", "b9f5441e"),
        (f"https://njump.me/{NEVENT}?x=1", "b9f5441e"),
        (f"https://snort.social/{NOTE}", "4cd665db"),
        (f"https://nostrudel.ninja/#/n/{NEVENT}", "b9f5441e"),
        ("https://njump.me/" + "0a" * 32, "0a0a"),
    ],
)
def test_a_note_of_nostr_is_known_by_its_events_id(url: str, begins: str) -> None:
    found = resolve(url)
    assert (found.platform, found.carries_account) == ("nostr", False)
    assert found.id and found.id.startswith(begins) and len(found.id) == 64
    assert resolve(found.canonical or "").id == found.id


def test_a_mistyped_note_is_no_event_and_what_its_author_may_replace_needs_one_read() -> None:
    assert len(resolve(f"https://njump.me/{NOTE[:-1]}q").id or "") != 64
    assert resolve("https://njump.me/naddr1" + "q" * 40).needs_network


def test_forms_of_one_page_are_one_page() -> None:
    forms = ("https://news.example/a?id=1", "http://NEWS.example:80/a?id=1&utm_source=x#top")
    assert {resolve(form).page_id for form in forms} == {"https://news.example/a?id=1"}
    assert len(resolve("https://news.example/@someone/a").page_id or "") == 32
