"""`souk migrate`: bring databases, and RabbitMQ's queues, to what this version needs."""

import asyncio
import os
from collections.abc import Mapping
from uuid import UUID

import click
from pydantic import ValidationError

from shop.databases import check_currencies, data_dir, explained, open_embedded, urls_from_environment
from shop.runtime import make_keys
from shop.services import SETTINGS, create_app
from souk.database import Database
from souk.database.fixed_settings import CurrencyDiffers
from souk.database.migrations import DatabaseNewer, upgrade
from souk.database.provision import SERVICES
from souk.events import Consumer, outbox
from souk.events.rabbitmq import declare_all
from souk.settings import Settings, load


@click.command()
@click.option("--service", type=click.Choice(SERVICES), multiple=True, help="Only these; default: all.")
def migrate(service: tuple[str, ...]) -> None:
    """Migrate the databases; with SOUK_AMQP_URL set, declare every queue too. Refuses databases of another currency."""
    try:
        asyncio.run(_migrate(service or SERVICES, load(Settings).currency))
    except (DatabaseNewer, CurrencyDiffers) as reason:
        raise click.ClickException(str(reason)) from reason
    except ValidationError as wrong:
        raise click.ClickException(explained(wrong)) from wrong


async def _migrate(services: tuple[str, ...], currency: str) -> None:
    urls = urls_from_environment()
    if urls is None:
        server, made = await open_embedded(data_dir())
        try:
            await check_currencies(made, services, currency)
        finally:
            server.stop()
        click.echo("all databases are up to date")
        return
    await check_currencies(urls, services, currency)
    for service in services:
        changed = await upgrade(urls[service].owner, service)
        click.echo(f"{service}: {'migrated' if changed else 'up to date'}")
    amqp_url = os.environ.get("SOUK_AMQP_URL")
    if amqp_url:
        await _declare(services, amqp_url, {service: url.app for service, url in urls.items()})


async def _declare(services: tuple[str, ...], amqp_url: str, urls: dict[str, str]) -> None:
    """Make the queues; a consumer that lost its own is told again what it may have missed."""
    private, public = make_keys()  # the apps are only asked what they consume; these keys sign nothing
    for service in services:
        settings = SETTINGS[service](
            size="embedded",
            amqp_url=amqp_url,
            database_url=urls[service],
            identity_private_key=private[service],
            identity_public_keys=public,
        )
        consumers = create_app(settings).state.kernel.consumers
        made = await declare_all(amqp_url, consumers, settings.amqp_namespace)
        click.echo(f"{service}: queues declared")
        databases = {name: Database(url, service=name, pool_max=1) for name, url in urls.items()}
        try:
            for consumer in made:
                if count := await tell_what_was_missed(consumer, databases):
                    click.echo(f"{consumer.name}: its queue was made; {count} events of the last days are told again")
        finally:
            for database in databases.values():
                await database.close()


async def tell_what_was_missed(consumer: Consumer, databases: Mapping[str, Database]) -> int:
    """Tell a consumer whose queue was not there what all services have told in the last days; returns how many events.
    Those that it handled are known to its inbox, and change nothing; one that is new begins with them."""
    events: list[tuple[str, UUID, str]] = []
    for database in databases.values():
        async with database.reading() as reader:
            events += await outbox.told_since(reader, consumer.event_types)
    async with databases[consumer.service].transaction() as session:
        return await outbox.tell_again(session, consumer.name, events)
