"""README's journey by a client that was generated from the API's own document."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from souk.database.embedded import ServiceUrls
from tests.journeys.conftest import World, embedded_world
from tests.journeys.people import PASSWORD

CONFIG = Path(__file__).parents[2] / "misc" / "openapi-python-client.yml"


class Client:
    """Somebody who has only the generated client."""

    def __init__(self, world: World) -> None:
        self._client = import_module("souk_client").Client(base_url="http://localhost:8000")
        self._client.set_async_httpx_client(world.http)

    async def __call__(self, function: str, **arguments: Any) -> Any:
        """Ask by the client's function, e.g. `cart.set_cart_line`; what it made of the answer."""
        if "body" in arguments and isinstance(arguments["body"], tuple):
            kind, values = arguments["body"]
            arguments["body"] = getattr(import_module("souk_client.models"), kind).from_dict(values)
        found = await import_module(f"souk_client.api.{function}").asyncio_detailed(client=self._client, **arguments)
        assert found.status_code < 300, (function, found.content)
        return found.parsed

    async def log_in(self, world: World, name: str) -> "Client":
        """Open an account, and speak with its token from now on."""
        email = f"{uuid4().hex}@example.org"
        new = {"email": email, "password": PASSWORD, "display_name": name, "country": "IE"}
        await self("account.register_user", body=("NewUser", new))
        token = (await self("tokens.issue_token", body=("NewToken", {"email": email, "password": PASSWORD}))).token
        made: Any = import_module("souk_client").AuthenticatedClient(base_url="http://localhost:8000", token=token)
        http = type(world.http)(
            transport=world.http._transport,
            base_url="http://localhost:8000",
            headers={"authorization": f"Bearer {token}"},
        )
        made.set_async_httpx_client(http)
        self._client = made
        return self


@pytest.fixture
async def world(urls: dict[str, ServiceUrls], tmp_path: Path) -> AsyncIterator[World]:
    async with embedded_world(urls, tmp_path) as (made, _):
        yield made


@pytest.fixture
async def document(world: World) -> Any:
    """The API's, as the shop tells it."""
    return (await world.http.get("/api/openapi.json")).json()


@pytest.fixture
async def _generated(document: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "openapi.json"
    path.write_bytes(msgspec.json.encode(document))
    command = ["openapi_python_client", "generate", "--path", path, "--config", CONFIG, "--meta", "none"]
    done = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *map(str, command),
        "--output-path",
        str(tmp_path / "souk_client"),
        stdout=PIPE,
        stderr=STDOUT,
    )
    said, _ = await done.communicate()
    assert done.returncode == 0 and b"WARNING" not in said, said.decode()
    monkeypatch.syspath_prepend(str(tmp_path))


def test_the_document_says_what_is_taken_and_what_comes(document: Any) -> None:
    paths = document["paths"]
    operations = [operation for item in paths.values() for operation in item.values()]
    assert all(operation["description"] for operation in operations)
    assert {tag for operation in operations for tag in operation["tags"]} == {tag["name"] for tag in document["tags"]}
    assert paths["/api/v1/me/imports"]["post"]["requestBody"]["content"]["text/csv"]["schema"] == {"type": "string"}
    assert set(paths["/api/v1/pictures/{name}"]["get"]["responses"]["200"]["content"]) == {"image/webp", "image/avif"}
    for path, kind in (
        ("/pictures/{name}", "image/avif"),
        ("/invoices/{invoice_id}/pdf", "application/pdf"),
        ("/invoices/archive", "application/zip"),
    ):
        answer = paths[f"/api/v1{path}"]["get"]["responses"]["200"]
        assert answer["content"][kind]["schema"] == {"type": "string", "format": "binary"}
    asked = {each["name"]: each["schema"] for each in paths["/api/v1/listings"]["get"]["parameters"]}
    assert (asked["price_min"]["minimum"], asked["language"]["items"]["pattern"]) == (0, "^[a-z]{2,3}$")
    assert asked["country"]["items"]["pattern"] == "^[A-Z]{2}$"
    month = next(each for each in paths["/api/v1/invoices/archive"]["get"]["parameters"] if each["name"] == "month")
    assert re.fullmatch(month["schema"]["pattern"], "2026-11") and not re.fullmatch(
        month["schema"]["pattern"], "2026-13"
    )
    listing = document["components"]["schemas"]["NewListing"]
    assert listing["description"] == "A draft as its seller enters it."
    assert "UUID version 7" in listing["properties"]["id"]["description"]


@pytest.mark.usefixtures("_generated")
async def test_a_generated_client_buys_and_sells(world: World) -> None:
    maya, jonas = await Client(world).log_in(world, "Maya"), await Client(world).log_in(world, "Jonas")
    await jonas(
        "wallet.create_deposit",
        body=("NewDeposit", {"amount": {"amount": 10_000, "currency": "EUR"}}),
        idempotency_key=str(uuid4()),
    )
    price = {"amount": 4200, "currency": "EUR"}
    lamp = {"title": "Brass reading lamp", "description": "Warm light, heavy foot.", "price": price} | {
        "category": "lighting",
        "condition": "good",
    }
    listing = await maya("listings.create_listing", body=("NewListing", lamp))
    await maya("listings.publish_listing", listing_id=listing.id)
    [found] = (await jonas("listings.list_listings", q="brass lamp", price_max=5000)).items
    assert found.id == listing.id

    await jonas("cart.set_cart_line", listing_id=found.id, body=("SetCartLine", {"quantity": 1}))
    home = {"name": "Jonas Lind", "line1": "12 Fade Street", "postcode": "D02 X285", "city": "Dublin", "country": "IE"}
    wanted, key = ("NewPurchase", {"address": home, "total": price}), str(uuid4())
    placed = await jonas("purchases.place_purchase", body=wanted, idempotency_key=key)
    assert (await jonas("purchases.place_purchase", body=wanted, idempotency_key=key)).id == placed.id
    purchase = placed
    while purchase.status in ("placed", "awaiting_payment"):
        purchase = await jonas("purchases.get_purchase", purchase_id=placed.id, wait_ms=2000)
    assert (await jonas("wallet.get_wallet")).held.amount == 4200

    order_id = UUID(str(purchase.orders[0].id))
    await maya("orders.ship_order", order_id=order_id, body=("Shipment", {"carrier": "Post", "tracking_code": "RR123"}))
    await jonas("orders.confirm_order", order_id=order_id)
    while not (invoices := (await jonas("invoices.list_invoices", order_id=order_id)).items):
        pass
    pdf = await jonas("invoices.get_invoice_pdf", invoice_id=invoices[0].id)
    assert pdf.payload.read().startswith(b"%PDF")
    file = import_module("souk_client.types").File(payload=b"title,price,category,condition\nMug,3.00,kitchen,good\n")
    assert (await maya("import_and_export.import_listings", body=file)).status in ("waiting", "running", "done")
    exported = await maya("import_and_export.export_listings")
    assert "Brass reading lamp" in exported.decode()
    await world.audit()
