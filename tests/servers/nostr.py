"""Nostr relays on loopback: the one inside nostr-sdk, and a door in front of it, or of a script, that has a NIP-11 document."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import nostr_sdk
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

Json = dict[str, Any]
Answers = Callable[[list[Any]], Iterable[Any]]  # from a question to what the relay says


@dataclass(frozen=True)
class Writer:
    """Somebody with a key of their own."""

    keys: Any = field(default_factory=nostr_sdk.Keys.generate)

    def event(self, text: str, *tags: Sequence[str], kind: int = 1, at: int = 1_795_000_000) -> Json:
        """Return a signed event."""
        builder = nostr_sdk.EventBuilder(nostr_sdk.Kind(kind), text)
        builder = builder.tags([nostr_sdk.Tag.parse(list(tag)) for tag in tags])
        signed = builder.custom_created_at(nostr_sdk.Timestamp.from_secs(at)).finalize(self.keys)
        event: Json = json.loads(signed.as_json())
        return event


@contextmanager
def local_relay(most: int = 500) -> Iterator[str]:
    """Run nostr-sdk's relay, which gives ``most`` events at once; without limits of pace, which are 60 notes a minute."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    pace = nostr_sdk.RateLimit(max_reqs=1_000, notes_per_minute=1_000_000)
    relay = nostr_sdk.LocalRelayBuilder().addr("127.0.0.1").max_filter_limit(most).rate_limit(pace).build()

    async def started() -> str:
        await relay.run()
        return str(await relay.url())

    try:
        yield asyncio.run_coroutine_threadsafe(started(), loop).result(timeout=10)
    finally:
        relay.shutdown()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


def publish(url: str, *events: Json) -> None:
    """Send events to a relay, each of which it must take."""
    with connect(url) as line:
        for event in events:
            line.send(json.dumps(["EVENT", event]))
            told = json.loads(line.recv(timeout=10))
            assert told[:3] == ["OK", event["id"], True], told


def ask(url: str, question: list[Any]) -> Iterator[Any]:
    """Yield what a relay says to a question, to the end of what it holds."""
    with connect(url) as line:
        line.send(json.dumps(question))
        while True:
            yield (told := json.loads(line.recv(timeout=10)))
            if told[0] != "EVENT":
                return


@contextmanager
def door(answers: Answers, document: bytes | None = None) -> Iterator[str]:
    """Run a relay that says what ``answers`` returns, then stays open; ``document`` is what it says about itself."""

    def serve_document(line: ServerConnection, request: Request) -> Response | None:
        if "nostr+json" not in request.headers.get("Accept", ""):
            return None
        status, body = (404, b"") if document is None else (200, document)
        return Response(status, "X", Headers({"Content-Length": str(len(body)), "Connection": "close"}), body)

    def speak(line: ServerConnection) -> None:
        for question in line:
            for told in answers(json.loads(question)):
                line.send(told if isinstance(told, (str, bytes)) else json.dumps(told))

    with serve(speak, "127.0.0.1", 0, process_request=serve_document) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
