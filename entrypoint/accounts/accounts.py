"""Accounts: opening one, proving to be its owner, changing it, and the roles that operators grant."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from entrypoint.accounts import email_addresses
from entrypoint.accounts.access import end_access
from entrypoint.accounts.names import NAME_LENGTH_MAX, NAME_LENGTH_MIN, clean_name, countries, is_reserved
from entrypoint.accounts.passwords import PASSWORD_LENGTH_MAX, Passwords
from entrypoint.accounts.rules import refuse
from entrypoint.accounts.tables import Role, RoleRow, UserRow
from entrypoint.mailing import mailing
from entrypoint.sessions import sessions
from souk.contracts.entrypoint.events import UserChanged, UserRegistered
from souk.contracts.entrypoint.users import User
from souk.database import AnySession, Database, Session
from souk.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from souk.events import Sequenced
from souk.ids import new_id
from souk.mailboxes import EMAIL_LENGTH_MAX, clean_email, email_key

Email = Annotated[str, msgspec.Meta(max_length=EMAIL_LENGTH_MAX, examples=["ada@example.org"])]
Password = Annotated[str, msgspec.Meta(max_length=PASSWORD_LENGTH_MAX)]
DisplayName = Annotated[str, msgspec.Meta(min_length=NAME_LENGTH_MIN, max_length=NAME_LENGTH_MAX)]
Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]


class NewUser(msgspec.Struct, frozen=True, kw_only=True):
    """An account as its owner opens it."""

    email: Email
    password: Password
    display_name: DisplayName
    country: Country


class UserChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What to change of one's account; a field left out stays as it is."""

    display_name: DisplayName | None = None
    country: Country | None = None


class RegistrationClosed(Forbidden):
    """The operator opens accounts only by hand."""

    title = "Registration is closed"


class WrongCredentials(RuleBroken):
    """No account has this address with this password; which of the two is wrong is not said."""

    status = 401
    title = "That did not match"


async def register(
    session: Session, passwords: Passwords, new: NewUser, now: datetime, *, language: str = ""
) -> tuple[User, list[Sequenced]]:
    """Open an account: the user, and what to tell. Raises InvalidInput that names every wrong field.

    `language` is how the user reads (BCP 47), for documents; empty if that is unknown.

    That an address is taken is said openly: a form that hides it must send mail, and many shops send none. Limits on
    registrations and logins keep that from being of much use (ASVS 5.0 V6.3.8, accepted deviation).
    """
    email, name = clean_email(new.email), clean_name(new.display_name)
    weakness = await passwords.weakness("password", new.password, new.email, new.display_name)
    refuse(
        None if email else InvalidInput("email", "This is not an email address.", code="not-an-address"),
        _name_fault(name),
        _country_fault(new.country),
        weakness,
    )
    assert email and name
    hashed = await passwords.hash(new.password)
    row: dict[str, Any] = {
        "id": new_id(),
        "email": email,
        "email_key": email_key(email),
        "display_name": name,
        "country": new.country,
        "password_hash": hashed,
        "version": 1,
        "created_at": now,
        "proof_told": False,
    }
    made = insert(UserRow).values(row).on_conflict_do_nothing(index_elements=["email_key"]).returning(UserRow.id)
    user_id = await session.scalar(made)
    if user_id is None:
        raise InvalidInput("email", "There is an account with this address. Log in instead.", code="address-taken")
    await email_addresses.require_free(session, row["email_key"], now, user_id=user_id, even_unproved=True)
    event = UserRegistered(
        user_id=user_id, display_name=name, country=new.country, registered_at=now, language=language
    )
    user = User(id=user_id, email=email, display_name=name, country=new.country, roles=[], created_at=now)
    return user, [Sequenced(event, 1)]


async def authenticate(
    database: Database, passwords: Passwords, email: str, password: str, *, user_id: UUID | None = None
) -> UUID:
    """The user who has this address (or id, if one is given) and password; raises WrongCredentials.

    Takes the database, not a session: no connection is held while the password is hashed.
    """
    async with database.reading() as reader:
        one = UserRow.id == user_id if user_id else UserRow.email_key == email_key(_text("email", email))
        query = select(UserRow.id, UserRow.password_hash).where(one)
        found = (await reader.execute(query)).one_or_none()
    if not await passwords.matches(password, found.password_hash if found else None) or found is None:
        raise WrongCredentials("No account has this email address with this password. Check both and try again.")
    if passwords.is_outdated(found.password_hash):
        await _store_password(database, found.id, found.password_hash, await passwords.hash(password))
    return UUID(str(found.id))


async def change(
    session: Session, user_id: UUID, changes: UserChanges, language: str = ""
) -> tuple[User, list[Sequenced]]:
    """Change what others see of a user: the user, and what to tell, if anything changed, with how the user reads."""
    row = await session.get(UserRow, user_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such account.", code="unknown-account")
    name = row.display_name if changes.display_name is None else clean_name(changes.display_name)
    country = changes.country or row.country
    refuse(
        None if name == row.display_name else _name_fault(name),
        _country_fault(country),
    )
    assert name
    news = []
    if (name, country) != (row.display_name, row.country):
        row.display_name, row.country, row.version = name, country, row.version + 1
        await session.flush()
        event = UserChanged(user_id=user_id, display_name=name, country=country, language=language)
        news = [Sequenced(event, row.version)]
    return _user(row, await roles_of(session, user_id)), news


async def change_password(
    database: Database,
    passwords: Passwords,
    user_id: UUID,
    *,
    current: str,
    new: str,
    now: datetime,
    keep: UUID | None = None,
) -> None:
    """Set a new password and end the user's other sessions and API tokens; `keep` is the session that asks.

    Raises InvalidInput for `current_password` or `new_password`.
    """
    async with database.reading() as reader:
        row = await reader.get(UserRow, user_id)
    if row is None:
        raise NotFound("There is no such account.", code="unknown-account")
    if not await passwords.matches(current, row.password_hash):
        raise InvalidInput(
            "current_password", "This is not your password now. Nothing was changed.", code="not-your-password"
        )
    refuse(await passwords.weakness("new_password", new, row.email, row.display_name))
    if new == current:
        raise InvalidInput("new_password", "This is your password already.", code="password-already")
    hashed = await passwords.hash(new)
    if not await _store_password(database, user_id, row.password_hash, hashed, keep=keep, now=now):
        raise InvalidInput(
            "current_password",
            "Your password was changed elsewhere just now. Nothing was changed.",
            code="password-changed-elsewhere",
        )


async def find_by_email(session: AnySession, email: str) -> User | None:
    """The account with this address."""
    row = await session.scalar(select(UserRow).where(UserRow.email_key == email_key(_text("email", email))))
    return _user(row, await roles_of(session, row.id)) if row else None


async def get(session: AnySession, user_id: UUID) -> User:
    """The account; raises NotFound."""
    row = await session.get(UserRow, user_id)
    if row is None:
        raise NotFound("There is no such account.", code="unknown-account")
    return _user(row, await roles_of(session, user_id))


async def has_proved(session: AnySession, user_id: UUID) -> bool:
    """Whether a user proved that their address is theirs."""
    return await session.scalar(select(UserRow.proved_at).where(UserRow.id == user_id)) is not None


async def has_given_up(session: AnySession, user_id: UUID) -> bool:
    """Whether somebody else proved the address that a user had, so that they cannot log in with it any more."""
    query = select(UserRow.email_key).where(UserRow.id == user_id)
    return await session.scalar(query.where(UserRow.email_key.contains(" "))) is not None


async def names_of(session: AnySession, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """The display names of these users; those that do not exist are left out."""
    query = select(UserRow.id, UserRow.display_name).where(UserRow.id.in_(user_ids))
    return dict((await session.execute(query)).tuples().all())


async def roles_of(session: AnySession, user_id: UUID) -> list[str]:
    """The roles a user has been granted."""
    return list(await session.scalars(select(RoleRow.role).where(RoleRow.user_id == user_id).order_by(RoleRow.role)))


async def grant_role(session: Session, user_id: UUID, role: Role, *, by: str, now: datetime) -> None:
    """Give a user a role. Their sessions end: more rights come only with a new token."""
    await get(session, user_id)
    row = {"user_id": user_id, "role": role, "granted_by": by, "granted_at": now}
    granted = insert(RoleRow).values(row).on_conflict_do_nothing().returning(RoleRow.role)
    if await session.scalar(granted):
        await sessions.end_all(session, user_id)


async def revoke_role(session: Session, user_id: UUID, role: Role) -> None:
    """Take a role away, and end the user's sessions."""
    gone = delete(RoleRow).where(RoleRow.user_id == user_id, RoleRow.role == role).returning(RoleRow.role)
    if await session.scalar(gone):
        await sessions.end_all(session, user_id)


def _name_fault(name: str | None) -> InvalidInput | None:
    if name is None:
        return InvalidInput(
            "display_name",
            "Use up to {most} visible characters, with two letters at least.",
            code="unusable-name",
            most=NAME_LENGTH_MAX,
        )
    if is_reserved(name):
        return InvalidInput("display_name", "This name is the shop's own. Choose another one.", code="reserved-name")
    return None


def _country_fault(country: str) -> InvalidInput | None:
    if country in countries():
        return None
    return InvalidInput("country", "Choose a country from the list.", code="country-from-list")


def _text(field: str, value: str) -> str:
    if "\x00" in value:
        raise InvalidInput(field, "This has a character that cannot be used.", code="unusable-character")
    return value


def _user(row: UserRow, roles: Sequence[str]) -> User:
    fields: dict[str, Any] = {name: getattr(row, name) for name in User.__struct_fields__ if name != "roles"}
    return User(roles=list(roles), **fields)


async def _store_password(
    database: Database,
    user_id: UUID,
    old: str,
    new: str,
    *,
    keep: UUID | None = None,
    now: datetime | None = None,
) -> bool:
    """Replace the hash unless another request did so meanwhile. With a time it is a new password, not only a new hash."""
    swap = update(UserRow).where(UserRow.id == user_id, UserRow.password_hash == old).values(password_hash=new)
    async with database.transaction() as session:
        stored = await session.scalar(swap.returning(UserRow.id))
        if stored and now is not None:
            await end_access(session, user_id, keep=keep)
            await mailing.queue(session, "told", now, user_id=user_id, what="password_changed")
    return stored is not None
