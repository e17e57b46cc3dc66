"""Carts, purchases and orders, as the store publishes them."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from souk.contracts.base import Event
from souk.money import Money

PurchaseStatus = Literal["placed", "awaiting_payment", "paid", "rejected", "declined", "cancelled"]
OrderStatus = Literal["placed", "paid", "shipped", "delivered", "completed", "cancelled", "refunded"]
"""`cancelled` before payment is an end; after payment it lasts until the refund is booked (`refunded`)."""
CancelledBy = Literal["buyer", "seller", "deadline", "system"]
UNITS_MAX = 999
"""Units of one listing that a cart's line or an offer may be for."""

Units = Annotated[int, Meta(ge=1, le=UNITS_MAX)]

OfferStatus = Literal["open", "accepted", "declined", "withdrawn", "expired", "bought"]
Side = Literal["buyer", "seller"]


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


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a parcel goes, and whom the invoice names."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    line1: Annotated[str, Meta(min_length=1, max_length=120)]
    postcode: Annotated[str, Meta(max_length=16)]
    """In the form that the country has; empty where there are none."""
    city: Annotated[str, Meta(min_length=1, max_length=80)]
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    """ISO 3166-1 alpha-2."""
    line2: Annotated[str, Meta(max_length=120)] = ""


class BillingDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the invoice names, if not whoever the parcel goes to."""

    address: Address
    """The name is a person's, at the company if there is one."""
    company: Annotated[str, Meta(max_length=120)] = ""
    vat_id: Annotated[str, Meta(max_length=40)] = ""
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
    source: Literal["escrow", "seller"]
    """`escrow` until the order arrived, afterwards `seller`: their wallet, the fee in proportion, or what they owe."""
    reason: str
    purchase_id: UUID | None = None
    """None in events from before it was told."""


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


class AgreedPrice(msgspec.Struct, frozen=True, kw_only=True):
    """The price of an accepted offer, beside a line of its buyer's cart."""

    offer_id: UUID
    price: Money
    """Of one unit."""
    quantity: int
    """It holds for exactly so many units."""
    asking_price: Money
    buy_by: datetime
    applies: bool
    """Whether the line costs it: if it has exactly so many units, and the asking price is not as low by now."""


class CartLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a cart beside what the listing says now."""

    listing_id: UUID
    seller_id: UUID
    seller_name: str
    title: str
    picture: str | None
    quantity: int
    price_seen: Money
    """What the buyer last agreed to pay for one."""
    price_now: Money
    """What one costs: the asking price, or the agreed price where that applies."""
    available: int
    state: Literal["ok", "price_rose", "price_fell", "too_few", "gone"]
    """`price_rose`, `too_few` and `gone` must be mended before checkout; `price_fell` is just told."""
    agreed: AgreedPrice | None = None
    """The price of an offer for this listing that was accepted and can still be bought."""


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer means to buy."""

    lines: list[CartLine]
    total: Money
    """At today's prices, without lines that are gone."""
    ready: bool
    """True if it can be checked out as it is."""
    over_limit: Money | None = None
    """What one purchase may cost at the most, if this cart costs more."""


class SetCartLine(msgspec.Struct, frozen=True, kw_only=True):
    """Put a listing into the cart, change its quantity, or agree to its price."""

    quantity: Units = 1
    price_agreed: Money | None = None
    """The price the buyer saw; left out, a new line takes today's price and an old line keeps what it remembers."""


class PurchaseItem(msgspec.Struct, frozen=True, kw_only=True):
    """A listing that is bought by itself."""

    listing_id: UUID
    quantity: Units = 1


class NewPurchase(msgspec.Struct, frozen=True, kw_only=True):
    """Check out the cart, or buy one listing by itself."""

    address: Address
    total: Money
    """What the buyer saw and agrees to pay; another sum is refused before anything happens."""
    billing: BillingDetails | None = None
    """Left out, the invoice names whoever the parcel goes to."""
    item: PurchaseItem | None = None
    """Buy just this, and leave the cart as it is; left out, the cart is checked out."""


class OrderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An order in a list."""

    id: UUID
    number: str
    purchase_id: UUID
    status: OrderStatus
    buyer_id: UUID
    seller_id: UUID
    seller_name: str
    buyer_name: str
    amount: Money
    units: int
    title: str
    """The first line's title."""
    picture: str | None
    placed_at: datetime
    deadline: datetime | None
    """When the present state ends by itself."""
    reviewable_until: datetime | None = None
    """In a list of what one bought: until when it may be reviewed; None if it cannot be (yet), or is."""
    pictures: list[str | None] = []
    """What its first lines looked like when they were bought, one for each line; None for one without a picture."""
    lines: int = 1
    """How many lines it has; `pictures` names the first few."""


class TimelineStep(msgspec.Struct, frozen=True, kw_only=True):
    """A state that an order reached."""

    status: OrderStatus
    at: datetime
    by: Literal["buyer", "seller", "deadline", "system"]
    note: str = ""


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an order that was given back."""

    id: UUID
    amount: Money
    lines: list[RefundLine]
    reason: str
    by: Literal["seller", "admin"]
    at: datetime
    booked: bool
    """The buyer has the money; it takes a moment."""
    fee: Money | None = None
    """The part of the marketplace fee that the seller got back, once it is booked."""


REVIEW_CHARS_MAX = 2000
"""Characters of a review, and of an answer to one."""

ReviewText = Annotated[str, Meta(max_length=REVIEW_CHARS_MAX)]
Stars = Annotated[int, Meta(ge=1, le=5)]


class ReviewRemoval(msgspec.Struct, frozen=True, kw_only=True):
    """Why a moderator removed a review or an answer."""

    reason: ReviewRemovalReason
    text: str
    removed_at: datetime


class ReviewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a seller says to a review."""

    text: str
    answered_at: datetime
    changed_at: datetime | None
    """When it was last changed; None if it never was."""
    removal: ReviewRemoval | None
    """If a moderator removed it. Only the seller and moderators see it then."""


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """How an order went, in its buyer's words."""

    id: UUID
    seller_id: UUID
    author_name: str
    """The buyer's display name."""
    listing_id: UUID
    title: str
    """What was bought: the order's first line."""
    stars: int
    """1 to 5."""
    text: str
    """Plain, with line breaks; may be empty."""
    written_at: datetime
    changed_at: datetime | None
    """When it was last changed; None if it never was."""
    answer: ReviewAnswer | None
    removal: ReviewRemoval | None
    """If a moderator removed it. Only its author and moderators see it then."""


class NewReview(msgspec.Struct, frozen=True, kw_only=True):
    """Say how an order went, or change what was said."""

    stars: Stars
    text: ReviewText = ""


class NewReviewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer a review, or change the answer."""

    text: Annotated[str, Meta(min_length=1, max_length=REVIEW_CHARS_MAX)]


class ReviewSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What the reviews of a seller add up to; those that were removed do not count."""

    reviews: int
    stars: int
    """The sum of all stars: divided by `reviews` it is the average."""
    counts: list[int]
    """How many have one star, two, three, four and five."""


class ReviewPage(msgspec.Struct, frozen=True, kw_only=True):
    """Reviews of a seller, newest first. The summary is over all of them, whatever is asked for."""

    items: list[Review]
    next_cursor: UUID | None
    summary: ReviewSummary


REVIEW_REPORT_CHARS_MAX = 1000
"""Characters that come with a report or a decision."""

ReviewReportText = Annotated[str, Meta(max_length=REVIEW_REPORT_CHARS_MAX)]


class NewReviewReport(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a review or its answer."""

    reason: ReviewRemovalReason
    text: ReviewReportText = ""


class ReviewDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What a moderator decides: `remove` needs a reason; `leave` dismisses reports."""

    action: Literal["remove", "restore", "leave"]
    about: ReviewPart = "review"
    """What to remove or restore: the whole review, or only the answer to it."""
    reason: ReviewRemovalReason | None = None
    text: ReviewReportText = ""
    """What its author is told besides, and what other moderators read."""


class ReviewCase(msgspec.Struct, frozen=True, kw_only=True):
    """A review that was reported or removed."""

    review: Review
    order_id: UUID
    seller_name: str
    waiting_since: datetime | None
    """None if nothing is left to decide."""
    reports: int
    """Since the last decision."""


class ReviewCasePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of cases; `next_cursor` is None on the last one."""

    items: list[ReviewCase]
    next_cursor: str | None


class ReviewReport(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said is wrong with a review."""

    reporter_id: UUID
    reason: ReviewRemovalReason
    text: str
    created_at: datetime


class ReviewRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done about a review."""

    actor_id: UUID
    action: Literal["reported", "removed", "restored", "dismissed", "answer_removed", "answer_restored"]
    reason: ReviewRemovalReason | None
    text: str
    created_at: datetime


class ReviewCaseStory(msgspec.Struct, frozen=True, kw_only=True):
    """A case with what was said and done, the newest first."""

    case: ReviewCase
    reports: list[ReviewReport]
    records: list[ReviewRecord]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a purchase that one seller fulfils."""

    id: UUID
    number: str
    purchase_id: UUID
    status: OrderStatus
    buyer_id: UUID
    buyer_name: str
    seller_id: UUID
    seller_name: str
    lines: list[OrderLine]
    amount: Money
    address: Address | None
    """None for moderators, unless a case about this order waits for them; so is `billing`."""
    carrier: str
    tracking_code: str
    timeline: list[TimelineStep]
    deadline: datetime | None
    deadline_outcome: OrderStatus | None
    """What it becomes at the deadline if nobody acts."""
    to_seller: Money | None
    fee: Money | None
    """Both once settled."""
    actions: list[Literal["ship", "confirm", "cancel", "refund", "review", "answer"]]
    """What the caller may do now. `review`: write or change it; `answer`: the same of the answer to it."""
    refunded: Money | None = None
    """The sum of `refunds`; None if there are none."""
    refunds: list[Refund] = msgspec.field(default_factory=list)
    """Parts given back, oldest first; a cancelled order gives back the rest besides."""
    refundable: list[RefundLine] = msgspec.field(default_factory=list)
    """What is left to refund on each line, for those who may refund now."""
    refundable_until: datetime | None = None
    """When that ends, once the order is completed."""
    billing: BillingDetails | None = None
    review: Review | None = None
    """How it went, as its buyer says; a removed review is there only for its author and moderators."""
    review_until: datetime | None = None
    """Until when it may be reviewed, or the review changed, for a buyer who may."""
    answer_until: datetime | None = None
    """Until when the answer may be changed, for a seller who gave one."""


class NewRefundLine(msgspec.Struct, frozen=True, kw_only=True):
    """What to give back for one line: units, an amount, or units at less than their price."""

    line_id: UUID
    quantity: Annotated[int, Meta(ge=0, le=UNITS_MAX)] = 0
    """Units; 0 for a part of the price alone."""
    amount: Money | None = None
    """Left out: the price of these units."""


class NewRefund(msgspec.Struct, frozen=True, kw_only=True):
    """Give back a part of an order to its buyer."""

    lines: Annotated[list[NewRefundLine], Meta(max_length=200)] = msgspec.field(default_factory=list)
    """Left out: all that is left of the order."""
    reason: Annotated[str, Meta(max_length=500)] = ""
    """The buyer reads it."""


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of orders, newest first."""

    items: list[OrderSummary]
    next_cursor: str | None


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """How the parcel travels; both may be empty."""

    carrier: Annotated[str, Meta(max_length=60)] = ""
    tracking_code: Annotated[str, Meta(max_length=80)] = ""


class Cancellation(msgspec.Struct, frozen=True, kw_only=True):
    """Why an order is called off."""

    reason: Annotated[str, Meta(max_length=500)] = ""


class PurchaseProblem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a purchase was refused, for one line or (without a listing) as a whole."""

    reason: str
    """`gone`, `too_few`, `price_changed`, `own_listing`, `insufficient_funds`, `wallet_closed`, `seller_closed`,
    `expired`."""
    listing_id: UUID | None = None
    title: str = ""
    available: int | None = None
    price: Money | None = None
    missing: Money | None = None
    """How much the wallet lacks, with `insufficient_funds`."""


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """One checkout of a cart, or of one listing by itself."""

    id: UUID
    status: PurchaseStatus
    total: Money
    orders: list[OrderSummary]
    problems: list[PurchaseProblem]
    placed_at: datetime
    finished_at: datetime | None
    expires_at: datetime
    item: PurchaseItem | None = None
    """What was bought by itself, past the cart; None if the cart was checked out."""


class PurchasePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of purchases, newest first."""

    items: list[Purchase]
    next_cursor: str | None


class OfferRound(msgspec.Struct, frozen=True, kw_only=True):
    """A price that one side named."""

    number: int
    """From 1; the buyer's first price."""
    by: Side
    price: Money
    """Of one unit."""
    message: str
    at: datetime


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer's price for a listing, and what became of it."""

    id: UUID
    listing_id: UUID
    title: str
    picture: str | None
    buyer_id: UUID
    buyer_name: str
    seller_id: UUID
    seller_name: str
    quantity: int
    price: Money
    """Of one unit; the last that was named."""
    asking_price: Money
    """Of one unit, when the last price was named."""
    status: OfferStatus
    """`bought` from the checkout on. If the purchase ends unpaid, it is `accepted` again."""
    turn: Side
    """Who must answer the last price while the offer is `open`; afterwards, who had to."""
    rounds: list[OfferRound]
    """Every price that was named, the first one first."""
    rounds_left: int
    """How many more may be named."""
    made_at: datetime
    changed_at: datetime
    deadline: datetime | None
    """When it expires: `open` if nobody answers, `accepted` if it is not bought. Nothing is reserved meanwhile."""
    accepted_at: datetime | None
    paid_at: datetime | None
    purchase_id: UUID | None
    """The purchase that buys it; only its buyer sees it."""
    actions: list[Literal["accept", "counter", "decline", "withdraw", "buy"]]
    """What the caller may do now. To buy, put so many units into the cart: they cost the agreed price there."""


class NewOffer(msgspec.Struct, frozen=True, kw_only=True):
    """Name a price for a listing whose seller takes offers."""

    listing_id: UUID
    price: Money
    """Of one unit: below the asking price, and at least a tenth of it."""
    quantity: Units = 1
    message: Annotated[str, Meta(max_length=500)] = ""
    """The seller reads it."""
    id: UUID | None = None
    """The caller's own UUID version 7 (RFC 9562), which makes the request safe to repeat."""


class OfferAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to a price, or its withdrawal."""

    round: Annotated[int, Meta(ge=1, le=99)]
    """The number of the price that the caller saw; if there is another one by now, nothing is done."""


class Counteroffer(msgspec.Struct, frozen=True, kw_only=True):
    """Another price instead of the one that was named."""

    round: Annotated[int, Meta(ge=1, le=99)]
    """The number of the price that it answers; if there is another one by now, nothing is done."""
    price: Money
    """Of one unit; a seller's is above the buyer's last price, a buyer's below the seller's."""
    message: Annotated[str, Meta(max_length=500)] = ""
    """The other side reads it."""


class OfferPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of offers, newest first."""

    items: list[Offer]
    next_cursor: str | None
