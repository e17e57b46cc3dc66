"""A buyer's cart: use cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Label, Uuid, and_, bindparam, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from souk.clock import Clock
from souk.contracts.catalogue.snapshots import ListingSnapshot
from souk.contracts.store.carts import Cart, SetCartLine
from souk.contracts.store.purchases import PurchaseItem
from souk.database import AnySession, Database, ReadSession, Session, Statement
from souk.money import Money
from store.carts.listings import Listings
from store.carts.rules import (
    LINES_MAX,
    Agreement,
    CartFull,
    Line,
    agreed_price,
    alone,
    check_buyable,
    check_price,
    price_for,
    view,
)
from store.carts.tables import CartLineRow, CartRow
from store.offers.tables import OfferRow
from store.texts import sum_of_money

_BUYER, _LISTING = bindparam("buyer_id", type_=Uuid()), bindparam("listing_id", type_=Uuid())
_COUNT: Statement[int] = Statement("""
    INSERT INTO cart (buyer_id, version) VALUES (:buyer_id, 1)
    ON CONFLICT (buyer_id) DO UPDATE SET version = cart.version + 1 RETURNING version
""")
# The carts are locked before their lines are looked at, as whoever changes a line does. A line that was changed while a lock was
# waited for is taken as it is then: MERGE looks at its conditions once more.
_TAKE: Statement[None] = Statement("""
    WITH locked AS (
        SELECT buyer_id FROM cart WHERE buyer_id = ANY(CAST(:buyers AS uuid[])) ORDER BY buyer_id FOR UPDATE
    ), counted AS (
        UPDATE cart SET version = version + 1 WHERE buyer_id IN (SELECT buyer_id FROM locked) RETURNING buyer_id
    ), bought AS (
        SELECT o.buyer_id, l.listing_id, sum(l.quantity)::int AS units
        FROM counted JOIN orders o ON o.buyer_id = counted.buyer_id JOIN order_line l ON l.order_id = o.id
        WHERE o.purchase_id = ANY(CAST(:purchases AS uuid[])) GROUP BY 1, 2
    )
    MERGE INTO cart_line c USING bought b ON c.buyer_id = b.buyer_id AND c.listing_id = b.listing_id
    WHEN MATCHED AND c.quantity <= b.units THEN DELETE
    WHEN MATCHED THEN UPDATE SET quantity = c.quantity - b.units
""")


# Offers that were accepted and have not expired: a buyer has at most one of them for a listing.
def _good(offer: type[OfferRow]) -> tuple[ColumnElement[bool], ...]:
    return offer.status == "accepted", offer.deadline > bindparam("now", type_=DateTime(timezone=True))


def _columns_of(offer: type[OfferRow], prefix: str) -> list[Label[Any]]:
    return [getattr(offer, name).label(prefix + name) for name in Agreement._fields]


_AGREEMENT: Statement[Any] = Statement(
    select(*_columns_of(OfferRow, "offer_")).where(
        OfferRow.buyer_id == _BUYER, OfferRow.listing_id == _LISTING, *_good(OfferRow)
    )
)
_same = and_(OfferRow.buyer_id == CartLineRow.buyer_id, OfferRow.listing_id == CartLineRow.listing_id)
_cart = (
    select(
        CartRow.version,
        *(column for column in CartLineRow.__table__.columns if column.name != "buyer_id"),
        *_columns_of(OfferRow, "offer_"),
    )
    .select_from(CartRow)
    .outerjoin(CartLineRow, CartLineRow.buyer_id == CartRow.buyer_id)
    .outerjoin(OfferRow, and_(_same, *_good(OfferRow)))
    .where(CartRow.buyer_id == _BUYER)
    .order_by(CartLineRow.added_at, CartLineRow.listing_id)
)
_CART: Statement[Any] = Statement(_cart)

# Besides, with each row, what the buyer agreed on for a listing that may be none of the lines.
_agreed = aliased(OfferRow)
_CART_BEFORE: Statement[Any] = Statement(
    _cart.add_columns(*_columns_of(_agreed, "agreed_")).outerjoin(
        _agreed, and_(_agreed.buyer_id == CartRow.buyer_id, _agreed.listing_id == _LISTING, *_good(_agreed))
    )
)


_UNITS: Statement[Any] = Statement(
    select(func.coalesce(func.sum(CartLineRow.quantity), 0).label("units")).where(CartLineRow.buyer_id == _BUYER)
)


def _putting(*kept: str) -> Statement[Any]:
    """Set a line, but leave these columns of one that is there; gives it, and whether it is new."""
    new = insert(CartLineRow).values({column.name: bindparam(column.name) for column in CartLineRow.__table__.columns})
    changes = {name: value for name, value in new.excluded.items() if name not in {*kept, *_KEY, "added_at"}}
    put = new.on_conflict_do_update(index_elements=_KEY, set_=changes)
    return Statement(
        put.returning(*CartLineRow.__table__.columns, literal_column("old.listing_id IS NULL").label("is_new"))
    )


_KEY = ["buyer_id", "listing_id"]
_PUT_AGREED = _putting()
_PUT = _putting("price_seen", "currency")  # an old line remembers what the buyer saw


@dataclass(frozen=True)
class Priced:
    """A cart as it was priced, and the version that this is true of."""

    cart: Cart
    version: int
    listings: dict[UUID, ListingSnapshot]


NOTHING: Mapping[UUID, ListingSnapshot] = MappingProxyType({})


class Read(NamedTuple):
    """What the store itself knows of what somebody means to buy."""

    version: int
    lines: Sequence[Line]
    offer: Agreement | None
    """The agreed price of what is bought past the cart."""


class Carts:
    """Reads the cart, asks the catalogue, and only then opens the transaction that changes something."""

    def __init__(self, database: Database, listings: Listings, clock: Clock, currency: str) -> None:
        self._database = database
        self._listings = listings
        self._clock = clock
        self._currency = currency

    async def read(self, session: ReadSession, buyer_id: UUID, item: PurchaseItem | None = None) -> Read:
        """What is known here of a buyer's cart, or of one listing that they buy past it."""
        now = self._clock.now()
        if item is not None:
            return Read(0, (), await _agreement(session, buyer_id, item.listing_id, now))
        # One statement, so that the version is that of these lines: a change makes the checkout look again.
        rows = await _CART.all(session, buyer_id=buyer_id, now=now)
        return Read(rows[0].version if rows else 0, _lines_of(rows), None)

    async def units(self, buyer_id: UUID) -> int:
        """How many things are in a buyer's cart."""
        [row] = await _UNITS.once(self._database, buyer_id=buyer_id)
        return int(row.units)

    async def price(
        self,
        buyer_id: UUID,
        read: Read,
        item: PurchaseItem | None,
        country: str | None = None,
        *,
        known: Mapping[UUID, ListingSnapshot] = NOTHING,
    ) -> Priced:
        """The cart at today's prices, with postage to a country if one is named; listings that are `known` are not asked for
        again.

        Raises Unavailable if the catalogue does not answer; with an `item`, which is priced alone, ListingGone, OwnListing
        or TooFew.
        """
        wanted = [item.listing_id] if item else [line.listing_id for line, _ in read.lines]
        listings = {**known, **await self._listings.now([each for each in wanted if each not in known])}
        if item is None:
            return Priced(view(read.lines, listings, self._currency, country), read.version, listings)
        listing = check_buyable(listings.get(item.listing_id), buyer_id, item.quantity, "bought")
        return Priced(alone(listing, read.offer, item.quantity, country), 0, listings)

    async def priced(self, buyer_id: UUID, item: PurchaseItem | None = None, country: str | None = None) -> Priced:
        """`read`, then `price`, so that no transaction is open while the catalogue is asked."""
        async with self._database.reading() as session:
            read = await self.read(session, buyer_id, item)
        return await self.price(buyer_id, read, item, country)

    async def set_line(self, buyer_id: UUID, listing_id: UUID, wanted: SetCartLine) -> tuple[Cart, bool]:
        """Put a listing into the cart, change its quantity, or agree to its price.

        Gives the cart, and whether the listing was not in it before.

        Raises ListingGone, OwnListing, TooFew, PriceChanged or CartFull, and then nothing was changed.
        """
        if wanted.price_agreed is not None:
            sum_of_money("price_agreed", wanted.price_agreed, self._currency)
        listings = await self._listings.now([listing_id])
        listing = check_buyable(listings.get(listing_id), buyer_id, wanted.quantity)
        async with self._database.transaction() as session:
            version = await _lock(session, buyer_id)
            rows = await _CART_BEFORE.all(session, buyer_id=buyer_id, listing_id=listing_id, now=self._clock.now())
            offer = _agreement_of(rows[0][-len(Agreement._fields) :])
            price = price_for(agreed_price(offer, listing, wanted.quantity), listing)
            check_price(listing, price, wanted.price_agreed)
            others = [line for line in _lines_of(rows) if line[0].listing_id != listing_id]
            if len(others) >= LINES_MAX:
                raise CartFull(
                    "A cart holds at most {most} lines. Buy what is in it first, or take something out.", most=LINES_MAX
                )
            line = await self._put(session, buyer_id, listing, wanted, price)
        lines = sorted([*others, (line, offer)], key=lambda each: (each[0].added_at, each[0].listing_id))
        return (await self.price(buyer_id, Read(version, lines, None), None, known=listings)).cart, line.is_new

    async def _put(
        self, session: Session, buyer_id: UUID, listing: ListingSnapshot, wanted: SetCartLine, price: Money
    ) -> Any:
        row = {
            "buyer_id": buyer_id,
            "listing_id": listing.id,
            "seller_id": listing.seller_id,
            "seller_name": listing.seller_name,
            "title": listing.title,
            "quantity": wanted.quantity,
            "price_seen": price.amount,
            "currency": price.currency,
            "added_at": self._clock.now(),
        }
        put = _PUT if wanted.price_agreed is None else _PUT_AGREED
        [line] = await put.all(session, **row)
        return line

    async def remove_line(self, session: Session, buyer_id: UUID, listing_id: UUID) -> None:
        """Take a listing out; nothing happens if it is not in."""
        await _lock(session, buyer_id)
        line = (CartLineRow.buyer_id == buyer_id, CartLineRow.listing_id == listing_id)
        await session.execute(delete(CartLineRow).where(*line))

    async def clear(self, session: Session, buyer_id: UUID) -> None:
        """Take everything out."""
        await _lock(session, buyer_id)
        await session.execute(delete(CartLineRow).where(CartLineRow.buyer_id == buyer_id))


async def take_bought(session: Session, purchase_ids: Sequence[UUID], buyer_ids: Sequence[UUID]) -> None:
    """Take what these purchases bought out of their buyers' carts; what was added since then stays."""
    await _TAKE.run(session, buyers=list(buyer_ids), purchases=list(purchase_ids))


async def _lock(session: Session, buyer_id: UUID) -> int:
    """Lock the cart, made if need be, and count the change that follows: which version it becomes."""
    return int(await _COUNT.scalar(session, buyer_id=buyer_id))


async def _agreement(session: AnySession, buyer_id: UUID, listing_id: UUID, now: datetime) -> Agreement | None:
    """The buyer's offer for a listing that was accepted and can be bought."""
    found = await _AGREEMENT.one(session, buyer_id=buyer_id, listing_id=listing_id, now=now)
    return _agreement_of(found) if found else None


def _agreement_of(columns: Sequence[Any]) -> Agreement | None:
    """Those of an offer, if there is one."""
    return None if columns[0] is None else Agreement(*columns)


def _lines_of(rows: Sequence[Any]) -> list[Line]:
    offered = [f"offer_{name}" for name in Agreement._fields]
    return [
        (row, _agreement_of([getattr(row, name) for name in offered])) for row in rows if row.listing_id is not None
    ]
