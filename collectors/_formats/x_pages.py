"""X API v2, answers that came just now: what one holds, what it cost, and what stands behind an error."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from collectors._formats import x_api_v2
from collectors._formats.fields import Json, Seen, at, dicts
from collectors._formats.paging import Pager
from spillover import (
    Answer,
    Availability,
    Broken,
    BudgetSpent,
    Changed,
    CollectError,
    Counts,
    Measure,
    Page,
    RateLimited,
    Reading,
    Refused,
    Window,
    known_shape,
    read_json,
    read_time,
)

POST, ACCOUNT = 5_000, 10_000  # microdollars
EACH = 3 * POST + ACCOUNT  # a post, what it quotes, what it replies to, and its account
_WHOLE = {"id", "text", "created_at", "public_metrics"}
_KINDS: dict[type[CollectError], set[str]] = {  # the ends of "type", the reasons, and the titles where these say nothing
    BudgetSpent: {"usage-capped", "credits", "credits-depleted", "UsageCapExceeded", "CreditsDepleted"},
    RateLimited: {"rate-limit-exceeded", "Too Many Requests"},
    Refused: {"client-forbidden", "client-not-enrolled", "unsupported-authentication", "user-suspended", "Unauthorized", "Forbidden"},
}  # fmt: skip
_ASK_AGAIN = timedelta(days=1)  # X does not say when a cap ends or who pays next


def told(answer: Answer) -> Json:
    """Return what X answered; raise what an answer stands for that holds errors and nothing else."""
    found = read_json(answer)
    if not isinstance(found, dict) or not {"data", "meta", "errors", "title"} & found.keys():
        raise Changed("X answered with neither posts nor errors")
    about_posts = any("resource_id" in lack for lack in dicts(found.get("errors")))
    if not {"data", "meta"} & found.keys() and not about_posts:
        raise refusal(Broken("X answered 200 with an error", body=answer.body), answer.fetched_at)
    return found


def refusal(error: CollectError, now: datetime) -> CollectError:
    """Return what an error answer stands for; the error itself where X says nothing that we know."""
    try:
        body = msgspec.json.decode(error.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        body = None
    problem = body if at(body, "title") else at(body, "errors", 0)
    title = str(at(problem, "title") or "no reason")
    names = {str(at(problem, "type")).rpartition("/")[2], str(at(problem, "reason")), title}
    if str(error).endswith(" 402"):  # payment required, whatever else it says
        names |= _KINDS[BudgetSpent]
    for kind, known in _KINDS.items():
        if names & known:
            again = now + _ASK_AGAIN if kind is BudgetSpent else error.retry_at
            return kind(f"X answered: {title}"[:200], retry_at=again, body=error.body)
    return error


def price(found: Json) -> int:
    """Return what an answer costs at the list price."""
    posts = dicts(found.get("data")) + dicts(at(found, "includes", "tweets")) + dicts(at(found, "includes", "posts"))
    return POST * len(posts) + ACCOUNT * len(dicts(at(found, "includes", "users")))


def counted(found: Json, subject: str) -> tuple[int, list[Measure]]:
    """Return how many posts there are, and how many there were in each hour."""
    with known_shape("a count"):
        hours = [
            Measure(
                series="posts", subject=subject, value=_either(row, "tweet_count", "post_count"), unit="posts",
                since=read_time(row["start"])[0], until=read_time(row["end"])[0],
            )
            for row in found["data"]
        ]  # fmt: skip
        return int(_either(found["meta"], "total_tweet_count", "total_post_count")), hours


def _either(row: Json, old: str, new: str) -> int:
    """Return a field that X renames from "tweet" to "post"; which of the two it sends today is not confirmed."""
    found: int = row[new] if new in row else row[old]
    return found


def paged(found: Json) -> tuple[int, str | None]:
    """Return how many posts came, and the token of the next page where there is one."""
    with known_shape("a search"):
        return int(found["meta"]["result_count"]), found["meta"].get("next_token")


def posts(found: Json, answer: Answer) -> Page:
    """Return the posts of an answer, those that it includes, and what it says of those that it could not give."""
    data = found.get("data", [])
    if not isinstance(data, list) or (
        data and not any(isinstance(post, dict) and post.keys() >= _WHOLE for post in data)
    ):
        raise Changed(f"X: posts without {', '.join(sorted(_WHOLE))}")
    pager = Pager()
    for number, item in enumerate(x_api_v2.read(found, Seen(answer.fetched_at, answer.fetched_at)), 1):
        pager.add(item, number)
    pager.page.posts = [*{post.id: post for post in reversed(pager.posts)}.values()][::-1]  # once, and rather not aside
    return pager.page


def readings(found: Json, answer: Answer, ids: list[str]) -> Page:
    """Return what an answer says of each post that was asked for."""
    page = posts(found, answer)
    page.readings = [Reading(id=post.id, counts=post.counts or Counts()) for post in page.posts]
    up, spoken = {post.id for post in page.posts}, {check.id for check in page.availability}
    page.availability += [_standing(post_id, is_up=post_id in up) for post_id in ids if post_id not in spoken]
    page.posts, page.window = [], Window(since=answer.fetched_at, until=answer.fetched_at)
    return page


def _standing(post_id: str, *, is_up: bool) -> Availability:
    if is_up:
        return Availability(id=post_id, status="up")
    return Availability(id=post_id, status="unknown", cause="missing", basis="absent")
