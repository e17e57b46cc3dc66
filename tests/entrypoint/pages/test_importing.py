"""Bringing a file through the pages, and taking one out."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from souk.database.embedded import ServiceUrls
from tests.browsing import Browser
from tests.catalogue.harness import picture
from tests.form import Upload
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import logged_in
from tests.page import Page

HEAD = "title,price,category,condition,description,status\n"


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made


async def bring(browser: Browser, content: str, button: str) -> Page:
    """Send a file; the page once it is done."""
    await browser.open("/listings/mine/files")
    await browser.press(button, files=[("file", Upload("my.csv", content.encode(), "text/csv"))])
    for _ in range(100):
        if "Look again" not in browser.page:
            break
        await asyncio.sleep(0.1)
        await browser.open(browser.path)
    return browser.page


async def test_check_mend_import_and_take_out(world: World) -> None:
    anna = await world.person("Anna")
    browser = await logged_in(anna)
    content = HEAD + "Brass lamp,42.00,lighting,good,It shines.,published\nCopper lamp,x,lighting,good,It too.,draft\n"
    page = await bring(browser, content, "Check it first")
    assert "1 row has to be mended" in page
    assert "Write it like 12.50" in page
    assert (await anna.ask("GET", "/me/listings"))["total"] == 0
    page = await bring(browser, content.replace(",x,", ",12,"), "Import it")
    assert "Every row is done." in page
    assert "Brass lamp" in await browser.open("/browse")
    await browser.open("/listings/mine/export.csv")
    assert "Copper lamp,It too.,12.00,lighting,good" in browser.source
    page = await browser.open("/listings/mine/files")
    assert "Only checked" in page
    await browser.press("Import it")
    assert (browser.status, "Choose a file." in browser.page) == (422, True)
    page = await bring(browser, "nonsense", "Import it")
    assert (browser.status, "no row below the heading" in page) == (422, True)
    sent = await anna.send("POST", "/me/imports?dry_run=true", content=content.encode())
    assert (sent.status_code, sent.json()["rows"]) == (201, 2)
    await world.audit()


async def test_another_shops_file_is_mapped_and_done(world: World) -> None:
    anna = await world.person("Anna")
    browser = await logged_in(anna)
    content = "Titolo;PRICE;Tags\nBrass lamp;12,50;<b>old</b>\nTin lamp;7;new\n"
    page = await bring(browser, content, "Import it")
    assert "What are your columns for?" in page and "<b>old</b> · new" in page
    guessed = page.form("Import the rows")
    assert (guessed["column-0"], guessed["column-1"]) == ("title", "price")
    columns = {"column-0": "title", "column-1": "price", "column-2": ""}
    await browser.press("Import the rows", columns | {"category": "lighting"})
    assert browser.status == 422 and "No column holds the condition" in browser.page
    await browser.press("Import the rows", columns | {"category": "lighting", "condition": "good"})
    await browser.until("Every row is done.")
    assert "Left aside, for there is no place for it here: Tags." in browser.page
    assert (await anna.ask("GET", "/me/listings"))["total"] == 2
    page = await bring(browser, content.replace("Tin", "Zinc"), "Check it first")
    assert "The columns were read as you said the last time." in page
    await world.audit()


async def test_a_table_and_its_pictures_in_a_zip(world: World) -> None:
    anna = await world.person("Anna")
    browser = await logged_in(anna)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("lamp.png", picture())
    content = HEAD.replace("status", "pictures") + "Brass lamp,42.00,lighting,good,It shines.,lamp.png\n"
    await browser.open("/listings/mine/files")
    table = ("file", Upload("my.csv", content.encode(), "text/csv"))
    broken = ("pictures", Upload("p.zip", b"PK\x03\x04", "application/zip"))
    await browser.press("Import it", files=[table, broken])
    assert (browser.status, "Pack it again" in browser.page) == (422, True)
    whole = ("pictures", Upload("p.zip", packed.getvalue(), "application/zip"))
    await browser.press("Import it", files=[table, whole])
    await browser.until("Pictures taken")
    await browser.until("Pictures taken 1")
    await world.audit()
