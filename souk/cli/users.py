"""`souk users`: grant and revoke roles."""

import asyncio
from importlib import import_module
from typing import Any

import click

from souk.cli.home import all_databases
from souk.clock import SystemClock
from souk.errors import NotFound, RuleBroken


@click.group()
def users() -> None:
    """Accounts and their roles."""


@users.command()
@click.argument("email")
@click.argument("role", type=click.Choice(["admin", "moderator"]))
@click.option("--revoke", is_flag=True, help="Take the role away instead.")
def role(email: str, role: str, revoke: bool) -> None:
    """Grant a role to the account with this email."""
    try:
        asyncio.run(_role(email, role, revoke))
    except RuleBroken as broken:
        raise click.ClickException(broken.message) from broken
    click.echo(f"{email} {'is no longer' if revoke else 'is now'} {role}")


async def _role(email: str, role: str, revoke: bool) -> None:
    accounts: Any = import_module("entrypoint.accounts.accounts")
    async with all_databases() as databases, databases["entrypoint"].transaction() as session:
        user = await accounts.find_by_email(session, email)
        if user is None:
            raise NotFound(f"nobody has an account with the address {email}")
        if revoke:
            await accounts.revoke_role(session, user.id, role)
        else:
            await accounts.grant_role(session, user.id, role, by="souk users", now=SystemClock().now())
