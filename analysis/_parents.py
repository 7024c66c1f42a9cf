"""Which platforms name the post that was really before the eyes of who shared it, and which only the first of a chain.

Where only the first is named, every share seems to hang on it: depth is 1 and structural virality goes to 2, whatever
happened. So shape is told of trees alone whose every edge is direct.
"""

from __future__ import annotations

# platform: {relation: why it is direct}. What does not stand here is not taken for direct.
DIRECT: dict[str, dict[str, str]] = {
    "bluesky": {"quote": "the record embeds the post it quotes", "reply": "the record names root and parent apart"},
    "hackernews": {"reply": "every comment names the item above it"},
    "mastodon": {"quote": "the status names what it quotes", "reply": "the status names what it answers"},
    "nostr": {"quote": "a q tag (NIP-18)", "reply": "the e tag marked reply (NIP-10)"},
    "telegram": {"reply": "the message names what it answers"},
    "threads": {"quote": "the post names what it quotes"},
    "tiktok": {"quote": "a duet names the video beside which it plays"},
    "vk": {"repost": "copy_history gives the whole chain, the nearest first"},
    "x": {"quote": "the post names what it quotes", "reply": "the post names what it answers"},
}
ORIGIN: dict[str, str] = {
    "mastodon": "a boost of a boost points to the first post",
    "nostr": "clients repost the note itself, not its repost",
    "reddit": "a crosspost points to the first submission, as far as we know",
    "telegram": "a forward names the first channel, not the one it was taken from",
    "threads": "a repost carries the first post",
    "vk": "a comment names the post of the wall, not the comment above it",
    "weibo": "a repost carries the first post alone, however long the chain",
    "x": "a repost of a repost points to the first post",
}
