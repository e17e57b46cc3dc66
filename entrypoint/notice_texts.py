"""The words of each kind of notification, found when it is read, in the reader's language."""

from datetime import datetime
from typing import Any

import msgspec

from entrypoint.web.marking import N_
from entrypoint.web.reader import Reader
from souk.money import Money

TEXTS = {
    "sold": N_("You sold “{title}” for {amount}. Send it by {ship_by}."),
    "paid": N_("Order {number} is paid. {amount} is held until it arrived."),
    "shipped": N_("Order {number} is on its way to you."),
    "delivered": N_("Order {number} arrived. Your money is on its way."),
    "cancelled": N_("Order {number} was cancelled. {amount} goes back to the buyer."),
    "completed": N_("{amount} for order {number} is in your wallet."),
    "completed_recovered": N_("{amount} for order {number}, of which {recovered} paid off what you owed."),
    "refunded": N_("{amount} of order {number} is back in your wallet."),
    "refund_given": N_("{amount} of order {number} went back to the buyer."),
    "refund_owed": N_("{amount} of order {number} went back to the buyer. You owe {owed}; your next sales pay it off."),
    "completed_after_fee": N_("{gross} for order {number}, less the fee of {fee}: {amount} is in your wallet."),
    "completed_recovered_after_fee": N_(
        "{gross} for order {number}, less the fee of {fee}: {amount}, of which {recovered} paid off what you owed."
    ),
    "refund_given_after_fee": N_(
        "{amount} of order {number} went back to the buyer: {net} of your wallet, and {fee} of the fee."
    ),
    "refund_owed_after_fee": N_(
        "{amount} of order {number} went back to the buyer, {fee} of it from the fee. "
        "You owe {owed}; your next sales pay it off."
    ),
    "money_received": N_("{name} sent you {amount}."),
    "money_received_with_note": N_("{name} sent you {amount}: {note}"),
    "money_sent": N_("You sent {amount} to {name}."),
    "money_sent_with_note": N_("You sent {amount} to {name}: {note}"),
    "money_waits": N_("{amount} for {to} waits: the address is not proved yet. On {until} it would come back to you."),
    "money_waits_for_you": N_(
        "{name} sent you {amount}. Prove your address on your account's page, and you have it; it waits until {until}."
    ),
    "money_returned": N_("{amount} that you sent to {to} came back: nobody proved the address."),
    "wallet_open": N_("Your wallet is open again: {reason}"),
    "wallet_frozen": N_("Your wallet is frozen, so nothing can leave it: {reason}"),
    "wallet_closed": N_("Your wallet is closed: {reason}"),
    "purchase_rejected": N_("Your purchase was not made: something in it is gone or changed. Nothing was charged."),
    "purchase_declined": N_("Your purchase was not paid. Nothing was charged."),
    "purchase_expired": N_("Your purchase took too long and was called off. Nothing was charged."),
    "invoice": N_("Invoice {number} is ready to download."),
    "cheaper": N_("“{title}”, which you watch, costs {amount} now instead of {was}."),
    "back": N_("“{title}”, which you watch, can be had again, for {amount}."),
    "found": N_("New for your search “{search}”: “{title}” for {amount}."),
    "found_by_many": N_("New for your searches {searches}: “{title}” for {amount}."),
    "listing_hidden": N_("“{title}” was taken down by a moderator. Its page says why, and what you can do."),
    "listing_restored": N_("“{title}” is back: a moderator restored it."),
    "listing_upheld": N_("A moderator looked at “{title}” again. It stays hidden; its page says why."),
    "review_written": N_("“{title}” was reviewed: {stars} of 5 stars. You can answer it."),
    "review_changed": N_("The review of “{title}” was changed: {stars} of 5 stars now."),
    "review_answered": N_("The seller answered your review of “{title}”."),
    "review_removed": N_("A moderator removed your review of “{title}”. The order's page says why."),
    "review_restored": N_("Your review of “{title}” is back: a moderator restored it."),
    "answer_removed": N_("A moderator removed your answer to the review of “{title}”. The order's page says why."),
    "answer_restored": N_("Your answer to the review of “{title}” is back: a moderator restored it."),
    "offer_made": N_("An offer for “{title}”: {quantity} × {amount}. Answer by {until}."),
    "offer_countered": N_("Another price for “{title}”: {quantity} × {amount}. Answer by {until}."),
    "offer_accepted": N_("Your offer for “{title}” was accepted. Buy it for {quantity} × {amount} by {until}."),
    "price_accepted": N_(
        "Your price for “{title}” was accepted: {quantity} × {amount}. It can be bought until {until}."
    ),
    "offer_declined": N_("Your price of {amount} for “{title}” was declined."),
    "offer_withdrawn": N_("The offer for “{title}” at {amount} was withdrawn."),
    "offer_expired": N_("Nobody answered your price of {amount} for “{title}” in time."),
    "offer_missed": N_("You did not answer the price of {amount} for “{title}” in time."),
    "offer_unbought": N_("“{title}” was not bought in time at the agreed {amount}."),
    "problem_opened": N_(
        "The buyer of order {number} says that something is wrong. Answer by {until}; the money rests until it is settled."
    ),
    "problem_proposed": N_(
        "Order {number}: {amount} is proposed to go back to the buyer. Answer by {until}, else it counts as agreed."
    ),
    "problem_escalated": N_("Order {number}: a moderator decides now what goes back."),
    "problem_decided": N_(
        "A moderator decided about order {number}: {amount} goes back to the buyer. You can appeal until {until}."
    ),
    "problem_appealed": N_("Order {number}: the other side appealed, and another moderator decides."),
    "problem_ended": N_("Order {number} is settled: {amount} goes back to the buyer."),
    "problem_withdrawn": N_("The buyer of order {number} took it back that something is wrong. The order goes on."),
    "message_waits": N_("{name} wrote to you about “{title}”."),
    "thread_closed": N_("A moderator closed the thread about “{title}”. Nobody can write in it now."),
    "thread_reopened": N_("You can write about “{title}” again: a moderator opened the thread."),
    "credit_note": N_("Credit note {number} is ready to download."),
}
"""By kind, `_after_fee` where a fee is told. The parameters are those that `entrypoint.notifications.consumers` writes.

Buyers are told what they paid or got back, one sum; only sellers are told of the fee.
"""

AMOUNTS = frozenset({"amount", "was", "owed", "recovered", "gross", "fee", "net"})


def words(reader: Reader, kind: str, params: dict[str, Any]) -> str:
    """A notification as a sentence; money and days come in the reader's way."""
    text = TEXTS.get(f"{kind}_after_fee", TEXTS[kind]) if "fee" in params else TEXTS[kind]
    return reader.gettext(text).format_map(shown(reader, params))


def shown(reader: Reader, params: dict[str, Any]) -> dict[str, Any]:
    """What stands in sentences, each in the reader's way."""
    texts = dict(params)
    for name in AMOUNTS & params.keys():
        texts[name] = reader.money(msgspec.convert(params[name], Money))
    if "searches" in params:
        texts["searches"] = reader.listed([f"“{name}”" for name in params["searches"]])
    if "until" in params:
        texts["until"] = reader.datetime(datetime.fromisoformat(params["until"]))
    if "ship_by" in params:
        texts["ship_by"] = reader.date(datetime.fromisoformat(params["ship_by"]))
    return texts
