"""The journey with the four services as processes of their own, over RabbitMQ."""

import asyncio
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from souk.database.embedded import ServiceUrls
from tests.journeys.conftest import process_world
from tests.journeys.test_journey import (
    test_from_a_listing_to_a_settled_order as walk_the_journey,
)
from tests.journeys.test_journey import (
    test_the_last_item_goes_to_one_of_fifty as race_for_the_last_item,
)

pytestmark = pytest.mark.rabbitmq


async def test_the_journey_over_four_processes(urls: dict[str, ServiceUrls], tmp_path: Path, amqp_url: str) -> None:
    async with process_world(urls, tmp_path, amqp_url) as (world, _):
        await walk_the_journey(world)
        await race_for_the_last_item(world)
        await world.audit()


async def test_demo_data_over_four_processes(urls: dict[str, ServiceUrls], tmp_path: Path, amqp_url: str) -> None:
    """As the compose size does it: beside the services, through the catalogue's network and the public use cases."""
    async with process_world(urls, tmp_path, amqp_url) as (world, processes):
        command = [sys.executable, "-m", "shop", "demo", "--listings", "60", "--no-pictures"]
        environment = processes.environment("entrypoint") | {"SOUK_DATA_DIR": str(tmp_path / "demo")}
        filling = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=STDOUT)
        told = (await filling.communicate())[0].decode()
        assert filling.returncode == 0, told
        assert "maya@example.org" in told
        assert (await world.http.get("/api/v1/listings")).json()["total"] > 40
        await world.audit()
