"""Selling in Chromium: pictures that are uploaded while they are chosen, a form that keeps itself, a card that grows."""

import asyncio
import base64
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Route, expect

from shop.demo.pictures import draw
from shop.demo.spec import PictureSpec
from tests.browser.conftest import PHONE, OpenShop, Stall

pytestmark = pytest.mark.browser


async def _names(stall: Stall) -> list[str]:
    return [str(await one.get_attribute("data-picture")) for one in await stall.pictures.all()]


async def _listing(stall: Stall) -> dict[str, Any]:
    [one] = (await stall.seller.ask("GET", "/me/listings"))["items"]
    return dict(await stall.seller.ask("GET", f"/listings/{one['id']}"))


LAMP = {
    "title": "Brass reading lamp", "category": "lighting", "condition": "good", "price": "42.00",
    "description": "Warm light, heavy foot.",
}  # fmt: skip


SHAPE = """card => [card.innerText, ...[...card.querySelectorAll("[class]:not(svg)")].map((part) => part.className)]"""
"""What a card says and how it is made up, for scripts."""


async def test_pictures_are_ready_before_the_form_is_sent(stall: Stall, photos: list[Path], tmp_path: Path) -> None:
    notes, broken = tmp_path / "notes.txt", tmp_path / "broken.jpg"
    notes.write_text("no picture")
    broken.write_bytes(photos[0].read_bytes()[:500])
    await stall.log_in("/sell")
    await stall.fill(**LAMP)
    await stall.choose(photos[0], notes, broken, photos[1], photos[2])
    await expect(stall.pictures).to_have_count(3)
    wrong = stall.page.locator(".shown-picture:not([data-picture])")
    await expect(wrong.first).to_contain_text("notes.txt")
    await expect(wrong.first).to_contain_text(
        "This is not a picture that can be used. JPEG, PNG, WebP, HEIC, AVIF, GIF, TIFF and BMP can."
    )
    await expect(wrong.last).to_contain_text("broken.jpg: The picture is damaged or incomplete.")
    await stall.look()
    await stall.press("Save draft")
    await expect(stall.page.locator("[data-pictures-note]")).to_contain_text("The form was not sent")
    for _ in range(2):
        await wrong.first.get_by_role("button", name="Leave it out").click()
    await expect(wrong).to_have_count(0)

    first, second, third = await _names(stall)
    for number, alt in enumerate(("one", "two", "three"), start=1):
        await stall.page.get_by_label(f"What picture {number} shows").fill(alt)
    later = stall.page.get_by_role("button", name="Move picture 1 later")
    await later.focus()
    await stall.page.keyboard.press("Enter")
    assert await _names(stall) == [second, first, third]
    await expect(stall.page.locator("[data-pictures-note]")).to_contain_text("Picture 1 is picture 2 now.")
    await expect(stall.page.get_by_role("button", name="Move picture 2 later")).to_be_focused()
    await stall.page.keyboard.press("Enter")
    assert await _names(stall) == [second, third, first]
    await expect(stall.page.get_by_role("button", name="Move picture 3 earlier")).to_be_focused()
    await expect(stall.page.get_by_role("button", name="Move picture 3 later")).to_be_disabled()
    await stall.page.get_by_role("button", name="Remove picture 2").click()
    assert await _names(stall) == [second, first]
    await stall.page.get_by_role("button", name="Put it back").click()
    assert await _names(stall) == [second, third, first]
    await stall.page.get_by_role("button", name="Turn picture 1 to the right").click()
    await stall.kept()

    draft = await stall.page.locator("form [name=id]").last.input_value()
    await stall.go(f"/sell?draft={draft}")
    assert await _names(stall) == [second, third, first]
    assert await stall.alts() == ["two", "three", "one"]
    await expect(stall.page.locator(".shown-picture .picture").first).to_have_attribute("data-turn", "90")
    await stall.page.get_by_role("button", name="Remove picture 2").click()
    await stall.look()
    await stall.press("Publish")
    await expect(stall.page.get_by_role("heading", name=LAMP["title"], level=1)).to_be_visible()
    shown = (await _listing(stall))["pictures"]
    assert [(one["alt"], one["width"], one["height"]) for one in shown] == [("two", 300, 410), ("one", 400, 300)]
    assert "You began something" not in await stall.page.content()


async def _drop(target: Locator, file: Path) -> None:
    """Let a file from outside fall upon an element."""
    content = base64.b64encode(await asyncio.to_thread(file.read_bytes)).decode()
    transfer = await target.page.evaluate_handle(
        """([content, name]) => {
            const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
            return transfer;
        }""",
        [content, file.name],
    )
    await target.dispatch_event("dragover", {"dataTransfer": transfer})
    await expect(target.page.locator("[data-dropping]")).to_have_count(1)
    await target.dispatch_event("drop", {"dataTransfer": transfer})
    await expect(target.page.locator("[data-dropping]")).to_have_count(0)


async def test_pictures_are_dropped_and_dragged(stall: Stall, photos: list[Path]) -> None:
    await stall.log_in("/sell")
    for number, file in enumerate(photos, start=1):
        await _drop(stall.page.locator(".dropzone"), file)
        await expect(stall.pictures).to_have_count(number)
    first, second, third = await _names(stall)
    frames = stall.page.locator(".shown-picture__frame")
    await frames.nth(2).drag_to(frames.nth(0), target_position={"x": 20, "y": 5})
    await expect(stall.page.locator("[data-pictures-note]")).to_contain_text("Picture 3 is picture 1 now.")
    assert await _names(stall) == [third, first, second]
    await _drop(stall.page.locator("#title"), photos[0])  # the same again, beside the mark
    await expect(stall.page.locator("[data-pictures-note]")).to_contain_text("photo-0.jpg is uploaded.")
    assert await _names(stall) == [third, first, second]
    await stall.fill(**LAMP)
    await stall.press("Save draft")
    await expect(stall.main).to_contain_text("The draft is saved.")
    assert [one["width"] for one in (await _listing(stall))["pictures"]] == [420, 400, 410]


async def test_a_form_waits_for_its_pictures(stall: Stall, photos: list[Path]) -> None:
    await stall.log_in("/sell")
    going = asyncio.Event()

    async def lost(route: Route) -> None:
        await route.abort()

    async def slow(route: Route) -> None:
        await going.wait()
        await route.continue_()

    await stall.fill(**LAMP)
    await stall.page.route("**/sell/pictures", lost)
    await stall.choose(photos[0])
    await expect(stall.page.locator(".shown-picture")).to_contain_text("It did not arrive. Is there a connection?")
    await stall.press("Save draft")
    await expect(stall.page.locator("[data-pictures-note]")).to_contain_text("The form was not sent")
    await stall.page.unroute("**/sell/pictures")
    await stall.page.route("**/sell/pictures", slow)
    await stall.press("Try again")
    await stall.press("Save draft")
    await expect(stall.page.locator("[data-pictures-note]")).to_contain_text("as soon as the pictures are there")
    assert stall.page.url.endswith("/sell")
    going.set()
    await expect(stall.main).to_contain_text("The draft is saved.")
    assert len((await _listing(stall))["pictures"]) == 1


async def test_no_more_pictures_than_a_listing_may_have(stall: Stall, tmp_path: Path, photos: list[Path]) -> None:
    await stall.log_in("/sell")
    many = [tmp_path / f"more-{number}.jpg" for number in range(9)]
    for number, file in enumerate(many):
        file.write_bytes(draw(PictureSpec("lamp", number, colour="mustard"), size=(40 + number, 30)))
    await stall.choose(*many)
    await expect(stall.page.locator("[data-pictures-note]")).to_contain_text("A listing may have 8 pictures")
    await expect(stall.pictures).to_have_count(8)
    await expect(stall.page.locator("#pictures")).to_be_hidden()
    await stall.page.get_by_role("button", name="Remove picture 8").click()
    await expect(stall.page.locator("#pictures")).to_be_visible()


async def test_the_card_grows_while_it_is_typed(stall: Stall, photos: list[Path], size: Any) -> None:
    await stall.log_in("/sell")
    card = stall.page.locator("[data-card] .listing-card")
    if size == PHONE:
        await expect(card).to_be_hidden()
        await stall.page.get_by_text("Preview", exact=True).click()
    await expect(card).to_contain_text("No title yet")
    await expect(card).to_contain_text("No price yet")
    await stall.fill(title="A <b>lamp</b>", price="42,5", condition="good")
    await expect(card.get_by_role("link")).to_have_text("A <b>lamp</b>")
    await expect(card).to_contain_text("€42.50")
    await expect(card).to_contain_text("Good · Anna")
    await expect(card).to_contain_text("Postage included")
    await stall.page.get_by_role("radio", name="Picked up").check()
    await expect(card).not_to_contain_text("Postage included")
    await stall.fill(pick_up="Ulm, Oststadt")
    await expect(card).to_contain_text("Pick-up in Ulm, Oststadt")
    await stall.page.get_by_role("radio", name="By post").check()
    await stall.choose(photos[0], photos[1])
    await expect(stall.pictures).to_have_count(2)
    first, second = await _names(stall)
    await expect(card.locator("img")).to_have_attribute("src", first)
    await stall.page.get_by_role("button", name="Move picture 1 later").click()
    await expect(card.locator("img")).to_have_attribute("src", second)
    await stall.page.get_by_role("button", name="Turn picture 1 to the left").click()
    await expect(card.locator(".picture")).to_have_attribute("data-turn", "270")
    await stall.look()
    await stall.fill(**LAMP)
    await expect(card).to_contain_text("€42.00")
    await expect(card).to_contain_text(LAMP["title"])
    before = await card.evaluate(SHAPE)
    await stall.press("Publish")
    await stall.go("/browse")
    await expect(stall.page.locator(".listing-card")).to_have_count(1)
    assert await stall.page.locator(".listing-card").evaluate(SHAPE) == before


async def test_changes_of_what_is_on_sale_wait_to_be_saved(stall: Stall, photos: list[Path]) -> None:
    lamp = await stall.seller.sell("Brass lamp", 4200, picture=photos[0].read_bytes())
    edit = f"/listings/{lamp}/edit"
    await stall.log_in(edit)
    await expect(stall.main).to_contain_text("Buyers see changes once you save them, not before.")
    await stall.page.locator("#title").fill("Brass lam")
    await stall.choose(photos[1])
    await expect(stall.pictures).to_have_count(2)
    await stall.page.get_by_role("button", name="Move picture 2 earlier").click()
    await stall.kept()
    await stall.page.get_by_role("button", name="Remove picture 1").click()
    await stall.page.locator("#title").fill("Brass lamp")
    await stall.kept()
    await stall.go(edit)
    await expect(stall.main).not_to_contain_text("Your changes from before are back")
    await stall.page.locator("#title").fill("Brass lam")
    await stall.choose(photos[1])
    await expect(stall.pictures).to_have_count(2)
    await stall.page.get_by_role("button", name="Move picture 2 earlier").click()
    await stall.kept()
    await expect(stall.main).to_contain_text("not shown to anybody until you save")
    there = await _listing(stall)
    assert (there["title"], len(there["pictures"])) == ("Brass lamp", 1)
    names = await _names(stall)

    await stall.go(edit)
    await expect(stall.main).to_contain_text("Your changes from before are back")
    await expect(stall.page.locator("#title")).to_have_value("Brass lam")
    assert await _names(stall) == names
    await stall.look()
    await stall.go("/sell")
    await stall.page.get_by_role("link", name="Brass lam", exact=True).click()
    await expect(stall.page).to_have_url(re.compile(edit))
    await stall.press("Throw these changes away")
    await expect(stall.page.locator("#title")).to_have_value("Brass lamp")
    await expect(stall.main).not_to_contain_text("Your changes from before are back")
    await expect(stall.pictures).to_have_count(1)

    await stall.page.locator("#price").fill("abc")
    await stall.page.get_by_role("button", name="Remove picture 1").click()
    await stall.press("Save changes")
    await expect(stall.main).to_contain_text("Nothing was changed.")
    assert len((await _listing(stall))["pictures"]) == 1
    await expect(stall.pictures).to_have_count(0)
    await stall.page.locator("#price").fill("39")
    await stall.press("Save changes")
    await expect(stall.main).to_contain_text("The changes are saved.")
    there = await _listing(stall)
    assert (there["title"], there["price"]["amount"], there["pictures"]) == ("Brass lamp", 3900, [])
    await stall.go(edit)
    await expect(stall.main).not_to_contain_text("Your changes from before are back")


async def test_what_was_typed_last_survives_leaving_and_typing_back_is_no_change(stall: Stall) -> None:
    lamp = await stall.seller.sell("Brass lamp", 4200)
    await stall.log_in(f"/listings/{lamp}/edit")
    title = stall.page.locator("#title")
    await title.fill("Brass lamp, the large one")
    await stall.go("/help")  # before the form could keep itself
    back = stall.page.get_by_text("Your changes from before are back")
    for _ in range(20):  # it is sent while the next page comes
        await stall.go(f"/listings/{lamp}/edit")
        if await back.count():
            break
    await expect(title).to_have_value("Brass lamp, the large one")
    await title.fill("Brass lamp")
    await stall.kept()
    await stall.go(f"/listings/{lamp}/edit")
    await expect(back).to_have_count(0)


async def test_a_form_that_cannot_be_kept_says_so(stall: Stall) -> None:
    await stall.log_in("/sell")
    await stall.page.route("**/sell/draft", lambda route: route.abort())
    await stall.page.locator("#title").fill("A lamp")
    await expect(stall.page.locator("[data-autosave-note]")).to_have_text("This could not be kept just now")


async def test_selling_without_scripts(shop: OpenShop, browser: Browser, size: Any, photos: list[Path]) -> None:
    window = await browser.new_context(viewport=size, java_script_enabled=False)
    stall = Stall(await window.new_page(), shop, await shop.world.person("Anna"))
    await stall.log_in("/sell")
    assert await stall.page.locator("[data-do]:visible").count() == 0
    await stall.choose(photos[0], photos[1])
    await stall.fill(**LAMP | {"price": "forty"})
    await stall.press("Publish")
    await expect(stall.main).to_contain_text("Enter an amount such as 12.50.")
    await expect(stall.main).to_contain_text("Your pictures are kept.")
    await stall.page.get_by_label("What picture 1 shows").fill("one")
    await stall.page.get_by_label("What picture 2 shows").fill("two")
    await stall.page.get_by_label("Place").nth(1).select_option("1")
    await stall.page.get_by_label("Turn").nth(1).select_option("to the right")
    await stall.page.locator("#price").fill("42")
    await stall.choose(photos[2])
    await stall.press("Publish")
    await expect(stall.page.get_by_role("heading", name=LAMP["title"], level=1)).to_be_visible()
    there = await _listing(stall)
    shown = [(one["alt"], one["width"]) for one in there["pictures"]]
    assert shown == [("two", 300), ("one", 400), ("", 420)]
    await stall.go(f"/listings/{there['id']}/edit")
    await stall.page.get_by_label("Remove picture 1").check()
    await stall.page.get_by_label("What picture 3 shows").fill("three")
    await stall.page.get_by_label("Place").nth(2).select_option("1, the cover")
    await stall.press("Save changes")
    await expect(stall.main).to_contain_text("The changes are saved.")
    assert [one["alt"] for one in (await _listing(stall))["pictures"]] == ["three", "one"]
    await window.close()
