"""What moved in a wallet, in words and with links to what it was for."""

from typing import Any

from entrypoint.web.marking import N_
from entrypoint.web.reader import Reader
from souk.contracts.payment.statements import StatementLine
from souk.contracts.store.orders import OrderSummary

KINDS = {
    "deposit": N_("Money added"),
    "issuance": N_("Money issued to you"),
    "capture": N_("Paid"),
    "settlement": N_("Sold"),
    "refund": N_("Refund"),
    "transfer": N_("Transfer"),
    "transfer_waiting": N_("To {name}, once they have proved their address"),
    "transfer_delivered": N_("From {name}"),
    "transfer_returned": N_("Back: {name} did not prove their address"),
}


class Titles:
    """What the movements were for, as far as the latest orders say."""

    def __init__(self, bought: list[OrderSummary], sold: list[OrderSummary]) -> None:
        self.orders = {str(order.id): order for order in [*bought, *sold]}
        self._purchases: dict[str, list[OrderSummary]] = {}
        for order in bought:
            self._purchases.setdefault(str(order.purchase_id), []).append(order)

    def line(self, line: StatementLine, reader: Reader) -> dict[str, Any]:
        """A movement as a statement shows it."""
        title, href = self._aim(line)
        return {
            "words": _words(line, reader),
            "title": title,
            "href": href,
            "shares": _shares(line, reader),
            "line": line,
            "sign": "+" if line.amount.amount > 0 else "",
        }

    def _aim(self, line: StatementLine) -> tuple[str, str]:
        order = self.orders.get(line.reference)
        parts = self._purchases.get(line.reference, [])
        if line.kind.startswith("transfer"):
            return line.note, f"/sellers/{line.other_id}" if line.other_id else ""
        if order is not None:
            return order.title, f"/orders/{order.id}"
        if line.kind == "capture":
            return ", ".join(part.title for part in parts[:3]), f"/purchases/{line.reference}"
        return "", f"/orders/{line.reference}" if line.kind in ("settlement", "refund") else ""


def _shares(line: StatementLine, reader: Reader) -> str:
    """A seller's sum beside what the buyer paid or got; empty where both are the same, and for buyers."""
    if line.gross is None or line.fee is None or line.gross.amount == abs(line.amount.amount):
        return ""
    gross, fee = reader.money(line.gross), reader.money(line.fee)
    if line.kind == "refund":
        words = N_("{gross} to the buyer; {fee} of the fee came back")
        if -line.amount.amount + line.fee.amount < line.gross.amount:
            words = N_("{gross} to the buyer; {fee} of the fee came back, the rest you owe")
    else:
        words = N_("{gross} less {fee} fee")
        if line.amount.amount + line.fee.amount < line.gross.amount:
            words = N_("{gross} less {fee} fee and what you owed")
    return reader.gettext(words).format(gross=gross, fee=fee)


def _words(line: StatementLine, reader: Reader) -> str:
    if not line.kind.startswith("transfer"):
        return reader.gettext(KINDS.get(line.kind, line.kind))
    words = KINDS[line.kind]
    if line.kind == "transfer":
        words = N_("From {name}") if line.amount.amount > 0 else N_("To {name}")
    return reader.gettext(words).format(name=line.other_name or reader.gettext(N_("another user")))
