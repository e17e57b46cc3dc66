"""Alembic's entry: the store's tables over the connection that Souk opened."""

import store.tables  # noqa: F401 - all tables are known to the metadata once their modules are loaded
from souk.database.migrations import run_env
from souk.events import tables as event_tables
from store.database import Base

run_env(Base.metadata, event_tables.metadata)
