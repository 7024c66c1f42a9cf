"""yt-dlp's readers: counts and status of posts that we hold, on video platforms without an open API.

Off until a campaign names it. It reads the pages and interfaces that a platform's own player reads, one post at a time,
five seconds apart, with no account, under our own name, and asks for no film. Never YouTube (its API is for that), never
X (reading it so is forbidden), never Bilibili, Weibo or Douyin (private interfaces).

Terms: each platform's own; whoever switches this on answers for it. Limits: yt-dlp's readers break when a site changes
(then it says so: update yt-dlp); what a platform shows differs (OK no views, Rutube no likes, Naver views only). A 404 is
absent; 410 and 451 are statements; other words are read by ``read_wording``, and unknown ones stay unknown.

Not confirmed [U]: that the platforms answer our own User-Agent, which vantage each answer is for (the operator's
country), the zone of Rutube's times (taken for UTC), and the words of Rutube and Dailymotion on a removed video. Some sentences
are yt-dlp's English for a platform's code (Niconico), not the platform's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spillover import BudgetSpent, CollectError, Collector, Known, Page, Window


class Ytdlp(Collector):
    """Reads again what others found; finds nothing itself."""

    name = "ytdlp"
    hosts = ("*",)
    rereads = ("rutube", "ok", "dailymotion", "niconico", "navertv", "kakaotv", "vimeo", "bitchute")
    terms = "https://github.com/yt-dlp/yt-dlp#readme"
    limits = "Only posts that others found; what the operator's country may see; readers break when a site changes."
    packages = ("yt_dlp",)
    optional = True
    per_minute = 12.0

    def reread(self, posts: Sequence[Known]) -> Iterator[Page]:
        from collectors._formats.ytdlp import Reader  # half a second, and only where the extra is installed

        reader, failed = Reader(self.client), dict[str, CollectError]()
        for known in posts:
            if known.platform in failed:
                continue
            try:
                post, standing = reader.read(known)
            except BudgetSpent:
                raise
            except CollectError as error:  # what befell one platform is no reason to leave the others unread
                failed[known.platform] = error
                continue
            now = self.client.now()
            page = Page(availability=[standing], window=Window(since=now, until=now), done=known is posts[-1])
            page.posts = [post] if post else []
            yield page
        if failed:
            raise next(iter(failed.values()))
