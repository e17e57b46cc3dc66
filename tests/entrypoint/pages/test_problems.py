"""What is wrong with an order, through the pages of a running shop, as a browser without scripts would."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from souk.database.embedded import ServiceUrls
from tests.browsing import Browser
from tests.entrypoint.pages.test_moderating import make_moderator
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import Person, logged_in

WORDS = "The shade is cracked on one side."


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made


async def shipped(world: World) -> tuple[Person, Person, str]:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    lamp = await seller.sell("Brass lamp", 4200, 3)
    await buyer.put_in_cart(lamp)
    [order] = (await buyer.check_out())["orders"]
    await seller.ask("POST", f"/orders/{order['id']}/shipment", json={})
    return seller, buyer, f"/orders/{order['id']}"


async def opened(buyer: Person, order: str) -> Browser:
    browser = await logged_in(buyer, order)
    await browser.follow("Something is wrong")
    assert browser.path == f"{order}/problem"
    form = browser.page.form("Something is wrong")
    for sent, field, words in (
        ({"text": WORDS}, "kind", "Choose one."),
        ({"kind": "broken", "text": "Bad"}, "text", "at least 10 characters"),
    ):
        await browser.send(form.fill(sent))
        assert browser.status in (409, 422)
        assert words in browser.page.errors[field]
    for _ in range(2):
        await browser.send(form.fill({"kind": "broken", "text": WORDS}))
        assert browser.status == 200
    assert "The money rests until this is settled." in browser.page
    assert "If Sela says nothing until" in browser.page and "a moderator decides" in browser.page
    return browser


async def test_a_problem_is_opened_countered_and_accepted(world: World) -> None:
    seller, buyer, order = await shipped(world)
    mine = await opened(buyer, order)
    page = await mine.open(order)
    assert "nobody gets any of it before that is settled" in page
    assert "Confirm it arrived" not in page

    theirs = await logged_in(seller, order)
    await theirs.follow("See what is proposed")
    assert WORDS in theirs.page and "If you say nothing until" in theirs.page
    for sent, words in (({"back": "part"}, "Say how much."), ({"back": "part", "amount": "50"}, "from nothing to")):
        await theirs.press("Send the proposal", sent)
        assert theirs.status in (409, 422)
        assert words in theirs.page.errors["amount"]
    await theirs.press("Send the proposal", {"back": "part", "amount": "10,00", "text": "For the glue"})
    assert "Proposed: €10.00 go back to Ana, the rest goes to Sela." in theirs.page

    await mine.open(f"{order}/problem")
    assert "For the glue" in mine.page
    assert "that counts as agreed: €10.00 go back to Ana" in mine.page
    await mine.press("Send the proposal", {"back": "everything", "amount": ""})
    assert "If Sela says nothing until" in mine.page

    await theirs.forge(f"{order}/problem/acceptance", {"version": "2"})
    assert "Something happened to this problem meanwhile." in theirs.page
    await theirs.open(f"{order}/problem")
    await theirs.press("Yes, accept")
    assert "€42.00 went back to Ana" in theirs.page
    await buyer.order_when(order.removeprefix("/orders/"), "refunded")
    assert "See what was wrong" in await mine.open(order)
    await world.audit()


async def test_a_moderator_decides_and_another_one_after_an_appeal(world: World) -> None:
    seller, buyer, order = await shipped(world)
    mine = await opened(buyer, order)
    theirs = await logged_in(seller, f"{order}/problem")
    await theirs.press("Ask for a moderator", {"text": "It was whole when I sent it"})
    assert "If no moderator decides until" in theirs.page

    judges = [await world.person(name) for name in ("Mo", "Noor")]
    for judge in judges:
        await make_moderator(world, judge)
    assert (await mine.open("/moderation/problems")) and mine.status == 404
    desk = await logged_in(judges[0], "/moderation/problems")
    assert "Brass lamp" in desk.page
    await desk.follow("Decide")
    assert "It was whole when I sent it" in desk.page and WORDS in desk.page
    await desk.press("Decide", {"back": "part", "amount": "10"})
    assert (desk.status, desk.page.errors["ground"]) == (422, "Choose a reason.")
    await desk.press("Decide", {"back": "part", "amount": "10", "ground": "damaged", "text": "short"})
    assert "at least 10 characters" in desk.page.errors["text"]
    await desk.press("Decide", {"back": "part", "amount": "10", "ground": "damaged", "text": "Half of it is fine."})
    assert "Nothing waits" in desk.page

    await mine.open(f"{order}/problem")
    assert "Decided: €10.00 go back to Ana." in mine.page and "If nobody appeals until" in mine.page
    await mine.press("Ask for another moderator", {"text": "It cannot be mended"})
    assert "the first decision stands" in mine.page
    await desk.open("/moderation/problems")
    await desk.follow("Decide")
    assert "Another moderator has to decide." in desk.page
    second = await logged_in(judges[1], "/moderation/problems")
    await second.follow("Decide")
    await second.press("Decide", {"back": "everything", "ground": "damaged", "text": "It cannot be used any more."})
    assert "Decided. Both sides are told." in second.page
    await buyer.order_when(order.removeprefix("/orders/"), "refunded")
    await world.audit()


async def test_a_problem_is_taken_back(world: World) -> None:
    _, buyer, order = await shipped(world)
    mine = await opened(buyer, order)
    await mine.press("Take it back")
    assert "Taken back. The order goes on as before." in mine.page
    assert "Confirm it arrived" in await mine.open(order)
    await world.audit()


async def test_strangers_and_orders_without_a_problem(world: World) -> None:
    seller, _, order = await shipped(world)
    stranger = await logged_in(await world.person("Eve"), "/")
    assert (await stranger.open(f"{order}/problem")) and stranger.status == 404
    theirs = await logged_in(seller, f"{order}/problem")
    assert theirs.path == order
    await theirs.forge(f"{order}/problem/acceptance", {"version": "1"})
    assert theirs.path == order
