"""What the store can be told."""

from datetime import timedelta

from souk.settings import Settings


class StoreSettings(Settings):
    """Settings of the store; durations are ISO 8601 (`P7D`, `PT2M`) or seconds."""

    purchase_timeout: timedelta = timedelta(minutes=2)
    """How long a purchase may wait for stock and payment before it is cancelled."""

    ship_within: timedelta = timedelta(days=7)
    """How long a seller has to ship a paid order before it is cancelled and refunded."""

    confirm_within: timedelta = timedelta(days=14)
    """How long a buyer has to confirm a shipped order before it counts as delivered."""

    refund_within: timedelta = timedelta(days=90)
    """How long after an order is completed its seller, or an admin, may still refund it or parts of it."""

    review_within: timedelta = timedelta(days=60)
    """How long after an order arrived its buyer may review it."""

    review_change_within: timedelta = timedelta(days=14)
    """How long a review may be changed by its buyer, and the answer to it by the seller."""

    offer_answer_within: timedelta = timedelta(hours=48)
    """How long either side of an offer has to answer the other's price before the offer expires."""

    offer_buy_within: timedelta = timedelta(hours=48)
    """How long a buyer can buy at the price of an accepted offer before it expires; nothing is reserved meanwhile."""

    problem_answer_within: timedelta = timedelta(days=3)
    """How long either side of an order's problem has to say something before silence decides: who says nothing to a
    proposal agrees to it; if the seller says nothing at all, everything goes back for what did not arrive, and else a
    moderator decides."""

    problem_decide_within: timedelta = timedelta(days=14)
    """How long moderators have to decide a problem before everything goes back to the buyer, or, after an appeal, the first
    decision stands."""

    problem_appeal_within: timedelta = timedelta(days=7)
    """How long both sides have to appeal to another moderator before a decision is carried out."""

    message_reminder_after: timedelta = timedelta(minutes=10)
    """How long a message may be unread before its reader gets a notice, and by mail if they want that: one for each thread
    until they have read it."""
