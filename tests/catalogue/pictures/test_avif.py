"""AVIF beside every WebP: made after the upload, whatever happens meanwhile, and served like it."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import catalogue.app
from catalogue.pictures import avif
from catalogue.pictures.avif import CLAIMED_FOR, TRIES_MAX, AvifMaker
from catalogue.pictures.images import avif_name
from catalogue.pictures.storage import PictureStore
from souk.clock import ManualClock
from tests.catalogue.harness import Caller, Shop, new_listing, picture
from tests.catalogue.pictures.test_orphans import keep, sweep, there
from tests.catalogue.pictures.test_pictures import RED, _add


@pytest.fixture
async def maker(shop: Shop, clock: ManualClock, tmp_path: Path) -> AsyncIterator[AvifMaker]:
    made = AvifMaker(clock, PictureStore((tmp_path / "pictures").as_uri()))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service's own maker sleeps while these tests make them."""
    monkeypatch.setattr(catalogue.app, "AVIF_EVERY_S", 600.0)


async def _shown(caller: Caller, listing: dict[str, Any]) -> dict[str, Any]:
    return dict((await caller("GET", f"/listings/{listing['id']}")).json()["pictures"][0])


async def test_three_sizes_are_made_and_served(shop: Shop, seller: Caller, visitor: Caller, maker: AvifMaker) -> None:
    listing = await new_listing(seller)
    await _add(seller, listing, picture((2000, 1000), "JPEG"))
    before = await _shown(visitor, listing)
    assert before["avif"] is False
    assert (await visitor("GET", f"/pictures/{avif_name(before['small'])}")).status_code == 404
    assert await maker(shop.database)
    assert not await maker(shop.database)
    assert await _shown(visitor, listing) == before | {"avif": True}
    assert (await visitor("GET", "/listings")).json()["items"][0]["picture"]["avif"] is True
    for size, width in (("small", 320), ("medium", 800), ("large", 1600)):
        served = await visitor("GET", f"/pictures/{avif_name(before[size])}")
        assert served.headers["content-type"] == "image/avif"
        assert served.headers["cache-control"] == "public, max-age=31536000, immutable"
        image = Image.open(io.BytesIO(served.content))
        assert (image.format, image.size) == ("AVIF", (width, width // 2))


async def test_a_maker_that_crashed_is_followed_by_another(
    shop: Shop, visitor: Caller, maker: AvifMaker, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(visitor, RED)
    with monkeypatch.context() as crashing:
        crashing.setattr(avif, "avif", lambda _: (_ for _ in ()).throw(asyncio.CancelledError))
        with pytest.raises(asyncio.CancelledError):
            await maker(shop.database)
    assert not await maker(shop.database), "it is claimed"
    clock.advance(CLAIMED_FOR)
    assert await maker(shop.database)
    assert await shop.rows("SELECT avif, avif_tries, avif_due FROM picture_file") == [(True, 2, None)]


async def test_what_cannot_be_made_is_given_up_and_holds_up_nothing(
    shop: Shop, visitor: Caller, maker: AvifMaker, clock: ManualClock, tmp_path: Path
) -> None:
    lost = await keep(visitor, RED)
    (tmp_path / "pictures" / lost["large"]).unlink()
    clock.advance(timedelta(seconds=1))
    good = await keep(visitor, picture(colour=(1, 2, 3)))
    assert [await maker(shop.database) for _ in range(3)] == [True, True, False]
    assert (await visitor("GET", f"/pictures/{avif_name(good['small'])}")).status_code == 200
    for _ in range(TRIES_MAX + 1):
        clock.advance(CLAIMED_FOR)
        await maker(shop.database)
    tries = await shop.rows("SELECT avif, avif_tries, avif_due FROM picture_file ORDER BY created_at")
    assert tries == [(False, TRIES_MAX, None), (True, 1, None)]


async def test_two_makers_never_take_the_same(shop: Shop, visitor: Caller, maker: AvifMaker) -> None:
    for shade in range(6):
        await keep(visitor, picture(colour=(shade, 0, 0)))
    await asyncio.gather(*(maker(shop.database) for _ in range(6)))
    assert await shop.rows("SELECT avif_tries, count(*) FROM picture_file WHERE avif GROUP BY 1") == [(1, 6)]


async def test_it_goes_with_its_picture(
    shop: Shop, visitor: Caller, maker: AvifMaker, clock: ManualClock, tmp_path: Path
) -> None:
    kept = await keep(visitor, RED)
    assert await maker(shop.database)
    assert there(tmp_path) == {kept["large"], avif_name(kept["large"])}
    assert await sweep(shop, clock, tmp_path) == (1, 1)
    assert there(tmp_path) == set()


async def test_a_kept_picture_is_shown_turned_and_described(shop: Shop, seller: Caller, other: Caller) -> None:
    listing = await new_listing(seller)
    kept = await keep(shop.service("entrypoint"), picture((40, 30)))
    path = f"/internal/listings/{listing['id']}/pictures"
    body = {"name": kept["large"], "alt": "A lamp"}
    [plain] = (await seller("POST", path, json=body)).json()
    assert (plain["large"], plain["alt"], plain["width"]) == (kept["large"], "A lamp", 40)
    assert (await seller("POST", path, json=body)).json() == [plain], "sent twice, it is shown once"
    [_, turned] = (await seller("POST", path, json=body | {"degrees": 90})).json()
    assert (turned["width"], turned["height"]) == (30, 40)
    assert (await other("POST", path, json=body)).status_code == 403
    assert (await seller("POST", path, json=body | {"degrees": 45})).status_code == 400
    assert (await seller("POST", path, json=body | {"name": "../secret"})).status_code == 400
    missing = await seller("POST", path, json=body | {"name": "0" * 40 + ".webp"})
    assert missing.status_code == 422
    [wrong] = missing.json()["errors"]
    assert (wrong["field"], wrong["code"]) == ("name", "picture-gone")
    assert wrong["message"] == "The picture is not there any more. Choose it again."
