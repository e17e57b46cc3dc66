"""A shipped order, and what its two people do about what is wrong with it."""

from typing import Any

import httpx

from souk.ids import new_id
from tests.store.harness import Store, User

WORDS = "The frame is bent and the light is missing."


class Case:
    """One shipped order of 20.00 euros with its buyer, its seller and two moderators."""

    def __init__(self, store: Store, buyer: User, seller: User, order: dict[str, Any]) -> None:
        self.store, self.buyer, self.seller, self.order = store, buyer, seller, order
        self.moderator, self.another = store.user(None, "moderator"), store.user(None, "moderator")

    async def open(self, kind: str = "broken", *, key: object = None, text: str = WORDS) -> httpx.Response:
        headers = {"idempotency-key": str(key or new_id())}
        path = f"/orders/{self.order['id']}/problems"
        return await self.buyer.ask("POST", path, {"kind": kind, "text": text}, headers=headers)

    async def opened(self, kind: str = "broken") -> dict[str, Any]:
        answer = await self.open(kind)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def seen(self, user: User | None = None) -> dict[str, Any]:
        answer = await (user or self.buyer).ask("GET", f"/orders/{self.order['id']}/problems")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()[0]
        return found

    async def propose(self, user: User, amount: int, version: int = 0, text: str = "") -> httpx.Response:
        seen = await self.seen(user)
        body = {"amount": {"amount": amount, "currency": "EUR"}, "version": version or seen["version"], "text": text}
        return await user.ask("POST", f"/problems/{seen['id']}/proposals", body)

    async def answer(self, user: User, what: str, version: int = 0, text: str = "") -> httpx.Response:
        seen = await self.seen()
        return await user.ask(
            "POST", f"/problems/{seen['id']}/{what}", {"version": version or seen["version"], "text": text}
        )

    async def decide(
        self, moderator: User, amount: int, ground: str = "damaged", text: str = WORDS, version: int = 0
    ) -> httpx.Response:
        seen = await self.seen()
        money = {"amount": amount, "currency": "EUR"}
        body = {"amount": money, "ground": ground, "text": text, "version": version or seen["version"]}
        return await moderator.ask("POST", f"/moderation/problems/{seen['id']}/decisions", body)

    async def status(self) -> tuple[str, str]:
        """The problem's and the order's."""
        return (await self.seen())["status"], (await self.buyer.order(self.order["id"]))["status"]


async def shipped(store: Store) -> Case:
    buyer, seller = store.user(), store.user()
    bicycle = store.catalogue.offer(1500, seller=seller.id, title="Bicycle")
    lock = store.catalogue.offer(500, seller=seller.id, title="Lock")
    order = await store.buy(buyer, bicycle, lock)
    assert (await seller.ask("POST", f"/orders/{order['id']}/shipment", {})).status_code == 200
    return Case(store, buyer, seller, await buyer.order(order["id"]))
