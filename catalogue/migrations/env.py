"""Alembic's entry: the catalogue's tables over the connection that Souk opened."""

from catalogue.tables import metadata
from souk.database.migrations import run_env
from souk.events import tables as event_tables

run_env(metadata, event_tables.metadata)
