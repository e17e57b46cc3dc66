"""Logging in and out, registering, and changing the password, as pages do it."""

from uuid import UUID

from entrypoint.accounts import accounts
from entrypoint.accounts.accounts import NewUser, RegistrationClosed
from entrypoint.accounts.names import email_key
from entrypoint.mailing.mailing import ask_to_confirm
from entrypoint.parts import parts_of
from entrypoint.sessions import sessions
from entrypoint.web.cookies import cookie_name
from entrypoint.web.place import place_of
from entrypoint.web.visits import SESSION, Connection, CurrentUser, require_user, start_session, visit_of
from souk.contracts.entrypoint import User


async def prove(connection: Connection, email: str, password: str) -> UUID:
    """Whose address and password these are. Tries are limited per address and place, and per place."""
    parts = parts_of(connection)
    place = place_of(connection)
    await parts.limits.hit((parts.rules.login_place, place), (parts.rules.login, f"{email_key(email)} {place}"))
    return await accounts.authenticate(parts.kernel.database, parts.passwords, email, password)


async def sign_in(connection: Connection, email: str, password: str) -> None:
    """Log in: a new session with a new token, whatever the browser had before.

    Raises WrongCredentials, TooMany or Unavailable. Answer with a redirect: this request's page is still a visitor's.
    """
    await _begin(connection, await prove(connection, email, password))


async def sign_up(connection: Connection, new: NewUser) -> User:
    """Open an account; raises RegistrationClosed, TooMany, or InvalidInput with all wrong fields."""
    parts = parts_of(connection)
    if not parts.settings.registration_open:
        raise RegistrationClosed("The operator of this market opens accounts by hand. Nothing was registered.")
    place = place_of(connection)
    await parts.limits.hit((parts.rules.registration, place))
    kernel = parts.kernel
    async with kernel.database.transaction() as session:
        user = await accounts.register(session, kernel.outbox, parts.passwords, new, kernel.clock.now())
        if parts.settings.sends_mail:
            reader = parts.languages.reader("", connection.headers.get("accept-language", ""))
            await ask_to_confirm(session, user.id, reader)
    return user


async def sign_up_and_in(connection: Connection, new: NewUser) -> User:
    """`sign_up`, and the browser is logged in."""
    user = await sign_up(connection, new)
    await _begin(connection, user.id)
    return user


async def sign_out(connection: Connection) -> None:
    """End this browser's session."""
    visit = visit_of(connection)
    token = connection.cookies.get(cookie_name(SESSION, secure=visit.secure), "")
    if token:
        async with visit.parts.kernel.database.transaction() as session:
            await sessions.end(session, token)
    visit.drop_cookie(SESSION)
    visit.user, visit.secret = None, ""


async def set_password(connection: Connection, current: str, new: str) -> CurrentUser:
    """Change the password: other sessions end, this one gets a new token. Tries count as logins."""
    parts, user = parts_of(connection), require_user(connection)
    place = place_of(connection)
    await parts.limits.hit((parts.rules.login, f"{email_key(user.email)} {place}"))
    database = parts.kernel.database
    await accounts.change_password(database, parts.passwords, user.id, current=current, new=new, keep=user.session_id)
    async with database.transaction() as session:
        token = await sessions.rotate(session, user.session_id)
    start_session(visit_of(connection), token)
    return user


async def _begin(connection: Connection, user_id: UUID) -> None:
    visit = visit_of(connection)
    parts, before = visit.parts, connection.cookies.get(cookie_name(SESSION, secure=visit.secure), "")
    async with parts.kernel.database.transaction() as session:
        if before:
            await sessions.end(session, before)
        token = await sessions.begin(
            session,
            parts.settings,
            user_id,
            now=parts.kernel.clock.now(),
            browser=connection.headers.get("user-agent", ""),
            place=place_of(connection),
        )
    start_session(visit, token)
