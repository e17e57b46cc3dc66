"""Files of listings: what their rows do, in portions, resumed after a crash, by several instances, never twice."""

import asyncio
import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest

from catalogue.house_rules import HouseRules
from catalogue.importing import importing
from catalogue.importing.importing import FAULTS_KEPT, Sweep, Work
from catalogue.settings import CatalogueSettings
from souk.clock import ManualClock
from souk.ids import new_id
from tests.catalogue.harness import Caller, Shop, new_listing
from tests.catalogue.reservations.test_reservations import Buying

HEAD = "title,price,category,condition,description,quantity,status"


def lines(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows]).encode()


def lamp(number: int, status: str = "published") -> str:
    return f"Lamp number {number},{number + 1}.50,lighting,good,It shines.,3,{status}"


async def send(caller: Caller, content: bytes, *, dry_run: bool = False) -> httpx.Response:
    return await caller("POST", f"/me/imports?dry_run={str(dry_run).lower()}", content=content)


async def finished(caller: Caller, sent: httpx.Response) -> dict[str, Any]:
    assert sent.status_code == 201, sent.text
    for _ in range(1200):
        seen: dict[str, Any] = (await caller("GET", f"/me/imports/{sent.json()['id']}")).json()
        if seen["status"] != "waiting":
            return seen
        await asyncio.sleep(0.05)
    raise AssertionError(f"it does not end: {seen}")


def counts(done: dict[str, Any]) -> tuple[int, int, int, int]:
    return done["rows"], done["made"], done["changed"], done["failed"]


@pytest.fixture
def free(shop: Shop) -> None:
    """New sellers may do as much as anybody."""
    shop.rules.__dict__.update(HouseRules(CatalogueSettings(new_seller_listings_max=0)).__dict__)


@pytest.mark.usefixtures("free")
async def test_rows_become_listings_and_what_is_wrong_is_told_by_line(
    shop: Shop, seller: Caller, visitor: Caller
) -> None:
    content = lines(
        lamp(1),
        "No,1,lighting,good,It shines.,1,published",
        "Lamp,0,lighting,good,It shines.,1,published",
        lamp(2, "draft"),
        "A lamp,5,nowhere,good,It shines.,1,draft",
        "A lamp,5,lighting,good,,1,published",
        "A lamp\x07,5,lighting,good,,1,draft",
    )
    done = await finished(seller, await send(seller, content))
    assert counts(done) == (7, 2, 0, 5)
    assert [(fault["line"], fault["field"]) for fault in done["faults"]] == [
        (3, "title"), (4, "price"), (6, "category"), (7, "description"), (8, "title"),
    ]  # fmt: skip
    rest = (await seller("GET", f"/me/imports/{done['id']}?after_line=6")).json()
    assert [fault["line"] for fault in rest["faults"]] == [7, 8]
    [card] = (await visitor("GET", "/listings")).json()["items"]
    assert (card["title"], card["price"]["amount"], card["available"]) == ("Lamp number 1", 250, 3)
    assert (await seller("GET", "/me/listings?status=draft")).json()["total"] == 1
    await shop.audit()


@pytest.mark.usefixtures("free")
async def test_a_dry_run_tells_the_same_and_does_nothing(shop: Shop, seller: Caller) -> None:
    old = await new_listing(seller)
    content = lines(
        ",New lamp,5,lighting,good,It shines.,published",
        f"{old['id']},Old lamp,5,lighting,good,It shines.,published",
        f"{old['id']},Again,5,lighting,good,It shines.,published",
        f"{new_id()},Whose,5,lighting,good,It shines.,published",
        head="id,title,price,category,condition,description,status",
    )
    checked = await finished(seller, await send(seller, content, dry_run=True))
    assert (await seller("GET", f"/listings/{old['id']}")).json()["version"] == old["version"]
    done = await finished(seller, await send(seller, content))
    assert counts(checked) == counts(done) == (4, 1, 1, 2)
    assert checked["faults"] == done["faults"]
    assert [(fault["line"], fault["field"]) for fault in done["faults"]] == [(4, "id"), (5, "id")]
    assert (await seller("GET", f"/listings/{old['id']}")).json()["title"] == "Old lamp"


@pytest.mark.usefixtures("free")
async def test_the_same_file_again_makes_nothing_twice(shop: Shop, seller: Caller, other: Caller) -> None:
    content = lines(*(lamp(number) for number in range(20)))
    await finished(seller, await send(seller, content))
    assert counts(await finished(seller, await send(seller, content))) == (20, 0, 0, 0)
    assert counts(await finished(other, await send(other, content))) == (20, 20, 0, 0)
    assert (await seller("GET", "/me/listings")).json()["total"] == 20


@pytest.mark.usefixtures("free")
async def test_an_export_comes_back_as_it_went_and_edited(shop: Shop, seller: Caller, other: Caller) -> None:
    await finished(
        seller, await send(seller, lines(lamp(1), '"=1+1, a ""lamp""",7,lighting,fair,"two\nlines",1,draft'))
    )
    mine = await seller("GET", "/me/listings/export")
    assert mine.headers["content-type"] == "text/csv; charset=utf-8"
    assert mine.content.startswith(b"\xef\xbb\xbf"), "spreadsheets take it for Windows' own signs else"
    assert counts(await finished(seller, await send(seller, mine.content))) == (2, 0, 0, 0)
    rows = list(csv.DictReader(io.StringIO(mine.content.decode("utf-8-sig"), newline="")))
    for row in rows:
        assert row["accepts_offers"] == "no"
        row |= {"price": "9.99", "accepts_offers": "Yes"}
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    assert counts(await finished(seller, await send(seller, out.getvalue().encode()))) == (2, 0, 2, 0)
    prices = {card["price"]["amount"] for card in (await seller("GET", "/me/listings")).json()["items"]}
    assert prices == {999}
    assert await shop.rows("SELECT DISTINCT accepts_offers FROM listing") == [(True,)]
    short = [f"{row['id']},Plain lamp,Works.,5,lighting,good" for row in rows]
    short_file = "\n".join(["id,title,description,price,category,condition", *short]).encode()
    assert counts(await finished(seller, await send(seller, short_file))) == (2, 0, 2, 0)
    assert await shop.rows("SELECT DISTINCT accepts_offers FROM listing") == [(True,)]  # not named, so it stays
    stolen = await finished(other, await send(other, out.getvalue().encode()))
    assert counts(stolen) == (2, 0, 0, 2)
    assert (await other("GET", "/me/listings/export")).text.count("\n") == 1


async def test_the_rules_for_new_sellers_hold_for_files_too(shop: Shop, seller: Caller) -> None:
    shop.rules.__dict__.update(
        HouseRules(CatalogueSettings(new_seller_listings_max=3, forbidden_words=("ivory",))).__dict__
    )
    content = lines(*(lamp(n) for n in range(5)), "Ivory lamp,5,lighting,good,It shines.,1,published")
    done = await finished(seller, await send(seller, content))
    assert counts(done) == (6, 3, 0, 3)
    assert "may not stand in a listing" in done["faults"][-1]["message"]


@pytest.mark.usefixtures("free")
async def test_quantities_of_a_file_race_with_buyers(shop: Shop, seller: Caller) -> None:
    old = await new_listing(seller, quantity=30)
    head = "id,title,price,category,condition,quantity,description"
    row = f"{old['id']},Brass desk lamp,42,lighting,good,{{}},Warm light."
    sent = [await send(seller, lines(row.format(quantity), head=head)) for quantity in (20, 25)]
    buyings = [Buying((old["id"], 1)) for _ in range(30)]
    await asyncio.gather(*(shop.handle("reservations", buying.placed) for buying in buyings))
    for one in sent:
        await finished(seller, one)
    [(quantity, available, reserved)] = await shop.rows("SELECT quantity, available, reserved FROM listing")
    assert quantity == available + reserved
    await shop.audit()


@pytest.mark.usefixtures("free")
async def test_a_crash_in_the_middle_costs_nothing(
    shop: Shop, seller: Caller, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every other portion dies at its end; another instance takes it up where it stood."""
    monkeypatch.setattr(importing, "PORTION", 10)
    real, calls = importing.do_portion, 0

    async def dying(*given: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        outcome = await real(*given, **more)
        if calls % 2:
            raise RuntimeError("killed")
        return outcome

    monkeypatch.setattr(importing, "do_portion", dying)
    sent = await send(seller, lines(*(lamp(number) for number in range(45)), "x,1,lighting,good,,1,draft"))
    works = [Work(clock, shop.kernel.outbox, shop.rules, "EUR") for _ in range(3)]

    async def work(one: Work) -> None:
        for _ in range(20):
            try:
                async with shop.database.transaction() as session:
                    await one(session)
            except RuntimeError:
                await asyncio.sleep(0)

    await asyncio.gather(*(work(one) for one in works))
    done = await finished(seller, sent)
    assert counts(done) == (46, 45, 0, 1)
    assert calls > 5
    assert await shop.rows("SELECT count(*), count(DISTINCT title) FROM listing") == [(45, 45)]
    sql = "SELECT count(*) FROM outbox WHERE type = 'souk.catalogue.listing.published.v1'"
    assert await shop.rows(sql) == [(45,)]


async def test_files_are_their_sellers_and_can_be_stopped(
    shop: Shop, seller: Caller, other: Caller, visitor: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def idle(*_: Any) -> int:
        return 0

    monkeypatch.setattr(Work, "__call__", idle)
    sent = await send(seller, lines(lamp(1, "draft")))
    path = f"/me/imports/{sent.json()['id']}"
    for method in ("GET", "DELETE"):
        assert (await other(method, path)).status_code == 404
        assert (await visitor(method, path)).status_code == 401
    assert (await seller("DELETE", path)).status_code == 204
    assert (await seller("GET", path)).json()["status"] == "cancelled"
    answers = [await send(seller, lines(lamp(1))) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 409]
    assert len((await seller("GET", "/me/imports")).json()) == 4
    bad = await send(seller, b"nonsense")
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "file")
    assert (await send(seller, b"x" * (16 * 1024 * 1024 + 1))).status_code == 413
    clock = shop.kernel.clock
    assert isinstance(clock, ManualClock)
    clock.advance(FAULTS_KEPT + timedelta(seconds=1))
    async with shop.database.transaction() as session:
        assert await Sweep(clock)(session) == 1
    assert len((await seller("GET", "/me/imports")).json()) == 3


@pytest.mark.usefixtures("free")
async def test_ten_thousand_rows(shop: Shop, seller: Caller) -> None:
    started = asyncio.get_running_loop().time()
    sent = await send(seller, lines(*(lamp(number) for number in range(10_000))))
    assert sent.status_code == 201
    done = await finished(seller, sent)
    assert counts(done) == (10_000, 10_000, 0, 0)
    assert asyncio.get_running_loop().time() - started < 60


ETSY = "TITLE,DESCRIPTION,PRICE,CURRENCY_CODE,QUANTITY,TAGS,SKU\nBrass lamp,<p>Nice</p>,36,EUR,1,lamp,32\n"


@pytest.mark.usefixtures("free")
async def test_what_columns_are_for_is_asked_once_and_remembered(shop: Shop, seller: Caller, other: Caller) -> None:
    sent = (await send(seller, ETSY.encode())).json()
    assert (sent["status"], sent["done"]) == ("mapping", 0)
    assert [(each["heading"], each["field"]) for each in sent["columns"]][:3] == [
        ("TITLE", "title"), ("DESCRIPTION", "description"), ("PRICE", "price"),
    ]  # fmt: skip
    assert sent["columns"][0]["samples"] == ["Brass lamp"]
    assert {"kind": "ignored", "count": 2, "names": ["TAGS", "SKU"]} in sent["notes"]
    path, columns = f"/me/imports/{sent['id']}/mapping", sent["mapping"]["columns"]
    for wrong, field in (
        ({"columns": columns}, "category"),
        ({"columns": columns, "category": "lighting"}, "condition"),
        ({"columns": columns, "category": "nowhere", "condition": "good"}, "category"),
        ({"columns": columns | {"TAGS": "title"}, "category": "lighting", "condition": "good"}, "columns"),
        ({"columns": columns | {"NONE": "status"}, "category": "lighting", "condition": "good"}, "columns"),
        ({"columns": {"TITLE": "title"}, "category": "lighting", "condition": "good"}, "columns"),
    ):
        refused = await seller("PUT", path, json=wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field), wrong
    chosen = {"columns": columns, "category": "lighting", "condition": "good"}
    assert (await other("PUT", path, json=chosen)).status_code == 404
    assert (await seller("PUT", path, json=chosen)).status_code == 200
    done = await finished(seller, httpx.Response(201, json=sent))
    assert counts(done) == (1, 1, 0, 0)
    assert (await seller("PUT", path, json=chosen)).status_code == 409
    [card] = (await seller("GET", "/me/listings")).json()["items"]
    listing = (await seller("GET", f"/listings/{card['id']}")).json()
    assert (listing["description"], listing["category"], listing["condition"]) == ("Nice", "lighting", "good")

    again = await finished(seller, await send(seller, ETSY.replace("Brass lamp", "Tin lamp").encode()))
    assert counts(again) == (1, 1, 0, 0)
    assert [note["kind"] for note in again["notes"]] == ["remembered", "ignored"]
    assert (await send(other, ETSY.encode())).json()["status"] == "mapping", (
        "what one seller said holds for nobody else"
    )


async def test_a_file_that_waits_for_its_columns_is_given_up_for_the_next(shop: Shop, seller: Caller) -> None:
    first, second = [(await send(seller, ETSY.replace("36", str(n)).encode())).json() for n in (1, 2)]
    assert (await seller("GET", f"/me/imports/{first['id']}")).json()["status"] == "cancelled"
    assert (await seller("DELETE", f"/me/imports/{second['id']}")).status_code == 204
    assert (await seller("GET", f"/me/imports/{second['id']}")).json()["status"] == "cancelled"


@pytest.mark.usefixtures("free")
async def test_what_was_done_to_rows_is_told_with_their_lines(shop: Shop, seller: Caller) -> None:
    content = lines(f"{'Antique ' * 20},5,lighting,good,It shines.,0,published", lamp(1)).decode().replace("It", "Ü")
    done = await finished(seller, await send(seller, content.encode("cp1252")))
    assert counts(done) == (2, 2, 0, 0)
    assert done["notes"] == [
        {"kind": "encoding", "count": 0, "names": ["Windows-1252"]},
        {"kind": "shortened", "count": 1, "names": ["2"]},
        {"kind": "no_stock", "count": 1, "names": ["2"]},
    ]
    assert (await seller("GET", "/me/listings?status=draft")).json()["total"] == 1


@pytest.mark.usefixtures("free")
async def test_sellers_take_turns_however_long_their_files_are(
    shop: Shop, seller: Caller, other: Caller, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PORTION", 5)
    work, order = Work.__call__, list[str]()

    async def idle(*_: Any) -> int:
        return 0

    monkeypatch.setattr(Work, "__call__", idle)
    long = (await send(seller, lines(*(lamp(n) for n in range(30))))).json()["id"]
    short = (await send(other, lines(*(lamp(n) for n in range(4))))).json()["id"]
    sweeper = Work(clock, shop.kernel.outbox, shop.rules, "EUR")
    for _ in range(3):
        before = dict(await shop.rows("SELECT id::text, done FROM listing_import"))
        clock.advance(timedelta(seconds=1))
        async with shop.database.transaction() as session:
            await work(sweeper, session)
        after = dict(await shop.rows("SELECT id::text, done FROM listing_import"))
        order += [each for each in after if after[each] != before[each]]
    assert order == [long, short, long]
