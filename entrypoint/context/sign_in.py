"""Logging in and out, registering, and changing the password, as pages do it."""

import hashlib
from uuid import UUID

from entrypoint.accounts import accounts, suspensions
from entrypoint.accounts.accounts import NewUser, RegistrationClosed, WrongCredentials
from entrypoint.context.parts import parts_of
from entrypoint.context.request_context import (
    SESSION,
    Connection,
    CurrentUser,
    accepted_languages,
    context_of,
    require_user,
    start_session,
)
from entrypoint.devices import devices
from entrypoint.limits.guesses import FREE_MAX
from entrypoint.mailing import mailing
from entrypoint.mailing.mailing import ask_to_confirm
from entrypoint.sessions import sessions
from entrypoint.web.client_address import at_place, client_address
from entrypoint.web.cookies import cookie_name
from souk.contracts.entrypoint.users import User
from souk.languages import document_language
from souk.mailboxes import email_key


async def prove(
    connection: Connection, email: str, password: str, *, known: bool = False, user_id: UUID | None = None
) -> UUID:
    """Whose address and password these are. Tries are limited per address and place, per place, and per account.

    `known` says that the account knows the browser already; what others tried does not keep it out. Raises
    WrongCredentials, TooMany, Unavailable, and Suspended.
    """
    parts = parts_of(connection)
    kernel, key = parts.kernel, email_key(email)
    by_place = at_place(parts.rules.login_place, connection)
    await parts.limits.hit(*by_place, (parts.rules.login, f"{key} {client_address(connection)}"))
    tries = 0 if known else await parts.guesses.count(key)
    try:
        user_id = await accounts.authenticate(kernel.database, parts.passwords, email, password, user_id=user_id)
    except WrongCredentials:
        if tries == FREE_MAX:
            async with kernel.database.transaction() as session:
                await mailing.queue(session, "told", kernel.clock.now(), address=email, what="guessing")
        raise
    if not known:
        await parts.guesses.right(key)
    async with kernel.database.reading() as reader:
        suspended = await suspensions.of(reader, user_id)
    if suspended is not None:
        async with kernel.database.transaction() as session:
            refused = await suspensions.refusal(session, suspended, kernel.clock.now())
        raise refused
    return user_id


async def confirm_password(connection: Connection, password: str) -> CurrentUser:
    """The one who is logged in says their password again. Raises what `prove` does."""
    user = require_user(connection)
    await prove(connection, user.email, password, known=True, user_id=user.id)
    return user


async def sign_in(connection: Connection, email: str, password: str) -> None:
    """Log in: a new session with a new token, whatever the browser had before.

    Raises what `prove` does. Answer with a redirect: this request's page is still a visitor's.
    """
    token = _device_token(connection, email)
    known = False
    if token:
        async with parts_of(connection).kernel.database.reading() as reader:
            known = await devices.knows(reader, email_key(email), token)
    await _begin(connection, await prove(connection, email, password, known=known), email)


async def sign_up(connection: Connection, new: NewUser) -> User:
    """Open an account; raises RegistrationClosed, TooMany, or InvalidInput with all wrong fields."""
    parts = parts_of(connection)
    if not parts.settings.registration_open:
        raise RegistrationClosed("The operator of this market opens accounts by hand. Nothing was registered.")
    await parts.limits.hit(*at_place(parts.rules.registration, connection))
    kernel = parts.kernel
    async with kernel.database.transaction() as session:
        language = document_language(accepted_languages(connection))
        user, news = await accounts.register(session, parts.passwords, new, kernel.clock.now(), language=language)
        kernel.outbox.emit(session, *news)
        if parts.settings.sends_mail:
            reader = parts.languages.reader("", connection.headers.get("accept-language", ""))
            await ask_to_confirm(session, user.id, reader)
    return user


async def sign_up_and_in(connection: Connection, new: NewUser) -> User:
    """`sign_up`, and the browser is logged in."""
    user = await sign_up(connection, new)
    await _begin(connection, user.id, user.email)
    return user


async def sign_out(connection: Connection) -> None:
    """End this browser's session."""
    ctx = context_of(connection)
    token = connection.cookies.get(cookie_name(SESSION, secure=ctx.secure), "")
    if token:
        async with ctx.parts.kernel.database.transaction() as session:
            await sessions.end(session, token)
    ctx.drop_cookie(SESSION)
    ctx.user, ctx.secret = None, ""


async def set_password(connection: Connection, current: str, new: str) -> CurrentUser:
    """Change the password: other sessions end, this one gets a new token. Tries count as logins."""
    parts, user = parts_of(connection), require_user(connection)
    await parts.limits.hit((parts.rules.login, f"{email_key(user.email)} {client_address(connection)}"))
    database, now = parts.kernel.database, parts.kernel.clock.now()
    await accounts.change_password(
        database, parts.passwords, user.id, current=current, new=new, now=now, keep=user.session_id
    )
    async with database.transaction() as session:
        token = await sessions.rotate(session, user.session_id)
    start_session(context_of(connection), token)
    return user


async def _begin(connection: Connection, user_id: UUID, email: str) -> None:
    ctx = context_of(connection)
    parts, before = ctx.parts, connection.cookies.get(cookie_name(SESSION, secure=ctx.secure), "")
    now, browser, place = parts.kernel.clock.now(), connection.headers.get("user-agent", ""), client_address(connection)
    async with parts.kernel.database.transaction() as session:
        if before:
            await sessions.end(session, before)
        token = await sessions.begin(session, parts.settings, user_id, now=now, browser=browser, place=place)
        device = await devices.greet(
            session, user_id, _device_token(connection, email), browser=browser, place=place, now=now
        )
    start_session(ctx, token)
    ctx.set_cookie(_device_cookie(email), device, devices.KNOWN_FOR)


def _device_cookie(email: str) -> str:
    """The name of the cookie by which one account knows a browser; it tells nothing of the account."""
    return f"souk_device_{hashlib.sha256(email_key(email).encode(errors='replace')).hexdigest()[:12]}"


def _device_token(connection: Connection, email: str) -> str:
    return connection.cookies.get(cookie_name(_device_cookie(email), secure=parts_of(connection).settings.secure), "")
