"""Selling through the pages of a running shop, with no more than an HTTP client: as a browser without scripts would."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from html import unescape
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
from entrypoint.pages.sell.uploads import in_order, keep_sent
from souk.database.embedded import ServiceUrls
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import PASSWORD, Person


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
    form = SentForm(FormMultiDict([(f"place-{name}", str(place)) for name, place in places.items()]))
    assert "".join(in_order(form, "abc")) == expected


async def test_too_many_forms_with_pictures_are_put_off() -> None:
    class Spent:
        async def hit(self, *_: Any) -> None:
            raise TooMany("Wait a little.", retry_after=9)

    parts = SimpleNamespace(limits=Spent(), rules=SimpleNamespace(upload=None), uploads=asyncio.Semaphore(1))
    ask: Any = SimpleNamespace(parts=parts, user=SimpleNamespace(id=1), said=str)
    upload = UploadFile(content_type="image/png", filename="a.png", file_data=b"x")
    form = SentForm(FormMultiDict([("pictures", upload)]))
    assert await keep_sent(ask, form) == []
    assert form.errors["pictures"] == "Wait a little."


class Browser:
    """Follows redirects, keeps cookies, sends forms with their token."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.page = ""
        self.path = ""
        self.status = 0

    async def open(self, path: str) -> str:
        return self._note(await self._http.get(path, follow_redirects=True))

    async def send(self, path: str, data: dict[str, Any], files: Any = None) -> str:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        assert token, self.page[:2000]
        sent = {"csrf_token": token[1], **data}
        return self._note(await self._http.post(path, data=sent, files=files, follow_redirects=True))

    def _note(self, response: httpx.Response) -> str:
        self.page, self.path, self.status = unescape(response.text), response.url.path, response.status_code
        return self.page

    async def until(self, text: str) -> None:
        """Look at the page again until it says this: what the services do may take a while on a busy machine."""
        async with asyncio.timeout(30):
            while text not in self.page:
                await self.open(self.path)

    def value(self, pattern: str) -> str:
        found = re.search(pattern, self.page)
        assert found, f"no {pattern} in {self.page}"
        return found[1]

    def fields(self, form: str) -> dict[str, str]:
        """What the form with this id would send as it is, besides its token."""
        within = self.value(rf'(?s)<form[^>]* id="{form}"(.*?)</form>')
        sent = re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', within)
        return {name: value for name, value in sent if name != "csrf_token"}


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made


async def _logged_in(person: Person) -> Browser:
    browser = Browser(person.http)
    await browser.open("/login")
    await browser.send("/login", {"email": person.email, "password": PASSWORD, "next": "/sell"})
    return browser


def _picture(colour: str) -> tuple[str, bytes, str]:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(out, "PNG")
    return f"{colour}.png", out.getvalue(), "image/png"


async def test_a_listing_from_its_first_form_to_its_withdrawal(world: World) -> None:
    browser = await _logged_in(await world.person("Anna"))
    await browser.open("/sell")
    entry = {
        "id": browser.value(r'name="id" value="([^"]+)"'), "title": "Brass lamp", "category": "lighting",
        "condition": "good", "price": "forty", "quantity": "2", "description": "", "language": "en", "act": "publish",
    }  # fmt: skip
    files = [("pictures", _picture("red")), ("pictures", ("notes.txt", b"no picture", "text/plain"))]
    await browser.send("/sell", entry, files)
    assert browser.status == 422
    assert "Enter an amount such as 12.50." in browser.page
    assert "notes.txt: This is not a picture" in browser.page
    assert 'value="Brass lamp"' in browser.page
    kept = browser.value(r'name="kept" value="([0-9a-f]{40}\.webp)"')

    await browser.send("/sell", entry | {"price": "42,50", "kept": kept, f"alt-{kept}": "A red lamp"})
    assert browser.status == 422
    assert "Describe it, so that a buyer knows what they get." in browser.page
    edit = f"/listings/{entry['id']}/edit"
    assert f'action="{edit}"' in browser.page
    first = browser.value(r'name="alt-([0-9a-f-]{36})"')

    changed = entry | {"price": "42.50", "description": "It shines.\r\n<b>Bright</b>", f"place-{first}": "2"}
    await browser.send(edit, changed | {f"alt-{first}": "Red, of brass"}, [("pictures", _picture("blue"))])
    assert (browser.status, browser.path) == (200, f"/listings/{entry['id']}-brass-lamp")
    assert "€42.50" in browser.page
    assert 'alt="Red, of brass"' in browser.page
    assert "It is on sale." in browser.page

    await browser.open("/listings/mine?status=published")
    await browser.send(f"/listings/{entry['id']}/withdrawal", {"status": "published"})
    assert "It is off sale: Brass lamp" in browser.page
    await browser.send(f"/listings/{entry['id']}/publication", {"from": "mine", "status": "published"})
    assert browser.path == "/listings/mine"
    assert "It is on sale: Brass lamp" in browser.page


async def test_the_same_form_twice_makes_one_listing_with_the_last_words(world: World) -> None:
    person = await world.person("Anna")
    browser = await _logged_in(person)
    await browser.open("/sell")
    entry = {
        "id": browser.value(r'name="id" value="([^"]+)"'), "title": "Brass lamp", "category": "lighting",
        "condition": "good", "price": "42", "quantity": "1", "description": "It shines.", "language": "en",
    }  # fmt: skip
    await browser.send("/sell", entry | {"act": "save"})
    await browser.send("/sell", entry | {"act": "save", "title": "Copper lamp"})
    mine = (await person.ask("GET", "/me/listings"))["items"]
    assert [listing["title"] for listing in mine] == ["Copper lamp"]


async def test_others_cannot_edit_and_visitors_log_in_first(world: World) -> None:
    anna = await world.person("Anna")
    lamp = await anna.sell("Brass lamp", 4_200)
    visitor = Browser(anna.http)
    await visitor.open(f"/listings/{lamp}/edit")
    assert visitor.path == "/login"
    eve = await _logged_in(await world.person("Eve"))
    await eve.open(f"/listings/{lamp}/edit")
    assert eve.status == 404
    await eve.open("/sell")
    for path in ("edit", "withdrawal", "publication"):
        await eve.send(f"/listings/{lamp}/{path}", {"title": "Mine now"})
        assert eve.status in (403, 404), path
    assert (await anna.ask("GET", f"/listings/{lamp}"))["status"] == "published"


async def test_finding_it_and_leaving_filters_out(world: World) -> None:
    anna = await world.person("Anna")
    lamp = await anna.sell("Brass lamp", 4_200)
    browser = Browser(anna.http)
    assert "<mark>Brass</mark> lamp" in await browser.open("/browse?q=brass&price_max=42%2C00")
    await browser.open("/browse?q=brass&price_max=10")
    assert "Without the highest price" in browser.page
    await browser.open("/browse?q=brass&price_min=abc&cursor=zzz")
    assert browser.status == 422
    assert "<mark>Brass</mark> lamp" in browser.page
    await browser.open(f"/listings/{lamp}-another-title")
    assert browser.path == f"/listings/{lamp}-brass-lamp"
    await browser.open(f"/sellers/{anna.id}")
    await browser.until("Brass lamp")
    assert "You looked at" in await browser.open("/")
    assert "Brass lamp" in browser.page
    assert f"/listings/{lamp}-brass-lamp" in await browser.open(f"/sitemaps/{await anna.a_category()}.xml")
    assert "<sitemapindex" in await browser.open("/sitemap.xml")
    await browser.open(f"/sitemaps/{await anna.a_category()}.2.xml")
    assert browser.status == 404
    for nowhere in ("/listings/nonsense", f"/listings/{anna.id}", f"/sellers/{lamp}"):
        await browser.open(nowhere)
        assert browser.status == 404, nowhere


async def test_a_form_saves_itself_and_comes_back(world: World) -> None:
    anna = await world.person("Anna")
    browser = await _logged_in(anna)
    await browser.open("/sell")
    listing_id = browser.value(r'name="id" value="([^"]+)"')
    typed = {"id": listing_id, "title": "Half a la", "price": "abc", "description": "x\ny", "category": "lighting"}
    await browser.send("/sell/draft", typed)
    assert browser.status == 204
    assert "Half a la" in await browser.open("/sell")
    page = await browser.open(f"/sell?draft={listing_id}")
    assert 'value="Half a la"' in page and 'value="abc"' in page and f'value="{listing_id}"' in page
    await browser.send("/sell/draft", {"id": listing_id, "title": "x" * 20_001})
    assert browser.status == 422
    await browser.open("/sell")
    await browser.send("/sell/draft", {"id": "nonsense", "title": "x"})
    assert browser.status == 422
    entry = typed | {"title": "A lamp", "price": "5", "condition": "good", "quantity": "1", "language": "en"}
    await browser.open("/sell")
    await browser.send("/sell", entry | {"act": "save"})
    assert browser.status == 200
    assert "You began something" not in await browser.open("/sell")
    await browser.send("/sell/draft", {"id": listing_id[:-4] + "0000", "title": "Another"})
    await browser.open("/sell")
    await browser.send("/sell/draft/removal", {"id": listing_id[:-4] + "0000"})
    assert "You began something" not in browser.page


async def test_attributes_advice_copies_and_many_changes(world: World) -> None:
    anna = await world.person("Anna")
    browser = await _logged_in(anna)
    one, two = await anna.sell("Brass lamp", 4_200, category="lighting"), await anna.sell("Iron lamp", 3_000)
    await browser.open("/listings/mine")
    await browser.send("/listings/mine/changes", {"ids": [one, two], "do": "percent", "value": "-10 %"})
    assert "2 listings are changed." in browser.page and "€37.80" in browser.page
    for wrong in ({"do": "percent", "value": "x"}, {"do": "price", "value": ""}, {"do": "more", "value": "1.5"}):
        await browser.send("/listings/mine/changes", {"ids": [one]} | wrong)
        assert "Enter " in browser.page, wrong
    await browser.send("/listings/mine/changes", {"do": "publish"})
    assert "Choose the listings first." in browser.page
    await browser.send("/listings/mine/changes", {"ids": [one], "do": "more", "value": "-1"})
    assert "It must be between 1" in browser.page
    await browser.send("/listings/mine/changes", {"ids": [one, two], "do": "offers"})
    assert "2 listings are changed." in browser.page
    assert "You take offers." in await browser.open(f"/listings/{two}")
    await browser.open("/listings/mine")
    await browser.send("/listings/mine/changes", {"ids": [two], "do": "no-offers"})
    assert "You take offers." not in await browser.open(f"/listings/{two}")
    await browser.open("/listings/mine")
    await browser.send(f"/listings/{one}/copies", {})
    assert browser.path.endswith("/edit") and 'value="Brass lamp"' in browser.page
    assert '"category":"lighting"' in await browser.open("/sell/advice?title=lamp&category=tables")
    asked = {c["slug"]: c["attributes"] for c in await anna.ask("GET", "/categories")}
    slug, attributes = next((slug, some) for slug, some in asked.items() if some)
    assert f'name="attribute-{attributes[0]["key"]}"' in await browser.open(f"/sell/attributes?category={slug}")
    values = {a["key"]: a["options"][0] if a["kind"] == "choice" else "12" for a in attributes}
    await browser.open(f"/listings/{one}/edit")
    entry = {
        "title": "Brass lamp", "category": slug, "condition": "good", "price": "42", "quantity": "1",
        "description": "It shines.", "language": "en", "act": "save",
    }  # fmt: skip
    await browser.send(f"/listings/{one}/edit", entry | {f"attribute-{key}": value for key, value in values.items()})
    assert browser.status == 200, browser.page
    assert (await anna.ask("GET", f"/listings/{one}"))["attributes"] == values


async def test_one_picture_is_kept_before_the_form_is_sent(world: World) -> None:
    anna = await world.person("Anna")
    browser = await _logged_in(anna)
    await browser.open("/sell")
    listing_id = browser.value(r'name="id" value="([^"]+)"')
    token = {"csrf_token": browser.value(r'name="csrf_token" value="([^"]+)"')}

    async def upload(*files: tuple[str, bytes, str], **data: str) -> httpx.Response:
        sent = [("pictures", file) for file in files] or [("other", _picture("red"))]
        accept = {"accept": "application/problem+json"}
        return await anna.http.post("/sell/pictures", data=token | data, files=sent, headers=accept)

    answer = await upload(_picture("red"))
    assert answer.status_code == 200
    assert answer.text.strip().startswith("<li")
    [name] = re.findall(r'name="kept" value="([0-9a-f]{40}\.webp)"', answer.text)
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
    await browser.send("/sell", entry)
    assert browser.status == 422
    assert "The picture is not there any more. Choose it again." in browser.page
    assert "Everything else is saved." in browser.page
    [shown] = (await anna.ask("GET", f"/listings/{listing_id}"))["pictures"]
    assert (shown["alt"], shown["width"], shown["height"]) == ("A lamp", 300, 400)
    visitor = await anna.http.post("/logout", data=token)
    assert visitor.status_code in (200, 303)
    assert (await upload(_picture("red"))).status_code in (401, 403)


async def test_the_card_takes_whatever_is_typed(world: World) -> None:
    browser = await _logged_in(await world.person("Anna"))
    name = "a" * 40 + ".webp"
    asked = {"title": "<script>x", "price": "42,5", "condition": "good", "picture": f"/pictures/{name}", "turn": "90"}
    answer = await browser._http.get("/sell/card", params=asked)
    assert answer.status_code == 200
    assert "&lt;script&gt;x" in answer.text and "€42.50" in answer.text and "Good · Anna" in answer.text
    assert f'src="/pictures/{name}"' in answer.text and 'data-turn="90"' in answer.text
    for wrong in (
        {},
        {"price": "x" * 500, "condition": "worn", "title": "y" * 900},
        {"picture": "//evil.example/x.webp", "turn": '90" onload="x'},
        {"price": "0", "picture": "\x00"},
    ):
        answer = await browser._http.get("/sell/card", params=wrong)
        assert answer.status_code == 200
        assert "No price yet" in answer.text
        assert "evil" not in answer.text and "onload" not in answer.text
    assert "y" * 121 not in (await browser._http.get("/sell/card", params={"title": "y" * 900})).text


async def test_changes_of_a_listing_are_kept_beside_it(world: World) -> None:
    anna, eve = await world.person("Anna"), await world.person("Eve")
    lamp = await anna.sell("Brass lamp", 4_200, category="lighting", picture=_picture("red")[1])

    async def listing() -> Any:
        """As it is; whether its pictures are drawn as AVIF too by now is another matter."""
        now = await anna.ask("GET", f"/listings/{lamp}")
        return now | {"pictures": [each | {"avif": False} for each in now["pictures"]]}

    before = await listing()
    edit, picture = f"/listings/{lamp}/edit", before["pictures"][0]["id"]
    browser = await _logged_in(anna)
    same = {
        "id": lamp, "title": "Brass lamp", "category": "lighting", "condition": "good", "price": "42.00",
        "quantity": "1", "description": before["description"], "language": "en", "order": picture, f"alt-{picture}": "",
    }  # fmt: skip
    await browser.open(edit)
    await browser.send("/sell/draft", same)
    assert "Your changes from before are back" not in await browser.open(edit)
    await browser.send("/sell/draft", same | {"title": "", "price": "4x", f"turn-{picture}": "90"})
    page = await browser.open(edit)
    assert "Your changes from before are back" in page
    assert 'id="title" name="title" type="text" value=""' in page and 'value="4x"' in page and 'data-turn="90"' in page
    assert await listing() == before
    assert f'href="{edit}">Changes to a listing' in await browser.open("/sell")
    await browser.open(edit)
    await browser.send(
        edit, same | {"title": "x", f"remove-{picture}": "yes", "act": "save"}, [("pictures", _picture("blue"))]
    )
    assert browser.status == 422
    assert "Nothing was changed." in browser.page and browser.page.count('name="kept"') == 1
    assert re.search(rf'name="remove-{picture}" value="yes" checked', browser.page)
    assert await listing() == before
    await browser.send("/sell/draft/removal", {"id": lamp, "edits": "yes"})
    assert browser.path == edit
    ticked = r'name="accepts_offers" value="yes" checked'
    assert not re.search(ticked, browser.page)
    await browser.send(edit, same | {"accepts_offers": ["no", "yes"], "act": "save"})
    assert (await anna.ask("GET", f"/listings/{lamp}"))["accepts_offers"]
    assert re.search(ticked, await browser.open(edit))
    await browser.send("/sell/draft", same | {"accepts_offers": "no"})
    assert not re.search(ticked, await browser.open(edit))  # that the tick was taken away is kept, too
    await browser.send("/sell/draft/removal", {"id": lamp, "edits": "yes"})
    assert "Your changes from before are back" not in browser.page and 'value="Brass lamp"' in browser.page

    await browser.open("/login")
    other = await _logged_in(eve)
    await other.open("/sell")
    await other.send("/sell/draft", {"id": lamp, "title": "Mine"})  # a form of hers, which changes nothing here
    assert other.status == 204
    browser = await _logged_in(anna)
    assert "Your changes from before are back" not in await browser.open(edit)
    assert 'value="Brass lamp"' in browser.page
