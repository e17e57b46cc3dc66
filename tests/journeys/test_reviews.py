"""Reviews through all services: buyers write at once, people are told, moderators decide; the audit is clean."""

import asyncio

import pytest
from sqlalchemy import text

from souk.database import Database
from tests.journeys.conftest import IN_ONE_LOOP, World
from tests.journeys.people import Person
from tests.journeys.test_money import bought, complete, refund, told, when

pytestmark = IN_ONE_LOOP

BUYERS = 6


async def make_moderator(world: World, person: Person) -> None:
    database = Database(world.urls["entrypoint"].app, service="entrypoint", pool_max=1)
    async with database.transaction() as session:
        sql = "INSERT INTO user_role (user_id, role, granted_by, granted_at) VALUES (:id, 'moderator', 'test', now())"
        await session.execute(text(sql), {"id": person.id})
    await database.close()


async def test_buyers_review_and_everybody_reads_it(world: World) -> None:
    seller, judge = await world.person("Sela"), await world.person("Mo")
    await make_moderator(world, judge)
    await judge.log_in()  # a token keeps the roles it was made with
    buyers = [await world.person(f"Buyer {number}", 2_000) for number in range(BUYERS)]
    orders = [await bought(seller, buyer, 1_000) for buyer in buyers]
    for buyer, order in zip(buyers, orders, strict=True):
        await complete(seller, buyer, order["id"])
    # A part goes back while everybody writes: neither waits for the other for long, and both hold.
    line = {"line_id": orders[0]["lines"][0]["id"], "amount": {"amount": 300, "currency": "EUR"}}
    asked = [
        buyer.ask("PUT", f"/orders/{order['id']}/review", json={"stars": 1 + number % 5, "text": f"Number {number}."})
        for number, (buyer, order) in enumerate(zip(buyers, orders, strict=True))
    ]
    reviews = (await asyncio.gather(refund(seller, orders[0]["id"], line), *asked))[1:]
    page = await judge.ask("GET", f"/sellers/{seller.id}/reviews")
    assert page["summary"] == {"reviews": BUYERS, "stars": 16, "counts": [2, 1, 1, 1, 1]}
    assert {item["author_name"] for item in page["items"]} == {buyer.name for buyer in buyers}
    texts = await when(lambda: told(seller), lambda texts: sum("was reviewed" in text for text in texts) == BUYERS)
    assert "“Tea cup” was reviewed: 5 of 5 stars. You can answer it." in texts

    await seller.ask("PUT", f"/reviews/{reviews[0]['id']}/answer", json={"text": "Sorry."})
    await when(lambda: told(buyers[0]), lambda texts: "The seller answered your review of “Tea cup”." in texts)
    await seller.ask("POST", f"/reviews/{reviews[0]['id']}/reports", json={"reason": "untrue"})
    assert (await seller.send("GET", "/moderation/reviews")).status_code == 403
    [case] = (await judge.ask("GET", "/moderation/reviews"))["items"]
    decision = {"action": "remove", "reason": "untrue", "text": "It was another seller."}
    path = f"/moderation/reviews/{case['review']['id']}/decisions"
    await judge.ask("POST", path, json=decision)
    await when(lambda: told(buyers[0]), lambda texts: any("removed your review" in text for text in texts))
    mine = await buyers[0].ask("GET", f"/orders/{orders[0]['id']}")
    assert mine["review"]["removal"]["text"] == "It was another seller."
    page = await seller.ask("GET", f"/sellers/{seller.id}/reviews")
    assert page["summary"] == {"reviews": BUYERS - 1, "stars": 15, "counts": [1, 1, 1, 1, 1]}
    rated = {"reviews": BUYERS - 1, "stars": 15}
    await when(lambda: judge.ask("GET", f"/sellers/{seller.id}"), lambda known: known.items() >= rated.items())
    assert (await buyers[1].send("GET", f"/reviews/{reviews[0]['id']}")).status_code == 404


@pytest.mark.parametrize("path", ["/sellers/{id}/reviews", "/sellers/{id}/reviews?stars=5"])
async def test_visitors_read_reviews_over_the_api(world: World, path: str) -> None:
    seller = await world.person("Sela")
    answer = await world.http.get("/api/v1" + path.format(id=seller.id))
    assert (answer.status_code, answer.json()["summary"]["reviews"]) == (200, 0)
