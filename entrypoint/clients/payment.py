"""The payment service, as pages ask it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from entrypoint.clients.operated import OperatedService
from souk.contracts.payment.invoices import InvoiceMonth, InvoicePage, LegalProfile
from souk.contracts.payment.ledger import Proof, PurchaseMoney
from souk.contracts.payment.statements import StatementPage, StatementSummary
from souk.contracts.payment.wallets import (
    NewDeposit,
    NewIssuance,
    NewTransfer,
    NewWalletStatus,
    Terms,
    TransferReceipt,
    Wallet,
    WalletOverview,
)
from souk.http.answers import Answer
from souk.http.client import LONG_ANSWER_S_MAX
from souk.http.identity import Identity
from souk.money import Money

InvoiceSide = Literal["seller", "buyer", "marketplace"]
"""Whose documents: those that the user issued, got, or that the marketplace issued (for admins)."""


class PaymentClient(OperatedService):
    """Wallets, statements and documents. Those that come as files are answers, refusals included."""

    async def get_wallet(self, identity: Identity) -> Wallet:
        """The user's wallet."""
        return await self.calls.get("/wallet", Wallet, identity=identity)

    async def get_balance(self, identity: Identity) -> Money:
        """What the user can spend."""
        return await self.calls.get("/internal/balance", Money, identity=identity)

    async def list_statement(
        self,
        identity: Identity,
        *,
        limit: int,
        cursor: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> StatementPage:
        """What moved in the user's wallet, newest first; in a period, where said."""
        params = {"limit": limit, "cursor": cursor} | _period(since, until)
        return await self.calls.get("/wallet/statement", StatementPage, identity=identity, params=params)

    async def get_statement_summary(
        self, identity: Identity, since: datetime | None = None, until: datetime | None = None
    ) -> StatementSummary:
        """The balance before and after a period, and what moved in between."""
        params = _period(since, until)
        return await self.calls.get("/wallet/statement/summary", StatementSummary, identity=identity, params=params)

    async def get_statement_file(
        self,
        identity: Identity,
        kind: Literal["csv", "pdf"],
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Answer:
        """The statement of a period as a file."""
        return await self._get_file(f"/wallet/statement.{kind}", identity, _period(since, until))

    async def add_deposit(self, identity: Identity, new: NewDeposit, key: UUID) -> TransferReceipt:
        """Add virtual money to the user's wallet; asked again under the same key, it is the same deposit."""
        headers = {"idempotency-key": str(key)}
        return await self.calls.post("/wallet/deposits", TransferReceipt, identity=identity, json=new, headers=headers)

    async def send_transfer(self, identity: Identity, new: NewTransfer, key: UUID) -> TransferReceipt:
        """Send money to another user; asked again under the same key, it is the same transfer."""
        headers = {"idempotency-key": str(key)}
        return await self.calls.post("/wallet/transfers", TransferReceipt, identity=identity, json=new, headers=headers)

    async def issue_money(self, identity: Identity, new: NewIssuance, key: UUID) -> TransferReceipt:
        """Issue virtual money to a user; asked again under the same key, it is the same issuance."""
        headers = {"idempotency-key": str(key)}
        return await self.calls.post("/issuances", TransferReceipt, identity=identity, json=new, headers=headers)

    async def get_wallet_of(self, identity: Identity, user_id: UUID) -> WalletOverview:
        """Another user's wallet, for admins."""
        return await self.calls.get(f"/wallets/{user_id}", WalletOverview, identity=identity)

    async def set_wallet_status(self, identity: Identity, user_id: UUID, new: NewWalletStatus) -> WalletOverview:
        """Freeze, close or reopen a user's wallet."""
        return await self.calls.post(f"/wallets/{user_id}/status", WalletOverview, identity=identity, json=new)

    async def get_terms(self, identity: Identity | None = None) -> Terms:
        """What the marketplace takes, and how long it keeps documents."""
        return await self.calls.get("/terms", Terms, identity=identity)

    async def get_proof(self, identity: Identity) -> Proof:
        """What was ever issued beside what everybody has."""
        return await self.calls.get("/proof", Proof, identity=identity)

    async def list_invoices(
        self, identity: Identity, side: InvoiceSide, *, limit: int, cursor: str | None = None
    ) -> InvoicePage:
        """The documents of one side, newest first."""
        params = {"role": side, "limit": limit, "cursor": cursor}
        return await self.calls.get("/invoices", InvoicePage, identity=identity, params=params)

    async def list_invoices_of_order(self, identity: Identity, order_id: UUID) -> InvoicePage:
        """The user's documents about an order, newest first."""
        return await self.calls.get("/invoices", InvoicePage, identity=identity, params={"order_id": order_id})

    async def list_invoice_months(self, identity: Identity, side: InvoiceSide) -> list[InvoiceMonth]:
        """The months in which one side has documents."""
        params = {"role": side}
        return await self.calls.get("/invoices/months", list[InvoiceMonth], identity=identity, params=params)

    async def get_invoice_archive(self, identity: Identity, month: str, side: str, part: str) -> Answer:
        """A part of a month's documents as a ZIP of PDFs."""
        return await self._get_file("/invoices/archive", identity, {"month": month, "role": side, "part": part})

    async def get_invoice_journal(self, identity: Identity, month: str, side: str, part: str) -> Answer:
        """A part of a month's documents as CSV."""
        return await self._get_file("/invoices/journal", identity, {"month": month, "role": side, "part": part})

    async def get_invoice_pdf(self, identity: Identity, invoice_id: UUID, known: str | None = None) -> Answer:
        """A document; nothing of it (304) if it is the one whose tag is `known`."""
        headers = {"if-none-match": known} if known else None
        return await self._get_file(f"/invoices/{invoice_id}/pdf", identity, {}, headers)

    async def get_legal_profile(self, identity: Identity) -> LegalProfile:
        """Who the user is on documents."""
        return await self.calls.get("/me/legal-profile", LegalProfile, identity=identity)

    async def set_legal_profile(self, identity: Identity, profile: LegalProfile, languages: str) -> LegalProfile:
        """Say who the user is on documents, and in which of `languages`, as `Accept-Language` has them, those are."""
        headers = {"accept-language": languages}
        return await self.calls.put("/me/legal-profile", LegalProfile, identity=identity, json=profile, headers=headers)

    async def get_purchase_money(self, identity: Identity, purchase_id: UUID) -> PurchaseMoney:
        """Where the money of a purchase is, for admins."""
        return await self.calls.get(f"/internal/captures/{purchase_id}", PurchaseMoney, identity=identity)

    async def _get_file(
        self, path: str, identity: Identity, params: dict[str, str | None], headers: dict[str, str] | None = None
    ) -> Answer:
        return await self.calls.send(
            "GET", path, identity=identity, params=params, headers=headers, seconds_max=LONG_ANSWER_S_MAX
        )


def _period(since: datetime | None, until: datetime | None) -> dict[str, str | None]:
    moments = {"since": since, "until": until}
    return {name: moment.isoformat() if moment else None for name, moment in moments.items()}
