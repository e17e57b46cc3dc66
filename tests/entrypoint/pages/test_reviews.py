"""Reviews through the pages, without scripts: written, answered, read, reported, removed and restored."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from souk.contracts.store.reviews import REVIEW_CHARS_MAX
from souk.database.embedded import ServiceUrls
from souk.errors import Unavailable
from tests.browsing import Browser
from tests.entrypoint.pages.test_moderating import happened, make_moderator
from tests.entrypoint.pages.test_watching import news
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import Person, logged_in
from tests.page import Page


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made
        await made.audit()


async def arrived(seller: Person, buyer: Person, title: str = "Brass lamp") -> str:
    """The id of an order that its buyer has confirmed and that is completed."""
    await buyer.put_in_cart(await seller.sell(title, 1_000))
    order_id = str((await buyer.check_out())["orders"][0]["id"])
    await seller.ask("POST", f"/orders/{order_id}/shipment", json={})
    await buyer.ask("POST", f"/orders/{order_id}/receipt")
    await buyer.order_when(order_id, "completed")
    return order_id


def chosen(browser: Browser) -> list[str]:
    return [str(one.attributes["value"]) for one in browser.page.tree.css("input[name=stars][checked]")]


def numbers(page: Page) -> list[str]:
    """Of the reviews that are shown, in their order."""
    return re.findall(r"Number (\d)\.", page.text)


async def told(person: Person, start: str) -> str:
    """The person's news that begins so, once it is there."""
    for count in range(1, 50):
        found = [text for text in await news(person, count) if text.startswith(start)]
        if found:
            return found[0]
    raise AssertionError(f"{start} was not told")


async def test_a_review_is_written_changed_and_answered(world: World) -> None:
    sam, bea = await world.person("Sam"), await world.person("Bea", 5_000)
    order = await arrived(sam, bea)
    buyer, seller = await logged_in(bea), await logged_in(sam)
    assert "Say how it went" in await buyer.open("/orders")
    assert "Say how it went" not in await seller.open("/sales")
    await buyer.open(f"/orders/{order}")
    assert "Review this seller" in buyer.page and chosen(buyer) == []
    for form, error in (
        ({"text": "Lovely <b>lamp</b>."}, "stars"),
        ({"stars": "0", "text": "Lovely <b>lamp</b>."}, "stars"),
        ({"stars": "6", "text": "Lovely <b>lamp</b>."}, "stars"),
        ({"stars": "many", "text": "Lovely <b>lamp</b>."}, "stars"),
        ({"stars": "4", "text": "Lovely <b>lamp</b>." + "x" * REVIEW_CHARS_MAX}, "text"),
        ({"stars": "4", "text": "Lovely <b>lamp</b>.\x07"}, "text"),
    ):
        await buyer.forge(f"/orders/{order}/review", form)
        assert buyer.status == 422, form
        assert error in buyer.page.errors, form
        assert "Lovely <b>lamp</b>." in buyer.page, "what was typed is still there"
    assert chosen(buyer) == ["4"]
    await buyer.press("Publish the review", {"text": "Lovely <b>lamp</b>.\r\n\r\nA dent."})
    assert buyer.status == 200 and "Your review" in buyer.page and "Change your review" in buyer.page
    assert "Lovely <b>lamp</b>. A dent." in buyer.page
    raw = (await world.http.get(f"/sellers/{sam.id}/reviews")).text
    assert "Lovely <b>lamp" in Page(raw) and "<b>lamp" not in raw
    assert chosen(buyer) == ["4"]
    assert "Say how it went" not in await buyer.open("/orders")

    assert await told(sam, "“Brass lamp” was reviewed: 4 of 5 stars.")
    await seller.open(f"/orders/{order}")
    assert "The buyer's review" in seller.page and "Lovely" in seller.page
    await seller.press("Publish the answer", {"text": "  "})
    assert seller.status == 422 and "Write what you want to say to it." in seller.page
    await seller.press("Publish the answer", {"text": "x" * (REVIEW_CHARS_MAX + 1)})
    assert seller.status == 422 and "text" in seller.page.errors
    await seller.press("Publish the answer", {"text": "Sorry for the dent."})
    assert "Your answer stands below the review." in seller.page and "Change your answer" in seller.page
    assert await told(bea, "The seller answered your review of “Brass lamp”.")

    await buyer.open(f"/orders/{order}")
    assert "Sorry for the dent." in buyer.page
    await buyer.press("Save the change", {"stars": "5", "text": "Lovely."})
    assert await told(sam, "The review of “Brass lamp” was changed: 5 of 5 stars now.")
    await buyer.forge(f"/orders/{order}/answer", {"text": "I answer myself."})
    assert buyer.status == 403
    await seller.open(f"/orders/{order}")
    await seller.forge(f"/orders/{order}/review", {"stars": "5"})
    assert seller.status == 403
    stranger = await logged_in(await world.person("Eve"))
    await stranger.open("/cart")
    for path in (f"/orders/{order}/review", f"/orders/{order}/answer", f"/orders/{uuid4()}/review"):
        await stranger.forge(path, {"stars": "1", "text": "Hm."})
        assert stranger.status == 404, path


async def test_what_has_not_arrived_is_not_reviewed(world: World) -> None:
    sam, bea = await world.person("Sam"), await world.person("Bea", 5_000)
    await bea.put_in_cart(await sam.sell("Brass lamp", 1_000))
    order = (await bea.check_out())["orders"][0]["id"]
    buyer = await logged_in(bea)
    await buyer.open(f"/orders/{order}")
    assert "Review this seller" not in buyer.page
    await buyer.forge(f"/orders/{order}/review", {"stars": "5", "text": "Early."})
    assert buyer.status == 409 and "It has not arrived yet." in buyer.page
    seller = await logged_in(sam)
    await seller.open(f"/orders/{order}")
    await seller.forge(f"/orders/{order}/answer", {"text": "To what?"})
    assert seller.path == f"/orders/{order}" and "There is no review to answer." in seller.page


async def test_everybody_reads_what_buyers_say(world: World) -> None:
    sam = await world.person("Sam")
    visitor = Browser(world.http)
    await visitor.open(f"/sellers/{sam.id}")
    await visitor.until("No reviews yet.")
    assert "No reviews yet" in await visitor.open(f"/sellers/{sam.id}/reviews")
    for number in range(5):
        buyer = await world.person(f"Buyer {number}", 2_000)
        order = await arrived(sam, buyer, f"Lamp {number}")
        body = {"stars": 5 if number % 2 else 2, "text": f"Number {number}."}
        await buyer.ask("PUT", f"/orders/{order}/review", json=body)
    await visitor.open(f"/sellers/{sam.id}")
    await visitor.until("3.2 of 5 stars from 5 reviews")
    assert numbers(visitor.page) == ["4", "3", "2"]
    assert "Read all 5 reviews" in visitor.page
    page = await visitor.follow("Lamp 4")
    assert f"/sellers/{sam.id}/reviews" in page.leads_to
    page = await visitor.open(f"/sellers/{sam.id}/reviews")
    assert numbers(page) == ["4", "3", "2", "1", "0"]
    assert f"/sellers/{sam.id}/reviews?stars=5" in page.leads_to
    page = await visitor.open(f"/sellers/{sam.id}/reviews?stars=5")
    assert numbers(page) == ["3", "1"]
    assert "None with so many stars" in await visitor.open(f"/sellers/{sam.id}/reviews?stars=1")
    for query in ("?cursor=nonsense", "?stars=9", "?stars=x", f"?cursor={uuid4()}&stars=4"):
        await visitor.open(f"/sellers/{sam.id}/reviews{query}")
        assert visitor.status == 200, query
    await visitor.open(f"/sellers/{uuid4()}/reviews")
    assert visitor.status == 404


async def test_pages_of_reviews_follow_each_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrypoint.pages.orders.reviews.PAGE", 2)
    sam = await world.person("Sam")
    for number in range(3):
        buyer = await world.person(f"Buyer {number}", 2_000)
        order = await arrived(sam, buyer)
        await buyer.ask("PUT", f"/orders/{order}/review", json={"stars": 4, "text": f"Number {number}."})
    visitor = Browser(world.http)
    page = await visitor.open(f"/sellers/{sam.id}/reviews?stars=4")
    assert numbers(page) == ["2", "1"]
    page = await visitor.open(str(page.tree.css("a[rel=next]")[0].attributes["href"]))
    assert numbers(page) == ["0"]
    assert page.link("Back to the newest") == f"/sellers/{sam.id}/reviews?stars=4"


async def test_a_case_from_the_report_to_the_restoration(world: World) -> None:
    sam, bea, mo = await world.person("Sam"), await world.person("Bea", 5_000), await world.person("Mo")
    await make_moderator(world, mo)
    order = await arrived(sam, bea)
    await bea.ask("PUT", f"/orders/{order}/review", json={"stars": 1, "text": "A thief <i>"})
    seller, buyer, moderator = [await logged_in(person) for person in (sam, bea, mo)]
    page = await seller.open(f"/sellers/{sam.id}/reviews")
    [report] = [href for href in page.leads_to if href.startswith("/reviews/") and href.endswith("/report")]
    review = report.split("/")[2]
    assert "A thief <i>" in await seller.open(report)
    await seller.press("Send the report", {"text": "I am none."})
    assert seller.status == 422 and "Choose a reason." in seller.page
    await seller.press("Send the report", {"reason": "offensive", "text": "I am none."})
    assert "A moderator looks at it." in seller.page
    await buyer.open(report)
    await buyer.press("Send the report", {"reason": "other"})
    assert buyer.status == 409 and "Change it if something is wrong with it." in buyer.page
    for path in ("/moderation/reviews", f"/moderation/reviews/{review}"):
        await seller.open(path)
        assert seller.status == 404

    assert "/moderation/reviews" in (await moderator.open("/moderation")).leads_to
    assert "1 report" in await moderator.open("/moderation/reviews?cursor=nonsense")
    page = await moderator.open(f"/moderation/reviews/{review}")
    assert "I am none." in page and "A thief <i>" in page
    await moderator.press("Remove it")
    assert moderator.status == 422
    await moderator.forge(f"/moderation/reviews/{review}", {"action": "burn"})
    assert moderator.status == 422 and "tampered with" in moderator.page and "Remove it" in moderator.page
    await moderator.press("Remove it", {"reason": "offensive", "text": "No insults."})
    assert "Nothing waits" in moderator.page
    await moderator.open(f"/moderation/reviews/{review}")
    await moderator.forge(f"/moderation/reviews/{review}", {"action": "leave"})
    assert moderator.status == 409 and "Nothing waits to be decided." in moderator.page

    assert await told(bea, "A moderator removed your review of “Brass lamp”.")
    page = await buyer.open(f"/orders/{order}")
    assert "A moderator removed it: It is offensive" in page and "No insults." in page
    assert "Change your review" not in page
    assert "A thief" not in await seller.open(f"/orders/{order}")
    assert "No reviews yet" in await seller.open(f"/sellers/{sam.id}/reviews")
    await seller.open(report)
    assert seller.status == 404

    await moderator.open(f"/moderation/reviews/{review}")
    await moderator.press("Restore it", {"text": "Read again."})
    page = await moderator.open(f"/moderation/reviews/{review}")
    assert happened(page) == ["Restored", "Removed", "Reported"]
    assert "Mo ·" in page
    assert await told(bea, "Your review of “Brass lamp” is back")
    assert "A thief" in await seller.open(f"/sellers/{sam.id}/reviews")


async def test_an_answer_is_removed_alone(world: World) -> None:
    sam, bea, mo = await world.person("Sam"), await world.person("Bea", 5_000), await world.person("Mo")
    await make_moderator(world, mo)
    order = await arrived(sam, bea)
    review = (await bea.ask("PUT", f"/orders/{order}/review", json={"stars": 2, "text": "It broke."}))["id"]
    await sam.ask("PUT", f"/reviews/{review}/answer", json={"text": "You fool."})
    seller, buyer, moderator = [await logged_in(person) for person in (sam, bea, mo)]
    await buyer.open(f"/orders/{order}")
    await buyer.follow("Report the answer")
    await buyer.press("Send the report", {"reason": "offensive", "text": "The answer."})
    assert "A moderator looks at it." in buyer.page
    await moderator.open(f"/moderation/reviews/{review}")
    await moderator.press("Remove only the answer")
    assert moderator.status == 422
    answer = {"action": "remove-answer", "reason": "offensive", "text": "No insults."}
    await moderator.press("Remove only the answer", answer)
    assert "Nothing waits" in moderator.page
    assert await told(sam, "A moderator removed your answer to the review of “Brass lamp”.")
    page = await seller.open(f"/orders/{order}")
    assert "A moderator removed your answer: It is offensive" in page and "No insults." in page
    assert "Change your answer" not in page
    for path in (f"/orders/{order}", f"/sellers/{sam.id}/reviews"):
        page = await buyer.open(path)
        assert "It broke." in page and "You fool." not in page, path
    page = await moderator.open(f"/moderation/reviews/{review}")
    assert "Its answer is removed: It is offensive" in page
    await moderator.press("Restore the answer")
    assert await told(sam, "Your answer to the review of “Brass lamp” is back")
    assert "You fool." in await buyer.open(f"/sellers/{sam.id}/reviews")


async def test_pages_go_on_while_the_store_does_not_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable("The store does not answer.")

    sam = await world.person("Sam")
    monkeypatch.setattr("entrypoint.clients.store.StoreClient.list_reviews", away)
    visitor = Browser(world.http)
    await visitor.open(f"/sellers/{sam.id}")
    await visitor.until("Reviews are not available just now.")
    assert visitor.status == 200
