"""Wires the payment service."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

from litestar import Litestar

from payment import metrics
from payment.escrow.consumers import escrow_consumers
from payment.escrow.routes import ROUTES as ESCROW_ROUTES
from payment.invoices.consumers import invoices_consumers
from payment.invoices.routes import InvoiceRoutes
from payment.invoices.stored_pdfs import StoredPdfs
from payment.ledger import blocks
from payment.ledger.blocks import Closer
from payment.ledger.grouping import GroupCommit
from payment.ledger.proof import WATCHED_EVERY_S, Prover, roll_up
from payment.ledger.routes import get_proof
from payment.ledger.witness import Witness
from payment.parties.consumers import parties_consumer
from payment.parties.routes import LegalProfileRoutes
from payment.pdf.renderer import Renderer
from payment.settings import PaymentSettings
from payment.wallets import pending
from payment.wallets.consumers import wallets_consumer
from payment.wallets.routes import WalletDecisionRoutes, WalletRoutes
from souk.clock import Clock
from souk.events import Consumer, Transport
from souk.http import Kernel, build_app, make_kernel
from souk.http.background import Errand, Sweeper, emitting, keep_running
from souk.money import exponent
from souk.processes import Load

ROLL_UP_EVERY_S = 1.0
CLOSE_BLOCK_EVERY_S = 5.0
DRAW_EVERY_S = 0.5
WAITING_EVERY_S = 1.0


def create_app(
    settings: PaymentSettings,
    *,
    transport: Transport | None = None,
    clock: Clock | None = None,
    peers: Mapping[str, Litestar] | None = None,
) -> Litestar:
    """The payment service: wallets, escrow, invoices, proof of money."""
    kernel = make_kernel("payment", settings, transport=transport, clock=clock, peers=peers)
    prover = Prover(kernel.database, kernel.clock, settings.currency)
    group = GroupCommit(kernel.database, kernel.clock, kernel.outbox)
    renderer = Renderer(kernel.service, settings.render_processes)
    pdfs = StoredPdfs(kernel.database, renderer, Load())
    kernel.consumers = consumers(kernel, settings)
    metrics.minor_units.set(10 ** exponent(settings.currency))
    kernel.measures.append(partial(blocks.measure, clock=kernel.clock))
    kernel.sweepers += [
        Sweeper("roll-up", ROLL_UP_EVERY_S, roll_up),
        Sweeper("close-block", CLOSE_BLOCK_EVERY_S, Closer(kernel.clock, Witness(settings.witness_path)).sweep),
        Sweeper("waiting transfers", WAITING_EVERY_S, emitting(kernel.outbox, pending.Settle(kernel.clock))),
    ]
    kernel.errands.append(Errand("draw-invoices", DRAW_EVERY_S, pdfs.draw_due))

    @asynccontextmanager
    async def at_work(_: Litestar) -> AsyncIterator[None]:
        watch = partial(prover.watch, max(WATCHED_EVERY_S, settings.idle_look_s))
        watching = asyncio.create_task(keep_running("proof", kernel.service, watch))
        try:
            yield
        finally:
            await group.close()
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
            await renderer.close()

    return build_app(
        kernel,
        [WalletRoutes, WalletDecisionRoutes, InvoiceRoutes, LegalProfileRoutes, get_proof, *ESCROW_ROUTES],
        singletons={
            "settings": settings,
            "group": group,
            "prover": prover,
            "pdfs": pdfs,
            "renderer": renderer,
        },
        lifespan=[at_work],
    )


def consumers(kernel: Kernel, settings: PaymentSettings) -> Sequence[Consumer]:
    """What the service reacts to."""
    return (
        wallets_consumer(settings),
        parties_consumer(),
        *escrow_consumers(kernel, settings),
        *invoices_consumers(kernel, settings),
    )
