"""Selling through the pages of a running shop, with no more than an HTTP client: as a browser without scripts would."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from litestar.datastructures import UploadFile
from litestar.datastructures.multi_dicts import FormMultiDict
from PIL import Image

from entrypoint.limits.limits import TooMany
from entrypoint.pages.forms import SentForm
from entrypoint.pages.sell.form import SellForm
from entrypoint.pages.sell.uploads import in_order, keep_sent
from entrypoint.web.reader import Languages
from souk.clock import SystemClock
from souk.database.embedded import ServiceUrls
from tests.browsing import Browser
from tests.form import TOKEN, Upload
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import logged_in
from tests.page import Page


def sell_form(sent: FormMultiDict) -> SentForm[SellForm]:
    return SentForm(SellForm, sent, Languages(Path("nowhere"), "UTC", SystemClock()).reader("", "en"), "EUR")


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ({}, "abc"),
        ({"c": 1}, "cab"),
        ({"a": 3}, "bca"),
        ({"a": 2}, "bac"),
        ({"b": 1, "c": 1}, "bca"),
        ({"a": 99}, "bca"),
    ],
)
def test_pictures_go_where_they_are_put(places: dict[str, int], expected: str) -> None:
    form = sell_form(FormMultiDict([(f"place-{name}", str(place)) for name, place in places.items()]))
    assert "".join(in_order(form, "abc")) == expected


async def test_too_many_forms_with_pictures_are_put_off() -> None:
    class Spent:
        async def hit(self, *_: Any) -> None:
            raise TooMany("Wait a little.", retry_after=9)

    parts = SimpleNamespace(limits=Spent(), rules=SimpleNamespace(upload=None), uploads=asyncio.Semaphore(1))
    ask: Any = SimpleNamespace(parts=parts, user=SimpleNamespace(id=1), message_of=str)
    upload = UploadFile(content_type="image/png", filename="a.png", file_data=b"x")
    form = sell_form(FormMultiDict([("pictures", upload)]))
    assert await keep_sent(ask, form) == []
    assert form.errors["pictures"] == "Wait a little."


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made


def _picture(colour: str) -> Upload:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(out, "PNG")
    return Upload(f"{colour}.png", out.getvalue())


async def test_a_listing_from_its_first_form_to_its_withdrawal(world: World) -> None:
    browser = await logged_in(await world.person("Anna"))
    await browser.open("/sell")
    entry = {
        "title": "Brass lamp", "category": "lighting", "condition": "good", "price": "forty", "quantity": "2",
        "description": "", "language": "en",
    }  # fmt: skip
    files = [("pictures", _picture("red")), ("pictures", Upload("notes.txt", b"no picture", "text/plain"))]
    await browser.press("Publish", entry, files)
    assert browser.status == 422
    assert "Enter an amount such as 12.50." in browser.page
    assert "notes.txt: This is not a picture" in browser.page
    form = browser.page.form("Publish")
    assert form["title"] == "Brass lamp"
    [kept] = form.all("kept")

    await browser.press("Publish", {"price": "42,50", f"alt-{kept}": "A red lamp"})
    assert browser.status == 422
    assert "Describe it, so that a buyer knows what they get." in browser.page
    form = browser.page.form("Publish")
    assert form.action == f"/listings/{form['id']}/edit"
    [first] = [name.removeprefix("alt-") for name in form.names if name.startswith("alt-")]

    changed = form.values | {"price": "42.50", "description": "It shines.\r\n<b>Bright</b>", f"place-{first}": "2"}
    await browser.forge(form.action, changed | {f"alt-{first}": "Red, of brass"}, [("pictures", _picture("blue"))])
    assert (browser.status, browser.path) == (200, f"/listings/{form['id']}-brass-lamp")
    assert "€42.50" in browser.page
    assert browser.page.has("img[alt='Red, of brass']")
    assert "It is on sale." in browser.page

    await browser.open("/listings/mine?status=published")
    await browser.press("Take off sale: Brass lamp")
    assert "It is off sale: Brass lamp" in browser.page
    await browser.press("Undo: put it back on sale")
    assert browser.path == "/listings/mine"
    assert "It is on sale: Brass lamp" in browser.page


async def test_the_same_form_twice_makes_one_listing_with_the_last_words(world: World) -> None:
    person = await world.person("Anna")
    browser = await logged_in(person)
    await browser.open("/sell")
    entry = {
        "title": "Brass lamp", "category": "lighting", "condition": "good", "price": "42", "quantity": "1",
        "description": "It shines.", "language": "en",
    }  # fmt: skip
    form = browser.page.form("Save draft")
    await browser.send(form.fill(entry))
    await browser.send(form.fill({"title": "Copper lamp"}))
    mine = (await person.ask("GET", "/me/listings"))["items"]
    assert [listing["title"] for listing in mine] == ["Copper lamp"]


async def test_others_cannot_edit_and_visitors_log_in_first(world: World) -> None:
    anna = await world.person("Anna")
    lamp = await anna.sell("Brass lamp", 4_200)
    visitor = Browser(anna.http)
    await visitor.open(f"/listings/{lamp}/edit")
    assert visitor.path == "/login"
    eve = await logged_in(await world.person("Eve"))
    await eve.open(f"/listings/{lamp}/edit")
    assert eve.status == 404
    await eve.open("/sell")
    for path in ("edit", "withdrawal", "publication"):
        await eve.forge(f"/listings/{lamp}/{path}", {"title": "Mine now"})
        assert eve.status in (403, 404), path
    assert (await anna.ask("GET", f"/listings/{lamp}"))["status"] == "published"


async def test_finding_it_and_leaving_filters_out(world: World) -> None:
    anna = await world.person("Anna")
    lamp = await anna.sell("Brass lamp", 4_200)
    browser = Browser(anna.http)
    assert (await browser.open("/browse?q=brass&price_max=42%2C00")).all("mark") == ["Brass"]
    await browser.open("/browse?q=brass&price_max=10")
    assert "Without the highest price" in browser.page
    await browser.open("/browse?q=brass&price_min=abc&cursor=zzz")
    assert browser.status == 422
    assert browser.page.all("mark") == ["Brass"] and "Brass lamp" in browser.page
    await browser.open(f"/listings/{lamp}-another-title")
    assert browser.path == f"/listings/{lamp}-brass-lamp"
    await browser.open(f"/sellers/{anna.id}")
    await browser.until("Brass lamp")
    assert "You looked at" in await browser.open("/")
    assert "Brass lamp" in browser.page
    await browser.open(f"/sitemaps/{await anna.a_category()}.xml")
    assert f"/listings/{lamp}-brass-lamp" in browser.source
    await browser.open("/sitemap.xml")
    assert "<sitemapindex" in browser.source
    await browser.open(f"/sitemaps/{await anna.a_category()}.2.xml")
    assert browser.status == 404
    for nowhere in ("/listings/nonsense", f"/listings/{anna.id}", f"/sellers/{lamp}"):
        await browser.open(nowhere)
        assert browser.status == 404, nowhere


async def test_a_form_saves_itself_and_comes_back(world: World) -> None:
    anna = await world.person("Anna")
    browser = await logged_in(anna)
    await browser.open("/sell")
    listing_id = browser.page.form("Save draft")["id"]
    typed = {"id": listing_id, "title": "Half a la", "price": "abc", "description": "x\ny", "category": "lighting"}
    await browser.forge("/sell/draft", typed)
    assert browser.status == 204
    assert "Half a la" in await browser.open("/sell")
    form = (await browser.open(f"/sell?draft={listing_id}")).form("Save draft")
    assert (form["title"], form["price"], form["id"]) == ("Half a la", "abc", listing_id)
    await browser.forge("/sell/draft", {"id": listing_id, "title": "x" * 20_001})
    assert browser.status == 422
    await browser.open("/sell")
    await browser.forge("/sell/draft", {"id": "nonsense", "title": "x"})
    assert browser.status == 422
    entry = typed | {"title": "A lamp", "price": "5", "condition": "good", "quantity": "1", "language": "en"}
    await browser.open("/sell")
    await browser.forge("/sell", entry | {"act": "save"})
    assert browser.status == 200
    assert "You began something" not in await browser.open("/sell")
    await browser.forge("/sell/draft", {"id": listing_id[:-4] + "0000", "title": "Another"})
    await browser.open("/sell")
    await browser.press("Throw away: Another")
    assert "You began something" not in browser.page


async def test_attributes_advice_copies_and_many_changes(world: World) -> None:
    anna = await world.person("Anna")
    browser = await logged_in(anna)
    one, two = await anna.sell("Brass lamp", 4_200, category="lighting"), await anna.sell("Iron lamp", 3_000)
    await browser.open("/listings/mine")
    await browser.press("Do it", {"ids": [one, two], "value": "-10 %"})
    assert "2 listings are changed." in browser.page and "€37.80" in browser.page
    for wrong in ({"do": "percent", "value": "x"}, {"do": "price", "value": ""}, {"do": "more", "value": "1.5"}):
        await browser.press("Do it", {"ids": [one]} | wrong)
        assert "Enter " in browser.page, wrong
    await browser.press("Do it", {"do": "publish"})
    assert "Choose the listings first." in browser.page
    await browser.press("Do it", {"ids": [one], "do": "more", "value": "-1"})
    assert "It must be between 1" in browser.page
    await browser.press("Do it", {"ids": [one, two], "do": "offers"})
    assert "2 listings are changed." in browser.page
    assert "You take offers." in await browser.open(f"/listings/{two}")
    await browser.open("/listings/mine")
    await browser.press("Do it", {"ids": [two], "do": "no-offers"})
    assert "You take offers." not in await browser.open(f"/listings/{two}")
    await browser.open("/listings/mine")
    await browser.press("Copy: Brass lamp")
    assert browser.path.endswith("/edit") and browser.page.form("Save")["title"] == "Brass lamp"
    await browser.open("/sell/advice?title=lamp&category=tables")
    assert '"category":"lighting"' in browser.source
    asked = {c["slug"]: c["attributes"] for c in await anna.ask("GET", "/categories")}
    slug, attributes = next((slug, some) for slug, some in asked.items() if some)
    assert (await browser.open(f"/sell/attributes?category={slug}")).has(f"[name=attribute-{attributes[0]['key']}]")
    values = {a["key"]: a["options"][0] if a["kind"] == "choice" else "12" for a in attributes}
    await browser.open(f"/listings/{one}/edit")
    entry = {
        "title": "Brass lamp", "category": slug, "condition": "good", "price": "42", "quantity": "1",
        "description": "It shines.", "language": "en", "act": "save",
    }  # fmt: skip
    await browser.press("Save changes", entry | {f"attribute-{key}": value for key, value in values.items()})
    assert browser.status == 200, browser.page
    assert (await anna.ask("GET", f"/listings/{one}"))["attributes"] == values


async def test_one_picture_is_kept_before_the_form_is_sent(world: World) -> None:
    anna = await world.person("Anna")
    browser = await logged_in(anna)
    await browser.open("/sell")
    listing_id = browser.page.form("Save draft")["id"]
    token = {TOKEN: browser.page.token}

    async def upload(*files: tuple[str, bytes, str], **data: str) -> httpx.Response:
        sent = [("pictures", file) for file in files] or [("other", _picture("red"))]
        accept = {"accept": "application/problem+json"}
        return await browser.http.post("/sell/pictures", data=token | data, files=sent, headers=accept)

    answer = await upload(_picture("red"))
    assert answer.status_code == 200
    assert answer.text.strip().startswith("<li")
    [kept] = Page(answer.text).tree.css("input[name=kept]")
    name = str(kept.attributes["value"])
    assert (await anna.http.get(f"/pictures/{name}")).status_code == 200
    for files, words in (
        ((), "Send one picture."),
        ((_picture("red"), _picture("blue")), "Send one picture."),
        ((("notes.txt", b"no picture", "text/plain"),), "notes.txt: This is not a picture"),
        ((("big.png", b"\0" * (10 * 1024**2 + 1), "image/png"),), "big.png: A picture may have at most 10 MB."),
    ):
        refused = await upload(*files)
        assert refused.status_code == 422, refused.text
        assert refused.json()["errors"][0]["field"] == "pictures"
        assert refused.json()["errors"][0]["message"].startswith(words)
    assert (await upload(("huge.png", b"\0" * (12 * 1024**2), "image/png"))).status_code == 413
    assert (await upload(_picture("red"), csrf_token="forged")).status_code == 403
    await browser.open("/sell")
    entry = {
        "id": listing_id, "title": "Brass lamp", "category": "lighting", "condition": "good", "price": "42",
        "quantity": "1", "description": "", "language": "en", "act": "save", "kept": ["0" * 40 + ".webp", name],
        f"turn-{name}": "90", f"alt-{name}": "A lamp",
    }  # fmt: skip
    await browser.forge("/sell", entry)
    assert browser.status == 422
    assert "The picture is not there any more. Choose it again." in browser.page
    assert "Everything else is saved." in browser.page
    [shown] = (await anna.ask("GET", f"/listings/{listing_id}"))["pictures"]
    assert (shown["alt"], shown["width"], shown["height"]) == ("A lamp", 300, 400)
    visitor = await browser.http.post("/logout", data=token)
    assert visitor.status_code in (200, 303)
    assert (await upload(_picture("red"))).status_code in (401, 403)


async def test_the_card_takes_whatever_is_typed(world: World) -> None:
    browser = await logged_in(await world.person("Anna"))
    name = "a" * 40 + ".webp"
    asked = {"title": "<script>x", "price": "42,5", "condition": "good", "picture": f"/pictures/{name}", "turn": "90"}
    answer = await browser.http.get("/sell/card", params=asked)
    assert answer.status_code == 200
    assert "&lt;script&gt;x" in answer.text and "€42.50" in answer.text and "Good · Anna" in answer.text
    assert Page(answer.text).has(f"[data-turn='90'] img[src='/pictures/{name}']")
    for wrong in (
        {},
        {"price": "x" * 500, "condition": "worn", "title": "y" * 900},
        {"picture": "//evil.example/x.webp", "turn": '90" onload="x'},
        {"price": "0", "picture": "\x00"},
    ):
        answer = await browser.http.get("/sell/card", params=wrong)
        assert answer.status_code == 200
        assert "No price yet" in answer.text
        assert "evil" not in answer.text and "onload" not in answer.text
    assert "y" * 121 not in (await browser.http.get("/sell/card", params={"title": "y" * 900})).text


async def test_changes_of_a_listing_are_kept_beside_it(world: World) -> None:
    anna, eve = await world.person("Anna"), await world.person("Eve")
    lamp = await anna.sell("Brass lamp", 4_200, category="lighting", picture=_picture("red")[1])

    async def listing() -> Any:
        """As it is; whether its pictures are drawn as AVIF too by now is another matter."""
        now = await anna.ask("GET", f"/listings/{lamp}")
        return now | {"pictures": [each | {"avif": False} for each in now["pictures"]]}

    before = await listing()
    edit, picture = f"/listings/{lamp}/edit", before["pictures"][0]["id"]
    browser = await logged_in(anna)
    same = {
        "id": lamp, "title": "Brass lamp", "category": "lighting", "condition": "good", "price": "42.00",
        "quantity": "1", "description": before["description"], "language": "en", "order": picture, f"alt-{picture}": "",
    }  # fmt: skip
    await browser.open(edit)
    await browser.forge("/sell/draft", same)
    assert "Your changes from before are back" not in await browser.open(edit)
    await browser.forge("/sell/draft", same | {"title": "", "price": "4x", f"turn-{picture}": "90"})
    page = await browser.open(edit)
    assert "Your changes from before are back" in page
    form = page.form("Save changes")
    assert (form["title"], form["price"]) == ("", "4x") and page.has("[data-turn='90']")
    assert await listing() == before
    assert (await browser.open("/sell")).link("Changes to a listing") == edit
    await browser.open(edit)
    await browser.press(
        "Save changes",
        same | {"title": "x", f"remove-{picture}": "yes", "act": "save"},
        [("pictures", _picture("blue"))],
    )
    assert browser.status == 422
    form = browser.page.form("Save changes")
    assert "Nothing was changed." in browser.page and len(form.all("kept")) == 1
    assert form[f"remove-{picture}"] == "yes"
    assert await listing() == before
    await browser.forge("/sell/draft/removal", {"id": lamp, "edits": "yes"})
    assert browser.path == edit

    def ticked() -> bool:
        return "yes" in browser.page.form("Save changes").all("accepts_offers")

    assert not ticked()
    await browser.forge(edit, same | {"accepts_offers": ["no", "yes"], "act": "save"})
    assert (await anna.ask("GET", f"/listings/{lamp}"))["accepts_offers"]
    await browser.open(edit)
    assert ticked()
    await browser.forge("/sell/draft", same | {"accepts_offers": "no"})
    await browser.open(edit)
    assert not ticked(), "that the tick was taken away is kept, too"
    await browser.press("Throw these changes away")
    assert "Your changes from before are back" not in browser.page
    assert browser.page.form("Save changes")["title"] == "Brass lamp"

    other = await logged_in(eve)
    await other.open("/sell")
    await other.forge("/sell/draft", {"id": lamp, "title": "Mine"})  # a form of hers, which changes nothing here
    assert other.status == 204
    browser = await logged_in(anna)
    assert "Your changes from before are back" not in await browser.open(edit)
    assert browser.page.form("Save changes")["title"] == "Brass lamp"
