"""Pictures that the rows of a file name: fetched or unpacked, shown in order, in turns, once, whatever crashes."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

import catalogue.app
from catalogue.house_rules import HouseRules
from catalogue.importing import zipped_pictures
from catalogue.importing.pictures import CLAIMED_FOR, LATER, FetchPictures
from catalogue.settings import CatalogueSettings
from souk.clock import ManualClock
from tests.catalogue.harness import Caller, Shop, new_listing, picture
from tests.catalogue.importing.test_importing import finished, send
from tests.elsewhere import Elsewhere

HEAD = "title,price,category,condition,description,status,pictures"
RED, BLUE, GREEN = picture(), picture(colour=(20, 30, 200)), picture(colour=(20, 200, 30))


@pytest.fixture(autouse=True)
async def elsewhere(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Elsewhere]:
    """The internet, as the catalogue sees it."""
    async with Elsewhere().running() as here:
        monkeypatch.setattr(catalogue.app, "Downloads", here.downloads)
        yield here


@pytest.fixture(autouse=True)
def free(shop: Shop) -> None:
    shop.rules.__dict__.update(HouseRules(CatalogueSettings(new_seller_listings_max=0)).__dict__)


def lines(*pictures: str) -> bytes:
    rows = [
        f'Lamp number {number},{number + 1}.50,lighting,good,It shines.,published,"{cell}"'
        for number, cell in enumerate(pictures)
    ]
    return "\n".join([HEAD, *rows]).encode()


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"pictures/{name}.png", content)
        archive.writestr("__MACOSX/._a.png", b"of a Mac")
    return out.getvalue()


async def send_both(caller: Caller, content: bytes, archive: bytes, *, dry_run: bool = False) -> httpx.Response:
    files = {"file": content, "pictures": archive}
    return await caller("POST", f"/me/imports/with-pictures?dry_run={str(dry_run).lower()}", files=files)


def fetcher(shop: Shop) -> FetchPictures:
    """The errand, to be done at once."""
    errand = next(each for each in shop.kernel.errands if each.name == "pictures of files")
    assert isinstance(errand.run, FetchPictures)
    return errand.run


async def all_fetched(shop: Shop, seller: Caller, import_id: str) -> dict[str, Any]:
    for _ in range(600):
        await fetcher(shop)(shop.database)
        seen: dict[str, Any] = (await seller("GET", f"/me/imports/{import_id}")).json()
        if seen["pictures"] == seen["pictures_done"] + seen["pictures_failed"]:
            return seen
        await asyncio.sleep(0.05)
    raise AssertionError(f"it does not end: {seen}")


async def shown(shop: Shop) -> dict[str, list[str]]:
    """The colours of the pictures of each listing, by its title."""
    rows = await shop.rows("""
        SELECT title, array_agg(colour ORDER BY position) FROM listing
        JOIN listing_picture ON listing_id = listing.id JOIN picture_file ON picture_file.id = file_id GROUP BY title
    """)
    names = {"#c81e1e": "red", "#141ec8": "blue", "#14c81e": "green"}
    return {title: [names[colour] for colour in colours] for title, colours in rows}


async def test_pictures_come_by_address_in_their_order_and_faults_are_told(
    shop: Shop, seller: Caller, elsewhere: Elsewhere
) -> None:
    red, blue = elsewhere.puts("a.example/red.png", RED), elsewhere.puts("a.example/blue.png", BLUE)
    text, away = elsewhere.puts("a.example/words.png", b"no picture"), "http://a.example/away.png"
    content = lines(f"{red}, {blue}", f"{blue} {text}", "", f"{away}|{red}", "lamp.jpg")
    done = await finished(seller, await send(seller, content))
    assert (done["made"], done["failed"], done["pictures"]) == (4, 1, 6)
    assert [(fault["line"], fault["field"]) for fault in done["faults"]] == [(6, "pictures")]
    fetched = await all_fetched(shop, seller, done["id"])
    assert (fetched["pictures_done"], fetched["pictures_failed"]) == (4, 2)
    assert [(fault["line"], fault["message"].split(": ")[0]) for fault in fetched["picture_faults"]] == [
        (3, text), (5, away),
    ]  # fmt: skip
    assert await shown(shop) == {
        "Lamp number 0": ["red", "blue"], "Lamp number 1": ["blue"], "Lamp number 3": ["red"],
    }  # fmt: skip
    again = await finished(seller, await send(seller, content))
    assert (await all_fetched(shop, seller, again["id"]))["pictures_done"] == 4
    assert len((await shown(shop))["Lamp number 0"]) == 2, "the same file again shows nothing twice"


async def test_a_dry_run_fetches_nothing(shop: Shop, seller: Caller, elsewhere: Elsewhere) -> None:
    checked = await finished(seller, await send(seller, lines(elsewhere.puts("a.example/1", RED)), dry_run=True))
    assert (checked["pictures"], checked["made"]) == (1, 1)
    assert await fetcher(shop)(shop.database) == 0
    assert elsewhere.asked == []


async def test_what_does_not_answer_is_tried_later_and_then_given_up(
    shop: Shop, seller: Caller, elsewhere: Elsewhere, clock: ManualClock
) -> None:
    busy = (503, {}, b"")
    once = elsewhere.puts("a.example/once.png", busy, RED)
    never = elsewhere.puts("a.example/never.png", busy)
    done = await finished(seller, await send(seller, lines(f"{once},{never}")))
    for tries, pause in enumerate(LATER, start=1):
        sql = "SELECT 1 FROM listing_import_picture WHERE tries = :tries AND due BETWEEN :soonest AND :latest"
        soonest, latest = clock.now() + pause - timedelta(minutes=1), clock.now() + pause + timedelta(minutes=1)
        assert await noted(shop, sql, tries=tries, soonest=soonest, latest=latest)
        clock.advance(pause)
        await fetcher(shop)(shop.database)
    seen = await all_fetched(shop, seller, done["id"])
    assert (seen["pictures_done"], seen["pictures_failed"]) == (1, 1)
    assert seen["picture_faults"][0]["message"] == f"{never}: It answers with 503."
    assert await shown(shop) == {"Lamp number 0": ["red"]}


async def noted(shop: Shop, sql: str, **values: Any) -> bool:
    """Wait until the errand has noted something."""
    for _ in range(200):
        if await shop.rows(sql, **values):
            return True
        await asyncio.sleep(0.05)
    return False


async def test_a_crash_between_fetching_and_showing_costs_nothing_and_doubles_nothing(
    shop: Shop, seller: Caller, elsewhere: Elsewhere, clock: ManualClock
) -> None:
    red = elsewhere.puts("a.example/red.png", RED)
    done = await finished(seller, await send(seller, lines(red)))
    await all_fetched(shop, seller, done["id"])
    # As if whoever fetched it had died before that was recorded, and a second one had begun meanwhile.
    async with shop.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "INSERT INTO listing_import_picture SELECT import.id, 2, listing.id, jsonb_build_array($1::text), '[]', 1, $2"
            " FROM listing_import AS import, listing",
            (red, clock.now() + CLAIMED_FOR),
        )
        await connection.exec_driver_sql(
            "UPDATE listing_import SET pictures = 2, pictures_turn_at = $1", (clock.now(),)
        )
    assert await fetcher(shop)(shop.database) == 0
    clock.advance(CLAIMED_FOR)
    seen = await all_fetched(shop, seller, done["id"])
    assert (seen["pictures_done"], seen["picture_faults"]) == (2, [])
    assert await shown(shop) == {"Lamp number 0": ["red"]}


async def test_several_instances_fetch_each_once(shop: Shop, seller: Caller, elsewhere: Elsewhere) -> None:
    addresses = [elsewhere.puts(f"a.example/{number}.png", picture(colour=(number * 20, 0, 0))) for number in range(12)]
    done = await finished(seller, await send(seller, lines(*addresses)))
    while any(await asyncio.gather(*(fetcher(shop)(shop.database) for _ in range(3)))):
        pass
    seen = await all_fetched(shop, seller, done["id"])
    assert seen["pictures_done"] == 12
    assert sorted(elsewhere.asked) == sorted(address.removeprefix("http://") for address in addresses)


async def test_files_take_turns(shop: Shop, seller: Caller, other: Caller, elsewhere: Elsewhere) -> None:
    many = [elsewhere.puts(f"many.example/{number}.png", RED) for number in range(40)]
    few = elsewhere.puts("few.example/1.png", BLUE)
    await finished(seller, await send(seller, lines(*many)))
    await finished(other, await send(other, lines(few)))
    while not any(asked.startswith("few") for asked in elsewhere.asked):
        assert await fetcher(shop)(shop.database) or elsewhere.asked
    assert sum(asked.startswith("many") for asked in elsewhere.asked) < 40


async def test_stopping_fetches_no_more(shop: Shop, seller: Caller, elsewhere: Elsewhere, clock: ManualClock) -> None:
    done = await finished(seller, await send(seller, lines(elsewhere.puts("a.example/1", (503, {}, b"")))))
    assert await noted(shop, "SELECT 1 FROM listing_import_picture WHERE tries = 1")
    assert (await seller("DELETE", f"/me/imports/{done['id']}")).status_code == 204
    clock.advance(timedelta(days=1))
    assert await fetcher(shop)(shop.database) == 0


async def test_no_more_pictures_than_a_listing_may_have(shop: Shop, seller: Caller, elsewhere: Elsewhere) -> None:
    addresses = [elsewhere.puts(f"a.example/{number}.png", picture(colour=(0, number * 20, 0))) for number in range(9)]
    done = await finished(seller, await send(seller, lines(",".join(addresses))))
    assert (done["pictures"], done["notes"]) == (8, [{"kind": "more_pictures", "count": 1, "names": ["2"]}])
    assert (await all_fetched(shop, seller, done["id"]))["pictures_done"] == 8
    [listing] = (await seller("GET", "/me/listings")).json()["items"]
    row = f"{listing['id']},Lamp,5,lighting,good,It shines.,published,{addresses[8]}"
    content = f"id,{HEAD}\n{row}".encode()
    full = await finished(seller, await send(seller, content))
    seen = await all_fetched(shop, seller, full["id"])
    assert (seen["changed"], seen["pictures_failed"]) == (1, 1)
    assert "A listing may have 8 pictures" in seen["picture_faults"][0]["message"]


async def test_pictures_come_in_a_zip(shop: Shop, seller: Caller, elsewhere: Elsewhere) -> None:
    content = lines("red.png, BLUE.png", elsewhere.puts("a.example/g.png", GREEN), "words.png", "missing.png")
    archive = zipped(red=RED, blue=BLUE, words=b"no picture")
    checked = await finished(seller, await send_both(seller, content, archive, dry_run=True))
    done = await finished(seller, await send_both(seller, content, archive))
    for seen in (checked, done):
        assert (seen["made"], seen["failed"], seen["pictures"]) == (3, 1, 4)
        assert [fault["message"] for fault in seen["faults"]] == ["The ZIP has no file missing.png."]
    seen = await all_fetched(shop, seller, done["id"])
    assert (seen["pictures_done"], len(seen["picture_faults"])) == (3, 1)
    assert await shown(shop) == {"Lamp number 0": ["red", "blue"], "Lamp number 1": ["green"]}


async def test_what_came_in_a_zip_goes_once_nobody_needs_it(
    shop: Shop, seller: Caller, clock: ManualClock, tmp_path: Any
) -> None:
    errand = next(each for each in shop.kernel.errands if each.name == "brought pictures")
    folder = tmp_path / "pictures" / "brought"
    done = await finished(seller, await send_both(seller, lines("red.png"), zipped(red=RED, blue=BLUE)))
    await all_fetched(shop, seller, done["id"])
    waits = await send_both(seller, b"what,price\nLamp,5\n", zipped(red=RED))
    assert waits.json()["status"] == "mapping"
    kept = {path.parent.name for path in folder.glob("*/*")}
    assert len(kept) == 2
    await errand.run(shop.database)  # type: ignore[arg-type]
    assert {path.parent.name for path in folder.glob("*/*")} == kept, "it may just be about to be recorded"
    clock.advance(zipped_pictures.KEPT_FOR)
    await errand.run(shop.database)  # type: ignore[arg-type]
    assert {path.parent.name for path in folder.glob("*/*")} == kept - {done["id"]}


@pytest.mark.parametrize(
    ("archive", "says"),
    [
        (b"PK\x03\x04 and then nothing", "cannot be read"),
        (zipped(**{f"p{number}": b"" for number in range(2001)}), "at most 2000 pictures"),
        (zipped(**{f"p{number}": bytes(10 * 1024**2) for number in range(13)}), "too large together"),
    ],
)
async def test_a_zip_that_cannot_be_used_says_why(shop: Shop, seller: Caller, archive: bytes, says: str) -> None:
    refused = await send_both(seller, lines("red.png"), archive)
    assert refused.status_code == 422, refused.text
    [error] = refused.json()["errors"]
    assert error["field"] == "pictures"
    assert says in error["message"]
    assert (await seller("GET", "/me/imports")).json() == []


async def test_another_listing_of_ones_own_that_is_gone_is_told(
    shop: Shop, seller: Caller, other: Caller, elsewhere: Elsewhere
) -> None:
    theirs = await new_listing(other)
    content = (
        f"id,{HEAD}\n{theirs['id']},Lamp,5,lighting,good,It shines.,draft,{elsewhere.puts('a.example/1', RED)}".encode()
    )
    done = await finished(seller, await send(seller, content))
    assert (done["failed"], done["pictures"]) == (1, 0)
    assert await fetcher(shop)(shop.database) == 0
