"""Whom a bearer token speaks for, remembered for seconds: a program that buys shows its token with each request.

Whoever takes somebody's access away says so with `forget`: this instance has forgotten it when the transaction is committed, the
others a moment later, by a notification of the database. An instance that cannot hear notifications remembers nothing.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID
from weakref import WeakSet

from souk.database import Session
from souk.database.listening import Listener
from souk.events import notify
from souk.http.identity import Identity

CHANNEL = "souk_access"

REMEMBERED_S = 5.0
"""What was looked up is looked up again after so long, whatever was heard."""

REMEMBERED_MAX = 10_000
"""Tokens; when there are more, all of them are looked up anew."""


class Speaker(NamedTuple):
    """Whom a token speaks for, and until when."""

    identity: Identity
    expires_at: datetime


class RememberedTokens:
    """Those of one instance, by their hash."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._speakers: dict[bytes, tuple[Speaker, float]] = {}
        self._forgotten = 0
        listener.hear(CHANNEL, lambda user_id: self.forget(UUID(user_id)), missed=self._forget_all)
        _ALL.add(self)

    async def speaker(
        self, key: bytes, now: datetime, look_up: Callable[[], Awaitable[Speaker | None]]
    ) -> Speaker | None:
        """Whom the token with this hash speaks for: as remembered, else as it is looked up. None if it is over."""
        speaker, until = self._speakers.get(key, (None, 0.0))
        if speaker is not None and time.monotonic() < until and speaker.expires_at > now:
            return speaker
        forgotten = self._forgotten
        speaker = await look_up()
        if speaker is not None and forgotten == self._forgotten and self._listener.listening.is_set():
            if len(self._speakers) >= REMEMBERED_MAX:
                self._speakers.clear()
            self._speakers[key] = speaker, time.monotonic() + REMEMBERED_S
        return speaker

    def forget(self, user_id: UUID) -> None:
        """All tokens of this user."""
        self._forgotten += 1  # what is being looked up now may be out of date already
        theirs = [key for key, (speaker, _) in self._speakers.items() if speaker.identity.user_id == user_id]
        for key in theirs:
            del self._speakers[key]

    def _forget_all(self) -> None:
        self._forgotten += 1
        self._speakers.clear()


_ALL: WeakSet[RememberedTokens] = WeakSet()
"""Of this process."""


def forget(session: Session, user_id: UUID) -> None:
    """What this user's tokens may do has changed: nobody goes by what they remember once this is committed."""
    notify(session, CHANNEL, str(user_id))
    session.after_commit(partial(_forget_here, user_id))


def _forget_here(user_id: UUID) -> None:
    for remembered in _ALL:
        remembered.forget(user_id)
