"""Purchases: use cases of buyers."""

import asyncio
import contextlib
import hashlib
from uuid import UUID

import msgspec
from msgspec import structs
from sqlalchemy import bindparam, or_, select

from souk import paging
from souk.addresses import checked
from souk.clock import Clock
from souk.contracts.store.events import BillingDetails
from souk.contracts.store.purchases import NewPurchase, Purchase, PurchasePage
from souk.database import AnySession, Database, ReadSession, Session, Statement
from souk.errors import KeyReused, NotFound, RuleBroken
from souk.events import Sequenced
from souk.http import Identity
from souk.ids import derived_id
from souk.observability.log_fields import note
from souk.paging import KeyPlace
from souk.texts import line_of_text
from souk.vat_numbers import checked_vat_number
from store import metrics
from store.carts.carts import Carts, Priced
from store.database import one_of
from store.orders.numbers import Numbers
from store.orders.orders import OVERSEERS
from store.purchases import placing
from store.purchases.placing import Draft
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
        clock: Clock,
        settings: StoreSettings,
        carts: Carts,
        saga: Saga,
        waiters: Waiters,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._carts = carts
        self._saga = saga
        self._waiters = waiters
        self._numbers = Numbers()

    async def prepare(self, buyer_id: UUID, key: str, wanted: NewPurchase, language: str = "") -> Draft:
        """What checking out the buyer's cart costs, or buying one listing by itself, which leaves the cart as it is.

        `language` is how the buyer reads (BCP 47), for the documents; empty if that is unknown. Raises KeyReused,
        AlreadyBeingPaid and InvalidInput; of a cart CartEmpty or CartNotReady; of one listing ListingGone, OwnListing
        or TooFew. No transaction may be open: the catalogue is asked.
        """
        address, billing = checked(wanted.address), _billing(wanted.billing)
        sum_of_money("total", wanted.total, self._settings.currency)
        request = [each for each in (address, wanted.total, billing, wanted.item) if each is not None]
        draft = Draft(
            purchase_id=derived_id("purchase", buyer_id, key),
            buyer_id=buyer_id,
            address=address,
            billing=billing,
            item=wanted.item,
            language=language,
            request_hash=hashlib.sha256(msgspec.json.encode(request)).hexdigest(),
            total=wanted.total,
            priced=None,
        )
        try:
            priced = await self._carts.priced(buyer_id, wanted.item, address.country)
            return structs.replace(draft, priced=priced)
        except RuleBroken:
            async with self._database.reading() as reader:
                if await _placed_before(reader, draft) is None:
                    raise
            return draft

    async def place(self, session: Session, draft: Draft) -> tuple[Purchase, list[Sequenced]]:
        """Place it; the purchase, and what to tell: nothing, if the key was used for it before.

        Raises KeyReused, AlreadyBeingPaid, PurchaseTooLarge, TotalChanged, CartChanged or AgreementGone, and then
        nothing was changed.
        """
        wrong = None if draft.priced is None else _wrong_with(draft, draft.priced)
        if draft.priced is not None and wrong is None:
            now = self._clock.now()
            expires_at = now + self._settings.purchase_timeout
            placed = await placing.write(
                session, self._numbers, draft, draft.priced, placed_at=now, expires_at=expires_at
            )
            if placed is not None:
                session.after_commit(metrics.placed.inc)
                say_purchases(session, [placed.purchase])
                [view] = await shown(session, [placed.purchase], placed.orders)
                return view, [Sequenced(placed.event, placing.VERSION)]
        # What stands in the way may be what this very request, or another click, has placed.
        before = await _placed_before(session, draft)
        if before is None:
            raise wrong or CartChanged("Your cart was changed while you paid. Nothing was bought; look at it again.")
        return (await shown(session, [before]))[0], []

    async def get(self, identity: Identity, purchase_id: UUID, wait_ms: int) -> Purchase:
        """The purchase, at once if it has ended, else when it ends or the wait is over. Raises NotFound."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_ms / 1000
        with self._waiters.watching(purchase_id) as ended:
            while True:
                purchase = await _find(self._database, purchase_id, identity)
                left = until - loop.time()
                if purchase.status in OPEN and left > 0:
                    with contextlib.suppress(TimeoutError):
                        purchase = await asyncio.wait_for(asyncio.shield(ended), min(LOOK_EVERY_S, left))
                if purchase.status not in OPEN or left <= 0:
                    async with self._database.reading() as session:
                        return (await shown(session, [purchase]))[0]

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

    async def sweep(self, session: Session, purchase_id: UUID) -> tuple[int, list[Sequenced]]:
        """End this purchase if it waited too long: 1 if it did, and what to tell."""
        return await self._saga.sweep(session, only=purchase_id)

    async def cancel(self, session: Session, buyer_id: UUID, purchase_id: UUID) -> tuple[Purchase, list[Sequenced]]:
        """Call an open purchase off: the purchase, and what to tell. Raises NoLongerOpen once it has ended otherwise."""
        purchase = await _BY_ID.one(session, ids=[purchase_id])
        if purchase is None or purchase.buyer_id != buyer_id:
            raise NotFound("There is no such purchase among yours.", code="purchase-not-yours")
        news = await self._saga.cancel(session, purchase_id)
        purchase = (await _BY_ID.all(session, ids=[purchase_id]))[0]
        [view] = await shown(session, [purchase])
        if not news and purchase.status == "paid":
            raise NoLongerOpen(
                "It has been paid. Cancel its orders instead, as long as they are not shipped.", code="purchase-paid"
            )
        if not news and purchase.status != "cancelled":
            raise NoLongerOpen(
                "It has already ended without a payment; there is nothing to cancel.", code="purchase-over"
            )
        return view, news


def _wrong_with(draft: Draft, priced: Priced) -> RuleBroken | None:
    """What stands in the way of charging what was priced."""
    try:
        if draft.item is not None:
            check_sum(priced.cart, draft.total)
        else:
            check_ready(priced.cart, draft.total)
    except RuleBroken as wrong:
        return wrong
    return None


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


async def _placed_before(session: AnySession, draft: Draft) -> PurchaseRow | None:
    """The purchase that this very request has made. Raises KeyReused, or AlreadyBeingPaid if another one is open."""
    rows = await _THIS_OR_OPEN.all(session, purchase_id=draft.purchase_id, buyer_id=draft.buyer_id)
    note({"purchase_id": tuple(str(row.id) for row in rows)})
    for row in rows:
        if row.id == draft.purchase_id:
            if row.request_hash != draft.request_hash:
                raise KeyReused(
                    "This Idempotency-Key was used for another address, total or item. Use a new key for a new purchase.",
                    code="key-of-another-purchase",
                    purchase_id=str(draft.purchase_id),
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
