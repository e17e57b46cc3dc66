"""Completing what is typed, and guessing what was meant."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from catalogue.search.query import folded
from catalogue.vocabulary.counting import COUNT_EVERY, COUNT_SOON, CountWords
from souk.clock import ManualClock
from souk.contracts.entrypoint.events import UserRegistered
from tests.catalogue.harness import Caller, Shop, new_listing


async def _count(shop: Shop) -> int:
    """What the sweeper does when it is time."""
    async with shop.database.transaction() as session:
        return await CountWords(shop.kernel.clock)(session)


@pytest.fixture
async def counted(shop: Shop, seller: Caller, clock: ManualClock) -> None:
    assert seller.id is not None
    registered = UserRegistered(user_id=seller.id, display_name="Lambert", country="FR", registered_at=clock.now())
    await shop.handle("sellers", registered)
    for _ in range(2):
        await new_listing(seller, title="Lámpara verde", language="es")
    await new_listing(seller, title="Brass lamp")
    await new_listing(seller, title="Lavender", publish=False)
    clock.advance(COUNT_EVERY)
    assert await _count(shop) > 0


async def _suggested(caller: Caller, typed: str) -> list[tuple[str, str]]:
    answer = await caller("GET", "/suggestions", params={"q": typed})
    assert answer.status_code == 200
    return [(one["kind"], one["text"]) for one in answer.json()]


@pytest.mark.usefixtures("counted")
async def test_what_is_typed_is_completed(visitor: Caller) -> None:
    found = await _suggested(visitor, "LÁM")
    assert found[0] == ("words", "lámpara")
    assert set(found[1:]) == {("words", "lámpara verde"), ("words", "lamp"), ("seller", "Lambert")}
    assert ("category", "Lighting") in await _suggested(visitor, "ligh")
    assert await _suggested(visitor, "lampara v") == [("words", "lámpara verde")]
    assert ("words", "lamp brass") in await _suggested(visitor, "lamp bra")  # not said so far: the last word alone
    assert await _suggested(visitor, "verde bra") == []  # nothing has both
    assert ("words", "lavender") not in await _suggested(visitor, "la")
    assert await _suggested(visitor, "  ") == []
    assert await _suggested(visitor, "%_'") == []


async def test_suggestions_never_lead_to_nothing(
    shop: Shop, seller: Caller, visitor: Caller, clock: ManualClock
) -> None:
    for title in ("Driver's manual", "Small oak shelf", "Small oak stool"):
        made = await new_listing(seller, title=title)
    clock.advance(COUNT_EVERY)
    await _count(shop)
    assert await _suggested(visitor, "driver's s") == []
    assert await _suggested(visitor, "shelf s") == [("words", "shelf small"), ("words", "shelf small oak")]
    after_oak = {text for _, text in await _suggested(visitor, "oak s")}
    assert after_oak == {"oak shelf", "oak small", "oak stool"}
    await seller("DELETE", f"/listings/{made['id']}/publication")  # and nobody has counted since
    assert await _suggested(visitor, "sto") == []
    assert await _suggested(visitor, "oak st") == []


async def test_who_sells_nothing_any_more_is_not_suggested(
    shop: Shop, seller: Caller, visitor: Caller, clock: ManualClock
) -> None:
    assert seller.id is not None
    registered = UserRegistered(user_id=seller.id, display_name="Zuleika", country="FR", registered_at=clock.now())
    await shop.handle("sellers", registered)
    made = await new_listing(seller)
    clock.advance(COUNT_EVERY)
    await _count(shop)
    assert await _suggested(visitor, "zul") == [("seller", "Zuleika")]
    await seller("DELETE", f"/listings/{made['id']}/publication")
    assert await _suggested(visitor, "zul") == []


async def test_too_much_is_refused(visitor: Caller) -> None:
    assert (await visitor("GET", "/suggestions", params={"q": "x" * 201})).status_code == 400


@pytest.mark.usefixtures("counted")
async def test_typing_errors_are_guessed_where_nothing_is_found(visitor: Caller) -> None:
    async def meant(words: str) -> str:
        return str((await visitor("GET", "/listings", params={"q": words})).json()["did_you_mean"])

    assert await meant("lapm") == "lamp"
    assert await meant("barss lamp") == "brass lamp"
    assert await meant("lamparra -blue") == "lámpara -blue"
    assert await meant("lamp") == ""
    assert await meant("xylophone") == ""
    assert await meant("verde brass lapm") == ""  # nothing has all of these


async def test_typing_errors_are_guessed_in_a_small_shop_too(
    shop: Shop, seller: Caller, visitor: Caller, clock: ManualClock
) -> None:
    async def meant(words: str) -> str:
        return str((await visitor("GET", "/listings", params={"q": words})).json()["did_you_mean"])

    await new_listing(seller, title="Children's Bicycle, red")
    assert await meant("bycicle") == "bicycle"  # nobody has counted it yet
    clock.advance(COUNT_SOON)
    assert await _count(shop) > 0
    assert await meant("bycicle") == "bicycle"
    clock.advance(COUNT_SOON)
    assert await _count(shop) == 0, "nothing is new"
    await new_listing(seller, title="iPhone 13 Pro")
    assert await meant("ipone") == "iphone"
    assert await meant("ipone 13") == "iphone 13"
    assert await meant("red bycicle") == "red bicycle"
    clock.advance(COUNT_SOON)
    assert await _count(shop) > 0
    assert await meant("ihpone") == "iphone"


async def test_words_of_what_is_gone_go_too(shop: Shop, seller: Caller, visitor: Caller, clock: ManualClock) -> None:
    listing = await new_listing(seller, title="Zither")
    clock.advance(COUNT_EVERY)
    await _count(shop)
    assert await _count(shop) == 0, "not again at once"
    assert ("words", "zither") in await _suggested(visitor, "zit")
    await seller("DELETE", f"/listings/{listing['id']}/publication")
    clock.advance(COUNT_EVERY + timedelta(seconds=1))
    await _count(shop)
    assert not await shop.rows("SELECT 1 FROM search_word WHERE word = 'zither'")


@pytest.mark.parametrize("text", ["Café", "ŁÓDŹ", "straße", "T-Shirt, rot", "œuvre Æon", "naïve—co_op", "Ǆ ﬁ"])
async def test_folding_is_the_databases(shop: Shop, text: str) -> None:
    async with shop.database.reading() as session:
        assert folded(text) == await session.scalar(select(func.fold_text(text)))
