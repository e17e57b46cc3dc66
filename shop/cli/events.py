"""`souk events`: look at what waits to be told, and deal with dead letters."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import click

from shop.databases import all_databases
from souk.database import Database
from souk.database.provision import SERVICES
from souk.errors import RuleBroken
from souk.events import notify, outbox
from souk.http.dead_letters import DeadLetter, discard, replay, waiting

BY = "souk events"


@click.group()
def events() -> None:
    """Outboxes and dead letters of all services."""


@events.command("status")
def status() -> None:
    """How many events wait in each outbox, how long the oldest has, and how many dead letters there are."""

    async def look(databases: dict[str, Database]) -> None:
        for service, database in databases.items():
            async with database.reading() as session:
                pending, seconds = await outbox.lag(session)
                letters = len(await waiting(session))
            click.echo(f"{service:11} pending {pending:6}  oldest {seconds:8.1f} s  dead letters {letters}")

    _over_all(look)


@events.command("list")
def list_letters() -> None:
    """Dead letters that wait, oldest first."""

    async def look(databases: dict[str, Database]) -> None:
        for service, database in databases.items():
            async with database.reading() as session:
                for letter in await waiting(session):
                    click.echo(f"{service:11} {letter.id}  {letter.consumer}  {letter.type}  {letter.error[:100]}")

    _over_all(look)


@events.command()
@click.argument("letter_id", type=click.UUID)
def show(letter_id: UUID) -> None:
    """One dead letter in full."""

    async def look(databases: dict[str, Database]) -> None:
        for service, database in databases.items():
            async with database.reading() as session:
                for letter in await waiting(session):
                    if letter.id == letter_id:
                        click.echo(_full(service, letter))
                        return
        raise click.ClickException("there is no such dead letter waiting")

    _over_all(look)


@events.command("replay")
@click.argument("service", type=click.Choice(SERVICES))
@click.argument("letter_id", type=click.UUID)
def replay_letter(service: str, letter_id: UUID) -> None:
    """Send a dead letter to its consumer again."""

    async def act(databases: dict[str, Database]) -> None:
        async with databases[service].transaction() as session:
            await replay(session, letter_id, BY)
            notify(session, outbox.CHANNEL)

    _over_all(act)
    click.echo("sent again")


@events.command("discard")
@click.argument("service", type=click.Choice(SERVICES))
@click.argument("letter_id", type=click.UUID)
def discard_letter(service: str, letter_id: UUID) -> None:
    """Give a dead letter up for good."""

    async def act(databases: dict[str, Database]) -> None:
        async with databases[service].transaction() as session:
            await discard(session, letter_id, BY)

    _over_all(act)
    click.echo("discarded")


def _full(service: str, letter: DeadLetter) -> str:
    head = f"{service} {letter.consumer}\n{letter.type} {letter.event_id}\n{letter.attempts} attempts, {letter.died_at}"
    return f"{head}\n\n{letter.error}\n\n{letter.body}"


def _over_all(work: Callable[[dict[str, Database]], Awaitable[None]]) -> None:
    async def inner() -> None:
        async with all_databases() as databases:
            await work(databases)

    try:
        asyncio.run(inner())
    except RuleBroken as broken:
        raise click.ClickException(broken.message) from broken
