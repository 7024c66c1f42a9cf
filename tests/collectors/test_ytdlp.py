"""yt-dlp's readers over our client: counts, and every way in which a video is not to be seen."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.ytdlp import Ytdlp
from spillover.contract import Availability, Known, Page, Post
from spillover.errors import Broken, BudgetSpent, Changed, CollectError, RateLimited, Refused
from spillover.testing import Replay, check_reread
from tests.collectors.casing import RECORDED as ALL
from tests.collectors.casing import Case

RECORDED = ALL / "ytdlp"
RUTUBE = Known(id="0123456789abcdef0123456789abcdef", platform="rutube")
DAILYMOTION = Known(id="x000001", platform="dailymotion")
NICONICO = Known(id="sm1000001", platform="niconico")
OK = Known(id="2000000001", platform="ok")


def exchanges(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (RECORDED / name).read_text("utf-8").splitlines()]


CASES = [
    Case(Ytdlp, lambda collector: collector.reread([RUTUBE]), exchanges("made_up_rutube.ndjson")),
    Case(Ytdlp, lambda collector: collector.reread([NICONICO]), exchanges("made_up_niconico.ndjson")),
    Case(Ytdlp, lambda collector: collector.reread([OK]), [RECORDED / "made_up_ok.html"]),
]


def read(known: Known, *answers: str | bytes) -> tuple[Page, Replay]:
    client = Replay(*(RECORDED / answer if isinstance(answer, str) else answer for answer in answers))
    (page,) = check_reread(Ytdlp(client), [known])
    return page, client


def post_of(known: Known, name: str) -> Post:
    page, _ = read(known, name)
    assert [(check.id, check.platform, check.status) for check in page.availability] == [
        (known.id, known.platform, "up")
    ]
    assert page.window is not None
    return page.posts[0]


def standing(known: Known, *answers: str | bytes) -> Availability:
    page, _ = read(known, *answers)
    assert page.posts == []
    return page.availability[0]


def exchange(status: int, body: str = "", **headers: str) -> bytes:
    return json.dumps({"status": status, "headers": headers, "body": body}).encode()


def test_rutube_shows_views_and_comments_and_no_likes() -> None:
    post = post_of(RUTUBE, "made_up_rutube.ndjson")
    assert (post.id, post.platform, post.title) == (RUTUBE.id, "rutube", "Придуманное видео")
    assert post.url == f"https://rutube.ru/video/{RUTUBE.id}/"
    assert post.counts is not None
    assert (post.counts.views, post.counts.likes, post.counts.comments) == (12345, None, 7)
    assert (post.duration_s, post.hashtags, post.links) == (81.0, ("тест",), ("https://outlet.example/1",))
    assert post.published_at == datetime(2026, 11, 1, 10, 0, tzinfo=UTC)
    assert post.author is not None
    assert (post.author.id, post.author.names) == ("1234567", ("Made Up",))


def test_dailymotion_shows_views_and_likes() -> None:
    post = post_of(DAILYMOTION, "made_up_dailymotion.ndjson")
    assert post.counts is not None
    assert (post.counts.views, post.counts.likes, post.counts.comments) == (900, 5, None)


def test_niconico_shows_all_three_counts() -> None:
    post = post_of(NICONICO, "made_up_niconico.ndjson")
    assert post.counts is not None
    assert (post.counts.views, post.counts.likes, post.counts.comments) == (1000, 40, 20)
    assert post.published_at == datetime(2026, 11, 1, 0, 0, tzinfo=UTC)


def test_ok_shows_likes_only() -> None:
    post = post_of(OK, "made_up_ok.html")
    assert post.counts is not None
    assert (post.title, post.counts.likes, post.counts.views) == ("Придуманный клип", 15, None)


def test_no_film_is_asked_for_and_no_browser_is_pretended() -> None:
    _, client = read(RUTUBE, "made_up_rutube.ndjson")
    assert [url.partition("?")[0] for url, _ in client.asked] == [
        f"https://rutube.ru/api/video/{RUTUBE.id}/",
        f"https://rutube.ru/api/play/options/{RUTUBE.id}/",
    ]


def test_a_token_of_one_run_is_not_used_by_the_next() -> None:
    for _ in range(2):
        page, client = read(DAILYMOTION, "made_up_dailymotion.ndjson")
        assert client.asked[0][0].endswith("/oauth/token")
        assert page.posts


@pytest.mark.parametrize(
    ("known", "answer", "expected"),
    [
        (DAILYMOTION, "made_up_dailymotion_geo.ndjson", ("withheld", "geo", "stated", "Content geo-restricted by its owner")),
        (DAILYMOTION, "made_up_dailymotion_deleted.ndjson", ("gone", None, "stated", "Content deleted")),
        (NICONICO, "made_up_niconico_removed.ndjson", ("gone", "legal", "stated", "Removed by rights-holder request")),
        (NICONICO, "made_up_niconico_premium.ndjson", ("unknown", "age_or_login", "stated", "Premium members only")),
        (OK, "made_up_ok_removed.html", ("gone", "author", "stated", "Видео удалено автором")),
        (RUTUBE, "made_up_rutube_missing.ndjson", ("unknown", "missing", "absent", None)),
        (RUTUBE, exchange(410), ("gone", None, "stated", "HTTP 410")),
        (RUTUBE, exchange(451), ("withheld", "legal", "stated", "HTTP 451")),
    ],
)  # fmt: skip
def test_why_a_video_cannot_be_seen_is_told(
    known: Known, answer: str | bytes, expected: tuple[str | None, ...]
) -> None:
    check = standing(known, answer)
    assert (check.status, check.cause, check.basis, check.said) == expected


def test_a_block_by_country_says_where_it_may_be_seen() -> None:
    assert standing(DAILYMOTION, "made_up_dailymotion_geo.ndjson").allowed_in == ("FR", "BE")
    assert standing(NICONICO, "made_up_niconico_japan_only.ndjson").allowed_in == ("JP",)


def test_unknown_words_stay_unknown_and_are_not_kept() -> None:
    check = standing(DAILYMOTION, "made_up_dailymotion_unknown.ndjson")
    assert (check.status, check.cause, check.basis) == ("unknown", "error", "inferred")
    assert check.said is not None
    assert check.said.startswith("words ")
    assert "Jane" not in check.said


@pytest.mark.parametrize("known", [RUTUBE, NICONICO, DAILYMOTION, OK])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"{}", Changed),
        (b"[]", Changed),
        (b"<html><body>Hello</body></html>", Changed),
        (b"<html><title>Just a moment...</title></html>", Refused),
        (exchange(403, "no"), Refused),
        (exchange(429, "", **{"retry-after": "60"}), RateLimited),
        (exchange(503), Broken),
        (b"", CollectError),
    ],
)
def test_what_is_no_answer_says_nothing_of_the_video(known: Known, answer: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        list(Ytdlp(Replay(answer)).reread([known]))


def test_a_wall_with_a_good_status_is_a_refusal() -> None:
    with pytest.raises(Refused):
        list(Ytdlp(Replay("<html>Пожалуйста, подтвердите, что запросы отправляли вы</html>".encode())).reread([OK]))


def test_one_platforms_trouble_leaves_the_others_to_be_read() -> None:
    client = Replay(exchange(429), RECORDED / "made_up_ok.html")
    pages = Ytdlp(client).reread([RUTUBE, Known(id="f" * 32, platform="rutube"), OK])
    assert next(pages).availability[0].id == OK.id
    with pytest.raises(RateLimited):
        next(pages)
    assert len(client.asked) == 2  # the second post of Rutube was not asked for


def test_our_own_limit_ends_the_run_at_once() -> None:
    class Spent(Replay):
        def get(self, *args: object, **more: object) -> object:  # type: ignore[override]
            raise BudgetSpent("not asked: our own pace")

    with pytest.raises(BudgetSpent):
        list(Ytdlp(Spent()).reread([RUTUBE, OK]))


def test_an_id_that_no_address_has_is_not_asked_for() -> None:
    page, client = read(Known(id="../../etc", platform="rutube"))
    assert (client.asked, page.availability[0].status) == ([], "unknown")


def test_it_is_off_unless_named_and_never_reads_what_it_must_not() -> None:
    assert Ytdlp.optional
    assert Ytdlp.modes() == ("reread",)
    assert not {"youtube", "x", "bilibili", "weibo", "douyin", "instagram", "facebook"} & set(Ytdlp.rereads)
    from collectors._formats.ytdlp import READERS

    assert tuple(READERS) == Ytdlp.rereads


def test_the_collector_can_be_listed_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Ytdlp.packages == ("yt_dlp",)
    source = Path(sys.modules[Ytdlp.__module__].__file__ or "").read_text("utf-8")
    assert "import yt_dlp" not in source
    assert "from yt_dlp" not in source
