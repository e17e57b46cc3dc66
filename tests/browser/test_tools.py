"""Pages beside the journey, in Chromium: watching, searches, mail, moderation, reviews, files, insights, categories.

Each is looked at on a desk and on a phone, light and dark. With SOUK_PICTURES=folder pictures are kept of all four.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from entrypoint.accounts import accounts
from entrypoint.accounts.accounts import Role
from souk.database.embedded import ServiceUrls
from tests.browser.conftest import OpenShop, open_shop
from tests.browser.test_journey import DESK, PHONE, Walker
from tests.entrypoint.pages.test_ratings import rate
from tests.entrypoint.test_mailing import MailServer, listening, parts_of_mail
from tests.journeys.people import PASSWORD, Person, a_picture

pytestmark = pytest.mark.browser

SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")


class Onlooker(Walker):
    """Looks at each page in four ways."""

    async def look(self, name: str) -> None:
        """Nothing sticks out, text is readable and assistive technology finds its way, in every size and colour."""
        for scheme in SCHEMES:
            await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for device, size in (("desk", DESK), ("phone", PHONE)):
                await self.page.set_viewport_size(size)
                await self._fits(f"{name} on a {device}")
                results = await Axe().run(self.page)
                assert results.violations_count == 0, f"{name}, {device}, {scheme}: {results.generate_report()}"
                if self._pictures is not None:
                    path = self._pictures / f"{name}-{device}-{scheme}.png"
                    await self.page.screenshot(path=path, full_page=True)
        await self.page.set_viewport_size(DESK)

    async def log_in(self, person: Person, after: str) -> None:
        await self.go(f"/login?next={after}")
        await self.fill("Email", person.email)
        await self.fill("Password", PASSWORD)
        await self.press("Log in")
        await expect(self.page).to_have_url(re.compile(re.escape(after)))

    async def reads(self, text: str) -> None:
        await expect(self.page.get_by_role("main")).to_contain_text(text)


async def onlooker(browser: Browser, shop: OpenShop) -> Onlooker:
    asked = os.environ.get("SOUK_PICTURES")
    window = await browser.new_context(viewport=DESK)
    return Onlooker(await window.new_page(), shop, scripts=True, pictures=Path(asked) if asked else None)


async def grant(shop: OpenShop, person: Person, role: Role) -> None:
    kernel = shop.services.kernel("entrypoint")
    async with kernel.database.transaction() as session:
        found = await accounts.find_by_email(session, person.email)
        assert found
        await accounts.grant_role(session, found.id, role, by="test", now=kernel.clock.now())


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[MailServer]:
    made = MailServer()
    async with listening(made):
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def mailing_shop(urls: dict[str, ServiceUrls], tmp_path: Path, server: MailServer) -> AsyncIterator[OpenShop]:
    settings = {"smtp_url": f"smtp://127.0.0.1:{server.port}", "mail_from": "Souk <news@shop.example>"}
    async with open_shop(urls, tmp_path, **settings) as made:
        yield made


async def mailed(server: MailServer, person: Person, subject: str, seconds: float = 30) -> str:
    """The plain text of a mail to somebody, once it has come."""
    for _ in range(int(seconds * 10)):
        for message in server.taken:
            if message["To"] == person.email and subject in message["Subject"]:
                return parts_of_mail(message)[0]
        await asyncio.sleep(0.1)
    raise AssertionError([message["Subject"] for message in server.taken])


async def test_watching_searching_and_news_by_mail(
    mailing_shop: OpenShop, server: MailServer, browser: Browser
) -> None:
    shop = mailing_shop
    anna, ben = await shop.world.person("Anna"), await shop.world.person("Ben")
    lamp = await anna.sell("Brass reading lamp with a heavy foot", 4_200, category="lighting", picture=a_picture())
    walker = await onlooker(browser, shop)
    await walker.log_in(ben, "/watching")
    await walker.look("watching-nothing")
    await walker.go(f"/listings/{lamp}")
    await walker.press("Watch")
    await anna.ask("PATCH", f"/listings/{lamp}", json={"price": {"amount": 3_900, "currency": "EUR"}})
    await walker.go("/watching")
    await walker.reads("€39.00")
    await walker.look("watching")

    await walker.go("/searches")
    await walker.look("searches-none")
    await walker.go("/browse?category=lighting&from-power=40&to-power=60&within=7&q=lamp")
    await walker.press("Tell me of new ones")
    await walker.reads("Power from 40 to 60 W")
    await walker.reads("what you are told of is always new")
    await walker.look("searches-saved")
    await walker.page.get_by_text("Rename or delete").click()
    await walker.look("searches-rename")

    await walker.go("/account")
    await walker.reads("Your address is not confirmed yet")
    await walker.look("account-unconfirmed")
    link = re.search(r"http\S+confirmation\S+", await mailed(server, ben, "Confirm your address"))
    assert link
    stranger = await onlooker(browser, shop)
    await stranger.go(link[0].removeprefix(shop.address))
    await stranger.look("mail-confirm")
    await stranger.press("This address is mine")
    await stranger.reads("Your address is confirmed")
    await stranger.look("mail-confirmed")
    await walker.go("/account")
    await walker.reads("Confirmed")
    await walker.look("account-confirmed")

    await anna.ask("PATCH", f"/listings/{lamp}", json={"price": {"amount": 3_500, "currency": "EUR"}})
    stop = re.search(r"http\S+stop\S+", await mailed(server, ben, "costs €35.00 now"))
    assert stop
    await stranger.go(stop[0].removeprefix(shop.address))
    await stranger.look("mail-stop")
    await stranger.press("Send no more")
    await stranger.reads("Nothing about this comes by email any more: what you watch.")
    await stranger.look("mail-stopped")
    assert walker.complaints == stranger.complaints == []


async def test_finding_by_rating_and_offers(shop: OpenShop, browser: Browser) -> None:
    anna, ben = await shop.world.person("Anna"), await shop.world.person("Ben")
    lamp = await anna.sell("Brass reading lamp with a heavy foot", 4_200, category="lighting", picture=a_picture())
    await ben.sell("Iron lamp", 3_000, category="lighting", picture=a_picture())
    await anna.ask("PATCH", f"/listings/{lamp}", json={"accepts_offers": True})
    await rate(shop.services, anna, 12, 58)
    walker = await onlooker(browser, shop)
    await walker.go("/browse")
    filters = walker.page.locator("#filters")
    await filters.get_by_label("4.5 stars or more").check()
    await expect(walker.page.locator("#results")).to_contain_text("1 listing")
    await filters.get_by_label("Takes offers").check()
    await expect(walker.page).to_have_url(re.compile("rating=4.5&offers=yes"))
    await walker.reads("4.8 (12)")
    await walker.look("browse-rated")
    await walker.page.locator("#results").get_by_role("link", name="4.5 stars or more").click()
    await expect(filters.get_by_label("Any", exact=True)).to_be_checked()
    await walker.go("/browse?q=iron&rating=4&offers=yes")
    await walker.look("browse-rated-none")
    await walker.go(f"/listings/{lamp}")
    await walker.reads("The seller takes offers.")
    await walker.reads("4.8 of 5 stars from 12 reviews")
    await walker.look("listing-rated")
    await walker.page.get_by_role("link", name="1 thing on sale").click()
    await walker.reads("4.8 of 5 stars from 12 reviews")
    await walker.look("seller-rated")
    assert walker.complaints == []


async def test_reporting_and_moderating(shop: OpenShop, browser: Browser) -> None:
    anna, ben, mo = [await shop.world.person(name) for name in ("Anna", "Ben", "Mo")]
    await grant(shop, mo, "moderator")
    lamp = await anna.sell("Brass reading lamp with a heavy foot", 4_200, category="lighting", picture=a_picture())
    buyer, seller, moderator = [await onlooker(browser, shop) for _ in range(3)]
    await moderator.log_in(mo, "/moderation")
    await moderator.reads("Nothing waits")
    await moderator.look("moderation-nothing")
    await buyer.log_in(ben, f"/listings/{lamp}/report")
    await buyer.look("report")
    await buyer.page.get_by_label("It is a counterfeit").check()
    await buyer.fill("What a moderator should know (optional)", "The foot of the real one is round.")
    await buyer.press("Send the report")
    await expect(buyer.page.get_by_role("status")).to_contain_text("A moderator looks at it.")

    await moderator.go("/moderation")
    await moderator.reads("1 report")
    await moderator.look("moderation-queue")
    await moderator.page.get_by_role("link", name="Decide").click()
    await moderator.reads("The foot of the real one is round.")
    await moderator.look("moderation-case")
    await moderator.press("Hide it")
    await moderator.reads("Choose the reason")
    await moderator.look("moderation-case-refused")
    await moderator.page.get_by_label("Reason to hide it").select_option(label="It is a counterfeit")
    await moderator.page.get_by_label("What the seller is told").fill("Say that it is a copy.")
    await moderator.press("Hide it")

    await seller.log_in(anna, f"/listings/{lamp}")
    await seller.reads("Say that it is a copy.")
    await seller.look("takedown")
    await seller.page.get_by_label("Ask for it to be looked at again").fill("The title says so now.")
    await seller.press("Send the appeal")
    await seller.reads("Your appeal is being looked at")
    await seller.look("takedown-appealed")
    await moderator.go("/moderation")
    await moderator.reads("Appeal")
    await moderator.page.get_by_role("link", name="Decide").click()
    await moderator.look("moderation-case-appealed")
    await moderator.press("Restore it")
    await seller.go(f"/listings/{lamp}")
    await expect(seller.page.get_by_role("main")).not_to_contain_text("took it down")
    assert buyer.complaints == seller.complaints == []
    assert [text for text in moderator.complaints if "status of 422" not in text] == []


async def test_reviewing_answering_and_removing(shop: OpenShop, browser: Browser) -> None:
    anna, ben, mo = [await shop.world.person(name, 9_000) for name in ("Anna", "Ben", "Mo")]
    await grant(shop, mo, "moderator")
    buyer, seller, moderator = [await onlooker(browser, shop) for _ in range(3)]
    await seller.log_in(anna, f"/sellers/{anna.id}/reviews")
    await seller.look("reviews-none")
    for stars in (5, 5, 4, 2):
        order = await arrived(anna, ben, "Brass reading lamp with a heavy foot")
        await ben.ask("PUT", f"/orders/{order}/review", json={"stars": stars, "text": "Well packed.\n\nIt is heavy."})
    order = await arrived(anna, ben, "Brass reading lamp with a heavy foot")
    await buyer.log_in(ben, "/orders")
    await buyer.reads("Say how it went")
    await buyer.look("orders-to-review")
    await buyer.page.get_by_role("link", name="Say how it went").click()
    await buyer.reads("Review this seller")
    await buyer.look("review-form")
    # By the keyboard alone: the arrows choose, the tabulator goes on.
    await buyer.page.get_by_role("radio", name="1 star: Bad").focus()
    for _ in range(3):
        await buyer.page.keyboard.press("ArrowRight")
    await expect(buyer.page.get_by_role("radio", name="4 stars: Good")).to_be_checked()
    await buyer.page.keyboard.press("Tab")
    await buyer.page.keyboard.type("The foot is a little scratched.")
    await buyer.look("review-form-filled")
    await buyer.press("Publish the review")
    await buyer.reads("Your review")
    await buyer.page.get_by_text("Change your review").click()
    await buyer.look("review-written")

    await seller.go(f"/orders/{order}")
    await seller.page.get_by_role("main").locator("summary", has_text="Answer").click()
    await seller.look("review-answer-form")
    await seller.page.get_by_label("Your answer").fill("I am sorry, I had not seen that. Polish helps.")
    await seller.press("Publish the answer")
    await seller.reads("Anna answers")
    await seller.look("review-answered")
    await buyer.go(f"/sellers/{anna.id}")
    await buyer.reads("Read all 5 reviews")
    await buyer.look("seller-with-reviews")
    await buyer.go(f"/sellers/{anna.id}/reviews")
    await buyer.look("reviews")
    await buyer.page.get_by_role("link", name="4 stars").click()
    await buyer.reads("Anna answers")
    await buyer.look("reviews-with-four-stars")

    await seller.go(f"/sellers/{anna.id}/reviews?stars=2")
    await seller.page.get_by_role("link", name=re.compile("review by Ben")).click()
    await seller.look("review-report")
    await seller.page.get_by_label("It is not true").check()
    await seller.press("Send the report")
    await moderator.log_in(mo, "/moderation/reviews")
    await moderator.reads("1 report")
    await moderator.look("moderation-reviews")
    await moderator.page.get_by_role("link", name="Decide").click()
    await moderator.look("moderation-review")
    await moderator.page.get_by_label("Reason to remove it").select_option(label="It is not true")
    await moderator.page.get_by_label("What its author is told").fill("The parcel's label shows another weight.")
    await moderator.press("Remove it")
    await moderator.reads("Nothing waits")
    await moderator.look("moderation-reviews-none")
    await buyer.go("/notifications")
    await buyer.reads("A moderator removed your review")
    await buyer.page.get_by_role("link", name=re.compile("A moderator removed")).first.click()
    await buyer.reads("A moderator removed it: It is not true")
    await buyer.look("review-removed")

    [case] = (await anna.ask("GET", f"/sellers/{anna.id}/reviews?stars=4"))["items"][:1]
    await mo.ask("POST", f"/reviews/{case['id']}/reports", json={"reason": "other"})
    await moderator.go(f"/moderation/reviews/{case['id']}")
    await moderator.page.get_by_label("Reason to remove it").select_option(label="It is not about the purchase")
    await moderator.press("Remove only the answer")
    await moderator.go(f"/moderation/reviews/{case['id']}")
    await moderator.reads("Its answer is removed")
    await moderator.look("moderation-review-answer")
    await seller.go(f"/orders/{order}")
    await seller.reads("A moderator removed your answer")
    await seller.look("review-answer-removed")
    assert buyer.complaints == seller.complaints == moderator.complaints == []


async def arrived(seller: Person, buyer: Person, title: str) -> str:
    """The id of an order that its buyer has confirmed and that is completed."""
    await buyer.put_in_cart(await seller.sell(title, 1_000, picture=a_picture()))
    order_id = str((await buyer.check_out())["orders"][0]["id"])
    await seller.ask("POST", f"/orders/{order_id}/shipment", json={})
    await buyer.ask("POST", f"/orders/{order_id}/receipt")
    await buyer.order_when(order_id, "completed")
    return order_id


async def test_files_insights_and_categories(shop: OpenShop, browser: Browser, tmp_path: Path) -> None:
    anna, ben, boss = [await shop.world.person(name) for name in ("Anna", "Ben", "Boss")]
    await grant(shop, boss, "admin")
    lamp = await anna.sell("Brass reading lamp with a heavy foot", 4_200, category="lighting", picture=a_picture())
    await ben.put_in_cart(lamp)
    seller, buyer, admin = [await onlooker(browser, shop) for _ in range(3)]
    await buyer.go(f"/listings/{lamp}")

    await seller.log_in(anna, "/listings/mine/files")
    await seller.look("files-none")
    await seller.page.get_by_text("What the file looks like").click()
    await seller.look("files-help")
    rows = ["title,price,category,condition,attributes", "Oak stool,25.00,lighting,good,power: 40", "Rug,,nowhere,odd,"]
    file = tmp_path / "listings.csv"
    file.write_text("\n".join(rows))
    await seller.page.get_by_label("Your file").set_input_files(file)
    await seller.press("Check it first")
    await seller.reads("What to mend")
    await seller.look("file-checked")
    await seller.go("/listings/mine/files")
    await seller.reads("Only checked")
    await seller.look("files")

    for _ in range(150):
        day = (await anna.ask("GET", f"/me/listings/{lamp}/insights"))["days"][-1]
        if day["views"] and day["cart_adds"]:
            break
        await asyncio.sleep(0.1)
    await seller.go(f"/listings/{lamp}/insights?days=7")
    await expect(seller.page.get_by_role("img", name="Put into carts: 1,")).to_be_visible()
    await seller.look("insights")

    await admin.log_in(boss, "/admin/categories")
    await admin.look("categories")
    await admin.go("/admin/categories/lighting")
    await admin.look("category")
    await admin.page.locator("#define").get_by_label("Name").fill("Socket")
    await admin.page.locator("#define").get_by_label("Key").fill("Not A Key")
    await admin.page.locator("#define").get_by_role("button", name="Save").click()
    await expect(admin.page.get_by_role("main").locator(".error").first).to_be_visible()
    await admin.look("category-refused")
    await admin.page.locator("#define").get_by_label("Key").fill("socket")
    await admin.page.locator("#define").get_by_label("Kind").select_option(label="Any text")
    await admin.page.locator("#define").get_by_role("button", name="Save").click()
    await expect(admin.page.get_by_role("main").get_by_role("table")).to_contain_text("Socket")
    assert seller.complaints == []
    assert [text for text in admin.complaints if "status of 422" not in text] == []
