"""Loads every table of the store, so that its metadata is complete."""

from store.carts.tables import CartLineRow, CartRow
from store.messages.tables import (
    BlockRow,
    MessageRow,
    ThreadCaseRow,
    ThreadRecordRow,
    ThreadReportRow,
    ThreadRow,
    ThreadSideRow,
)
from store.offers.tables import OfferRoundRow, OfferRow
from store.orders.tables import OrderLineRow, OrderRow, OrderStepRow, RefundLineRow, RefundRow
from store.problems.tables import ProblemRow, ProblemStepRow
from store.purchases.tables import PurchaseRow
from store.reviews.tables import RatingRow, ReviewCaseRow, ReviewRecordRow, ReviewReportRow, ReviewRow
from store.user_replica.tables import PersonRow

__all__ = [
    "BlockRow",
    "CartLineRow",
    "CartRow",
    "MessageRow",
    "OfferRoundRow",
    "OfferRow",
    "OrderLineRow",
    "OrderRow",
    "OrderStepRow",
    "PersonRow",
    "ProblemRow",
    "ProblemStepRow",
    "PurchaseRow",
    "RatingRow",
    "RefundLineRow",
    "RefundRow",
    "ReviewCaseRow",
    "ReviewRecordRow",
    "ReviewReportRow",
    "ReviewRow",
    "ThreadCaseRow",
    "ThreadRecordRow",
    "ThreadReportRow",
    "ThreadRow",
    "ThreadSideRow",
]
