"""Problems of orders over all services: the money rests, moves once, and the documents agree; the audit is clean."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from souk.database import Database
from souk.database.embedded import ServiceUrls
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import Person
from tests.journeys.test_reviews import make_moderator

WORDS = "The shade is cracked on one side."


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made


class Story:
    """A shipped order of 42.00 with its problem."""

    def __init__(self, world: World, buyer: Person, seller: Person, order_id: str) -> None:
        self.world, self.buyer, self.seller, self.order_id = world, buyer, seller, order_id

    async def problem(self) -> Any:
        return (await self.buyer.ask("GET", f"/orders/{self.order_id}/problems"))[0]

    async def say(self, who: Person, what: str, back: int | None = None) -> Any:
        problem = await self.problem()
        body: dict[str, Any] = {"version": problem["version"], "text": f"{who.name} says so"}
        if back is not None:
            body["amount"] = who.money(back)
        return await who.ask("POST", f"/problems/{problem['id']}/{what}", json=body)

    async def judge(self, name: str, back: int, ground: str = "damaged") -> Person:
        moderator = await self.world.person(name)
        await make_moderator(self.world, moderator)
        await moderator.log_in()  # tokens have the roles of when they were made
        problem = await self.problem()
        body = {"version": problem["version"], "amount": moderator.money(back), "ground": ground, "text": WORDS}
        await moderator.ask("POST", f"/moderation/problems/{problem['id']}/decisions", json=body)
        return moderator

    async def ends(self, back: int) -> None:
        """So much went back, the rest to the seller less its fee, with one credit note; and all adds up."""
        done = await self.buyer.order_when(self.order_id, "completed" if back < 4_200 else "refunded")
        assert (done["refunded"] or {"amount": 0})["amount"] == back
        fee = done["fee"]["amount"] if done["fee"] else 0
        assert fee == round((4_200 - back) * 0.05)
        documents = await self.buyer.invoices_when(self.order_id, 2 if back else 1)
        assert sorted(each["kind"] for each in documents) == (["credit_note", "invoice"] if back else ["invoice"])
        assert await self.buyer.wallet() == (5_800 + back, 0)
        assert await self.seller.wallet() == (4_200 - back - fee, 0)
        assert (await self.buyer.ask("GET", f"/listings/{done['lines'][0]['listing_id']}"))["available"] == 2
        await self.world.audit()


@pytest.fixture
async def story(world: World) -> Story:
    anna, cleo = await world.person("Anna"), await world.person("Cleo", 10_000)
    lamp = await anna.sell("Brass reading lamp", 4_200, 3)
    await cleo.put_in_cart(lamp)
    [order] = (await cleo.check_out())["orders"]
    await anna.ask("POST", f"/orders/{order['id']}/shipment", json={})
    headers = {"idempotency-key": str(uuid4())}
    body = {"kind": "broken", "text": WORDS}
    await cleo.ask("POST", f"/orders/{order['id']}/problems", json=body, headers=headers)
    return Story(world, cleo, anna, order["id"])


async def test_opened_and_accepted(story: Story) -> None:
    await story.world.audit()
    await story.say(story.seller, "proposals", 1_000)
    assert (await story.buyer.send("POST", f"/orders/{story.order_id}/receipt")).status_code == 409
    assert await story.buyer.wallet() == (5_800, 4_200)
    await story.say(story.buyer, "acceptance")
    await story.ends(1_000)


async def test_countered_and_accepted_in_full(story: Story) -> None:
    await story.say(story.seller, "proposals", 0)
    await story.say(story.buyer, "proposals", 4_200)
    await story.say(story.seller, "acceptance")
    await story.ends(4_200)


async def test_declined_decided_appealed_and_decided(story: Story) -> None:
    await story.say(story.seller, "refusal")
    await story.judge("Mo", 0, "unfounded")
    assert await story.buyer.wallet() == (5_800, 4_200)
    await story.say(story.buyer, "appeal")
    await story.judge("Noor", 2_001, "shared")
    await story.ends(2_001)


async def test_silence_carries_a_decision_out(story: Story) -> None:
    await story.say(story.seller, "refusal")
    await story.judge("Mo", 0, "unfounded")
    await _is_late(story.world)
    await story.ends(0)


async def test_silence_accepts_what_the_other_proposed(story: Story) -> None:
    await story.say(story.buyer, "proposals", 777)
    await _is_late(story.world)
    await story.ends(777)


async def _is_late(world: World) -> None:
    """All problems' time is over."""
    database = Database(world.urls["store"].app, service="store", pool_max=1)
    async with database.transaction() as session:
        await session.execute(text("UPDATE problem SET deadline = now()"))
    await database.close()
