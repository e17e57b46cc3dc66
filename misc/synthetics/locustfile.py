"""Buyers and sellers who use the shop through its public API, for ever and at a human pace.

They open accounts of their own: raise SOUK_REGISTRATIONS_PER_PLACE_MAX where many come from one place, and let users
fill their own wallets (SOUK_SELF_DEPOSIT=true), or the buyers can only look around.
"""

import random
import secrets
import uuid
from typing import Any

from locust import HttpUser, between, task
from locust.exception import StopUser

API = "/api/v1"
WORDS = ("brass lamp", "wool coat", "oak table", "road bike", "tea set", "film camera", "desk chair", "vinyl records")
ADDRESS = {"name": "Sam Test", "line1": "1 Long Lane", "postcode": "1010", "city": "Vienna", "country": "AT"}
MONEY = 50_000
"""What a buyer puts into the wallet at a time, in minor units."""

OUTCOME_WAITS_MAX = 15
REFUSED_IN_ORDER = (409, 422)
"""Answers that a busy shop gives rightly: somebody else was faster."""


class Person(HttpUser):
    """An account with an API token."""

    abstract = True
    wait_time = between(1, 4)

    def on_start(self) -> None:
        """Open an account; somebody who may not has nothing to do here."""
        login = {"email": f"synthetic-{uuid.uuid4().hex[:16]}@example.org", "password": secrets.token_urlsafe(18)}
        self.currency = "EUR"
        if self.call("POST", "/users", json=login | {"display_name": "Synthetic", "country": "AT"}) is None:
            raise StopUser
        token = self.call("POST", "/tokens", json=login)
        if token is None:
            raise StopUser
        self.client.headers["authorization"] = f"Bearer {token['token']}"

    def call(self, method: str, path: str, name: str = "", accept: tuple[int, ...] = (), **more: Any) -> Any:
        """The decoded answer, or None if the shop refused."""
        title = f"{method} {name or path}"
        with self.client.request(method, API + path, name=title, catch_response=True, **more) as response:
            if response.status_code < 400:
                response.success()
                return response.json() if response.content else {}
            if response.status_code in accept:
                response.success()
            else:
                response.failure(f"{response.status_code}: {response.text[:200]}")
            return None

    def money(self, amount: int) -> dict[str, Any]:
        """An amount in the shop's currency."""
        return {"amount": amount, "currency": self.currency}

    def pages(self) -> list[dict[str, Any]]:
        """Listings as somebody who searches, or only looks, sees them."""
        query = {"q": random.choice(WORDS)} if random.random() < 0.6 else {}
        found = self.call("GET", "/listings", params=query)
        return list(found["items"]) if found else []


class Buyer(Person):
    """Looks at much, buys some of it, confirms what came, and now and then calls an order off."""

    weight = 4

    def on_start(self) -> None:
        """Begin with money in the wallet."""
        super().on_start()
        self.deposit()

    def deposit(self) -> None:
        """Put money into the wallet, where the shop lets users do that."""
        body, key = {"amount": self.money(MONEY)}, {"idempotency-key": str(uuid.uuid4())}
        self.call("POST", "/wallet/deposits", json=body, headers=key, accept=(403, 409, 422))

    @task(6)
    def browse(self) -> None:
        """Look through listings and open one or two."""
        items = self.pages()
        for item in random.sample(items, min(2, len(items))):
            self.call("GET", f"/listings/{item['id']}", "/listings/{id}", accept=(404,))

    @task(3)
    def buy(self) -> None:
        """Put something into the cart, pay, and wait for the outcome."""
        items = [item for item in self.pages() if item["price"]["amount"] <= MONEY // 5]
        if not items:
            return
        line = f"/cart/lines/{random.choice(items)['id']}"
        cart = self.call("PUT", line, "/cart/lines/{id}", accept=(*REFUSED_IN_ORDER, 404), json={"quantity": 1})
        if cart is None:
            return
        body, key = {"address": ADDRESS, "total": cart["total"]}, {"idempotency-key": str(uuid.uuid4())}
        purchase = self.call("POST", "/purchases", accept=REFUSED_IN_ORDER, json=body, headers=key)
        for _ in range(OUTCOME_WAITS_MAX):
            if purchase is None or purchase["status"] not in ("placed", "awaiting_payment"):
                break
            path = f"/purchases/{purchase['id']}"
            purchase = self.call("GET", path, "/purchases/{id}", params={"wait_ms": 2000})
        if purchase and purchase["status"] == "declined":
            self.deposit()
        if purchase and purchase["status"] != "paid":
            self.call("DELETE", "/cart")

    @task(2)
    def look_after_orders(self) -> None:
        """Confirm what was shipped; call off one in ten that was not."""
        found = self.call("GET", "/orders", params={"role": "buyer"}) or {"items": []}
        for order in found["items"][:5]:
            path = f"/orders/{order['id']}"
            if order["status"] == "shipped":
                self.call("POST", f"{path}/receipt", "/orders/{id}/receipt", accept=REFUSED_IN_ORDER)
            elif order["status"] == "paid" and random.random() < 0.1:
                body = {"reason": "I changed my mind."}
                self.call(
                    "POST", f"{path}/cancellation", "/orders/{id}/cancellation", accept=REFUSED_IN_ORDER, json=body
                )

    @task(1)
    def look_at_wallet(self) -> None:
        """See what is left."""
        self.call("GET", "/wallet")


class Seller(Person):
    """Lists things, ships what was sold, and sometimes cannot."""

    weight = 1

    def on_start(self) -> None:
        """Know the categories, and begin with something to sell."""
        super().on_start()
        categories = self.call("GET", "/categories") or []
        self.categories = [category["slug"] for category in categories if category["parent"] is not None]
        self.list_something()

    @task(2)
    def list_something(self) -> None:
        """Put up a listing."""
        title = random.choice(WORDS).capitalize()
        body = {
            "title": title,
            "description": f"{title}, in good order and looked after.",
            "price": self.money(random.randrange(200, 9_000)),
            "category": random.choice(self.categories),
            "condition": "good",
            "quantity": random.randrange(1, 20),
        }
        listing = self.call("POST", "/listings", json=body)
        if listing:
            self.call("POST", f"/listings/{listing['id']}/publication", "/listings/{id}/publication")

    @task(4)
    def ship(self) -> None:
        """Ship what was paid; one in twenty is called off."""
        found = self.call("GET", "/orders", params={"role": "seller"}) or {"items": []}
        for order in [order for order in found["items"] if order["status"] == "paid"][:10]:
            path = f"/orders/{order['id']}"
            if random.random() < 0.05:
                body = {"reason": "It broke."}
                self.call(
                    "POST", f"{path}/cancellation", "/orders/{id}/cancellation", accept=REFUSED_IN_ORDER, json=body
                )
            else:
                body = {"carrier": "Post", "tracking_code": secrets.token_hex(6).upper()}
                self.call("POST", f"{path}/shipment", "/orders/{id}/shipment", accept=REFUSED_IN_ORDER, json=body)

    @task(1)
    def look_around(self) -> None:
        """See what others sell."""
        self.pages()
