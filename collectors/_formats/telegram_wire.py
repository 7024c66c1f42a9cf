"""The few questions that we ask Telegram by Telethon. Untested against the live service: no account is at hand.

Kept so thin that only what must be here is here: a connection, two requests, and whose fault an error is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from telethon import TelegramClient, errors
from telethon.sessions import StringSession
from telethon.tl.functions.channels import GetMessagesRequest
from telethon.tl.functions.contacts import ResolveUsernameRequest
from telethon.tl.functions.messages import GetHistoryRequest
from telethon.tl.types import InputMessageID

from collectors._formats.fields import Json
from spillover import Broken, CollectError, RateLimited, Refused

_NOBODY = (errors.UsernameNotOccupiedError, errors.UsernameInvalidError, errors.ChannelInvalidError)
_AT_ONCE = {"flood_sleep_threshold": 0, "request_retries": 1, "connection_retries": 1, "receive_updates": False}


def history(secrets: Mapping[str, str], name: str, before: int, now: datetime) -> Json:
    """Return up to 100 messages of a channel before one, newest first (0: from the newest), and the channel."""

    async def ask(client: Any, channel: Any) -> Any:
        window = {"offset_date": None, "add_offset": 0, "limit": 100, "max_id": 0, "min_id": 0, "hash": 0}
        return await client(GetHistoryRequest(peer=channel, offset_id=before, **window))

    return _run(secrets, name, ask, now)


def messages(secrets: Mapping[str, str], name: str, ids: list[int], now: datetime) -> Json:
    """Return the messages of a channel by their numbers, a MessageEmpty for each that is not there any more."""

    async def ask(client: Any, channel: Any) -> Any:
        return await client(GetMessagesRequest(channel=channel, id=[InputMessageID(id=number) for number in ids]))

    return _run(secrets, name, ask, now)


def fault(error: Exception, now: datetime) -> CollectError | str:
    """Return what an error of Telethon stands for; a word where it is about the channel and not about us."""
    if isinstance(error, errors.FloodWaitError):
        return RateLimited("Telegram asks us to wait", retry_at=now + timedelta(seconds=error.seconds))
    if isinstance(error, errors.ChannelPrivateError):
        return "private"
    if isinstance(error, _NOBODY):
        return "nobody"
    if isinstance(error, (errors.UnauthorizedError, errors.AuthKeyError, errors.ForbiddenError)):
        return Refused(f"Telegram refuses the session: {type(error).__name__}")
    return Broken(f"Telegram: {type(error).__name__}")


def _run(secrets: Mapping[str, str], name: str, ask: Callable[[Any, Any], Awaitable[Any]], now: datetime) -> Json:
    try:
        login = StringSession(secrets["TELEGRAM_SESSION"]), int(secrets["TELEGRAM_API_ID"])
    except ValueError:  # its words would show the secret
        raise Refused("TELEGRAM_SESSION is no session of Telethon, or TELEGRAM_API_ID no number") from None
    try:
        return asyncio.run(_asked(*login, secrets["TELEGRAM_API_HASH"], name, ask))
    except (errors.RPCError, errors.AuthKeyNotFound, OSError, TimeoutError) as error:
        told = fault(error, now)
        if isinstance(told, CollectError):
            raise told from error
        return {"refused": told}


async def _asked(session: Any, number: int, key: str, name: str, ask: Callable[[Any, Any], Awaitable[Any]]) -> Json:
    client = TelegramClient(session, number, key, **_AT_ONCE)
    await client.connect()
    try:
        if not await client.is_user_authorized():  # start() would ask the terminal for a phone number
            raise Refused("TELEGRAM_SESSION is not logged in; make a new one")
        found = await client(ResolveUsernameRequest(name))
        if not found.chats:
            return {"refused": "nobody"}
        return {"channel": found.chats[0].to_dict(), "answer": (await ask(client, found.chats[0])).to_dict()}
    finally:
        await client.disconnect()
