"""The address of an account: proving it, changing it, and taking a change back. All inside the caller's transaction."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from entrypoint import links
from entrypoint.accounts.access import end_access
from entrypoint.accounts.tables import FormerAddressRow, LinkRow, UserRow
from entrypoint.mailing import mailing
from souk.clock import Clock
from souk.contracts.entrypoint.events import AddressProved
from souk.database import Session
from souk.database.forgetting import forget_due
from souk.errors import InvalidInput, NotFound
from souk.events import Sequenced
from souk.mailboxes import clean_email, email_key, mark_of

UNDONE_WITHIN: timedelta = links.LASTS["undo"]
"""How long an account's former address stays its own, so that whoever reads mail there may take the change back."""

SWEEP_MAX = 1000


async def ask_change(session: Session, user_id: UUID, new: str, locale: str, now: datetime) -> str:
    """Queue the mail that proves the new address; the account has it once its link is opened.

    Raises InvalidInput for `new_email`. An earlier question is forgotten.
    """
    email = clean_email(new)
    row = await _locked(session, user_id)
    if email is None:
        raise InvalidInput(
            "new_email", "This is not an email address. Nothing was changed.", code="new-address-unusable"
        )
    if email_key(email) == row.email_key:
        raise InvalidInput("new_email", "This is your address already. Nothing was changed.", code="address-already")
    await require_free(session, email_key(email), now, field="new_email", user_id=user_id)
    await _forget_questions(session, user_id)
    await mailing.queue(session, "new_address", now, user_id=user_id, address=email, locale=locale)
    return email


async def prove(session: Session, token: str, now: datetime) -> str:
    """The address that a link was mailed to is its user's; if the account had another, it has this one from now on.

    Raises LinkNotGood, and InvalidInput if somebody else took the address meanwhile.
    """
    link = await links.read(session, "address", token, now)
    row = await _locked(session, link.user_id)
    email = link.address or row.email
    if email_key(email) == row.email_key:
        row.proved_at = row.proved_at or now
    else:
        await require_free(session, email_key(email), now, user_id=row.id)
        await _leave(session, row, now)
        await _take_from_unproved(session, email_key(email))
        row.email, row.email_key, row.proved_at, row.proof_told = email, email_key(email), now, False
        await _flush(session)
        others = delete(LinkRow).where(
            LinkRow.user_id == row.id, LinkRow.address != email, LinkRow.purpose == "address"
        )
        await session.execute(others.execution_options(synchronize_session=False))
        await mailing.queue(session, "told", now, user_id=row.id, what="address_taken")
    await session.flush()
    return email


async def undo(session: Session, token: str, now: datetime) -> str:
    """The account has its former address back, nobody is logged in any more, and a new password is to be chosen.

    Gives the token of a link for that. Raises LinkNotGood.
    """
    link = await links.use(session, "undo", token, now)
    row = await _locked(session, link.user_id)
    kept = select(FormerAddressRow).where(
        FormerAddressRow.user_id == row.id,
        FormerAddressRow.email_key == email_key(link.address or ""),
        FormerAddressRow.kept_until > now,
    )
    former = await session.scalar(kept)
    if former is None:
        raise links.LinkNotGood("The change was taken back already. Nothing was changed.", code="change-taken-back")
    left = row.email
    row.email, row.email_key, row.proved_at, row.proof_told = former.email, former.email_key, now, False
    await session.execute(delete(FormerAddressRow).where(FormerAddressRow.user_id == row.id))
    await links.revoke(session, row.id, "undo")
    await _forget_questions(session, row.id)
    await end_access(session, row.id)
    await mailing.queue(session, "told", now, user_id=row.id, address=left, what="address_undone")
    await _flush(session)
    return await links.make(session, row.id, "password", row.email, now)


async def ask_claim(session: Session, email: str, locale: str, now: datetime) -> str:
    """Queue a mail by which whoever reads it takes the address from an account that never proved it.

    Raises InvalidInput for `email`. Whether there is such an account is found out when the mail is written.
    """
    address = clean_email(email)
    if address is None:
        raise InvalidInput("email", "This is not an email address.", code="not-an-address")
    await mailing.queue(session, "claim", now, address=address, locale=locale)
    return address


async def claim(session: Session, token: str, now: datetime) -> str:
    """Free the address that the link was mailed to; raises LinkNotGood, also if it was proved meanwhile."""
    link = await links.use(session, "claim", token, now)
    row = await _locked(session, link.user_id)
    key = email_key(link.address or "")
    if row.email_key != key or row.proved_at is not None:
        raise links.LinkNotGood(
            "The account has another address now, or has proved this one. Nothing was changed.",
            code="address-not-asked-for",
        )
    await _take_from_unproved(session, key)
    return link.address or ""


async def tell_proofs(session: Session) -> tuple[int, list[Sequenced]]:
    """The sweeper that tells the other services who proved an address since they were last told: how many, and what."""
    untold = select(UserRow).where(UserRow.proved_at.is_not(None), ~UserRow.proof_told)
    rows = list(await session.scalars(untold.order_by(UserRow.id).limit(SWEEP_MAX).with_for_update(skip_locked=True)))
    news = []
    for row in rows:
        assert row.proved_at is not None
        row.version, row.proof_told = row.version + 1, True
        event = AddressProved(user_id=row.id, address_mark=mark_of(row.email), proved_at=row.proved_at)
        news.append(Sequenced(event, row.version))
    await session.flush()
    return len(rows), news


async def vouch(session: Session, user_id: UUID, now: datetime) -> None:
    """An operator knows that the address is its user's."""
    row = await _locked(session, user_id)
    row.proved_at = row.proved_at or now
    await session.flush()


async def require_free(
    session: Session,
    key: str,
    now: datetime,
    *,
    field: str = "email",
    user_id: UUID | None = None,
    even_unproved: bool = False,
) -> None:
    """Raise InvalidInput if somebody else has proved the address, or had it until lately.

    Who has it without a proof gives it up to whoever proves it, unless `even_unproved` says otherwise.
    """
    has = select(UserRow.id).where(
        UserRow.email_key == key, UserRow.id != user_id, UserRow.proved_at.is_not(None) | even_unproved
    )
    had = select(FormerAddressRow.user_id).where(
        FormerAddressRow.email_key == key, FormerAddressRow.kept_until > now, FormerAddressRow.user_id != user_id
    )
    if await session.scalar(has.union_all(had).limit(1)) is not None:
        raise InvalidInput(
            field, "There is another account with this address. Nothing was changed.", code="address-of-another"
        )


class Sweep:
    """Lets go of former addresses whose time is over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, session: Session) -> int:
        over = FormerAddressRow.kept_until <= self._clock.now()
        return await forget_due(session, FormerAddressRow, over, most=SWEEP_MAX)


async def _locked(session: Session, user_id: UUID) -> UserRow:
    row = await session.get(UserRow, user_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such account.", code="unknown-account")
    return row


async def _leave(session: Session, row: UserRow, now: datetime) -> None:
    """Keep the address that the account has now for a while, and tell there how to get it back."""
    kept = {"email": row.email, "proved_at": row.proved_at, "kept_until": now + UNDONE_WITHIN}
    keeping = insert(FormerAddressRow).values(kept | {"user_id": row.id, "email_key": row.email_key})
    await session.execute(keeping.on_conflict_do_update(index_elements=["user_id", "email_key"], set_=kept))
    await mailing.queue(session, "address_changed", now, user_id=row.id, address=row.email)


async def _take_from_unproved(session: Session, key: str) -> None:
    """The account that has this address without ever having proved it has none any more; who is logged in there can
    choose another one."""
    holder = select(UserRow).where(UserRow.email_key == key, UserRow.proved_at.is_(None)).with_for_update()
    row = await session.scalar(holder)
    if row is not None:
        await links.revoke(session, row.id, "address", "password", "claim")
        await mailing.withdraw(session, row.id, "confirmation", "new_address")
        row.email_key = given_up(key, row.id)
        await session.flush()


def given_up(key: str, user_id: UUID) -> str:
    """What an account's address is compared by that was given up: no address, for it has a blank in it."""
    return f"{key} {user_id}"


async def _forget_questions(session: Session, user_id: UUID) -> None:
    """No mail that was queued or sent before may change the address any more."""
    await links.revoke(session, user_id, "address")
    await mailing.withdraw(session, user_id, "new_address")


async def _flush(session: Session) -> None:
    try:
        await session.flush()
    except IntegrityError as taken:
        raise InvalidInput(
            "email", "There is another account with this address. Nothing was changed.", code="address-of-another"
        ) from taken
