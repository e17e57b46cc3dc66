"""Purchases: use cases of buyers."""

import asyncio
import contextlib
import hashlib
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, or_, select

from souk import paging
from souk.addresses import checked
from souk.clock import Clock
from souk.contracts.store.events import BillingDetails
from souk.contracts.store.purchases import NewPurchase, Purchase, PurchasePage
from souk.database import AnySession, Database, ReadSession, Session, Statement
from souk.errors import KeyReused, NotFound
from souk.events import Outbox
from souk.http import Identity
from souk.ids import derived_id
from souk.observability.log_fields import note
from souk.paging import KeyPlace
from souk.texts import line_of_text
from souk.vat_numbers import checked_vat_number
from store import metrics
from store.carts.carts import Carts, Priced, hold, lock_version
from store.database import one_of
from store.orders.orders import OVERSEERS
from store.purchases import placing
from store.purchases.rules import CartChanged, NoLongerOpen, already_being_paid, check_ready, check_sum
from store.purchases.saga import Saga
from store.purchases.tables import PurchaseRow
from store.purchases.transitions import OPEN
from store.purchases.views import shown
from store.purchases.waiters import Waiters
from store.settings import StoreSettings
from store.step_log import say_purchases
from store.texts import sum_of_money

WAIT_MAX_MS = 2000
"""The longest that a request may wait for a purchase to end."""

LOOK_EVERY_S = 0.15
"""How often a waiting request looks for itself: another instance may have moved the purchase."""

_BY_ID: Statement[PurchaseRow] = Statement(select(PurchaseRow).where(one_of(PurchaseRow.id)))

_open_one = (PurchaseRow.buyer_id == bindparam("buyer_id")) & PurchaseRow.status.in_(sorted(OPEN))
_THIS_OR_OPEN: Statement[PurchaseRow] = Statement(
    select(PurchaseRow).where(or_(PurchaseRow.id == bindparam("purchase_id"), _open_one))
)


class Purchases:
    """Places purchases, and lets their buyers follow them."""

    def __init__(
        self,
        *,
        database: Database,
        outbox: Outbox,
        clock: Clock,
        settings: StoreSettings,
        carts: Carts,
        saga: Saga,
        waiters: Waiters,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._settings = settings
        self._carts = carts
        self._saga = saga
        self._waiters = waiters

    async def place(self, buyer_id: UUID, key: str, wanted: NewPurchase, language: str = "") -> tuple[Purchase, bool]:
        """Check out the buyer's cart, or buy one listing by itself, which leaves the cart as it is.

        Gives the purchase, and whether it is new (False: the key was used for it before). `language` is how the buyer
        reads (BCP 47), for the documents; empty if that is unknown. Raises KeyReused, AlreadyBeingPaid,
        PurchaseTooLarge, TotalChanged or AgreementGone; of a cart CartEmpty, CartNotReady or CartChanged; of one
        listing ListingGone, OwnListing or TooFew. Then nothing was changed. No transaction is open while the catalogue
        is asked.
        """
        address, billing = checked(wanted.address), _billing(wanted.billing)
        sum_of_money("total", wanted.total, self._settings.currency)
        purchase_id = derived_id("purchase", buyer_id, key)
        request = [each for each in (address, wanted.total, billing, wanted.item) if each is not None]
        request_hash = hashlib.sha256(msgspec.json.encode(request)).hexdigest()
        async with self._database.reading() as reader:
            earlier = await _placed_before(reader, buyer_id, purchase_id, request_hash)
            if earlier is not None:
                return (await shown(reader, [earlier]))[0], False
            item = wanted.item
            read = await self._carts.read(reader, buyer_id, item)
        priced = await self._carts.price(buyer_id, read, item)
        async with self._database.transaction() as session:
            version = await (hold(session, buyer_id) if item else lock_version(session, buyer_id))
            # Looked at once more under the lock: the same request, or another click, may have been faster.
            earlier = await _placed_before(session, buyer_id, purchase_id, request_hash)
            if earlier is None:
                _check(priced, version, wanted)
                now = self._clock.now()
                draft = placing.Draft(
                    purchase_id=purchase_id,
                    buyer_id=buyer_id,
                    address=address,
                    billing=billing,
                    item=item,
                    language=language,
                    request_hash=request_hash,
                    placed_at=now,
                    expires_at=now + self._settings.purchase_timeout,
                )
                event = await placing.write(session, draft, priced)
                await self._outbox.emit(session, event, sequence=placing.VERSION)
                session.after_commit(metrics.placed.inc)
            placed = (await _BY_ID.all(session, ids=[purchase_id]))[0]
            if earlier is None:
                say_purchases(session, [placed])
            return (await shown(session, [placed]))[0], earlier is None

    async def get(self, identity: Identity, purchase_id: UUID, wait_ms: int) -> Purchase:
        """The purchase, at once if it has ended, else when it ends or the wait is over. Raises NotFound."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_ms / 1000
        with self._waiters.watching(purchase_id) as change:
            while True:
                purchase = await _find(self._database, purchase_id, identity)
                left = until - loop.time()
                if purchase.status not in OPEN or left <= 0:
                    async with self._database.reading() as session:
                        return (await shown(session, [purchase]))[0]
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(change.wait(), min(LOOK_EVERY_S, left))
                change.clear()

    async def page(self, session: ReadSession, buyer_id: UUID, cursor: str | None, limit: int) -> PurchasePage:
        """The buyer's purchases, newest first."""
        query, listed = (
            select(PurchaseRow).where(PurchaseRow.buyer_id == buyer_id),
            paging.checksum("purchases", buyer_id),
        )
        place = paging.place_of(cursor, KeyPlace, listed)
        page = paging.page_behind(query, place, limit, PurchaseRow.id, PurchaseRow.placed_at)
        rows = (await session.scalars(page)).all()
        return PurchasePage(
            items=await shown(session, rows[:limit]),
            next_cursor=paging.next_cursor(rows, limit, lambda row: KeyPlace.of(listed, row.id, row.placed_at)),
        )

    async def sweep(self, session: Session, purchase_id: UUID) -> int:
        """End this purchase if it waited too long; 1 if it did."""
        return await self._saga.sweep(session, only=purchase_id)

    async def cancel(self, session: Session, buyer_id: UUID, purchase_id: UUID) -> Purchase:
        """Call an open purchase off; raises NoLongerOpen once it has ended otherwise."""
        purchase = await _BY_ID.one(session, ids=[purchase_id])
        if purchase is None or purchase.buyer_id != buyer_id:
            raise NotFound("There is no such purchase among yours.", code="purchase-not-yours")
        went = await self._saga.cancel(session, purchase_id)
        purchase = (await _BY_ID.all(session, ids=[purchase_id]))[0]
        [view] = await shown(session, [purchase])
        if not went and purchase.status == "paid":
            raise NoLongerOpen(
                "It has been paid. Cancel its orders instead, as long as they are not shipped.", code="purchase-paid"
            )
        if not went and purchase.status != "cancelled":
            raise NoLongerOpen(
                "It has already ended without a payment; there is nothing to cancel.", code="purchase-over"
            )
        return view


def _check(priced: Priced, version: int, wanted: NewPurchase) -> None:
    """Raises what stands in the way of charging what was priced."""
    if wanted.item is not None:
        check_sum(priced.cart, wanted.total)
        return
    check_ready(priced.cart, wanted.total)
    if version != priced.version:
        raise CartChanged("Your cart was changed while you paid. Nothing was bought; look at it again.")


def _billing(wanted: BillingDetails | None) -> BillingDetails | None:
    """The billing details without needless blanks; raises InvalidInput that names the field."""
    if wanted is None:
        return None
    address = checked(wanted.address, "billing.address")
    return BillingDetails(
        address=address,
        company=line_of_text("billing.company", wanted.company),
        vat_id=checked_vat_number("billing.vat_id", wanted.vat_id, address.country),
    )


async def _placed_before(
    session: AnySession, buyer_id: UUID, purchase_id: UUID, request_hash: str
) -> PurchaseRow | None:
    """The purchase that this very request has made. Raises KeyReused, or AlreadyBeingPaid if another one is open."""
    rows = await _THIS_OR_OPEN.all(session, purchase_id=purchase_id, buyer_id=buyer_id)
    note({"purchase_id": tuple(str(row.id) for row in rows)})
    for row in rows:
        if row.id == purchase_id:
            if row.request_hash != request_hash:
                raise KeyReused(
                    "This Idempotency-Key was used for another address, total or item. Use a new key for a new purchase.",
                    code="key-of-another-purchase",
                    purchase_id=str(purchase_id),
                )
            return row
    if rows:
        raise already_being_paid(rows[0].id)
    return None


async def _find(database: Database, purchase_id: UUID, identity: Identity) -> PurchaseRow:
    """The purchase, if the caller may see it."""
    user_id = identity.user()
    purchase = await _BY_ID.one(database, ids=[purchase_id])
    if purchase is None or (purchase.buyer_id != user_id and not identity.roles & OVERSEERS):
        raise NotFound("There is no such purchase among yours.", code="purchase-not-yours")
    return purchase
