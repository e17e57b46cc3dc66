"""Sending, statements, refunds and wallets' states through the pages, with what people may get wrong."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from entrypoint.accounts import accounts
from shop.runtime import Shop
from souk.database.embedded import ServiceUrls
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import logged_in


@pytest.fixture
async def place(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[tuple[World, Shop]]:
    async with embedded_world(urls, tmp_path, recipients_per_user_max=12) as made:
        yield made
        await made[0].audit()


@pytest.fixture
def world(place: tuple[World, Shop]) -> World:
    return place[0]


async def test_money_is_sent_after_a_second_look_and_once(world: World) -> None:
    ana, ben = await world.person("Ana", 5000), await world.person("Ben")
    await world.proves(ben)
    browser = await logged_in(ana, "/wallet/send")
    await browser.press("Go on", {"email": ben.email.upper(), "amount": "12,50", "note": "<b>hi</b>"})
    assert "Ben" in browser.page and "12.50" in browser.page
    assert await ben.wallet() == (0, 0)
    sent = browser.page.form_to("/wallet/transfers")
    for _ in range(2):
        await browser.send(sent)
        assert browser.path == "/wallet"
    assert (await ana.wallet(), await ben.wallet()) == ((3750, 0), (1250, 0))
    assert "<b>hi" in browser.page and "<b>hi" not in browser.source
    await browser.open("/wallet/send")
    assert "Nothing is held, nothing is protected" in browser.page
    await browser.open(f"/wallet/send?to={ben.id}")
    assert "Ben" in browser.page and "email" not in browser.page.form("Go on").names


async def test_money_for_an_address_that_nobody_proved_waits_and_the_sender_is_told_before(world: World) -> None:
    ana, ben = await world.person("Ana", 5000), await world.person("Ben")
    browser = await logged_in(ana, "/wallet")
    shown = []
    for email in ("nobody@example.org", ben.email):
        await browser.open("/wallet/send")
        await browser.press("Go on", {"email": email, "amount": "12,50", "note": "for you"})
        assert "It will wait" in browser.page and "Ben" not in browser.page, (
            "an account that is not proved is not named"
        )
        sent = browser.page.form_to("/wallet/transfers")
        shown.append(sent["to_email"])
        for _ in range(2):
            await browser.send(sent)
            assert browser.path == "/wallet"
    assert shown == ["nobody@example.org", ben.email]
    assert (await ana.wallet(), await ben.wallet()) == ((2500, 0), (0, 0))
    assert "What you sent that waits" in browser.page and ben.email in browser.page
    await world.proves(ben)
    for _ in range(100):
        if await ben.wallet() == (1250, 0):
            break
        await asyncio.sleep(0.2)
    assert (await ana.wallet(), await ben.wallet()) == ((2500, 0), (1250, 0))
    await browser.open("/wallet")
    assert not browser.page.has("#waiting") or ben.email not in browser.page.part("#waiting")
    await browser.open("/proof")
    assert "Waiting" in browser.page


async def test_what_cannot_be_sent_is_said_beside_the_field(world: World) -> None:
    ana, ben = await world.person("Ana", 5000), await world.person("Ben")
    browser = await logged_in(ana, "/wallet")
    for form, error in (
        ({"email": "", "amount": "1", "note": ""}, "email"),
        ({"email": "nobody", "amount": "1"}, "email"),
        ({"email": ana.email, "amount": "1"}, "email"),
        ({"email": ben.email, "amount": ""}, "amount"),
        ({"email": ben.email, "amount": "-1"}, "amount"),
        ({"email": ben.email, "amount": "50.01"}, "amount"),
        ({"email": ben.email, "amount": "1", "note": "x" * 141}, "note"),
    ):
        await browser.open("/wallet/send")
        await browser.press("Go on", form)
        assert browser.status == 422, form
        assert error in browser.page.errors, form
    for form in ({}, {"to": "x", "minor": "1", "key": str(uuid4())}, {"to": ben.id, "minor": "x", "key": str(uuid4())}):
        await browser.forge("/wallet/transfers", form)
        assert browser.path == "/wallet/send", form
    await browser.forge("/wallet/transfers", {"to": ben.id, "minor": "6000", "key": str(uuid4())})
    assert browser.status == 409 and "It lacks" in browser.page
    await browser.forge("/wallet/transfers", {"to": str(uuid4()), "minor": "1", "key": str(uuid4())})
    assert browser.status == 404
    await browser.open(f"/wallet/send?to={uuid4()}")
    assert browser.status == 404
    for _ in range(12):
        await browser.forge("/wallet/send", {"email": "nobody@example.org", "amount": "1"})
    assert browser.status == 429
    assert await ana.wallet() == (5000, 0)


async def test_the_statement_takes_days_and_says_which_are_wrong(world: World) -> None:
    ana = await world.person("Ana", 5000)
    browser = await logged_in(ana, "/wallet")
    await browser.open("/wallet/statement")
    assert browser.status == 200 and "€50.00" in browser.page
    for query in ("from=x", "to=2026-13-01", "from=0001-01-01", "to=9999-12-31", "from=2026-05-02&to=2026-05-01"):
        await browser.open(f"/wallet/statement?{query}")
        assert browser.status == 422, query
    await browser.open("/wallet/statement?from=2020-01-01&to=2020-12-31")
    assert "Nothing moved in this period" in browser.page
    assert "/wallet/statement.csv?from=2020-01-01&to=2020-12-31" in browser.page.leads_to
    answer = await browser.http.get("/wallet/statement.csv", params={"from": "2020-01-01"})
    assert answer.content.count(b"deposit") == 1
    assert (await browser.http.get("/wallet/statement.pdf")).content.startswith(b"%PDF")
    await browser.open("/wallet/statement?cursor=x")
    assert browser.status in (400, 422)


async def test_a_refund_by_its_page(world: World) -> None:
    seller, buyer = await world.person("Sela"), await world.person("Ana", 10_000)
    await buyer.put_in_cart(await seller.sell("Copper pan", 1250, 3), 2)
    order = (await buyer.check_out())["orders"][0]["id"]
    line = (await buyer.ask("GET", f"/orders/{order}"))["lines"][0]["id"]
    browser = await logged_in(seller, f"/orders/{order}")
    assert f"/orders/{order}/refund" in browser.page.leads_to
    for form, error in (
        ({f"quantity-{line}": "3"}, f"quantity-{line}"),
        ({f"quantity-{line}": "-1"}, f"quantity-{line}"),
        ({f"quantity-{line}": "1", f"amount-{line}": "12.51"}, f"amount-{line}"),
        ({f"amount-{line}": "lots"}, f"amount-{line}"),
        ({f"amount-{line}": "1", "reason": "x" * 501}, "reason"),
    ):
        await browser.open(f"/orders/{order}/refund")
        await browser.press("Go on", form)
        assert browser.status == 422, form
        assert error in browser.page.errors, form
    await browser.open(f"/orders/{order}/refund")
    await browser.press("Go on")
    assert browser.status == 422 and "Say how many" in browser.page
    await browser.press("Go on", {f"quantity-{line}": "1", "reason": "dented"})
    assert "€12.50" in browser.page and "what is held" in browser.page
    sent = browser.page.form_to(f"/orders/{order}/refunds")
    for _ in range(2):
        await browser.send(sent)
        assert browser.path == f"/orders/{order}"
    assert "dented" in browser.page and browser.page.text.count("€12.50") >= 2
    await browser.forge(f"/orders/{order}/refunds", {"key": "x"})
    assert browser.path == f"/orders/{order}/refund"
    await browser.forge(
        f"/orders/{order}/refunds", {f"minor-{line}": "1250", f"quantity-{line}": "9", "key": str(uuid4())}
    )
    assert "left to refund" in browser.page
    other = await logged_in(buyer, f"/orders/{order}")
    assert "dented" in other.page and f"/orders/{order}/refund" not in other.page.leads_to
    await other.open(f"/orders/{order}/refund")
    assert other.path == f"/orders/{order}"
    await other.forge(f"/orders/{order}/refunds", sent.values)
    assert other.status == 403
    stranger = await logged_in(await world.person("Eve"), "/wallet")
    await stranger.open(f"/orders/{order}/refund")
    assert stranger.status == 404


async def test_an_admin_freezes_and_the_user_reads_why(place: tuple[World, Shop]) -> None:
    world, shop = place
    user, boss = await world.person("Someone", 1000), await world.person("Boss")
    kernel = shop.kernel("entrypoint")
    browser = await logged_in(user, "/wallet")
    await browser.forge(f"/admin/users/{user.id}/wallet", {"status": "open", "reason": "mine"})
    assert browser.status == 404
    async with kernel.database.transaction() as session:
        found = await accounts.find_by_email(session, boss.email)
        assert found
        await accounts.grant_role(session, found.id, "admin", by="test", now=kernel.clock.now())
    await browser.open("/invoices?role=marketplace")
    assert browser.status == 404
    await browser.open("/invoices")
    assert browser.status == 200 and "/invoices?role=marketplace" not in browser.page.leads_to
    admin = await logged_in(boss, "/invoices?role=marketplace")
    assert admin.status == 200 and "No documents yet" in admin.page and "Of the marketplace" in admin.page
    await admin.open(f"/admin/users/{user.id}")
    for form, error in (
        ({"status": "melted", "reason": "x"}, "wallet_status"),
        ({"status": "frozen", "reason": ""}, "wallet_reason"),
        ({"status": "frozen", "reason": "x" * 201}, "wallet_reason"),
    ):
        await admin.forge(f"/admin/users/{user.id}/wallet", form)
        assert admin.status == 422 and error in admin.page.errors, form
    assert "What keeps it from being closed" not in admin.page
    seller = await world.person("Sela")
    await user.put_in_cart(await seller.sell("Copper pan", 500))
    purchase = await user.check_out()
    await admin.press("Decide", {"status": "closed", "reason": "asked for"})
    assert "What keeps it from being closed" in admin.page and "the order ends" in admin.page
    assert f"/admin/purchases/{purchase['id']}" in admin.page.leads_to
    assert admin.status == 409 and "Only an empty wallet can be closed" in admin.page
    await admin.press("Decide", {"status": "frozen", "reason": "a <stolen> card"})
    assert "a <stolen> card" in admin.page
    browser = await logged_in(user, "/wallet")
    assert "Your wallet is frozen" in browser.page and "a <stolen> card" in browser.page
    assert "/wallet/send" not in browser.page.leads_to
