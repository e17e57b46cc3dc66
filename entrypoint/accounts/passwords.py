"""Passwords: Argon2id in a bounded pool of threads, and what a good one is."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from prometheus_client import Gauge
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from entrypoint.settings import EntrypointSettings
from souk.errors import Choice, InvalidInput, Unavailable

PASSWORD_LENGTH_MAX = 128
"""Longer is refused: hashing must have a bound. OWASP ASVS 5.0 V6.2.9 asks for at least 64."""

SCORE_MIN = 2
"""zxcvbn's score (0..4) that a new password needs; 2 withstands 10^6 guesses."""

SCORED_CHARS_MAX = 72
"""zxcvbn's effort grows fast with the length, so it sees only the beginning."""

SHOP = "souk"

HELD_LENGTH_MIN = 4
"""Of an address's local part: shorter ones stand in many words."""

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_BESIDE_WORDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")

COMMON = frozenset(FREQUENCY_LISTS["passwords"])
"""The passwords that are used most, as they were found in breaches (zxcvbn's list)."""

T = TypeVar("T")

queue_gauge = Gauge("souk_argon2_queue", "Passwords being hashed or waiting for it", multiprocess_mode="livesum")


class Passwords:
    """Hashes and checks passwords, a few at a time; raises Unavailable when too many wait."""

    def __init__(self, settings: EntrypointSettings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.password_passes,
            memory_cost=settings.password_memory_kib,
            parallelism=1,
            type=Type.ID,
        )
        self._threads = ThreadPoolExecutor(settings.password_workers, thread_name_prefix="passwords")
        self._under_way = 0
        self._under_way_max = settings.password_workers + settings.password_queue_max
        self._length_min = settings.password_length_min
        self._dummy = ""

    async def hash(self, password: str) -> str:
        """The password's hash, with its parameters and salt in it (PHC string)."""
        return await self._work(lambda: self._hasher.hash(password))

    async def matches(self, password: str, hashed: str | None) -> bool:
        """Whether the password is the one. Without a hash it takes as long and is False: nobody learns who exists."""
        if len(password) > PASSWORD_LENGTH_MAX:
            password = ""
        return await self._work(lambda: self._matches(password, hashed))

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(hashed)

    async def weakness(self, field: str, password: str, email: str, display_name: str) -> InvalidInput | None:
        """Why the password in `field` cannot be used for the account with this address and name, or nothing."""
        if len(password) < self._length_min:
            return InvalidInput(
                field,
                "Use at least {least} characters. A few unrelated words work well.",
                code="password-too-short",
                least=self._length_min,
            )
        if len(password) > PASSWORD_LENGTH_MAX:
            return InvalidInput(
                field, "Use at most {most} characters.", code="password-too-long", most=PASSWORD_LENGTH_MAX
            )
        if holds := _holds(password, email):
            return InvalidInput(
                field,
                "It contains {holds}, which is the first thing others try. A few unrelated words make a good one.",
                code="password-holds",
                holds=Choice(HELD, holds),
            )
        local, _, domain = email.partition("@")
        words = [SHOP, *(word[:SCORED_CHARS_MAX] for word in (local, domain, email, *display_name.split()) if word)]
        found = await self._work(lambda: zxcvbn(password[:SCORED_CHARS_MAX], user_inputs=words))
        if found["score"] >= SCORE_MIN:
            return None
        return InvalidInput(
            field, "This password is easy to guess. A few unrelated words make a good one.", code="password-weak"
        )

    def close(self) -> None:
        """Stop the threads after what is under way."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _matches(self, password: str, hashed: str | None) -> bool:
        if hashed is None:
            self._dummy = self._dummy or self._hasher.hash("nobody has this password")
        try:
            self._hasher.verify(hashed or self._dummy, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
        return hashed is not None

    async def _work(self, call: Callable[[], T]) -> T:
        if self._under_way >= self._under_way_max:
            raise Unavailable(
                "Many people are logging in just now. Nothing was changed; try again in a moment.", code="many-logins"
            )
        self._under_way += 1
        queue_gauge.set(self._under_way)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        finally:
            self._under_way -= 1
            queue_gauge.set(self._under_way)


HELD = {
    "address": "your address",
    "shop": "the shop's name",
    "year": "a year",
    "common": "a common password",
}
"""What everybody would try first."""


def _holds(password: str, email: str) -> str:
    """Which of that stands in the password, or nothing."""
    plain, local = password.casefold(), email.partition("@")[0].casefold()
    if (email and email.casefold() in plain) or (len(local) >= HELD_LENGTH_MIN and local in plain):
        return "address"
    if SHOP in plain:
        return "shop"
    if _YEAR.search(plain):
        return "year"
    return "common" if {plain, _BESIDE_WORDS.sub("", plain)} & COMMON else ""
