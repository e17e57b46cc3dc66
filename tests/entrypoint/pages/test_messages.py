"""Messages through the pages of a running shop, as a browser without scripts would."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from entrypoint.clients.store import StoreClient
from entrypoint.pages.messages.links import linked
from souk.database.embedded import ServiceUrls
from souk.errors import Unavailable
from tests.entrypoint.pages.test_moderating import make_moderator
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import logged_in

BUBBLE = ".bubble--own"


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made


async def test_a_question_is_asked_answered_and_seen(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana")
    lamp = await seller.sell("Brass lamp", 4200)
    browser = await logged_in(buyer, "/messages")
    assert "Nobody has written yet" in browser.page
    await browser.open(f"/listings/{lamp}")
    assert f"/listings/{lamp}/question" in browser.page.leads_to
    await browser.open(f"/listings/{lamp}/question")
    assert "Write to Sela" in browser.page
    await browser.press("Send", {"text": "   "})
    assert (browser.status, list(browser.page.errors)) == (422, ["text"])
    form = browser.page.form("Send").fill({"text": "Is it <b>still</b> there? See https://example.org/a."})
    for _ in range(2):
        await browser.send(form)
        assert browser.path.startswith("/messages/")
    assert len(browser.page.all(BUBBLE)) == 1, "one form is one message"
    link = browser.page.tree.css_first('a[href="https://example.org/a"]')
    assert link is not None and link.attributes["rel"] == "nofollow ugc noopener noreferrer"
    thread = browser.path
    await browser.open(f"/listings/{lamp}/question")
    assert browser.path == thread, "they have a thread already"

    browser = await logged_in(seller, "/")
    await browser.until("Messages, 1 unread")
    await browser.open("/messages")
    assert browser.page.has(".inbox__row--unread") and "Is it <b>still</b>" in browser.page
    await browser.open(thread)
    assert "1 unread" not in browser.page, "what is looked at is not unread"
    await browser.press("Send", {"text": "It is."})
    assert browser.path == thread

    browser = await logged_in(buyer, thread)
    await browser.until("It is.")
    assert "Brass lamp" in browser.page and "€42.00" in browser.page
    browser = await logged_in(seller, thread)
    await browser.until("Seen")


async def test_what_was_typed_stays_while_the_store_is_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana")
    lamp = await seller.sell("Brass lamp", 4200)
    browser = await logged_in(buyer, f"/listings/{lamp}/question")

    async def away(*_: Any, **__: Any) -> None:
        raise Unavailable("The store is down.", code="service-silent")

    for name in ("open_thread", "send_message"):
        key = browser.page.form("Send").values["key"]
        with monkeypatch.context() as patch:
            patch.setattr(StoreClient, name, away)
            await browser.press("Send", {"text": "Is it\nstill there?"})
            assert browser.status == 503
            form = browser.page.form("Send")
            assert form.values["text"].splitlines() == ["Is it", "still there?"]
            assert form.values["key"] == key, "the next try is the same message"
        await browser.send(form)
        assert browser.path.startswith("/messages/")
    assert len(browser.page.all(BUBBLE)) == 2


async def test_an_order_goes_on_in_the_same_thread(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    lamp = await seller.sell("Brass lamp", 4200)
    await buyer.put_in_cart(lamp)
    [order] = (await buyer.check_out())["orders"]
    browser = await logged_in(seller, f"/orders/{order['id']}")
    assert "Write to Ana" in browser.page
    await browser.open(f"/orders/{order['id']}/messages")
    await browser.press("Send", {"text": "Is Monday early enough?"})
    thread = browser.path
    assert thread.startswith("/messages/")
    assert "Send it" in browser.page, "what the seller has to do about the order stands on top"
    browser = await logged_in(buyer, f"/orders/{order['id']}/messages")
    assert browser.path == thread
    await browser.open(f"/listings/{lamp}/question")
    assert browser.path == thread


async def test_nobody_else_opens_a_thread(world: World) -> None:
    seller, buyer, stranger = [await world.person(name) for name in ("Sela", "Ana", "Max")]
    lamp = await seller.sell("Brass lamp", 4200)
    browser = await logged_in(buyer, f"/listings/{lamp}/question")
    await browser.press("Send", {"text": "Is it still there?"})
    form, thread = browser.page.form("Send"), browser.path
    browser = await logged_in(stranger, thread)
    assert browser.status == 404
    assert "still there" not in browser.page
    await browser.forge(thread, {"key": form.values["key"], "text": "Hello"})
    assert browser.status == 404


async def test_a_warning_stands_beside_what_leads_away_and_somebody_is_blocked(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana")
    lamp = await seller.sell("Brass lamp", 4200)
    browser = await logged_in(buyer, f"/listings/{lamp}/question")
    words = "I pay you by bank transfer if you call +353 86 123 4567"
    await browser.press("Send", {"text": words})
    thread = browser.path
    assert not browser.page.has(".bubble__warning"), "who wrote it knows what it says"
    key = browser.page.form("Send").values["key"]

    browser = await logged_in(seller, thread)
    assert len(browser.page.all(".bubble__warning")) == 1
    assert "Pay only here" in browser.page and words in browser.page
    await browser.press("Block")
    assert "You blocked Ana." in browser.page
    assert not browser.page.has("[name=text]")

    browser = await logged_in(buyer, thread)
    assert "Sela takes no messages from you now." in browser.page
    await browser.forge(thread, {"key": key, "text": "Hello?"})
    assert (browser.status, "They do not take messages from you." in browser.page) == (409, True)

    browser = await logged_in(seller, thread)
    await browser.press("Unblock")
    assert "You can write to each other again." in browser.page
    assert browser.page.has("[name=text]")


async def test_a_moderator_reads_what_was_reported_and_closes_it(world: World) -> None:
    seller, buyer, judge = [await world.person(name) for name in ("Sela", "Ana", "Mo")]
    await make_moderator(world, judge)
    lamp = await seller.sell("Brass lamp", 4200)
    browser = await logged_in(buyer, f"/listings/{lamp}/question")
    await browser.press("Send", {"text": "Gift cards are fine"})
    thread = browser.path
    case = thread.replace("/messages/", "/moderation/threads/")
    browser = await logged_in(judge, case)
    assert browser.status == 404, "nobody has reported it"

    browser = await logged_in(seller, f"{thread}/report")
    assert "Moderators can read them once you have reported them" in browser.page
    await browser.press("Send the report", {"text": "Odd"})
    assert (browser.status, "Choose a reason." in browser.page) == (422, True)
    await browser.press("Send the report", {"text": "Odd", "reason": "away"})
    assert "A moderator looks at it." in browser.page
    await browser.open("/moderation/threads")
    assert browser.status == 404

    browser = await logged_in(judge, "/moderation/threads")
    assert "Ana and Sela" in browser.page and "1 report" in browser.page
    await browser.open(case)
    assert "Gift cards are fine" in browser.page and "Odd" in browser.page
    await browser.press("Close it")
    assert browser.status == 422
    await browser.forge(case, {"action": "burn"})
    assert browser.status == 422
    await browser.press("Close it", {"reason": "away"})
    assert "Nothing waits" in browser.page

    browser = await logged_in(buyer, thread)
    assert "A moderator closed this thread." in browser.page
    assert not browser.page.has("[name=text]")
    await browser.open("/notifications")
    await browser.until("A moderator closed the thread about “Brass lamp”.")

    browser = await logged_in(judge, case)
    await browser.press("Open it again")
    browser = await logged_in(buyer, thread)
    assert browser.page.has("[name=text]")


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("See https://example.org/a?b=c.", ["https://example.org/a?b=c"]),
        ("(https://example.org/a_(b))", ["https://example.org/a_(b)"]),
        ("HTTP://EXAMPLE.ORG and http://example.com!", ["HTTP://EXAMPLE.ORG", "http://example.com"]),
        ("javascript:alert(1) ftp://example.org www.example.org", []),
        ('"https://example.org">', ["https://example.org"]),
        ("https:// and http://nothing", []),
    ],
)
def test_addresses_are_links(text: str, addresses: list[str]) -> None:
    parts = linked(text)
    assert "".join(part.text for part in parts) == text
    assert [part.href for part in parts if part.href] == addresses
