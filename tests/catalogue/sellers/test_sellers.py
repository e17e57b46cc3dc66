"""What the catalogue knows of sellers, however their news arrives."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from souk.contracts.entrypoint import UserChanged, UserRegistered
from tests.catalogue.harness import Caller, Shop, new_listing

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
