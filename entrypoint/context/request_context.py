"""A page request: who asks, in which language, and what goes back in cookies."""

import hmac
import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from markupsafe import Markup

from entrypoint.accounts.names import initials
from entrypoint.context.parts import Parts, parts_of
from entrypoint.sessions import sessions
from entrypoint.web.cookies import cookie_name, set_cookie
from entrypoint.web.reader import Reader
from souk.contracts.entrypoint.users import User
from souk.errors import Unauthenticated
from souk.http.identity import Identity

SESSION, VISITOR, FLASHES, THEME, LOCALE = (
    "souk_session",
    "souk_visit",
    "souk_flash",
    "souk_theme",
    "souk_locale",
)

FLASH_LASTS = timedelta(minutes=5)
CHOICE_LASTS = timedelta(days=365)
FLASHES_MAX = 5
FLASH_CHARS_MAX = 300

CSRF_FIELD = "csrf_token"
CSRF_BYTES = 16
THEMES = ("light", "dark", "system")

Connection = ASGIConnection[Any, Any, Any, Any]
FlashKind = Literal["info", "success", "warning", "danger"]


class Flash(msgspec.Struct, frozen=True):
    """A message that the next page shows once."""

    kind: FlashKind
    text: str


class CurrentUser(msgspec.Struct, frozen=True, kw_only=True):
    """Who is logged in."""

    id: UUID
    session_id: UUID
    email: str
    display_name: str
    initials: str
    country: str
    roles: frozenset[str]

    @property
    def identity(self) -> Identity:
        """What the other services are told of who asks."""
        return Identity(service="entrypoint", user_id=self.id, roles=self.roles)


@dataclass
class RequestContext:
    """What is known of a page request; made once by `open_context`."""

    parts: Parts
    reader: Reader
    theme: str = "system"
    user: CurrentUser | None = None
    secret: str = ""
    """The session's token, or the visitor's cookie: what the CSRF token is bound to."""
    mask: bytes = field(default_factory=lambda: secrets.token_bytes(CSRF_BYTES))
    """Hides the CSRF token in this response."""
    waiting: list[Flash] = field(default_factory=list)
    """Messages that no page has shown yet."""
    arrived: list[Flash] = field(default_factory=list)
    """Messages that the browser's cookie holds."""
    cookies: dict[str, str] = field(default_factory=dict)
    """Set-Cookie headers by the cookie's name."""

    @property
    def identity(self) -> Identity:
        """For calls to other services: the user's, or a visitor's."""
        return self.user.identity if self.user else Identity(service="entrypoint")

    @property
    def secure(self) -> bool:
        """Whether cookies travel over https only."""
        return self.parts.settings.secure

    def set_cookie(self, name: str, value: str, lasts: timedelta | None = None) -> None:
        """Send a cookie with the response, whatever it is."""
        full = cookie_name(name, secure=self.secure)
        self.cookies[full] = set_cookie(full, value, secure=self.secure, lasts=lasts)

    def drop_cookie(self, name: str) -> None:
        """Have the browser forget a cookie."""
        self.set_cookie(name, "", timedelta())

    def csrf_token(self) -> str:
        """The synchronizer token: only who holds the HttpOnly cookie behind it gets pages that contain it.

        It stands under a mask that is new in every response, so that the length of packed pages tells nothing of it.
        """
        if not self.secret:
            self.secret = self.parts.signer.sign("visitor", secrets.token_bytes(sessions.TOKEN_BYTES))
            self.set_cookie(VISITOR, self.secret)
        return (self.mask + _xor(self.mask, self._proof())).hex()

    def is_csrf_token(self, given: str) -> bool:
        """Whether this is the token of a page that this browser got, whatever its mask."""
        try:
            raw = bytes.fromhex(given)
        except ValueError:
            return False
        if not self.secret or len(raw) != 2 * CSRF_BYTES:
            return False
        return hmac.compare_digest(_xor(raw[:CSRF_BYTES], raw[CSRF_BYTES:]), self._proof())

    def _proof(self) -> bytes:
        return hmac.new(self.secret.encode(), b"souk csrf token", "sha256").digest()[:CSRF_BYTES]

    def csrf_input(self) -> Markup:
        """The hidden field that every form with method=post needs."""
        return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, self.csrf_token())

    def flash(self, kind: FlashKind, text: str) -> None:
        """Show a message on the next page, whether this response is it or a redirect leads there."""
        self.waiting = [*self.waiting, Flash(kind, text[:FLASH_CHARS_MAX])][-FLASHES_MAX:]

    def take_flashes(self) -> list[Flash]:
        """The messages, which are shown now and not again."""
        taken, self.waiting = self.waiting, []
        return taken

    def outgoing_cookies(self) -> list[str]:
        """All Set-Cookie headers of the response."""
        if self.waiting != self.arrived:
            kept = self.parts.signer.sign("flash", msgspec.json.encode(self.waiting)) if self.waiting else ""
            self.set_cookie(FLASHES, kept, FLASH_LASTS if kept else timedelta())
        return list(self.cookies.values())


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(left, right, strict=True))


def context_of(connection: Connection) -> RequestContext:
    """The request's context. A request that matched no page has a visitor's."""
    found: RequestContext | None = connection.scope["state"].get("ctx")
    if found is None:
        found = _new_context(connection)
        connection.scope["state"]["ctx"] = found
    return found


async def open_context(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard of all pages: find out who asks. A session that has ended is a visitor's."""
    ctx = _new_context(connection)
    connection.scope["state"]["ctx"] = ctx
    token = connection.cookies.get(cookie_name(SESSION, secure=ctx.secure), "")
    if token:
        await _sign_in(ctx, token)
        if ctx.user is None:
            ctx.drop_cookie(SESSION)
    connection.scope["state"]["identity"] = ctx.identity


def accepted_languages(connection: Connection) -> str:
    """The languages that somebody reads, as `Accept-Language` names them: the one chosen here first, then the browser's."""
    parts = parts_of(connection)
    chosen = connection.cookies.get(cookie_name(LOCALE, secure=parts.settings.secure), "")
    accepted: str = connection.headers.get("accept-language", "")
    return f"{chosen}, {accepted}" if parts.languages.knows(chosen) else accepted


def current_user(connection: Connection) -> CurrentUser | None:
    """Who is logged in, or None."""
    return context_of(connection).user


def require_user(connection: Connection) -> CurrentUser:
    """Who is logged in; visitors are sent to the login page and back."""
    user = current_user(connection)
    if user is None:
        raise Unauthenticated("Log in to see this.", code="log-in-to-see")
    return user


def start_session(ctx: RequestContext, token: str) -> None:
    """Give the browser a session's token; the visitor's cookie ends with it."""
    ctx.set_cookie(SESSION, token, ctx.parts.settings.session_absolute)
    ctx.drop_cookie(VISITOR)
    ctx.secret = token


def as_current(user: User, session_id: UUID) -> CurrentUser:
    """The user as pages see them."""
    return CurrentUser(
        id=user.id,
        session_id=session_id,
        email=user.email,
        display_name=user.display_name,
        initials=initials(user.display_name),
        country=user.country,
        roles=frozenset(user.roles),
    )


def _new_context(connection: Connection) -> RequestContext:
    parts, cookies = parts_of(connection), connection.cookies

    def cookie(name: str) -> str:
        return cookies.get(cookie_name(name, secure=parts.settings.secure), "")

    theme = cookie(THEME)
    ctx = RequestContext(
        parts=parts,
        reader=parts.languages.reader(cookie(LOCALE), connection.headers.get("accept-language", "")),
        theme=theme if theme in THEMES else "system",
    )
    visitor = cookie(VISITOR)
    if visitor and parts.signer.read("visitor", visitor) is not None:
        ctx.secret = visitor
    flashes = cookie(FLASHES)
    value = parts.signer.read("flash", flashes)
    if value:
        ctx.arrived = ctx.waiting = msgspec.json.decode(value, type=list[Flash])
    return ctx


async def _sign_in(ctx: RequestContext, token: str) -> None:
    parts, now = ctx.parts, ctx.parts.kernel.clock.now()
    found = await sessions.find(parts.kernel.database, parts.settings, token, now)
    if found is None:
        return
    ctx.user, ctx.secret = as_current(found.user, found.session_id), token
    ctx.reader = replace(ctx.reader, country=ctx.user.country)
    if now - found.last_seen_at > sessions.SEEN_EVERY:
        async with parts.kernel.database.transaction() as session:
            await sessions.touch(session, found.session_id, now)
