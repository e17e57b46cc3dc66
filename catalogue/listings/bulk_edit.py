"""Changing many of one's own listings at once, and copying one. Each function runs inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from sqlalchemy import func, insert, select

from catalogue.categories.categories import CategoryTree
from catalogue.house_rules import HouseRules
from catalogue.listings.listings import change_words, news_of_change, note_prices, own, put_on_sale
from catalogue.listings.rules import LISTINGS_PER_SELLER_MAX, TooManyListings
from catalogue.listings.tables import ListingRow
from catalogue.pictures.tables import ListingPictureRow
from catalogue.sellers.sellers import copied, held
from souk.contracts import Event
from souk.contracts.catalogue.listings import PRICE_MAX, ListingChanges, ManyChanges, ManyOutcome, NotChanged
from souk.database import Session
from souk.errors import InvalidInput, NotFound, RuleBroken
from souk.ids import new_id
from souk.money import Money


async def change_many(
    session: Session, seller_id: UUID, changes: ManyChanges, *, tree: CategoryTree, rules: HouseRules, now: datetime
) -> tuple[ManyOutcome, list[Event]]:
    """Do to each of these listings what is said, by the rules for one; those it cannot be done to stay as they are.

    Locks them in the order of their ids, as purchases do. Raises InvalidInput if nothing is to be done.
    """
    wanted = (changes.price_percent, changes.price, changes.quantity_more, changes.sale, changes.accepts_offers)
    if all(one is None for one in wanted):
        raise InvalidInput("ids", "Say what to change.", code="nothing-to-change")
    locking = select(ListingRow).where(ListingRow.id.in_(changes.ids), ListingRow.seller_id == seller_id)
    rows = list(await session.scalars(locking.order_by(ListingRow.id).with_for_update(key_share=True)))
    allowance = await rules.allowance(session, seller_id, now=now)
    known = {row.id for row in rows}
    refused = [
        _not_changed(listing_id, "", NotFound("You have no such listing.", code="listing-not-yours"))
        for listing_id in dict.fromkeys(changes.ids)
        if listing_id not in known
    ]
    prices = [(row, row.price) for row in rows]
    news: list[Event] = []
    done = 0
    for row in rows:
        before, could_be_bought = Money(row.price, row.currency), row.available > 0
        listing_id, title = row.id, row.title
        try:
            change_words(row, _changes_of(row, changes), tree=tree, rules=rules)
            told = news_of_change(row, before, could_be_bought)
            if changes.sale == "publish" and row.status != "published":
                told = put_on_sale(row, rules=rules, allowance=allowance, now=now)
            elif changes.sale == "withdraw" and row.status == "published":
                row.status, told = "withdrawn", []
        except RuleBroken as wrong:
            session.expire(row)  # forgets what was changed of it before the rule was broken
            refused.append(_not_changed(listing_id, title, wrong))
            continue
        if session.is_modified(row):
            row.version += 1
            row.changed_at = now
        news += told
        done += 1
    await note_prices(session, [(row, price) for row, price in prices if row in session.dirty], now)
    await session.flush()
    return ManyOutcome(changed=done, refused=refused), news


def _not_changed(listing_id: UUID, title: str, why: RuleBroken) -> NotChanged:
    return NotChanged(id=listing_id, title=title, message=why.message, code=why.code, params=why.params)


def _changes_of(row: ListingRow, changes: ManyChanges) -> ListingChanges:
    amount = None if changes.price is None else changes.price
    if changes.price_percent is not None:
        raw = Decimal(row.price) * (100 + changes.price_percent) / 100
        cents = int(raw.quantize(Decimal(1), ROUND_HALF_UP))
        amount = Money(max(1, min(cents, PRICE_MAX)), row.currency)
    quantity = None if changes.quantity_more is None else row.quantity + changes.quantity_more
    return ListingChanges(price=amount, quantity=quantity, accepts_offers=changes.accepts_offers)


WAY = ("posted", "pick_up", "delivery_profile_id")
"""Columns that say how a listing gets to its buyer."""


async def copy(session: Session, seller_id: UUID, listing_id: UUID, copy_id: UUID | None, *, now: datetime) -> UUID:
    """A draft that says and shows the same. Asked again with the same id, nothing happens twice.

    Raises TooManyListings and what `own` raises.
    """
    seller = await held(session, seller_id)
    # Held, so that its price list stays in use until the copy uses it too.
    row = await own(session, listing_id, seller_id, for_update=True)
    made = copy_id or new_id()
    if await session.get(ListingRow, made) is not None:
        return (await own(session, made, seller_id)).id
    count = select(func.count()).select_from(ListingRow).where(ListingRow.seller_id == seller_id)
    if (await session.scalar(count) or 0) >= LISTINGS_PER_SELLER_MAX:
        raise TooManyListings("One seller may have {most} listings. Nothing was added.", most=LISTINGS_PER_SELLER_MAX)
    names = ("seller_id", "slug", "title", "description", "price", "currency", "category", "condition", "language")
    same = {name: getattr(row, name) for name in (*names, "attributes", "accepts_offers", *WAY)}
    session.add(ListingRow(id=made, **same, **copied(seller), quantity=1, available=1, created_at=now, changed_at=now))
    await session.flush()
    await _copy_pictures(session, listing_id, made)
    return made


async def _copy_pictures(session: Session, listing_id: UUID, made: UUID) -> None:
    query = select(ListingPictureRow).where(ListingPictureRow.listing_id == listing_id)
    pictures: Sequence[ListingPictureRow] = (await session.scalars(query)).all()
    rows = [
        {"id": new_id(), "listing_id": made, "position": one.position, "file_id": one.file_id, "alt": one.alt}
        for one in pictures
    ]
    if rows:
        await session.execute(insert(ListingPictureRow), rows)
