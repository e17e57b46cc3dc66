"""Orders and refunds, as the store serves them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from souk.contracts.store.carts import UNITS_MAX
from souk.contracts.store.events import Address, BillingDetails, OrderLine, RefundLine
from souk.contracts.store.reviews import Review
from souk.money import Money

OrderStatus = Literal["placed", "paid", "shipped", "delivered", "completed", "cancelled", "refunded"]
"""`cancelled` before payment is an end; after payment it lasts until the refund is booked (`refunded`)."""

OrderActor = Literal["buyer", "seller", "deadline", "system"]
"""Who made a step: one of the two, nobody in time, or Souk itself after something else happened."""

RefundedBy = Literal["seller", "admin", "problem"]
"""`problem`: the end of a problem, see `Order.problem_id`."""

CARRIER_CHARS_MAX, TRACKING_CODE_CHARS_MAX, REASON_CHARS_MAX = 60, 80, 500


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
    by: OrderActor
    note: str = ""


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an order that was given back."""

    id: UUID
    amount: Money
    lines: list[RefundLine]
    reason: str
    by: RefundedBy
    at: datetime
    booked: bool
    """The buyer has the money; it takes a moment."""
    fee: Money | None = None
    """The part of the marketplace fee that the seller got back, once it is booked."""
    postage: Money | None = None
    """The part of `amount` that gives postage back; None if none is."""


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
    actions: list[Literal["ship", "confirm", "cancel", "problem", "refund", "review", "answer"]]
    """What the caller may do now. `problem`: say that something is wrong; `review`: write or change it; `answer`: the
    same of the answer to it."""
    refunded: Money | None = None
    """The sum of `refunds`; None if there are none."""
    refunds: list[Refund] = msgspec.field(default_factory=list)
    """Parts given back, oldest first; a cancelled order gives back the rest besides."""
    refundable: list[RefundLine] = msgspec.field(default_factory=list)
    """What is left to refund on each line, for those who may refund now."""
    refundable_postage: Money | None = None
    """What is left to refund of the postage, for those who may refund now; None if nothing is."""
    refundable_until: datetime | None = None
    """When that ends, once the order is completed."""
    billing: BillingDetails | None = None
    problem_id: UUID | None = None
    """Its latest problem, if its buyer said that something is wrong."""
    under_problem: bool = False
    """That is open: the order's clock rests, and nothing settles it before the problem is over."""
    review: Review | None = None
    """How it went, as its buyer says; a removed review is there only for its author and moderators."""
    review_until: datetime | None = None
    """Until when it may be reviewed, or the review changed, for a buyer who may."""
    answer_until: datetime | None = None
    """Until when the answer may be changed, for a seller who gave one."""
    postage: Money | None = None
    """What `amount` has besides the lines; None if nothing."""


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
    """Left out, with `postage` left out too: all that is left of the order."""
    postage: Money | None = None
    """What to give back of the postage."""
    reason: Annotated[str, Meta(max_length=REASON_CHARS_MAX)] = ""
    """The buyer reads it."""


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of orders, newest first."""

    items: list[OrderSummary]
    next_cursor: str | None


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """How the parcel travels; both may be empty."""

    carrier: Annotated[str, Meta(max_length=CARRIER_CHARS_MAX)] = ""
    tracking_code: Annotated[str, Meta(max_length=TRACKING_CODE_CHARS_MAX)] = ""


class Cancellation(msgspec.Struct, frozen=True, kw_only=True):
    """Why an order is called off."""

    reason: Annotated[str, Meta(max_length=REASON_CHARS_MAX)] = ""
