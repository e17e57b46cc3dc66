"""A service that is silent is left alone; one that answers, or refuses at once, is not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from litestar import Litestar, get

from souk.errors import Unavailable
from souk.http import Answer, breaker, client
from souk.http.client import ServiceClient
from souk.http.identity import Signer, new_key_pair


class Peer:
    """A service that answers, or is stopped as by SIGSTOP: it takes requests and says nothing."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.asked = 0
        self.left = 0

        @get("/thing")
        async def thing() -> dict[str, str]:
            self.asked += 1
            try:
                await self.goes_on.wait()
            except asyncio.CancelledError:
                self.left += 1
                raise
            return {"is": "here"}

        self.app = Litestar([thing])


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
async def asking(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[], Awaitable[Answer]]]:
    monkeypatch.setattr(breaker, "REST_S", 0.2)
    services = ServiceClient("store", Signer("entrypoint", new_key_pair()[0]), app=peer.app)
    yield lambda: services.send("GET", "/thing", seconds_max=0.1)
    await services.close()


async def test_after_two_silences_nobody_waits_any_more(peer: Peer, asking: Callable[[], Awaitable[Answer]]) -> None:
    peer.goes_on.clear()
    for _ in range(6):
        with pytest.raises(Unavailable, match="The store does not answer just now"):
            await asking()
    assert peer.asked == 2
    assert peer.left == 2, "what was asked goes on although nobody waits for it"


async def test_one_call_finds_out_that_it_is_back_and_the_rest_follow(
    peer: Peer, asking: Callable[[], Awaitable[Answer]]
) -> None:
    peer.goes_on.clear()
    for _ in range(2):
        with pytest.raises(Unavailable):
            await asking()
    await asyncio.sleep(breaker.REST_S)
    still = await asyncio.gather(*(asking() for _ in range(5)), return_exceptions=True)
    assert all(isinstance(outcome, Unavailable) for outcome in still)
    assert peer.asked == 3
    peer.goes_on.set()
    await asyncio.sleep(breaker.REST_S)
    assert (await asking()).status == 200
    assert [(await asking()).status for _ in range(3)] == [200] * 3


async def test_a_refused_connection_is_tried_again_each_time() -> None:
    nobody = ServiceClient("store", Signer("entrypoint", new_key_pair()[0]), url="http://127.0.0.1:9")
    for _ in range(4):
        with pytest.raises(Unavailable) as told:
            await nobody.send("GET", "/thing")
        assert isinstance(told.value.__cause__, httpx.ConnectError)
    await nobody.close()


def test_a_database_gives_up_before_its_caller_does() -> None:
    from souk.database import engine

    assert engine.LOCK_TIMEOUT_MS / 1000 < client.ANSWER_S_MAX
    assert engine.CONNECT_TIMEOUT_S < client.ANSWER_S_MAX
    assert engine.POOL_TIMEOUT_S < client.ANSWER_S_MAX
