"""Demo people make offers, and the funded user finds every kind of them."""

from pathlib import Path

from souk.demo.offers import ANSWERS, bargain

from souk.database.embedded import ServiceUrls
from souk.demo.fill import Customer
from souk.demo.people import people
from tests.journeys.conftest import embedded_world
from tests.journeys.people import Person


async def test_offers_of_every_kind(urls: dict[str, ServiceUrls], tmp_path: Path) -> None:
    async with embedded_world(urls, tmp_path) as (world, _):
        me, other = await world.person("Maya"), await world.person("Jonas")
        sellers = [await world.person(f"Seller {number}") for number in range(len(ANSWERS) + 1)]
        for seller in sellers:
            await seller.sell("Walnut stool", 4_199, accepts_offers=True)
            await seller.sell("Firm stool", 4_199)
        known = {seller.id: _customer(seller) for seller in sellers}

        async def customer_of(user_id: str) -> Customer:
            return known[user_id]

        steps: list[tuple[str, int, int]] = []
        await bargain([_customer(me), _customer(other)], customer_of, lambda *step: steps.append(step), pictures=False)
        made = (await me.ask("GET", "/offers", params={"role": "buyer"}))["items"]
        assert sorted((offer["status"], offer["turn"]) for offer in made) == [
            ("accepted", "seller"),
            ("declined", "seller"),
            ("open", "buyer"),
            ("open", "seller"),
        ]
        [got] = (await me.ask("GET", "/offers", params={"role": "seller", "waiting": True}))["items"]
        assert (got["status"], got["price"]["amount"], got["buyer_name"]) == ("open", 3_300, "Jonas")
        assert steps[-1] == ("Offers", len(ANSWERS), len(ANSWERS))
        await world.audit()


def _customer(person: Person) -> Customer:
    token = person.headers["authorization"].removeprefix("Bearer ")
    return Customer(person.http, token, next(iter(people(20, 1))), "EUR")
