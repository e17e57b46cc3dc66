"""Who wants which notices by email, and the mails that wait. All inside the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Uuid, any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from entrypoint.accounts.tables import UserRow
from entrypoint.links import LinkNotGood
from entrypoint.mailing.tables import MailboxRow, MailKind, MailRow
from entrypoint.settings import EntrypointSettings
from entrypoint.web.cookies import Signer
from entrypoint.web.reader import Reader
from souk.database import AnySession, Session, Statement
from souk.errors import RuleBroken
from souk.ids import new_id

GROUPS: dict[str, frozenset[str]] = {
    "orders": frozenset({"sold", "paid", "shipped", "cancelled", "refunded", "refund_owed"})
    | {"review_written", "review_answered"}
    | {"offer_made", "offer_countered", "offer_accepted", "price_accepted", "offer_declined", "offer_expired"}
    | {"problem_opened", "problem_proposed", "problem_escalated", "problem_decided", "problem_ended"}
    | {"message_waits"},
    "watching": frozenset({"cheaper", "back"}),
    "searches": frozenset({"found", "found_by_many"}),
}
"""What users choose between, and the kinds of notifications in each. All other kinds stay in the shop."""

STRANGERS_PER_SENDER_MAX = 20
"""Mails a day to addresses that nobody proved, because of one user's sending; each address gets one a day in any case."""

_ID_BYTES = 16


_MAILED: Statement[MailboxRow] = Statement(
    select(MailboxRow)
    .join(UserRow, UserRow.id == MailboxRow.user_id)
    .where(MailboxRow.user_id == any_(bindparam("ids", type_=ARRAY(Uuid()))), UserRow.proved_at.is_not(None))
)


class MailSwitchedOff(RuleBroken):
    """The shop has no server to send mail by."""

    title = "This shop sends no mail"


class MailChoices(msgspec.Struct, frozen=True, kw_only=True):
    """Which notices come by email."""

    orders: bool
    """What was sold, paid, sent, cancelled or refunded; reviews, offers, what is wrong, and messages that wait to be read."""
    watching: bool
    """Lower prices, and what can be had again."""
    searches: bool
    """What saved searches found."""


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    """Whether and which notices come by email."""

    choices: MailChoices
    confirmed_at: datetime | None
    """When the user proved that the address is theirs; nothing is mailed before."""
    asked_at: datetime | None
    """When a link for that was last sent."""


def require_mail(settings: EntrypointSettings) -> None:
    """Raise MailSwitchedOff if nothing can be mailed."""
    if not settings.sends_mail:
        raise MailSwitchedOff("This shop sends no mail, so there is nothing to set. Nothing was changed.")


def group_of(kind: str) -> str | None:
    """The group that a kind of notification belongs to; None if it never comes by email."""
    return next((group for group, kinds in GROUPS.items() if kind in kinds), None)


async def mailbox_of(session: AnySession, user_id: UUID) -> Mailbox:
    """A user's choices; whoever never chose wants everything."""
    row = await session.get(MailboxRow, user_id)
    proved_at = await session.scalar(select(UserRow.proved_at).where(UserRow.id == user_id))
    if row is None:
        return Mailbox(choices=MailChoices(**dict.fromkeys(GROUPS, True)), confirmed_at=proved_at, asked_at=None)
    choices = MailChoices(orders=row.orders, watching=row.watching, searches=row.searches)
    return Mailbox(choices=choices, confirmed_at=proved_at, asked_at=row.asked_at)


async def choose(session: Session, user_id: UUID, choices: MailChoices, reader: Reader) -> None:
    """Set what comes by email, from the next mail on."""
    await _put(session, user_id, reader, **msgspec.structs.asdict(choices))


async def ask_to_confirm(session: Session, user_id: UUID, reader: Reader) -> None:
    """Queue a mail with a link that proves the address; nothing happens if it is proved already, or was given up."""
    unproved = UserRow.proved_at.is_(None) & ~UserRow.email_key.contains(" ")
    if await session.scalar(select(UserRow.id).where(UserRow.id == user_id, unproved)) is None:
        return
    await _put(session, user_id, reader, asked_at=reader.now)
    await queue(session, "confirmation", reader.now, user_id=user_id)


async def queue(
    session: Session,
    kind: MailKind,
    now: datetime,
    *,
    user_id: UUID | None = None,
    address: str | None = None,
    locale: str | None = None,
    **params: Any,
) -> None:
    """Have a mail written and sent: to the user's present address, or to another one.

    Without a user it goes to whoever has the address then, and to nobody if nobody has it: queueing takes as long.
    """
    row = MailRow(
        id=new_id(),
        user_id=user_id,
        address=address,
        kind=kind,
        params=params,
        locale=locale,
        created_at=now,
        due_at=now,
        tries=0,
    )
    session.add(row)
    await session.flush()


async def queue_to_stranger(session: Session, now: datetime, address: str, *, sender: str, **params: Any) -> None:
    """Tell whoever reads mail there of money, but not so often that it can be used to plague people with mail."""
    today = select(func.count()).where(MailRow.kind == "money", MailRow.created_at > now - timedelta(days=1))
    if await session.scalar(today.where(MailRow.address == address)):
        return
    if (await session.scalar(today.where(MailRow.params["sender"].astext == sender)) or 0) >= STRANGERS_PER_SENDER_MAX:
        return
    await queue(session, "money", now, address=address, sender=sender, **params)


async def withdraw(session: Session, user_id: UUID, *kinds: MailKind) -> None:
    """Do not send a user's mails of these kinds that wait."""
    waiting = update(MailRow).where(MailRow.user_id == user_id, MailRow.kind.in_(kinds), MailRow.outcome.is_(None))
    await session.execute(waiting.values(outcome="withdrawn").execution_options(synchronize_session=False))


async def stop(session: Session, user_id: UUID, groups: Collection[str]) -> None:
    """Send no more of these groups."""
    stopped = update(MailboxRow).where(MailboxRow.user_id == user_id)
    await session.execute(stopped.values(dict.fromkeys(groups, False)))


async def mark_for_mail(session: Session, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Notifications about to be inserted, each with whether its user wants it by email."""
    asked = {row["user_id"] for row in rows if group_of(row["kind"])}
    wants: set[tuple[UUID, str]] = set()
    if asked:
        for box in await _MAILED.all(session, ids=list(asked)):
            wants |= {(box.user_id, group) for group in GROUPS if getattr(box, group)}
    return [row | {"by_mail": (row["user_id"], group_of(row["kind"])) in wants} for row in rows]


def stop_token(signer: Signer, user_id: UUID, groups: Collection[str]) -> str:
    """What a link needs that stops these groups for a user, without logging in."""
    return signer.sign("mail stop", user_id.bytes + ",".join(sorted(groups)).encode())


def read_stop_token(signer: Signer, token: str) -> tuple[UUID, list[str]]:
    """The user, and the groups to stop; raises LinkNotGood."""
    value = signer.read("mail stop", token)
    if value is None:
        raise LinkNotGood(
            "The link is not complete. Open it as it stands in the mail; nothing was changed.", code="link-not-complete"
        )
    return UUID(bytes=value[:_ID_BYTES]), value[_ID_BYTES:].decode().split(",")


async def _put(session: Session, user_id: UUID, reader: Reader, **changes: Any) -> None:
    """The user's row with these changes, made if it is not there."""
    changes |= {"locale": reader.tag}
    row = dict.fromkeys(GROUPS, True) | {"user_id": user_id, "next_at": reader.now} | changes
    putting = insert(MailboxRow).values(row)
    await session.execute(putting.on_conflict_do_update(index_elements=["user_id"], set_=changes))
