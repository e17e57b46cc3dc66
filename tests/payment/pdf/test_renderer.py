"""The processes that draw: replaced when they die, and not asked for more than they can do."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from payment.pdf.renderer import QUEUE_MAX, Renderer
from souk.errors import Unavailable


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    made = Renderer("payment", 1)
    yield made
    await made.close()


async def test_a_drawing_process_that_dies_is_replaced(renderer: Renderer) -> None:
    assert await renderer.draw(bytes.upper, b"first") == b"FIRST"
    [process] = renderer._pool._processes.values()  # type: ignore[union-attr]
    os.kill(process.pid, signal.SIGKILL)
    assert await renderer.draw(bytes.upper, b"second") == b"SECOND"


async def test_the_queue_for_drawing_has_an_end(renderer: Renderer) -> None:
    asked = [renderer.draw(bytes.upper, b"page") for _ in range(QUEUE_MAX + 5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(answer) for answer in answers] == [bytes] * QUEUE_MAX + [Unavailable] * 5
    assert await renderer.draw(bytes.upper, b"later") == b"LATER"


async def test_a_service_that_stops_draws_no_more(renderer: Renderer) -> None:
    await renderer.close()
    with pytest.raises(Unavailable):
        await renderer.draw(bytes.upper, b"page")
