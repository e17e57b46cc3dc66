"""Pictures of listings, from the form to the file."""

import asyncio
import io
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from catalogue.pictures.storage import WAITING_MAX, Renderer
from souk.errors import Unavailable
from souk.ids import new_id
from tests.catalogue.harness import Caller, Shop, new_listing, picture

RED, GREEN, BLUE = (picture(colour=colour) for colour in ((200, 0, 0), (0, 200, 0), (0, 0, 200)))


async def _add(caller: Caller, listing: dict[str, Any], *files: bytes, alt: list[str] | None = None) -> httpx.Response:
    named = [("pictures", ("photo.exe", content, "application/octet-stream")) for content in files]
    return await caller("POST", f"/listings/{listing['id']}/pictures", files=named, data={"alt": alt or []})


async def test_pictures_are_added_shown_and_served(shop: Shop, seller: Caller, visitor: Caller, tmp_path: Path) -> None:
    listing = await new_listing(seller)
    first = await _add(seller, listing, picture((900, 600), "JPEG"), RED, alt=["A lamp", "12"])
    assert first.status_code == 201, first.text
    second = await _add(seller, listing, BLUE)
    shown = (await visitor("GET", f"/listings/{listing['id']}")).json()
    assert shown["pictures"] == second.json()
    assert second.json()[:2] == first.json()
    assert [p["alt"] for p in shown["pictures"]] == ["A lamp", "12", ""]
    assert shown["version"] == listing["version"] + 2
    card = (await visitor("GET", "/listings")).json()["items"][0]
    assert card["picture"] == shown["pictures"][0]
    name = card["picture"]["small"]
    served = await visitor("GET", f"/pictures/{name}")
    assert Image.open(io.BytesIO(served.content)).size == (320, 213)
    assert served.headers["content-type"] == "image/webp"
    assert served.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (tmp_path / "pictures" / name).read_bytes() == served.content


async def test_known_pictures_are_not_sent_again(seller: Caller, shop: Shop) -> None:
    listing = await new_listing(seller)
    name = (await _add(seller, listing, RED)).json()[0]["small"]
    async with httpx.AsyncClient(transport=seller._http._transport, base_url="http://catalogue") as http:
        again = await http.get(f"/pictures/{name}", headers={"if-none-match": f'"{name}"'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", f'"{name}"')


BAD_NAMES = ["a", "0" * 40 + ".webp", "0" * 40 + ".png", "..%2f..%2fsecret", "%2e%2e/secret", "%00", "secret.webp"]


async def test_only_pictures_are_served(visitor: Caller, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "pictures" / "secret.webp").write_text("secret")
    for name in BAD_NAMES:
        refused = await visitor("GET", f"/pictures/{name}")
        assert refused.status_code == 404
        assert "secret" not in refused.text


async def test_order_words_and_removal(seller: Caller, visitor: Caller) -> None:
    listing = await new_listing(seller)
    path = f"/listings/{listing['id']}/pictures"
    red, green, blue = [p["id"] for p in (await _add(seller, listing, RED, GREEN, BLUE)).json()]
    turned = await seller("PUT", f"{path}/order", json=[blue, red, green])
    assert [p["id"] for p in turned.json()] == [blue, red, green]
    for wrong in ([], [blue, red], [blue, red, red], [blue, red, str(new_id())], [blue, red, green, green]):
        assert (await seller("PUT", f"{path}/order", json=wrong)).status_code == 422
    assert (await seller("PUT", f"{path}/order", json=[blue] * 9)).status_code in (400, 422)
    described = await seller("PATCH", f"{path}/{red}", json={"alt": "  A red\nlamp "})
    assert [p["alt"] for p in described.json()] == ["", "A red lamp", ""]
    assert (await seller("PATCH", f"{path}/{red}", json={"alt": "x" * 301})).status_code == 400
    assert (await seller("PATCH", f"{path}/{red}", json={"alt": "a\x00"})).status_code == 422
    assert (await seller("DELETE", f"{path}/{blue}")).status_code == 204
    for method, body in (("DELETE", None), ("PATCH", {"alt": ""})):
        assert (await seller(method, f"{path}/{blue}", json=body)).status_code == 404
    assert [p["id"] for p in (await visitor("GET", f"/listings/{listing['id']}")).json()["pictures"]] == [red, green]
    assert (await visitor("GET", "/listings")).json()["items"][0]["picture"]["id"] == red
    assert [p["id"] for p in (await _add(seller, listing, BLUE)).json()][:2] == [red, green]


async def test_the_same_file_is_kept_and_shown_once(shop: Shop, seller: Caller, other: Caller) -> None:
    mine, others = await new_listing(seller), await new_listing(other)
    for _ in range(2):
        assert len((await _add(seller, mine, RED, RED)).json()) == 1
    await _add(other, others, RED)
    assert await shop.rows("SELECT count(*) FROM picture_file") == [(1,)]


async def test_a_listing_has_eight_pictures_at_the_most(shop: Shop, seller: Caller) -> None:
    listing = await new_listing(seller)
    files = [picture(colour=(n, n, n)) for n in range(12)]
    assert (await _add(seller, listing, *files[:9])).status_code == 409
    assert len((await _add(seller, listing, *files[:6])).json()) == 6
    racing = await asyncio.gather(*(_add(seller, listing, content) for content in files[6:]))
    assert sorted(answer.status_code for answer in racing) == [201, 201, 409, 409, 409, 409]
    positions = await shop.rows("SELECT position FROM listing_picture ORDER BY position")
    assert [position for (position,) in positions] == list(range(8))


async def test_bad_uploads_change_nothing_and_are_named(shop: Shop, seller: Caller, other: Caller) -> None:
    listing = await new_listing(seller)
    path = f"/listings/{listing['id']}/pictures"
    for content in (b"nonsense", b"<svg/>", RED[:40], b"\xff" * (10 * 1024 * 1024 + 1)):
        refused = await _add(seller, listing, RED, content)
        assert refused.status_code == 422, refused.text
        assert refused.json()["errors"][0]["field"] == "pictures"
    assert (await _add(seller, listing, RED, alt=["x" * 301])).status_code == 422
    assert (await seller("POST", path, json={})).status_code == 400
    assert (await seller("POST", path, files={"other": ("a", RED)})).status_code == 400
    assert (await seller("POST", path, data={"pictures": "text"})).status_code == 400
    huge = [("pictures", (f"{n}.png", b"\0" * 11 * 1024 * 1024, "image/png")) for n in range(8)]
    assert (await seller("POST", path, files=huge)).status_code == 413
    assert (await _add(other, listing, RED)).status_code == 403
    assert (await shop.service("entrypoint")("POST", path, files={"pictures": ("a", RED)})).status_code == 401
    assert (await _add(seller, {"id": new_id()}, RED)).status_code == 404
    assert await shop.rows("SELECT count(*) FROM listing_picture") == [(0,)]


async def test_kept_pictures_are_for_the_entrypoint(shop: Shop, seller: Caller, visitor: Caller) -> None:
    files = {"pictures": ("a.png", RED, "image/png")}
    first = await visitor("POST", "/internal/pictures", files=files)
    again = await shop.user("admin")("POST", "/internal/pictures", files=files)
    assert (first.status_code, again.json()) == (201, first.json())
    assert (await seller("POST", "/internal/pictures", files=files)).status_code == 403
    assert (await shop.service("payment")("POST", "/internal/pictures", files=files)).status_code == 403


async def test_too_many_uploads_at_once_are_put_off() -> None:
    renderer = Renderer(at_once=1)
    content = picture((60, 60))
    rendering = [renderer.render(content) for _ in range(WAITING_MAX + 3)]
    outcomes = await asyncio.gather(*rendering, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes[WAITING_MAX:]] == [Unavailable] * 3
    assert not any(isinstance(outcome, Exception) for outcome in outcomes[:WAITING_MAX])
    assert (await renderer.render(content)).width == 60
    renderer.close()
