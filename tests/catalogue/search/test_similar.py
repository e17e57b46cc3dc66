"""What else there is of a kind, and listings shown again."""

import pytest

from catalogue.listings import views
from catalogue.search import similar
from souk.recent import Recent
from tests.catalogue.harness import Caller, new_listing


async def test_similar_ones_share_words_and_are_of_the_kind(seller: Caller, visitor: Caller) -> None:
    lamp = await new_listing(seller, title="Green brass desk lamp")
    near = await new_listing(seller, title="Brass desk lamp, green")
    far = await new_listing(seller, title="Candle")
    await new_listing(seller, title="Green brass desk lamp", category="shoes")
    await new_listing(seller, title="Green brass desk lamp", publish=False)
    found = (await visitor("GET", f"/listings/{lamp['id']}/similar")).json()
    assert [item["id"] for item in found] == [near["id"], far["id"]]


async def test_what_was_found_alike_is_shown_as_it_is_now(
    seller: Caller, visitor: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    lamp, near = await new_listing(seller, title="Green lamp"), await new_listing(seller, title="Green brass lamp")
    gone = await new_listing(seller, title="Green iron lamp")
    address = f"/listings/{lamp['id']}/similar"
    assert {item["id"] for item in (await visitor("GET", address)).json()} == {near["id"], gone["id"]}
    await seller("DELETE", f"/listings/{gone['id']}/publication")
    await seller("PATCH", f"/listings/{near['id']}", json={"price": {"amount": 777, "currency": "EUR"}})
    later = await new_listing(seller, title="Green lamp")
    [shown] = (await visitor("GET", address)).json()
    assert (shown["id"], shown["price"]["amount"]) == (near["id"], 777)
    monkeypatch.setattr(similar, "_KEPT", Recent(1))  # as after KEPT_S seconds
    assert [item["id"] for item in (await visitor("GET", address)).json()] == [later["id"], near["id"]]


async def test_drafts_have_no_similar_ones(seller: Caller, visitor: Caller) -> None:
    draft = await new_listing(seller, publish=False)
    assert (await visitor("GET", f"/listings/{draft['id']}/similar")).status_code == 404


async def test_cards_come_in_the_order_they_are_asked_for(seller: Caller, visitor: Caller) -> None:
    first, second, gone, draft = [await new_listing(seller, publish=n < 3) for n in range(4)]
    await seller("DELETE", f"/listings/{gone['id']}/publication")
    ids = [second["id"], draft["id"], gone["id"], first["id"]]
    found = (await visitor("GET", "/internal/cards", params={"ids": ids})).json()
    assert [item["id"] for item in found] == [second["id"], first["id"]]
    assert (await seller("GET", "/internal/cards", params={"ids": ids})).status_code == 403


async def test_the_sitemap_names_what_is_on_sale(seller: Caller, visitor: Caller) -> None:
    shown = await new_listing(seller)
    await new_listing(seller, publish=False)
    await new_listing(seller, category="home")
    entries = (await visitor("GET", "/internal/sitemap", params={"category": "lighting"})).json()
    assert [entry["id"] for entry in entries] == [shown["id"]]


async def test_every_listing_is_on_one_page_of_its_categorys_sitemap(
    seller: Caller, visitor: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "SITEMAP_LISTINGS", 2)
    shown = [(await new_listing(seller))["id"] for _ in range(5)]
    pages = [
        (await visitor("GET", "/internal/sitemap", params={"category": "lighting", "page": n})).json()
        for n in (1, 2, 3, 4)
    ]
    assert [[entry["id"] for entry in page] for page in pages] == [shown[:2], shown[2:4], shown[4:], []]
    for page in ("0", "10001", "x"):
        params = {"category": "lighting", "page": page}
        assert (await visitor("GET", "/internal/sitemap", params=params)).status_code == 400
