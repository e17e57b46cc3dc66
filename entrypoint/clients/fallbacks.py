"""Answers that pages can do without."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import msgspec

from souk.errors import RuleBroken, Unavailable
from souk.observability.logging import get_logger

NUMBERS_WAIT_S = 1.0
"""How long a page waits for the numbers of its frame; without them it is shown all the same."""

T = TypeVar("T")


async def or_none(call: Awaitable[T]) -> T | None:
    """The answer, or None if the service is not there just now."""
    try:
        return await call
    except RuleBroken as refusal:
        if isinstance(refusal, Unavailable) or refusal.status >= 500:
            return None
        raise


async def tolerated(name: str, call: Awaitable[T], default: T | None) -> T | None:
    """The answer, or the default if it does not come in time or is refused."""
    try:
        async with asyncio.timeout(NUMBERS_WAIT_S):
            return await call
    except (RuleBroken, TimeoutError, msgspec.MsgspecError) as failure:
        get_logger("entrypoint").warning("frame without a number", number=name, error=repr(failure)[:300])
        return default
