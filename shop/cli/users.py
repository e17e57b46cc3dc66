"""`souk users`: find accounts, give roles, and help people back in. What is changed is noted with who did it and why."""

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import click

from entrypoint.accounts import accounts, operating, operator_log, suspensions
from entrypoint.accounts.operating import AccountLine
from entrypoint.accounts.tables import Role
from shop.databases import all_databases
from souk.clock import SystemClock
from souk.database import Session
from souk.errors import RuleBroken
from souk.events import Outbox, Sequenced

T = TypeVar("T")


@dataclass(frozen=True)
class Deed:
    """Who changes an account, why and when."""

    by: str
    reason: str
    now: datetime


REASON_DEFAULT = "asked for at the command line"

_why = click.option("--reason", required=True, help="Kept with the account, and told to its owner.")
_reason = click.option("--reason", default=REASON_DEFAULT, show_default=True, help="Kept with the account.")


@click.group()
def users() -> None:
    """Accounts: find them, their roles, and ways back in. ACCOUNT is an email address or an id."""


@users.command("list")
@click.option("--unproved", is_flag=True, help="Only those whose address is not proved.")
@click.option("--suspended", is_flag=True, help="Only those that are suspended.")
def list_accounts(unproved: bool, suspended: bool) -> None:
    """Accounts, the newest first."""
    _show(_found("", unproved=unproved, suspended=suspended))


@users.command()
@click.argument("words")
def find(words: str) -> None:
    """Accounts whose id, address or name has these words in it."""
    found = _found(words)
    if not found:
        raise click.ClickException(f"nobody's id, address or name has {words!r} in it")
    _show(found)


@users.command()
@click.argument("account")
@_reason
def reset(account: str, reason: str) -> None:
    """Print a link by which a new password can be chosen: good once, for 30 minutes. Hand it to the account's owner."""

    async def give(session: Session, user_id: UUID, deed: Deed) -> str:
        return await operating.way_back(session, user_id, by=deed.by, reason=deed.reason, now=deed.now)

    click.echo(f"{_public_url()}/password/new?token={_change(account, reason, give)}")


@users.command()
@click.argument("account")
@_reason
def verify(account: str, reason: str) -> None:
    """Vouch for it that the account's address is its owner's."""

    async def vouch(session: Session, user_id: UUID, deed: Deed) -> None:
        await operating.verify(session, user_id, by=deed.by, reason=deed.reason, now=deed.now)

    _change(account, reason, vouch)
    click.echo(f"the address of {account} is proved")


@users.command()
@click.argument("account")
@_why
def suspend(account: str, reason: str) -> None:
    """Suspend an account: no logging in, nothing on sale. Its owner reads the reason, and may appeal."""
    _set_standing(account, reason, suspensions.suspend)
    click.echo(f"{account} is suspended")


@users.command()
@click.argument("account")
@_why
def restore(account: str, reason: str) -> None:
    """Take a suspension back: everything is as it was."""
    _set_standing(account, reason, suspensions.restore)
    click.echo(f"{account} is not suspended")


@users.command()
@click.argument("account")
@click.argument("role", type=click.Choice(["admin", "moderator"]))
@click.option("--revoke", is_flag=True, help="Take the role away instead.")
@_reason
def role(account: str, role: Role, revoke: bool, reason: str) -> None:
    """Grant a role to an account."""

    async def set_role(session: Session, user_id: UUID, deed: Deed) -> None:
        change = f"{'revoke' if revoke else 'grant'} {role}"
        await operator_log.note(session, user_id, change, by=deed.by, reason=deed.reason, now=deed.now)
        if revoke:
            await accounts.revoke_role(session, user_id, role)
        else:
            await accounts.grant_role(session, user_id, role, by=deed.by, now=deed.now)

    _change(account, reason, set_role)
    click.echo(f"{account} {'is no longer' if revoke else 'is now'} {role}")


def _set_standing(account: str, reason: str, standing: Callable[..., Awaitable[list[Sequenced]]]) -> None:
    """Let one of `suspensions` say whether the account is suspended."""

    async def work(session: Session, user_id: UUID, deed: Deed) -> None:
        news = await standing(session, user_id, by=deed.by, reason=deed.reason, now=deed.now)
        Outbox("entrypoint", SystemClock()).emit(session, *news)

    _change(account, reason, work)


def _change(account: str, reason: str, change: Callable[[Session, UUID, Deed], Awaitable[T]]) -> T:
    """Do something to one account, in one transaction."""

    async def work() -> T:
        deed = Deed(by=f"souk users ({getpass.getuser()})", reason=reason, now=SystemClock().now())
        async with all_databases() as databases, databases["entrypoint"].transaction() as session:
            return await change(session, await operating.one(session, account), deed)

    try:
        return asyncio.run(work())
    except RuleBroken as broken:
        raise click.ClickException(broken.message) from broken


def _found(words: str, *, unproved: bool = False, suspended: bool = False) -> list[AccountLine]:
    async def work() -> list[AccountLine]:
        async with all_databases() as databases, databases["entrypoint"].reading() as session:
            return await operating.find(session, words, unproved=unproved, suspended=suspended)

    return asyncio.run(work())


def _show(lines: list[AccountLine]) -> None:
    for line in lines:
        marks = [*line.roles, *([] if line.proved_at else ["address not proved"]), *["suspended"] * line.suspended]
        about = f"{line.email}  {line.display_name}  {line.country}  {line.created_at:%Y-%m-%d}"
        click.echo(f"{line.id}  {about}{'  ' + ', '.join(marks) if marks else ''}")


def _public_url() -> str:
    port = os.environ.get("SOUK_PORT", "8000")
    return os.environ.get("SOUK_PUBLIC_URL", f"http://localhost:{port}").rstrip("/")
