"""What the catalogue knows of sellers, however their news arrives."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from catalogue.categories.categories import read_tree
from catalogue.listings.listings import draft
from catalogue.reservations.reservations import place
from souk.contracts.catalogue.events import StockRejected
from souk.contracts.catalogue.listings import NewListing
from souk.contracts.entrypoint.events import UserChanged, UserRegistered, UserRestored, UserSuspended
from souk.contracts.store.events import PurchaseLine, PurchasePlaced, SellerRated
from souk.ids import new_id
from souk.money import Money
from tests.catalogue.harness import Caller, Shop, message, new_listing

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def _registered(user_id: UUID) -> UserRegistered:
    return UserRegistered(user_id=user_id, display_name="Ines", country="PT", registered_at=THEN)


def _changed(user_id: UUID, name: str, days: int | None) -> UserChanged:
    changed_at = None if days is None else THEN + timedelta(days=days)
    return UserChanged(user_id=user_id, display_name=name, country="ES", changed_at=changed_at)


async def test_a_seller_is_shown_with_what_they_sell(shop: Shop, seller: Caller, visitor: Caller) -> None:
    await shop.handle("sellers", _registered(seller.id))
    listing = await new_listing(seller)
    await new_listing(seller, publish=False)
    shown = {"id": str(seller.id), "display_name": "Ines", "country": "PT", "since": "2026-01-01T00:00:00Z"}
    shown |= {"reviews": 0, "stars": 0}
    assert (await visitor("GET", f"/sellers/{seller.id}")).json() == shown | {"listings": 1}
    assert (await visitor("GET", f"/listings/{listing['id']}")).json()["seller"] == shown | {"listings": 1}
    assert (await visitor("GET", "/listings")).json()["items"][0]["seller_name"] == "Ines"


@pytest.mark.parametrize("first", [0, 1, 2])
async def test_the_newest_name_wins_in_any_order(shop: Shop, seller: Caller, visitor: Caller, first: int) -> None:
    news = [_registered(seller.id), _changed(seller.id, "Inês", 1), _changed(seller.id, "Inês M.", 2)]
    for event in (*news[first:], *news[:first], *news):
        await shop.handle("sellers", event)
    told = (await visitor("GET", f"/sellers/{seller.id}")).json()
    assert (told["display_name"], told["country"], told["since"]) == ("Inês M.", "ES", "2026-01-01T00:00:00Z")


async def test_a_change_without_a_time_counts_as_the_newest(shop: Shop, seller: Caller, visitor: Caller) -> None:
    for event in (_changed(seller.id, "Ana", None), _registered(seller.id), _changed(seller.id, "Eva", None)):
        await shop.handle("sellers", event)
    assert (await visitor("GET", f"/sellers/{seller.id}")).json()["display_name"] == "Eva"


async def test_a_seller_may_list_before_the_news_of_them_arrives(seller: Caller, visitor: Caller) -> None:
    listing = await new_listing(seller)
    assert listing["seller"]["id"] == str(seller.id)
    assert (await visitor("GET", "/listings")).json()["total"] == 1


async def test_the_newest_rating_wins_in_any_order_and_once(shop: Shop, seller: Caller, visitor: Caller) -> None:
    await new_listing(seller)
    versions = [(1, 1, 5), (2, 2, 9), (3, 1, 4)]  # version, reviews, stars: the last removes a review
    for times, order in enumerate(permutations(versions)):
        news = [
            message(
                SellerRated(seller_id=seller.id, reviews=reviews, stars=stars),
                sequence=10 * times + version,
            )
            for version, reviews, stars in order
        ]
        for delivered in (news, news):  # the second time as after a lost acknowledgement
            assert await shop.deliver("sellers", delivered, together=False) == ["done"] * 3
        told = (await visitor("GET", f"/sellers/{seller.id}")).json()
        assert (told["reviews"], told["stars"]) == (1, 4), order
    [card] = (await visitor("GET", "/listings")).json()["items"]
    assert (card["seller_reviews"], card["seller_stars"]) == (1, 4)
    assert await shop.rows("SELECT rating, rated_version FROM seller") == [(8, 53)]


async def test_ratings_that_arrive_at_once_leave_the_newest(shop: Shop, seller: Caller) -> None:
    for _ in range(5):
        await new_listing(seller)
    await asyncio.gather(*(shop.rate(seller, 10, 30 + 2 * version, version=version) for version in range(1, 11)))
    assert await shop.rows("SELECT reviews, stars, rated_version FROM seller") == [(10, 50, 10)]
    assert await shop.rows("SELECT DISTINCT seller_rating FROM listing") == [(9,)]


async def test_the_same_version_with_other_words_changes_nothing(shop: Shop, seller: Caller) -> None:
    await shop.rate(seller, 2, 10, version=4)
    await shop.rate(seller, 3, 3, version=4)
    await shop.rate(seller, 1, 1, version=3)
    assert await shop.rows("SELECT reviews, stars FROM seller") == [(2, 10)]


async def test_a_seller_may_be_rated_before_anything_else_is_heard_of_them(
    shop: Shop, seller: Caller, visitor: Caller
) -> None:
    await shop.rate(seller, 3, 14, version=1)
    await shop.handle("sellers", _registered(seller.id))
    told = (await visitor("GET", f"/sellers/{seller.id}")).json()
    assert (told["display_name"], told["country"], told["reviews"], told["stars"]) == ("Ines", "PT", 3, 14)
    await shop.handle("sellers", _changed(seller.id, "Eva", 1), _registered(seller.id))
    told = (await visitor("GET", f"/sellers/{seller.id}")).json()
    assert (told["display_name"], told["reviews"], told["stars"]) == ("Eva", 3, 14)


@pytest.mark.parametrize("known", [True, False])
async def test_news_of_a_seller_who_is_listing_something_reach_that_too(
    shop: Shop, seller: Caller, known: bool
) -> None:
    if known:
        await shop.handle("sellers", _registered(seller.id))
    async with shop.database.reading() as session:
        tree = await read_tree(session)
    new = NewListing(
        title="Lamp", description="It shines.", price=Money(100, "EUR"), category="lighting", condition="good"
    )
    async with shop.database.transaction() as session:
        await draft(session, seller.id, new, tree=tree, currency="EUR", now=THEN)
        news = [
            asyncio.create_task(shop.rate(seller, 1, 5, version=1)),
            asyncio.create_task(shop.handle("sellers", _registered(seller.id), _changed(seller.id, "Eva", 1))),
        ]
        done, _ = await asyncio.wait(news, timeout=0.3)
        assert not done, "they wait for the listing"
    await asyncio.gather(*news)
    assert await shop.rows("SELECT seller_name, seller_country, seller_rating FROM listing") == [("Eva", "ES", 9)]


BANDS = [
    # reviews, stars, the band in half stars
    (0, 0, 0),
    (1, 2, 0),
    (3, 8, 0),
    (1, 3, 6),
    (10, 39, 6),
    (10, 40, 8),
    (100, 449, 8),
    (100, 450, 9),
    (1, 5, 9),
    (3_000_000_000, 13_500_000_000, 9),
    (2, 2, 0),
]


async def test_a_rating_reaches_listings_only_if_filters_could_tell(
    shop: Shop, seller: Caller, other: Caller, visitor: Caller
) -> None:
    await new_listing(seller)
    await new_listing(other)
    before = 0
    for version, (reviews, stars, band) in enumerate(BANDS, start=1):
        [(was,)] = await shop.rows("SELECT xmin::text FROM listing WHERE seller_id = :id", id=seller.id)
        await shop.rate(seller, reviews, stars, version=version)
        mine = "SELECT seller_rating, xmin::text FROM listing WHERE seller_id = :id"
        [(told, now)] = await shop.rows(mine, id=seller.id)
        assert told == band, (reviews, stars)
        assert (was != now) == (band != before), (reviews, stars)
        before = band
    assert await shop.rows("SELECT seller_rating FROM listing WHERE seller_id = :id", id=other.id) == [(0,)]


async def test_what_a_rated_seller_lists_later_carries_their_rating(shop: Shop, seller: Caller) -> None:
    await shop.rate(seller, 2, 9, version=1)
    made = await new_listing(seller)
    await seller("POST", f"/listings/{made['id']}/copies", json={})
    assert await shop.rows("SELECT seller_rating FROM listing") == [(9,), (9,)]


async def test_a_suspended_sellers_listings_are_nowhere_and_come_back(
    shop: Shop, seller: Caller, other: Caller, visitor: Caller
) -> None:
    lamp = await new_listing(seller)
    await new_listing(other)
    suspended = message(UserSuspended(user_id=seller.id, suspended_at=THEN), sequence=2)
    await shop.deliver("sellers", [suspended], together=False)
    assert (await visitor("GET", "/listings")).json()["total"] == 1
    assert (await visitor("GET", "/listings", params={"seller": str(seller.id)})).json()["total"] == 0
    assert (await visitor("GET", f"/sellers/{seller.id}")).json()["listings"] == 0
    assert (await visitor("GET", f"/listings/{lamp['id']}")).json()["status"] == "withdrawn"
    made = await new_listing(seller)
    assert made["status"] == "withdrawn", "what is listed meanwhile is not on sale either"
    purchase = placed(lamp["id"], seller.id, other.id, lamp["price"]["amount"])
    async with shop.database.transaction() as session:
        [answer] = await place(session, [purchase], now=THEN)
    assert isinstance(answer, StockRejected) and [line.reason for line in answer.lines] == ["gone"]
    restored = message(UserRestored(user_id=seller.id, restored_at=THEN), sequence=3)
    await shop.deliver("sellers", [restored], together=False)
    assert (await visitor("GET", "/listings")).json()["total"] == 3
    assert (await visitor("GET", f"/listings/{lamp['id']}")).json()["status"] == "published"
    await shop.audit()


def placed(listing_id: str, seller_id: UUID, buyer_id: UUID, price: int) -> PurchasePlaced:
    line = PurchaseLine(
        order_id=new_id(),
        listing_id=UUID(listing_id),
        seller_id=seller_id,
        quantity=1,
        unit_price=Money(price, "EUR"),
    )
    return PurchasePlaced(purchase_id=new_id(), buyer_id=buyer_id, lines=[line], expires_at=THEN)


async def test_the_latest_standing_wins_in_any_order_and_once(shop: Shop, seller: Caller, visitor: Caller) -> None:
    await new_listing(seller)
    for times, order in enumerate(permutations(range(1, 4))):
        standing = {
            1: UserSuspended(user_id=seller.id, suspended_at=THEN),
            2: UserRestored(user_id=seller.id, restored_at=THEN),
            3: UserSuspended(user_id=seller.id, suspended_at=THEN),
        }
        news = [message(standing[version], sequence=10 * times + version) for version in order]
        for delivered in (news, news):  # the second time as after a lost acknowledgement
            assert await shop.deliver("sellers", delivered, together=False) == ["done"] * 3
        assert (await visitor("GET", "/listings")).json()["total"] == 0, order
        back = message(UserRestored(user_id=seller.id, restored_at=THEN), sequence=10 * times + 4)
        await shop.deliver("sellers", [back], together=False)
        assert (await visitor("GET", "/listings")).json()["total"] == 1, order


async def test_a_seller_may_be_suspended_before_anything_else_is_heard_of_them(
    shop: Shop, seller: Caller, visitor: Caller
) -> None:
    suspended = message(UserSuspended(user_id=seller.id, suspended_at=THEN), sequence=2)
    await shop.deliver("sellers", [suspended], together=False)
    await shop.handle("sellers", _registered(seller.id))
    await new_listing(seller)
    assert (await visitor("GET", "/listings")).json()["total"] == 0
    assert (await visitor("GET", f"/sellers/{seller.id}")).json()["display_name"] == "Ines"
