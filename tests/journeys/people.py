"""People who use the shop through its public API, as the tests of journeys need them."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
from PIL import Image

from souk.ids import new_id
from tests.browsing import Browser

PASSWORD = "correct-horse-battery-staple-9"
ADDRESS = {"name": "Zoë Müller", "line1": "Rue de l'Étoile 7", "postcode": "75017", "city": "Paris", "country": "FR"}


class Person:
    """One account, over HTTP, with a bearer token."""

    currency = "EUR"

    def __init__(self, http: httpx.AsyncClient, name: str) -> None:
        self.http = http
        self.name = name
        self.email = f"{uuid4().hex[:12]}@example.org"
        self.id = ""
        self.headers: dict[str, str] = {}

    async def register(self) -> "Person":
        body = {"email": self.email, "password": PASSWORD, "display_name": self.name, "country": "FR"}
        user = await self.ask("POST", "/users", json=body)
        self.id = user["id"]
        return await self.log_in()

    async def log_in(self) -> "Person":
        token = await self.ask("POST", "/tokens", json={"email": self.email, "password": PASSWORD})
        self.headers = {"authorization": f"Bearer {token['token']}"}
        return self

    async def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = self.headers | more.pop("headers", {})
        return await self.http.request(method, f"/api/v1{path}", headers=headers, **more)

    async def ask(self, method: str, path: str, **more: Any) -> Any:
        """The decoded answer; a refusal fails the test with its problem."""
        response = await self.send(method, path, **more)
        assert response.status_code < 400, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def money(self, amount: int) -> dict[str, object]:
        return {"amount": amount, "currency": self.currency}

    async def add_money(self, amount: int) -> None:
        body = {"amount": self.money(amount)}
        await self.ask("POST", "/wallet/deposits", json=body, headers={"idempotency-key": str(uuid4())})

    async def sell(
        self,
        title: str,
        price: int,
        quantity: int = 1,
        *,
        category: str = "",
        picture: bytes | None = None,
        accepts_offers: bool = False,
    ) -> str:
        """Put up an item; its id."""
        body = {
            "id": str(new_id()),
            "title": title,
            "description": f"{title}, in good order and looked after.",
            "price": self.money(price),
            "category": category or await self.a_category(),
            "condition": "good",
            "quantity": quantity,
            "accepts_offers": accepts_offers,
        }
        listing = await self.ask("POST", "/listings", json=body)
        if picture is not None:
            files = {"pictures": ("picture.png", picture, "image/png")}
            await self.ask("POST", f"/listings/{listing['id']}/pictures", files=files)
        await self.ask("POST", f"/listings/{listing['id']}/publication")
        return str(listing["id"])

    async def a_category(self) -> str:
        categories = await self.ask("GET", "/categories")
        return str(next(c["slug"] for c in categories if c["parent"] is not None))

    async def offer(self, listing_id: str, price: int, quantity: int = 1, message: str = "") -> Any:
        """Name a first price for a listing; the offer."""
        body = {"listing_id": listing_id, "price": self.money(price), "quantity": quantity}
        return await self.ask("POST", "/offers", json=body | {"message": message})

    async def answer(self, offer: Any, action: str, price: int = 0) -> Any:
        """Answer the last price of an offer as it is given; the offer afterwards."""
        body = {"round": len(offer["rounds"])} | ({"price": self.money(price)} if price else {})
        return await self.ask("POST", f"/offers/{offer['id']}/{action}", json=body)

    async def put_in_cart(self, listing_id: str, quantity: int = 1) -> Any:
        return await self.ask("PUT", f"/cart/lines/{listing_id}", json={"quantity": quantity})

    async def check_out(self, *, key: str | None = None, wait: bool = True) -> Any:
        """Pay for the cart; the purchase once it is decided."""
        cart = await self.ask("GET", "/cart")
        body = {"address": ADDRESS, "total": cart["total"]}
        headers = {"idempotency-key": key or str(uuid4())}
        purchase = await self.ask("POST", "/purchases", json=body, headers=headers)
        return await self.outcome(purchase["id"]) if wait else purchase

    async def outcome(self, purchase_id: str, seconds: float = 30) -> Any:
        until = asyncio.get_running_loop().time() + seconds
        while True:
            purchase = await self.ask("GET", f"/purchases/{purchase_id}", params={"wait_ms": 2000})
            if purchase["status"] not in ("placed", "awaiting_payment"):
                return purchase
            assert asyncio.get_running_loop().time() < until, f"still {purchase['status']}"

    async def wallet(self) -> tuple[int, int]:
        """(available, held) in minor units."""
        wallet = await self.ask("GET", "/wallet")
        return wallet["available"]["amount"], wallet["held"]["amount"]

    async def order_when(self, order_id: str, status: str, seconds: float = 20) -> Any:
        """The order, once it has the status."""
        until = asyncio.get_running_loop().time() + seconds
        while True:
            order = await self.ask("GET", f"/orders/{order_id}")
            if order["status"] == status:
                return order
            assert asyncio.get_running_loop().time() < until, f"still {order['status']}, not {status}"
            await asyncio.sleep(0.05)

    async def invoices_when(self, order_id: str, count: int, seconds: float = 20) -> Any:
        until = asyncio.get_running_loop().time() + seconds
        while True:
            page = await self.ask("GET", "/invoices", params={"order_id": order_id})
            if len(page["items"]) == count:
                return page["items"]
            assert asyncio.get_running_loop().time() < until, f"{len(page['items'])} invoices, not {count}"
            await asyncio.sleep(0.05)


def a_picture(colour: str = "teal") -> bytes:
    """A small PNG."""
    import io

    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "PNG")
    return out.getvalue()


async def logged_in(person: Person, after: str = "/") -> Browser:
    """The person's own browser, at this page."""
    browser = Browser(person.http)
    await browser.log_in(person.email, PASSWORD, after)
    return browser


async def log_in(http: httpx.AsyncClient, person: Person) -> None:
    """Give a client the cookies of somebody who has just logged in, and seen nothing yet."""
    browser = Browser(http)
    await browser.open("/login")
    answer = await browser.post("/login", {"email": person.email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    http.cookies.update(browser.http.cookies)
