"""Routes of wallets."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import Parameter
from litestar.response import Stream

from payment.ledger.grouping import GroupCommit
from payment.parties import user_replica
from payment.pdf.renderer import Renderer
from payment.settings import PaymentSettings
from payment.wallets import downloads, statements, status, transfers, wallets
from payment.wallets.statements import Period
from payment.wallets.status import Decision
from payment.wallets.transfers import Sending
from payment.wallets.wallets import NewMoney, WalletRules
from souk.contracts.payment.statements import StatementPage, StatementSummary
from souk.contracts.payment.wallets import (
    BalanceAt,
    NewDeposit,
    NewIssuance,
    NewTransfer,
    NewWalletStatus,
    Terms,
    TransferReceipt,
    Wallet,
    WalletOverview,
)
from souk.database import ReadSession, Session
from souk.http import Identity, Kernel
from souk.http.idempotency import key_parameter, read_key
from souk.ids import derived_id, new_id
from souk.money import Money
from souk.paging import CURSOR_CHARS_MAX, PAGE_MAX

Key = key_parameter("Names the request, so that repeating it does nothing twice.")


def wallet_rules(settings: PaymentSettings) -> WalletRules:
    """The rules as the settings say."""
    return WalletRules(
        may_deposit=settings.users_may_deposit,
        deposit_daily_limit=settings.deposit_daily_limit,
        transfer_daily_limit=settings.transfer_daily_limit,
    )


Since = Annotated[datetime | None, Parameter(description="From this time on; left out: from the beginning.")]
Until = Annotated[datetime | None, Parameter(description="Before this time; left out: up to now.")]


class WalletRoutes(Controller):
    """The caller's wallet, and what the marketplace takes."""

    tags = ("Wallet",)

    @get("/terms", operation_id="getTerms", summary="What the marketplace takes")
    async def terms(self, settings: PaymentSettings) -> Terms:
        """The fee of a settlement; the same for everybody."""
        return Terms(
            fee_basis_points=settings.fee_basis_points, invoice_retention_years=settings.invoice_retention_years
        )

    @get("/wallet", operation_id="getWallet", summary="Your wallet")
    async def show(self, identity: Identity, reader: ReadSession, kernel: Kernel, settings: PaymentSettings) -> Wallet:
        """What is available, what escrow holds for each order, and what your sales will bring."""
        now = kernel.clock.now()
        return await wallets.show(reader, identity.user(), settings.currency, wallet_rules(settings), now)

    @get("/internal/balance", include_in_schema=False)
    async def available(self, identity: Identity, kernel: Kernel, settings: PaymentSettings) -> Money:
        """What the user can spend, for every page's frame."""
        return await wallets.available(kernel.database, identity.user(), settings.currency)

    @get("/wallet/statement", operation_id="listWalletStatement", summary="Movements of your wallet")
    async def statement(
        self,
        *,
        identity: Identity,
        reader: ReadSession,
        settings: PaymentSettings,
        since: Since = None,
        until: Until = None,
        cursor: Annotated[str | None, Parameter(max_length=CURSOR_CHARS_MAX)] = None,
        limit: Annotated[int, Parameter(ge=1, le=PAGE_MAX)] = 50,
    ) -> StatementPage:
        """Deposits, captures, settlements, refunds and transfers of your wallet in a period, newest first."""
        span = await statements.span_of(reader, identity.user(), settings.currency, Period(since, until))
        return await statements.page(reader, span, cursor=cursor, limit=limit)

    @get("/wallet/statement/summary", operation_id="getWalletSummary", summary="Your wallet over a period")
    async def summary(
        self,
        identity: Identity,
        reader: ReadSession,
        settings: PaymentSettings,
        since: Since = None,
        until: Until = None,
    ) -> StatementSummary:
        """The balances before and after, and what each kind of movement brought and took."""
        period = Period(since, until)
        span = await statements.span_of(reader, identity.user(), settings.currency, period)
        return await statements.summary(reader, span, period)

    @get("/wallet/balance", operation_id="getWalletBalance", summary="Your balance at a past time")
    async def balance(
        self,
        identity: Identity,
        reader: ReadSession,
        settings: PaymentSettings,
        at: Annotated[datetime, Parameter(description="With its offset; what moved at this very time is not counted.")],
    ) -> BalanceAt:
        """What the wallet had just before a moment."""
        return await statements.balance_at(reader, identity.user(), settings.currency, at)

    @get(
        "/wallet/statement.csv",
        operation_id="getWalletStatementCsv",
        summary="Your statement as CSV",
        media_type="text/csv",
    )
    async def statement_csv(
        self,
        identity: Identity,
        kernel: Kernel,
        settings: PaymentSettings,
        since: Since = None,
        until: Until = None,
    ) -> Stream:
        """Movements of a period, oldest first, at most 50,000."""
        user_id = identity.user()
        async with kernel.database.reading() as reader:
            span = await statements.span_of(reader, user_id, settings.currency, Period(since, until))
        downloads.check_length(span, downloads.CSV_LINES_MAX)
        content = downloads.csv_of(statements.lines(kernel.database, span))
        return Stream(content, media_type="text/csv", headers=_attachment("statement.csv"))

    @get(
        "/wallet/statement.pdf",
        operation_id="getWalletStatementPdf",
        summary="Your statement as a PDF",
        media_type="application/pdf",
    )
    async def statement_pdf(
        self,
        *,
        identity: Identity,
        kernel: Kernel,
        renderer: Renderer,
        settings: PaymentSettings,
        since: Since = None,
        until: Until = None,
    ) -> Response[bytes]:
        """Movements of a period with its opening and closing balance, at most 2,000."""
        user_id, period = identity.user(), Period(since, until)
        async with kernel.database.reading() as reader:
            span = await statements.span_of(reader, user_id, settings.currency, period)
            downloads.check_length(span, downloads.PDF_LINES_MAX)
            summary = await statements.summary(reader, span, period)
            owner = (await user_replica.names(reader, [user_id])).get(user_id, "")
        batches = statements.lines(kernel.database, span)
        content = await downloads.pdf_of(renderer, owner, batches, summary, kernel.clock.now())
        return Response(content, media_type="application/pdf", headers=_attachment("statement.pdf"))

    @post("/wallet/transfers", operation_id="createTransfer", summary="Send money to another user")
    async def transfer(
        self,
        *,
        identity: Identity,
        group: GroupCommit,
        kernel: Kernel,
        settings: PaymentSettings,
        data: NewTransfer,
        key: Annotated[str, Key],
    ) -> TransferReceipt:
        """Up to a limit a day; both are told. The same key with the same content gives the same receipt.

        Who has not proved their address receives nothing: the money waits for that until `waits_until`, and then it is back.
        """
        sender_id = identity.user()
        transfer_id = derived_id("transfer", sender_id, read_key(key))
        new = Sending(transfer_id, sender_id, data.recipient_id, data.email, data.amount, data.note.strip())
        new.check(settings.currency)
        limit = settings.transfer_daily_limit
        return await transfers.send(group, kernel.database, new, daily_limit=limit, now=kernel.clock.now())

    @post("/wallet/deposits", operation_id="createDeposit", summary="Add virtual money to your wallet")
    async def deposit(
        self,
        *,
        identity: Identity,
        group: GroupCommit,
        kernel: Kernel,
        settings: PaymentSettings,
        data: NewDeposit,
        key: Annotated[str, Key],
    ) -> TransferReceipt:
        """Only where users may do so, and up to a limit a day. The same key with the same amount gives the same receipt."""
        user_id = identity.user()
        wallets.check_amount(data.amount, settings.currency)
        new = NewMoney(derived_id("deposit", user_id, read_key(key)), "deposit", user_id, user_id, data.amount, "")
        return await wallets.deposit(group, new, wallet_rules(settings), kernel.clock.now())

    @post("/issuances", operation_id="createIssuance", summary="Issue virtual money to a user (admins)")
    async def issue(
        self,
        *,
        identity: Identity,
        group: GroupCommit,
        kernel: Kernel,
        settings: PaymentSettings,
        data: NewIssuance,
        key: Annotated[str | None, Key] = None,
    ) -> TransferReceipt:
        """Who issued, and why, is kept. With an Idempotency-Key it can be repeated safely."""
        admin_id = identity.require_role("admin")
        wallets.check_amount(data.amount, settings.currency)
        wallets.check_reason(data.reason)
        transfer_id = new_id() if key is None else derived_id("issuance", admin_id, read_key(key))
        new = NewMoney(transfer_id, "issuance", data.user_id, admin_id, data.amount, data.reason)
        return await wallets.issue(group, new, kernel.clock.now())


class WalletDecisionRoutes(Controller):
    """Others' wallets, for admins."""

    path = "/wallets"
    tags = ("Wallets",)

    @get("/{user_id:uuid}", operation_id="getWalletOf", summary="A user's wallet (admins)")
    async def show(
        self, *, identity: Identity, reader: ReadSession, kernel: Kernel, settings: PaymentSettings, user_id: UUID
    ) -> WalletOverview:
        """What it has, awaits and owes, its status, and who decided on that and why."""
        identity.require_role("admin")
        return await status.overview(reader, user_id, settings.currency, kernel.clock.now())

    @post(
        "/{user_id:uuid}/status",
        status_code=200,
        operation_id="setWalletStatus",
        summary="Freeze, close or reopen a wallet (admins)",
    )
    async def decide(
        self,
        *,
        identity: Identity,
        session: Session,
        kernel: Kernel,
        settings: PaymentSettings,
        user_id: UUID,
        data: NewWalletStatus,
    ) -> WalletOverview:
        """Nothing leaves a frozen wallet, and money still comes in; only an empty one that no order
        can bring money to is closed. Safe to repeat."""
        admin_id = identity.require_role("admin")
        wallets.check_reason(data.reason)
        decision = Decision(user_id, data.status, data.reason.strip(), admin_id)
        now = kernel.clock.now()
        changed = await status.decide(session, decision, settings.currency, now)
        if changed is not None:
            kernel.outbox.emit(session, changed)
        return await status.overview(session, user_id, settings.currency, now)


def _attachment(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
