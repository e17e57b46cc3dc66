"""Alembic's entry: the catalogue's tables over the connection that Souk opened."""

from catalogue.tables import metadata
from souk.database.migrations import run_env

run_env(metadata)
