"""An order's timeline in words: what happened, what is next, and by when."""

from datetime import datetime
from typing import Any

from entrypoint.web.marking import N_
from entrypoint.web.reader import Reader
from souk.contracts.store.orders import Order, TimelineStep

PATH = ("placed", "paid", "shipped", "delivered", "completed")

LABELS = {
    "placed": N_("Placed"),
    "paid": N_("Paid"),
    "shipped": N_("Shipped"),
    "delivered": N_("Arrived"),
    "completed": N_("Completed"),
    "cancelled": N_("Cancelled"),
    "refunded": N_("Refunded"),
}

DEADLINES = {
    "paid": N_("To be shipped by {when}; else it is cancelled and the buyer gets everything back"),
    "shipped": N_("To be confirmed by {when}; else it counts as arrived"),
}

CANCELLED_BY = {
    "buyer": N_("By the buyer."),
    "seller": N_("By the seller."),
    "deadline": N_("It was not shipped in time."),
    "system": N_("The payment came too late."),
}

NEXT = {
    "shipped": N_("The seller sends the parcel"),
    "delivered": N_("The buyer confirms that it arrived"),
    "completed": N_("The seller gets the money"),
}


def steps_of(order: Order, reader: Reader, *, selling: bool) -> list[dict[str, Any]]:
    """The order's steps for the macro `timeline`. Only its seller is told of the fee; all others see one sum, the buyer's."""
    steps = [_done(order, step, reader, selling) for step in order.timeline]
    last = order.timeline[-1] if order.timeline else None
    if last is None or order.status in ("completed", "refunded"):
        return steps
    if order.status == "cancelled":
        if any(step.status == "paid" for step in order.timeline):
            steps.append({"label": reader.gettext(LABELS["refunded"]), "state": "future"})
        return steps
    steps[-1]["state"] = "current"
    if order.under_problem:
        steps[-1]["text"] = reader.gettext("Something is wrong with it. It rests until that is settled")
    elif order.deadline is not None and order.status in DEADLINES:
        text = reader.gettext(DEADLINES[order.status]).format(when=reader.datetime(order.deadline))
        steps[-1]["deadline"] = _moment(order.deadline, text)
    for status in PATH[PATH.index(order.status) + 1 :]:
        text = reader.gettext(NEXT[status]) if status in NEXT else ""
        steps.append({"label": reader.gettext(LABELS[status]), "state": "future", "text": text})
    return steps


def _done(order: Order, step: TimelineStep, reader: Reader, selling: bool) -> dict[str, Any]:
    left = step.status in ("cancelled", "refunded")
    return {
        "label": reader.gettext(LABELS[step.status]),
        "state": "left" if left and step.status == "cancelled" else "done",
        "time": _moment(step.at, reader.datetime(step.at)),
        "text": _text(order, step, reader, selling),
    }


def _text(order: Order, step: TimelineStep, reader: Reader, selling: bool) -> str:
    amount = reader.money(order.amount)
    if step.status == "paid":
        return reader.gettext("{amount} is held for this order").format(amount=amount)
    if step.status == "shipped":
        return " · ".join(part for part in (order.carrier, order.tracking_code) if part)
    if step.status == "delivered" and step.by == "deadline":
        return reader.gettext("Nobody objected in time, so it counts as arrived")
    if step.status == "delivered" and step.by == "system":
        return reader.gettext("What was wrong with it is settled, and the rest of the money goes to the seller")
    if step.status == "cancelled":
        by = reader.gettext(CANCELLED_BY.get(step.by, ""))
        return by if step.by == "deadline" else " ".join(part for part in (by, step.note) if part)
    if step.status == "refunded":
        return reader.gettext("{amount} is back in the buyer's wallet").format(amount=amount)
    if step.status == "completed" and order.to_seller is not None and order.fee is not None:
        words = (
            N_("{gross} less the fee of {fee}: {net} for you")
            if selling and order.fee.amount
            else N_("{gross} went to the seller")
        )
        gross, fee, net = (reader.money(each) for each in (order.to_seller + order.fee, order.fee, order.to_seller))
        return reader.gettext(words).format(gross=gross, fee=fee, net=net)
    return ""


def _moment(at: datetime, text: str) -> dict[str, str]:
    return {"iso": at.isoformat(), "text": text}
