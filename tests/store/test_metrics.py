"""What the store counts for operators, once for each thing that happened."""

from datetime import timedelta

from prometheus_client import REGISTRY

from tests.store.harness import Store
from tests.store.test_agreed_prices import agreed
from tests.store.test_offers import for_offers
from tests.store.test_reviews import arrived, write

OUTCOMES = ("made", "accepted", "declined", "withdrawn", "expired", "bought")


def offers() -> dict[str, float]:
    """So many so far, by outcome: the tests of one process count together."""
    return {one: REGISTRY.get_sample_value("souk_offers_total", {"outcome": one}) or 0 for one in OUTCOMES}


async def test_offers_are_counted_by_what_became_of_them(store: Store) -> None:
    before = offers()
    buyer, seller = store.user(), store.user()
    lamp = for_offers(store, 4200)
    await agreed(store, buyer, lamp)
    await buyer.put(lamp, 1)
    placed = await buyer.place()
    await store.reserve(placed["id"])
    for _ in range(2):
        await store.capture(placed["id"], 3500)
    for action, who in (("refusal", seller), ("withdrawal", buyer)):
        offer = await buyer.offer(for_offers(store, seller=seller), 3000)
        for _ in range(2):
            assert (await who.answer(offer, action)).status_code == 200
    await buyer.offer(for_offers(store, seller=seller), 3000)
    store.clock.advance(timedelta(hours=49))
    for _ in range(2):
        await store.sweep("offers")
    counted = {outcome: number - before[outcome] for outcome, number in offers().items()}
    assert counted == {"made": 4, "accepted": 1, "declined": 1, "withdrawn": 1, "expired": 1, "bought": 1}


async def test_reviews_are_counted_by_their_first_stars(store: Store) -> None:
    def counted() -> list[float]:
        return [REGISTRY.get_sample_value("souk_reviews_total", {"stars": str(stars)}) or 0 for stars in range(1, 6)]

    before, buyer, seller = counted(), store.user(), store.user()
    order_id = await arrived(store, buyer, seller)
    for stars in (4, 4, 2):
        assert (await write(buyer, order_id, stars=stars)).status_code < 300
    assert [now - then for now, then in zip(counted(), before, strict=True)] == [0, 0, 0, 1, 0]
