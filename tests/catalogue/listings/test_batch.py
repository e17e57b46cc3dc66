"""Many listings at once."""

from typing import Any

from souk.ids import new_id
from tests.catalogue.harness import Caller, Shop, fields, picture


def _item(**changed: Any) -> dict[str, Any]:
    published = {"id": str(new_id()), "seller_id": str(new_id()), "published_at": "2026-01-02T03:04:05Z"}
    return fields(**published) | changed


async def test_a_batch_is_on_sale_at_once(shop: Shop, visitor: Caller) -> None:
    kept = await visitor("POST", "/internal/pictures", files=[("pictures", ("a.png", picture(), "image/png"))])
    shown = [{"file_id": kept.json()["id"], "alt": "A lamp"}]
    items = [_item(pictures=shown), _item(quantity=5)]
    first = await visitor("POST", "/internal/listings/batch", json={"listings": items})
    again = await visitor("POST", "/internal/listings/batch", json={"listings": [*items, _item()]})
    assert (first.json(), again.json()) == ({"added": 2}, {"added": 1})
    page = (await visitor("GET", "/listings")).json()
    assert page["total"] == 3
    listing = (await visitor("GET", f"/listings/{items[0]['id']}")).json()
    assert listing["published_at"] == "2026-01-02T03:04:05Z"
    assert listing["seller"]["id"] == items[0]["seller_id"]
    assert [(p["alt"], p["small"]) for p in listing["pictures"]] == [("A lamp", kept.json()["small"])]
    await shop.audit()


async def test_one_bad_listing_spoils_its_batch(shop: Shop, visitor: Caller) -> None:
    for wrong in ({"category": "no-such"}, {"description": ""}, {"price": {"amount": 1, "currency": "USD"}}):
        body = {"listings": [_item(), _item(**wrong)]}
        refused = await visitor("POST", "/internal/listings/batch", json=body)
        assert refused.status_code == 422
    assert await shop.rows("SELECT count(*) FROM listing") == [(0,)]


async def test_batches_are_limited_and_not_for_users(shop: Shop, seller: Caller, visitor: Caller) -> None:
    path, one = "/internal/listings/batch", {"listings": [_item()]}
    assert (await seller("POST", path, json=one)).status_code == 403
    assert (await shop.service("store")("POST", path, json=one)).status_code == 403
    assert (await shop.user("admin")("POST", path, json=one)).json() == {"added": 1}
    assert (await visitor("POST", path, json={"listings": []})).json() == {"added": 0}
    assert (await visitor("POST", path, json={"listings": [_item()] * 1001})).status_code == 400
