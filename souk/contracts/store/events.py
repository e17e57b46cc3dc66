"""What the store tells: stable, and for all services."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from souk.contracts.base import Event
from souk.money import Money

CancelledBy = Literal["buyer", "seller", "deadline", "system"]

Side = Literal["buyer", "seller"]

RefundSource = Literal["escrow", "seller"]
"""`escrow` until the order has arrived and is settled, `seller` afterwards."""


class PurchaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """One listing within a purchase."""

    order_id: UUID
    listing_id: UUID
    seller_id: UUID
    quantity: int
    unit_price: Money
    offer_id: UUID | None = None
    """The accepted offer that this price comes from; it need not be what the listing costs."""
    number: str = ""
    """The order's short name for people."""


class PurchasePlaced(Event, frozen=True, kw_only=True):
    """A cart was checked out: reserve all its lines or none."""

    event_type: ClassVar[str] = "souk.store.purchase.placed.v1"
    subject_field: ClassVar[str] = "purchase_id"

    purchase_id: UUID
    buyer_id: UUID
    lines: list[PurchaseLine]
    expires_at: datetime


class OrderAmount(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into one order's escrow."""

    order_id: UUID
    seller_id: UUID
    amount: Money
    """All that the order costs, with postage."""
    postage: Money | None = None
    """The part of it that is postage; None in events from before it was told."""


class PaymentRequested(Event, frozen=True, kw_only=True):
    """Everything is reserved: move the money from the buyer's wallet into one escrow per order."""

    event_type: ClassVar[str] = "souk.store.payment.requested.v1"
    subject_field: ClassVar[str] = "purchase_id"

    purchase_id: UUID
    buyer_id: UUID
    orders: list[OrderAmount]
    expires_at: datetime


class OrderName(msgspec.Struct, frozen=True, kw_only=True):
    """One order of a purchase, by its id and its short name for people."""

    order_id: UUID
    seller_id: UUID
    number: str


class PurchaseCancelled(Event, frozen=True, kw_only=True):
    """A purchase ended unpaid: release what it reserved."""

    event_type: ClassVar[str] = "souk.store.purchase.cancelled.v1"
    subject_field: ClassVar[str] = "purchase_id"

    purchase_id: UUID
    buyer_id: UUID
    reason: Literal["rejected", "declined", "expired", "cancelled"]
    orders: list[OrderName] = msgspec.field(default_factory=list)
    """All of them; empty in events from before they were told."""


ADDRESS_LINE_CHARS_MAX, POSTCODE_CHARS_MAX, CITY_CHARS_MAX, VAT_ID_CHARS_MAX = 120, 16, 80, 40


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a parcel goes, and whom the invoice names."""

    name: Annotated[str, Meta(min_length=1, max_length=ADDRESS_LINE_CHARS_MAX)]
    line1: Annotated[str, Meta(min_length=1, max_length=ADDRESS_LINE_CHARS_MAX)]
    postcode: Annotated[str, Meta(max_length=POSTCODE_CHARS_MAX)]
    """In the form that the country has; empty where there are none."""
    city: Annotated[str, Meta(min_length=1, max_length=CITY_CHARS_MAX)]
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    """ISO 3166-1 alpha-2."""
    line2: Annotated[str, Meta(max_length=ADDRESS_LINE_CHARS_MAX)] = ""


class BillingDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the invoice names, if not whoever the parcel goes to."""

    address: Address
    """The name is a person's, at the company if there is one."""
    company: Annotated[str, Meta(max_length=ADDRESS_LINE_CHARS_MAX)] = ""
    vat_id: Annotated[str, Meta(max_length=VAT_ID_CHARS_MAX)] = ""
    """Checked for form and check digits; kept with its country's prefix."""


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """What was bought, as it was when it was bought."""

    id: UUID
    listing_id: UUID
    title: str
    condition: str
    picture: str | None
    quantity: int
    unit_price: Money
    total: Money
    pick_up: str = ""
    """Where it is picked up, if it is not sent."""


class OrderPaid(Event, frozen=True, kw_only=True):
    """The money of one order is in escrow: issue the invoice, count the stock as sold, tell the seller."""

    event_type: ClassVar[str] = "souk.store.order.paid.v1"
    subject_field: ClassVar[str] = "order_id"

    order_id: UUID
    purchase_id: UUID
    buyer_id: UUID
    seller_id: UUID
    number: str
    """The order's short name for people."""
    amount: Money
    lines: list[OrderLine]
    address: Address
    placed_at: datetime
    paid_at: datetime
    ship_by: datetime
    billing: BillingDetails | None = None
    language: str = ""
    """How the buyer read when they bought (BCP 47, with the region): the language of documents; empty if unknown."""
    postage: Money | None = None
    """What `amount` has besides the lines; None in events from before it was told."""


class OrderShipped(Event, frozen=True, kw_only=True):
    """The seller handed the parcel over."""

    event_type: ClassVar[str] = "souk.store.order.shipped.v1"
    subject_field: ClassVar[str] = "order_id"

    order_id: UUID
    buyer_id: UUID
    seller_id: UUID
    number: str
    carrier: str
    tracking_code: str
    purchase_id: UUID | None = None
    """None in events from before it was told."""


class OrderDelivered(Event, frozen=True, kw_only=True):
    """The goods arrived (or the deadline to object passed): settle the escrow."""

    event_type: ClassVar[str] = "souk.store.order.delivered.v1"
    subject_field: ClassVar[str] = "order_id"

    order_id: UUID
    buyer_id: UUID
    seller_id: UUID
    number: str
    amount: Money
    """What to settle: the order's amount, less what was refunded before it arrived."""
    purchase_id: UUID | None = None
    """None in events from before it was told."""


class RefundLine(msgspec.Struct, frozen=True, kw_only=True):
    """What is given back for one line of an order."""

    line_id: UUID
    title: str
    quantity: int
    """Units given back whole or in part; 0 for a part of the price alone."""
    amount: Money


class RefundRequested(Event, frozen=True, kw_only=True):
    """A part of an order is to be given back to its buyer.

    The store has checked that no line is refunded beyond its total, and says where the money comes from, so that
    refunds, settlements and cancellations of one order may be booked in any order with the same result.
    """

    event_type: ClassVar[str] = "souk.store.refund.requested.v1"
    subject_field: ClassVar[str] = "refund_id"

    refund_id: UUID
    order_id: UUID
    buyer_id: UUID
    seller_id: UUID
    number: str
    """The order's short name for people."""
    amount: Money
    lines: list[RefundLine]
    source: RefundSource
    """`escrow` until the order arrived, afterwards `seller`: their wallet, the fee in proportion, or what they owe."""
    reason: str
    purchase_id: UUID | None = None
    """None in events from before it was told."""
    postage: Money | None = None
    """The part of `amount` that gives postage back; None if none is."""


class OrderCancelled(Event, frozen=True, kw_only=True):
    """A paid order was called off: give back what was not refunded yet, and put all units back on sale."""

    event_type: ClassVar[str] = "souk.store.order.cancelled.v1"
    subject_field: ClassVar[str] = "order_id"

    order_id: UUID
    purchase_id: UUID
    buyer_id: UUID
    seller_id: UUID
    number: str
    amount: Money
    """What to give back: the order's amount, less what was refunded before."""
    lines: list[OrderLine]
    by: CancelledBy
    reason: str
    invoiced: bool
    """False for money that was captured after the purchase had expired: no invoice, so no credit note."""
    back: list[RefundLine] = msgspec.field(default_factory=list)
    """What `amount` is for, if some of the order was refunded before; else empty, and all lines are given back."""
    postage: Money | None = None
    """The part of `amount` that gives postage back; None in events from before it was told."""


class OrderCompleted(Event, frozen=True, kw_only=True):
    """The seller has been paid; the order is over."""

    event_type: ClassVar[str] = "souk.store.order.completed.v1"
    subject_field: ClassVar[str] = "order_id"

    order_id: UUID
    buyer_id: UUID
    seller_id: UUID
    number: str
    to_seller: Money
    fee: Money
    recovered: Money | None = None
    """The part of `to_seller` that paid off what the seller owed after refunds."""
    purchase_id: UUID | None = None
    """None in events from before it was told."""
    refundable_until: datetime | None = None
    """Until when it may still be refunded in parts; None in events from before it was told."""


class SellerRated(Event, frozen=True, kw_only=True):
    """The reviews of a seller add up to something else than before. `souksequence` counts the changes of one seller."""

    event_type: ClassVar[str] = "souk.store.seller.rated.v1"
    subject_field: ClassVar[str] = "seller_id"

    seller_id: UUID
    reviews: int
    """Reviews that count: those that were removed do not."""
    stars: int
    """The sum of their stars, 1 to 5 each."""


ReviewRemovalReason = Literal["offensive", "personal", "not_about_order", "advertising", "untrue", "other"]
"""Why a review is reported, or it or its answer removed."""

ReviewPart = Literal["review", "answer"]


class ReviewWritten(Event, frozen=True, kw_only=True):
    """A buyer said how an order went, or changed what they had said. `souksequence` is the review's version."""

    event_type: ClassVar[str] = "souk.store.review.written.v1"
    subject_field: ClassVar[str] = "review_id"

    review_id: UUID
    order_id: UUID
    buyer_id: UUID
    seller_id: UUID
    title: str
    """What was bought: the first line's title."""
    stars: int
    """1 to 5."""
    changed: bool
    """False the first time."""
    purchase_id: UUID | None = None
    """None in events from before it was told."""
    number: str = ""
    """The order's short name for people."""


class ReviewAnswered(Event, frozen=True, kw_only=True):
    """A seller answered a review, or changed their answer. `souksequence` is the review's version."""

    event_type: ClassVar[str] = "souk.store.review.answered.v1"
    subject_field: ClassVar[str] = "review_id"

    review_id: UUID
    order_id: UUID
    buyer_id: UUID
    seller_id: UUID
    title: str
    changed: bool
    """False the first time."""
    purchase_id: UUID | None = None
    """None in events from before it was told."""
    number: str = ""
    """The order's short name for people."""


class ReviewModerated(Event, frozen=True, kw_only=True):
    """A moderator removed a review or the answer to it, or restored it. `souksequence` is the review's version."""

    event_type: ClassVar[str] = "souk.store.review.moderated.v1"
    subject_field: ClassVar[str] = "review_id"

    review_id: UUID
    order_id: UUID
    buyer_id: UUID
    seller_id: UUID
    title: str
    about: ReviewPart
    """`review` concerns its buyer, `answer` its seller."""
    outcome: Literal["removed", "restored"]
    reason: ReviewRemovalReason | None
    """Why it was removed."""
    text: str
    """What its author is told besides."""
    purchase_id: UUID | None = None
    """None in events from before it was told."""
    number: str = ""
    """The order's short name for people."""


class OfferMade(Event, frozen=True, kw_only=True):
    """A price was named for a listing, the first one or another one: the other side must answer."""

    event_type: ClassVar[str] = "souk.store.offer.made.v1"
    subject_field: ClassVar[str] = "offer_id"

    offer_id: UUID
    listing_id: UUID
    title: str
    buyer_id: UUID
    seller_id: UUID
    by: Side
    """Who named this price."""
    round: int
    """1 for the buyer's first price."""
    quantity: int
    price: Money
    """Of one unit."""
    answer_by: datetime


class OfferEnded(Event, frozen=True, kw_only=True):
    """Nobody has to answer an offer any more. One that was accepted may still expire unbought, or be withdrawn."""

    event_type: ClassVar[str] = "souk.store.offer.ended.v1"
    subject_field: ClassVar[str] = "offer_id"

    offer_id: UUID
    listing_id: UUID
    title: str
    buyer_id: UUID
    seller_id: UUID
    outcome: Literal["accepted", "declined", "withdrawn", "expired"]
    by: Literal["buyer", "seller", "deadline"]
    turn: Side
    """Who had to answer the last price, or did."""
    quantity: int
    price: Money
    """Of one unit; the last that was named."""
    was_accepted: bool
    """Of one that expired or was withdrawn: whether it could have been bought."""
    buy_by: datetime | None = None
    """Until when the buyer can buy at this price, if it was accepted."""
