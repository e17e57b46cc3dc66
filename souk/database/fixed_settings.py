"""What a database keeps from its first start on: the marketplace's currency.

Amounts are whole minor units, so the same rows under another currency would be other money. Each service writes the
currency into its own database when it first starts, and refuses to start with another one later.
"""

from sqlalchemy import Column, Connection, DateTime, Table, Text, select, text
from sqlalchemy.dialects.postgresql import insert

from souk.database.engine import Database, ReadSession, Session, make_metadata
from souk.database.provision import app_role

metadata = make_metadata()

pinned = Table(
    "pinned",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("pinned_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)
"""Rows are added by the service, never changed: it has no right to."""

CURRENCY = "currency"

_HOLDING = text("""
    SELECT quote_ident(table_name) FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'currency' ORDER BY table_name
""")


class CurrencyDiffers(Exception):
    """The database was begun in another currency than the one that is set."""


def make_table(connection: Connection, service: str) -> None:
    """As the owner: make the table if it is missing; it is no service's own, so no service's migrations do."""
    if connection.scalar(text("SELECT to_regclass('public.pinned') IS NULL")):
        metadata.create_all(connection)
        connection.execute(text(f"REVOKE UPDATE, DELETE, TRUNCATE ON pinned FROM {app_role(service)}"))


async def pin_currency(database: Database, currency: str) -> None:
    """Write the currency at the first start; raises CurrencyDiffers if the database keeps another."""
    async with database.transaction(leaves_work=False) as session:
        kept = await kept_currency(session) or currency
        row = {"name": CURRENCY, "value": kept}
        await session.execute(insert(pinned).values(row).on_conflict_do_nothing())
        await check_currency(session, database.service, currency)


async def check_currency(session: Session | ReadSession, service: str, currency: str) -> None:
    """Raise CurrencyDiffers if the database keeps another currency."""
    kept = await kept_currency(session)
    if kept not in (None, currency):
        raise CurrencyDiffers(
            f"the {service} database is in {kept} since its first start, and SOUK_CURRENCY says {currency}; "
            f"set SOUK_CURRENCY={kept}, or begin with databases of their own: amounts are never converted"
        )


async def kept_currency(session: Session | ReadSession) -> str | None:
    """The currency that was written at the first start, or that the rows of a database from before that are in."""
    if await session.scalar(text("SELECT to_regclass('public.pinned') IS NOT NULL")):
        kept: str | None = await session.scalar(select(pinned.c.value).where(pinned.c.name == CURRENCY))
        if kept is not None:
            return kept
    for table in (await session.scalars(_HOLDING)).all():
        found: str | None = await session.scalar(text(f"SELECT currency FROM {table} LIMIT 1"))  # noqa: S608
        if found is not None:
            return found
    return None
