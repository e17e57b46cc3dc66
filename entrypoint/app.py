"""The only place where the entrypoint is wired."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Router, get
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler
from litestar.types import ControllerRouterHandler

from entrypoint import links, metrics
from entrypoint.accounts import email_addresses
from entrypoint.accounts.passwords import Passwords
from entrypoint.accounts.routes import AccountRoutes
from entrypoint.api import docs, gateway
from entrypoint.api.identity import api_identity, limit_requests
from entrypoint.clients.cached import Cached
from entrypoint.clients.clients import make_clients
from entrypoint.context.csrf import check_form
from entrypoint.context.errors import HANDLERS
from entrypoint.context.filling import only_look
from entrypoint.context.headers import Headers
from entrypoint.context.parts import Parts
from entrypoint.context.request_context import (
    Connection,
    CurrentUser,
    RequestContext,
    context_of,
    current_user,
    open_context,
    require_user,
)
from entrypoint.context.static import static_file
from entrypoint.devices import devices
from entrypoint.drafts import drafts
from entrypoint.key_figures.key_figures import KeyFigures
from entrypoint.limits import guesses, limits
from entrypoint.live.live import CHANNEL as SIGNS
from entrypoint.live.live import Live
from entrypoint.live.routes import live as live_route
from entrypoint.mailing import collecting
from entrypoint.mailing.carriers import Carrier, Kept, Smtp
from entrypoint.mailing.collecting import Collect
from entrypoint.mailing.messages import Composer
from entrypoint.mailing.routes import MailRoutes
from entrypoint.mailing.sending import Sender
from entrypoint.notifications import notifications
from entrypoint.notifications.consumers import Notifier
from entrypoint.notifications.message_notices import MessageNotices
from entrypoint.notifications.notices import Notices
from entrypoint.notifications.offer_notices import OfferNotices
from entrypoint.notifications.problem_notices import ProblemNotices
from entrypoint.notifications.routes import NotificationRoutes
from entrypoint.openapi.openapi import Document
from entrypoint.pages import ROUTES
from entrypoint.pages.account import kept_mail
from entrypoint.sessions import sessions
from entrypoint.sessions.remembered import RememberedTokens
from entrypoint.settings import EntrypointSettings
from entrypoint.tokens import tokens
from entrypoint.tokens.routes import TokenRoutes
from entrypoint.view_counts.view_counts import ViewCounts
from entrypoint.web.assets import Assets
from entrypoint.web.categories import CHANNEL as CATEGORIES
from entrypoint.web.categories import Categories
from entrypoint.web.cookies import Signer
from entrypoint.web.kept_pages import KeptPages
from entrypoint.web.packing import Packed
from entrypoint.web.proxies import TrustedProxies
from entrypoint.web.reader import Languages
from entrypoint.web.templates import make_environment
from entrypoint.web.tiles import Tiles
from souk.clock import Clock
from souk.errors import NotFound
from souk.events import Transport
from souk.http import Kernel, build_app, make_kernel
from souk.http.background import Errand, Sweeper, emitting, keep_running
from souk.http.identity import Identity

HOUSEKEEPING_EVERY_S = 60.0
MAIL_EVERY_S = 5.0
PROOFS_EVERY_S = 1.0
TERMS_KEPT_S = 60.0
KEPT_MAIL_EVERY_S = 1.0
"""Whoever tries the shop looks at once whether the mail is there."""

FOLDER = Path(__file__).parent


def create_app(
    settings: EntrypointSettings,
    *,
    transport: Transport | None = None,
    clock: Clock | None = None,
    peers: Mapping[str, Litestar] | None = None,
) -> Litestar:
    """The entrypoint as an ASGI application; `peers` are other services in this process."""
    kernel = make_kernel("entrypoint", settings, transport=transport, clock=clock, peers=peers)
    tellers = (Notifier, Notices, OfferNotices, MessageNotices, ProblemNotices)
    kernel.consumers = tuple(teller(kernel.clock).consumer() for teller in tellers)
    kernel.sweepers += [
        Sweeper("sessions", HOUSEKEEPING_EVERY_S, sessions.Sweep(settings, kernel.clock)),
        Sweeper("tokens", HOUSEKEEPING_EVERY_S, tokens.Sweep(kernel.clock)),
        Sweeper("limits", HOUSEKEEPING_EVERY_S, limits.Sweep(kernel.clock)),
        Sweeper("guesses", HOUSEKEEPING_EVERY_S, guesses.Sweep(kernel.clock)),
        Sweeper("devices", HOUSEKEEPING_EVERY_S, devices.Sweep(kernel.clock)),
        Sweeper("proved addresses", PROOFS_EVERY_S, emitting(kernel.outbox, email_addresses.tell_proofs)),
        Sweeper("links", HOUSEKEEPING_EVERY_S, links.Sweep(kernel.clock)),
        Sweeper("former addresses", HOUSEKEEPING_EVERY_S, email_addresses.Sweep(kernel.clock)),
        Sweeper("typed forms", HOUSEKEEPING_EVERY_S, drafts.Sweep(kernel.clock)),
        Sweeper("old mails", HOUSEKEEPING_EVERY_S, collecting.Sweep(kernel.clock)),
        Sweeper("notifications", HOUSEKEEPING_EVERY_S, notifications.Sweep(kernel.clock)),
    ]
    parts = make_parts(kernel, settings)
    kernel.measures.append(metrics.Measure(kernel.clock, parts.live))
    if settings.sends_mail:
        kernel.sweepers.append(Sweeper("notices to mails", MAIL_EVERY_S, Collect(kernel.clock, settings.mail_every)))
        composer = Composer(settings, parts.signer, parts.languages, parts.templates)
        sender = Sender(_carrier(kernel, settings), composer, kernel.clock)
        kernel.errands.append(Errand("mails", KEPT_MAIL_EVERY_S if settings.keeps_mail else MAIL_EVERY_S, sender))
    kept = kept_mail.ROUTES if settings.keeps_mail else ()
    app = build_app(
        kernel,
        [_api(), _pages((*ROUTES, *kept)), live_route, static_file, gateway.picture, docs.openapi, docs.docs],
        lifespan=[lambda _: _running(parts)],
        exception_handlers=HANDLERS,
        before_send=[Headers(parts)],
        public=True,
        around=[Packed],
        middleware=[lambda app: TrustedProxies(app, settings.proxies)] if settings.proxies else [],
    )
    app.state.parts = parts
    return app


def make_parts(kernel: Kernel, settings: EntrypointSettings) -> Parts:
    """What one instance holds."""
    clients = make_clients(kernel)
    live = Live(kernel.clock, per_user_max=settings.live_streams_per_user_max, streams_max=settings.live_streams_max)
    categories = Categories(clients.catalogue)
    kernel.listener.hear(SIGNS, live.heard)
    kernel.listener.hear(CATEGORIES, lambda _: categories.forget(), missed=categories.forget)
    assets = Assets(FOLDER / "static")
    return Parts(
        kernel=kernel,
        settings=settings,
        passwords=Passwords(settings),
        limits=limits.Limits(kernel.database, kernel.clock),
        guesses=guesses.Guesses(kernel.database, kernel.clock),
        rules=limits.rules_of(settings),
        clients=clients,
        remembered=RememberedTokens(kernel.listener),
        live=live,
        signer=Signer(settings),
        languages=Languages(FOLDER / "locale", settings.time_zone, kernel.clock),
        assets=assets,
        templates=make_environment(FOLDER / "templates", assets.url),
        pages=KeptPages(),
        categories=categories,
        terms=Cached("terms", clients.payment.get_terms, TERMS_KEPT_S),
        tiles=Tiles(clients.catalogue),
        document=Document(clients, gateway.OWNERS),
        key_figures=KeyFigures(settings.currency),
        view_counts=ViewCounts(kernel.database, kernel.outbox, kernel.clock),
        uploads=asyncio.Semaphore(settings.uploads_at_once_max),
    )


@cache
def _api() -> Router:
    """The public API: bearer tokens only."""
    return Router(
        path=gateway.PREFIX,
        route_handlers=[AccountRoutes, TokenRoutes, NotificationRoutes, MailRoutes, gateway.forward],
        guards=[limit_requests, only_look],
        dependencies={"identity": Provide(_identity_of_token)},
    )


def _carrier(kernel: Kernel, settings: EntrypointSettings) -> Carrier:
    """Who takes the mails."""
    if settings.keeps_mail:
        return Kept(kernel.database, kernel.clock)
    return Smtp(settings.smtp_url, settings.mail_sender.addr_spec)


@cache
def _pages(routes: tuple[ControllerRouterHandler, ...]) -> Router:
    """The pages: a session cookie, CSRF tokens on all that changes anything, errors in words.

    Handlers get `ctx`, `user` (or None), `member` (else the visitor is sent to log in) and `identity`.
    """
    return Router(
        path="/",
        route_handlers=[*routes, nothing_here],
        guards=[_admit],
        dependencies={
            "ctx": Provide(_ctx, sync_to_thread=False),
            "user": Provide(_user, sync_to_thread=False),
            "member": Provide(_member, sync_to_thread=False),
            "identity": Provide(_identity, sync_to_thread=False),
        },
        include_in_schema=False,
    )


async def _admit(connection: Connection, handler: BaseRouteHandler) -> None:
    """The guards of a page, as one: Litestar copies the handler for each."""
    await open_context(connection, handler)
    await check_form(connection, handler)
    await only_look(connection, handler)


def _ctx(request: Request[Any, Any, Any]) -> RequestContext:
    return context_of(request)


def _user(request: Request[Any, Any, Any]) -> CurrentUser | None:
    return current_user(request)


def _member(request: Request[Any, Any, Any]) -> CurrentUser:
    return require_user(request)


def _identity(request: Request[Any, Any, Any]) -> Identity:
    return context_of(request).identity


async def _identity_of_token(request: Request[Any, Any, Any]) -> Identity:
    return await api_identity(request)


@get("/{missing:path}", include_in_schema=False)
async def nothing_here(missing: str) -> None:
    """Whatever no page answers, so that also this error is shown in the reader's frame."""
    raise NotFound("The address may be mistyped, or what was here is gone.", code="no-such-page")


@asynccontextmanager
async def _running(parts: Parts) -> AsyncIterator[None]:
    """Watch figures and count what is seen while the app runs; end the streams before anything else at its stop."""
    await asyncio.to_thread(parts.assets.load)
    tasks = [
        asyncio.create_task(keep_running("figures", "entrypoint", parts.key_figures.watch)),
        asyncio.create_task(keep_running("seeing", "entrypoint", parts.view_counts.run)),
    ]
    try:
        yield
    finally:
        parts.live.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await parts.clients.close()
        parts.passwords.close()
