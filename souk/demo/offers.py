"""Offers between demo people: one waits for the funded user as a seller, one for each answer that a buyer can get."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from souk.demo.fill import Customer, Progress
from souk.demo.pictures import draw
from souk.demo.spec import PictureSpec

OWN = PictureSpec("lamp", 3, colour="mustard")
"""What the first funded user sells, and takes offers for."""

OWN_PRICE = 4_200
PRICE_MIN, PRICE_MAX = 1_500, 20_000
"""Of what offers are made for, in minor units."""

OFFERED, COUNTERED = 80, 90
"""Of the asking price, in percent."""

ANSWERS = ("open", "countered", "accepted", "declined")


async def bargain(
    buyers: list[Customer], customer_of: Callable[[str], Awaitable[Customer]], progress: Progress, *, pictures: bool
) -> None:
    """Make offers and answer them, as the first of the funded users finds them: made, answered and received."""
    me, other = buyers
    mine = await _put_up(me, pictures=pictures)
    await _offer(other, mine, "I could come by for it on Saturday.")
    params = {"accepts_offers": True, "limit": 50, "price_min": PRICE_MIN, "price_max": PRICE_MAX}
    found = (await me.ask("GET", "/listings", params=params))["items"]
    cards = list({card["seller_id"]: card for card in found if card["id"] != mine["id"]}.values())
    for done, (answer, card) in enumerate(zip(ANSWERS, cards, strict=False), start=1):
        offer = await _offer(me, card)
        await _answer(await customer_of(card["seller_id"]), offer, answer)
        progress("Offers", done, len(ANSWERS))


async def _put_up(seller: Customer, *, pictures: bool) -> Any:
    new = {
        "title": "Reading lamp with a heavy foot",
        "description": "Warm light and a new cable. It stood on my desk; now there is a bigger one.",
        "price": {"amount": OWN_PRICE, "currency": seller.currency},
        "category": "lighting",
        "condition": "good",
        "accepts_offers": True,
    }
    listing = await seller.ask("POST", "/listings", json=new)
    if pictures:
        content = await asyncio.to_thread(draw, OWN, size=(800, 600))
        files = {"pictures": ("lamp.jpg", content, "image/jpeg")}
        await seller.ask("POST", f"/listings/{listing['id']}/pictures", files=files)
    await seller.ask("POST", f"/listings/{listing['id']}/publication")
    return listing


async def _offer(buyer: Customer, listing: Any, message: str = "") -> Any:
    new = {"listing_id": listing["id"], "price": _part(listing["price"], OFFERED), "message": message}
    return await buyer.ask("POST", "/offers", json=new)


async def _answer(seller: Customer, offer: Any, answer: str) -> None:
    path, seen = f"/offers/{offer['id']}", {"round": 1}
    if answer == "countered":
        price = _part(offer["asking_price"], COUNTERED)
        await seller.ask(
            "POST", f"{path}/counteroffer", json=seen | {"price": price, "message": "It is as good as new."}
        )
    elif answer == "accepted":
        await seller.ask("POST", f"{path}/acceptance", json=seen)
    elif answer == "declined":
        await seller.ask("POST", f"{path}/refusal", json=seen)


def _part(price: Any, percent: int) -> Any:
    """So many percent of a price, rounded down to whole units of the currency where that leaves something."""
    amount = price["amount"] * percent // 100
    return price | {"amount": amount - amount % 100 if amount > 100 else amount}
