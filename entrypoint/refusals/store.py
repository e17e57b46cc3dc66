"""Sentences for what the store refuses."""

from entrypoint.refusals.sentences import Phrased, Sentence
from entrypoint.web.marking import N_, NN_

_UNCHANGED = {"unchanged": {"cart": N_("Your cart was not changed."), "bought": N_("Nothing was bought.")}}

_ORDER_STATUS = {
    "placed": N_("It has not been paid yet."),
    "paid": N_("It has been paid, but not shipped yet."),
    "shipped": N_("It is already on its way."),
    "delivered": N_("It has already arrived."),
    "completed": N_("It is already completed."),
    "cancelled": N_("It was cancelled."),
    "refunded": N_("All the money went back to the buyer."),
    "problem": N_("Its buyer says that something is wrong with it: settle that first."),
}
_PROBLEM_STATUS = {
    "opened": N_("Nobody has proposed anything yet."),
    "proposed": N_("Whoever made the last proposal waits for the other's answer."),
    "escalated": N_("It waits for a moderator."),
    "decided": N_("A moderator has decided."),
    "appealed": N_("It waits for another moderator."),
    "ended": N_("It is settled."),
    "withdrawn": N_("It was withdrawn."),
}
_NOT_ARRIVED = N_("It has not arrived yet.")
_ACTION = {
    "ship": N_("This order cannot be marked as shipped."),
    "confirm": N_("This order cannot be confirmed as received."),
    "cancel": N_("This order cannot be cancelled."),
    "refund": N_("This order cannot be refunded."),
    "problem": N_("Nothing can be said to be wrong with this order now."),
}
_TIME_IS_OVER = N_("Its time is over.")
_OFFER_OVER = {
    "declined": N_("It was declined."),
    "withdrawn": N_("It was withdrawn."),
    "bought": N_("It was bought."),
    "open": _TIME_IS_OVER,
    "accepted": _TIME_IS_OVER,
    "expired": _TIME_IS_OVER,
}
_OFFER_NOT_YOURS = {
    "open": N_("Whoever named the last price waits for the answer."),
    "accepted": N_("It was accepted: the price stands until it is bought or its time is over."),
}

SENTENCES: dict[str, Sentence] = {
    # carts
    "cart-full": N_("A cart holds at most {most} lines. Buy what is in it first, or take something out."),
    "prices-unchecked": N_("Prices and stock cannot be checked just now. Your cart is safe; try again in a moment."),
    "listing-gone": Phrased(_UNCHANGED, N_("This listing is no longer for sale. {unchanged}")),
    "own-listing": Phrased(_UNCHANGED, N_("You cannot buy your own listing. {unchanged}")),
    "too-few": Phrased(_UNCHANGED, N_("Only {available} of “{title}” can be had, not {quantity}. {unchanged}")),
    "price-changed": N_("The price of “{title}” has changed. Look at it again; your cart was not changed."),
    "another-currency": N_("{label} must be in {currency}."),
    "amount-out-of-range": N_("{label} must be more than nothing, and not more than can be booked."),
    # purchases
    "cart-empty": N_("There is nothing in your cart, so nothing was bought."),
    "cart-not-ready": N_("Something in your cart has changed and needs your decision. Nothing was bought."),
    "cart-changed": N_("Your cart was changed while you paid. Nothing was bought; look at it again."),
    "cart-too-large": N_(
        "Your cart costs more than one purchase may. Take something out and buy it separately. Nothing was bought."
    ),
    "cart-total-changed": N_("Your cart now costs something else than what you agreed to. Nothing was bought."),
    "purchase-too-large": N_("This costs more than one purchase may. Take fewer at a time. Nothing was bought."),
    "total-changed": N_("It now costs something else than what you agreed to. Nothing was bought."),
    "not-shipped": N_(
        "“{title}” is not sent to that country. Choose another address, or leave it out. Nothing was bought."
    ),
    "not-shipped-here": N_("“{title}” is not sent there."),
    "already-being-paid": N_("You are paying a purchase already. Nothing was bought twice; wait for that one to end."),
    "purchase-not-yours": N_("There is no such purchase among yours."),
    "purchase-paid": N_("It has been paid. Cancel its orders instead, as long as they are not shipped."),
    "purchase-over": N_("It has already ended without a payment; there is nothing to cancel."),
    "key-of-another-purchase": N_("This was bought before with another address, total or item. Open the page anew."),
    "agreement-gone": N_(
        "A price that you agreed on with a seller does not hold any more. Nothing was bought; look at the price again."
    ),
    # orders and refunds
    "order-not-yours": N_("There is no such order among yours."),
    "sellers-only": N_("Only the seller can do this. Nothing was changed."),
    "buyers-only": N_("Only the buyer can do this. Nothing was changed."),
    "not-possible-now": Phrased(
        {"action": _ACTION, "order_status": _ORDER_STATUS}, N_("{action} {order_status} Nothing was changed.")
    ),
    "cancel-instead": N_("To give everything back, cancel the order: then the goods are for sale again."),
    "refund-too-late": N_(
        "This order could be refunded until {until:date}. Nothing was refunded; send the money instead."
    ),
    "refunded-already": N_("All of this order was refunded already."),
    "buyer-wallet-closed": N_(
        "Nothing can be paid into the buyer's wallet any more. Nothing was refunded; agree with the buyer on another "
        "way, or ask an operator to reopen it."
    ),
    "key-of-another-refund": N_("Something else was refunded with this form. Nothing was done now; open it anew."),
    "not-a-line": N_("{label} is not a line of this order, or is named twice."),
    "fewer-left": N_("{label} has {left} left to refund, not {quantity}."),
    "less-left": N_("{label} can give back at most {left}."),
    "nothing-to-refund": N_("Say how many units or how much money to give back."),
    # problems
    "problem-not-yours": N_("There is no such problem among your orders."),
    "key-of-another-problem": N_("Something else was said with this form. Nothing was done now; open it anew."),
    "problem-open": N_("You have said that something is wrong with this order already. Nothing was changed."),
    "too-many-problems": N_(
        "You said {most} times that something is wrong with this order, and withdrew it. Nothing was changed; write to "
        "the seller."
    ),
    "problem-not-now": Phrased({"problem_status": _PROBLEM_STATUS}, N_("{problem_status} Nothing was changed.")),
    "problem-moved-on": N_("Something happened to this problem meanwhile. Look at it again. Nothing was changed."),
    "no-more-proposals": N_(
        "{most} amounts were proposed. Accept the last one, or let a moderator decide. Nothing was changed."
    ),
    "say-more": N_("Say it in at least {least} characters."),
    "more-than-held": N_("{label} can be from nothing to {most}, which is held."),
    "own-problem": N_("Another moderator has to decide about an order of yours."),
    "another-moderator": N_("You decided this before. Another moderator has to decide the appeal."),
    # offers
    "offer-not-yours": N_("There is no such offer among yours."),
    "offer-id-taken": N_("This form was sent for another offer. Open it anew. Nothing was sent."),
    "not-on-sale": N_("This listing is not on sale now. Nothing was changed."),
    "not-so-many": N_("Only {available} of “{title}” can be had, not {quantity}. Nothing was changed."),
    "too-many-units": N_("Only {available} can be had."),
    "own-offer": N_("You cannot make an offer for your own listing. Nothing was sent."),
    "no-offers": N_("Its seller does not take offers for it. Nothing was sent."),
    "price-not-lower": N_(
        "Name a price below the asking price; for that price or more it can just be bought. Nothing was sent."
    ),
    "price-not-lower-here": N_("Name less than the asking price."),
    "price-too-low": N_("An offer is at least a tenth of the asking price. Nothing was sent."),
    "price-too-low-here": N_("Name at least a tenth of the asking price."),
    "price-not-above": N_("Name more than the buyer offers, or accept their price. Nothing was sent."),
    "price-not-above-here": N_("Name more than the buyer offers."),
    "price-not-below": N_("Name less than the seller asks for, or accept their price. Nothing was sent."),
    "price-not-below-here": N_("Name less than the seller asks for."),
    "already-offered": N_(
        "You have an offer for this listing that is not over yet. Withdraw it first to make another one."
    ),
    "too-many-offers": N_("{most} of your offers wait for answers. Withdraw one, or wait. Nothing was sent."),
    "offered-often": NN_(
        "{offers} of your offers for this listing came to nothing within a week. Buy it at the price it is listed for, or "
        "offer again from {again_at:date}. Nothing was sent.",
        "{offers} of your offers for this listing came to nothing within a week. Buy it at the price it is listed for, or "
        "offer again from {again_at:date}. Nothing was sent.",
        by="offers",
    ),
    "offer-over": Phrased({"offer_status": _OFFER_OVER}, N_("{offer_status} Nothing was changed.")),
    "not-yours": Phrased({"offer_status": _OFFER_NOT_YOURS}, N_("{offer_status} Nothing was changed.")),
    "another-price": N_("Another price was named meanwhile. Look at it again. Nothing was changed."),
    "no-more-rounds": N_("{most} prices were named. Accept the last one or decline it. Nothing was changed."),
    # messages
    "thread-not-yours": N_("There is no such thread among yours."),
    "message-needed": N_("Write something."),
    "listing-or-order": N_("Name a listing or an order, one of them."),
    "nothing-to-ask": N_("This listing is not on sale now, so its seller cannot be asked about it. Nothing was sent."),
    "own-thread": N_("You cannot ask yourself about your own listing. Nothing was sent."),
    "thread-full": N_("{most} messages are in this thread, as many as one holds. Nothing was sent."),
    "blocked-by-you": N_("You blocked them. Unblock them first to write to them. Nothing was sent."),
    "blocked-by-them": N_("They do not take messages from you. Nothing was sent."),
    "thread-closed": N_("A moderator closed this thread. Nothing was sent."),
    "too-many-threads-reported": NN_(
        "You may report {most} thread in a day. This one was not reported.",
        "You may report {most} threads in a day. This one was not reported.",
        by="most",
    ),
    "own-thread-case": N_("Another moderator has to decide on a thread of yours."),
    "closing-reason-needed": N_("Choose why it is closed."),
    "closed-already": N_("It is closed already. Nothing was changed."),
    "not-closed": N_("It is not closed. Nothing was changed."),
    "many-threads": N_(
        "You asked about {most} things within a day. Wait for answers, and ask about more tomorrow. Nothing was sent."
    ),
    "not-answered": N_("You wrote {most} messages in a row. Wait for an answer. Nothing was sent."),
    "key-of-another-message": N_("Something else was sent with this form. Nothing was sent now."),
    # reviews
    "answer-needed": N_("Write what you want to say to it."),
    "not-reviewable": Phrased(
        {"why": _ORDER_STATUS | dict.fromkeys(("placed", "paid", "shipped"), _NOT_ARRIVED)},
        N_("This order cannot be reviewed. {why} Nothing was changed."),
    ),
    "too-late-to-review": N_("This order could be reviewed until {until:date}. Nothing was written."),
    "too-late-to-change": N_("It could be changed until {until:date}. Nothing was changed."),
    "changed-too-often": NN_(
        "It can be changed {most} time. Nothing was changed.",
        "It can be changed {most} times. Nothing was changed.",
        by="most",
    ),
    "review-removed": N_("A moderator removed this review, so it cannot be changed or answered."),
    "answer-removed": N_("A moderator removed your answer, so it cannot be changed."),
    "unknown-review": N_("There is no such review."),
    "buyer-reviews": N_("Only the buyer reviews an order. Nothing was changed."),
    "seller-answers": N_("Only the seller answers a review. Nothing was changed."),
    "own-review-reported": N_("Change it if something is wrong with it. It was not reported."),
    "own-review": N_("Another moderator has to decide on a review of yours, or of what you sold."),
    "too-many-reviews-reported": NN_(
        "You may report {most} review in a day. This one was not reported.",
        "You may report {most} reviews in a day. This one was not reported.",
        by="most",
    ),
    "author-reason-needed": N_("Choose the reason that its author is told."),
    "removed-already": N_("It is removed already. Nothing was changed."),
    "not-removed": N_("It is not removed. Nothing was changed."),
    "no-answer": N_("It has no answer. Nothing was changed."),
}
