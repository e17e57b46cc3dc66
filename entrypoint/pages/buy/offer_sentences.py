"""Where an offer stands, in words for each of its sides."""

from entrypoint.web.marking import N_
from entrypoint.web.reader import Reader
from souk.contracts.store.events import Side
from souk.contracts.store.offers import Offer

OPEN = {
    True: N_("Answer by {when}, else it expires."),
    False: N_("{name} has until {when} to answer, else it expires."),
}
ACCEPTED: dict[Side, str] = {
    "buyer": N_("You can buy it at this price until {when}. It is not reserved: until you pay, others can buy it."),
    "seller": N_("{name} can buy it at this price until {when}. It is not reserved: others can still buy it."),
}
DECLINED = {True: N_("You declined."), False: N_("{name} declined.")}
WITHDRAWN = {True: N_("You withdrew."), False: N_("{name} withdrew.")}
MISSED = {True: N_("You did not answer in time."), False: N_("{name} did not answer in time.")}


def sentence(offer: Offer, side: Side, reader: Reader) -> str:
    """Where an offer stands and until when, for one of its sides."""
    name = offer.seller_name if side == "buyer" else offer.buyer_name
    mine = offer.turn == side
    bought = N_("Bought.") if offer.paid_at else N_("The payment is under way.")
    expired = N_("It was not bought in time.") if offer.accepted_at else MISSED[mine]
    left = side == "buyer" if offer.accepted_at else not mine
    words = {
        "open": OPEN[mine],
        "accepted": ACCEPTED[side],
        "declined": DECLINED[mine],
        "withdrawn": WITHDRAWN[left],
        "expired": expired,
        "bought": bought,
    }[offer.status]
    return reader.gettext(words).format(name=name, when=reader.datetime(offer.deadline))
