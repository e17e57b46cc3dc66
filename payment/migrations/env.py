"""Alembic's entry: migrates this service's schema over the connection it is given."""

import payment.escrow.tables
import payment.invoices.tables
import payment.ledger.tables
import payment.parties.tables
import payment.wallets.tables  # noqa: F401 - the tables must be known to the metadata
from payment.database import Base
from souk.database.migrations import run_env
from souk.events import tables as event_tables

run_env(Base.metadata, event_tables.metadata)
