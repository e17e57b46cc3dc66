"""A service that is stopped (SIGSTOP, a frozen container, a lost network) costs nobody more than a moment."""

import asyncio
from pathlib import Path

import pytest

from souk.database.embedded import ServiceUrls
from tests.journeys.conftest import process_world
from tests.journeys.people import Person

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.rabbitmq
async def test_a_stopped_service_is_503_the_others_answer_and_it_goes_on_where_it_was(
    urls: dict[str, ServiceUrls],
    tmp_path: Path,
    amqp_url: str,
) -> None:
    async with process_world(urls, tmp_path, amqp_url) as (world, processes):
        seller = await Person(world.http, "Anna").register()
        buyer = await Person(world.http, "Cleo").register()
        await buyer.add_money(1_000)
        await buyer.put_in_cart(await seller.sell("Teapot", 700))
        processes.stop_for_a_while("store")
        answers = [await buyer.send("GET", "/cart") for _ in range(6)]
        assert [answer.status_code for answer in answers] == [503] * 6
        assert all("retry-after" in answer.headers for answer in answers)
        # Only the first two waited for an answer; the rest were told at once that there is none.
        waited = [answer.elapsed for answer in answers]
        assert sorted(waited, reverse=True)[:2] == sorted(waited[:2], reverse=True)
        assert await buyer.wallet() == (1_000, 0)
        processes.go_on("store")
        await processes.ready("store")
        async with asyncio.timeout(30):  # for a moment the others go on leaving it alone
            while (await buyer.send("GET", "/cart")).status_code == 503:  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.1)
        assert (await buyer.check_out())["status"] == "paid"
        await world.audit()
