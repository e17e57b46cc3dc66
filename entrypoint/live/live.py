"""Signs to open pages: every instance hears them, and passes them on to its own streams."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec

from souk.clock import Clock
from souk.errors import RuleBroken, Unavailable
from souk.observability.logging import get_logger

CHANNEL = "souk_live"
"""PostgreSQL's notification channel; a payload may have 8000 bytes, a sign has some hundred."""

HEARTBEAT_S = 15.0
"""A comment so often keeps proxies from closing a quiet stream, and finds dead ones."""

STREAM_LIFETIME_S = 900.0
"""Then the browser comes again, and its session is checked anew."""

WAITING_MAX = 50
"""Signs that may wait for a slow reader; its stream ends when there are more."""

RECENT_S = 60.0
RECENT_MAX = 1000


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """Something changed for these users; pages ask for the news themselves."""

    users: list[UUID]
    kind: str
    """The event's middle, e.g. `order.paid`."""
    topics: dict[str, str]
    """Ids of what it is about, e.g. {"purchase": …, "order": …}."""


class TooManyStreams(RuleBroken):
    """A user has as many live streams as one may have."""

    status = 429
    title = "Too many open pages"


class Stream:
    """One browser's stream."""

    def __init__(self, user_id: UUID, topics: dict[str, str]) -> None:
        self.user_id = user_id
        self._topics = topics
        self._waiting: asyncio.Queue[Sign | None] = asyncio.Queue(maxsize=WAITING_MAX + 1)

    def offer(self, sign: Sign) -> None:
        """Take a sign if it is for this stream."""
        if self.user_id not in sign.users or not self._topics.items() <= sign.topics.items():
            return
        if self._waiting.qsize() >= WAITING_MAX:
            self.end()
        else:
            self._waiting.put_nowait(sign)

    def end(self) -> None:
        """Finish after what waits."""
        if not self._waiting.full():
            self._waiting.put_nowait(None)

    async def text(self) -> AsyncIterator[str]:
        """The stream as the browser's EventSource reads it (HTML, section 9.2)."""
        until = time.monotonic() + STREAM_LIFETIME_S
        yield "retry: 2000\n: connected\n\n"
        while time.monotonic() < until:
            try:
                sign = await asyncio.wait_for(self._waiting.get(), HEARTBEAT_S)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            if sign is None:
                return
            data = msgspec.json.encode({"kind": sign.kind} | sign.topics).decode()
            yield f"data: {data}\n\n"


class Live:
    """All streams of this instance."""

    def __init__(self, clock: Clock, *, per_user_max: int, streams_max: int) -> None:
        self._clock = clock
        self._per_user_max = per_user_max
        self._streams_max = streams_max
        self._streams: dict[UUID, set[Stream]] = {}
        self._recent: deque[tuple[float, Sign]] = deque(maxlen=RECENT_MAX)
        self._closed = False

    def admit(self, user_id: UUID) -> None:
        """Refuse a stream that would be one too many; asked before the response begins."""
        if self._closed or self.count >= self._streams_max:
            raise Unavailable(
                "Live updates are not available just now. Reload the page to see what is new.", code="no-live-updates"
            )
        if len(self._streams.get(user_id, ())) >= self._per_user_max:
            raise TooManyStreams("Close some of the shop's pages to see updates here.")

    @asynccontextmanager
    async def stream(self, user_id: UUID, topics: dict[str, str], since: float = 0.0) -> AsyncIterator[Stream]:
        """A new stream for a user, only of signs with these topics; `since` (Unix time) also brings those just missed."""
        stream = Stream(user_id, topics)
        self._streams.setdefault(user_id, set()).add(stream)
        try:
            if since:
                earliest = max(since, self._clock.now().timestamp() - RECENT_S)
                for heard_at, sign in list(self._recent):
                    if heard_at >= earliest:
                        stream.offer(sign)
            if self._closed:
                stream.end()
            yield stream
        finally:
            self._streams[user_id].discard(stream)
            if not self._streams[user_id]:
                del self._streams[user_id]

    def close(self) -> None:
        """End all streams, so that the server can stop at once; no new ones are taken."""
        self._closed = True
        for streams in list(self._streams.values()):
            for stream in list(streams):
                stream.end()

    @property
    def count(self) -> int:
        """Open streams."""
        return sum(map(len, self._streams.values()))

    def heard(self, told: str) -> None:
        """Pass on a sign that some instance gave."""
        try:
            sign = msgspec.json.decode(told, type=Sign)
        except msgspec.DecodeError as wrong:
            get_logger("entrypoint").error("live sign unreadable", error=str(wrong))
            return
        self._recent.append((self._clock.now().timestamp(), sign))
        for user_id in sign.users:
            for stream in list(self._streams.get(user_id, ())):
                stream.offer(sign)
