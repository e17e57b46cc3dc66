"""Alembic's entry point for the entrypoint's database."""

import entrypoint.accounts.tables
import entrypoint.devices.tables
import entrypoint.drafts.tables
import entrypoint.inbox.tables
import entrypoint.limits.tables
import entrypoint.mailing.tables
import entrypoint.notifications.tables
import entrypoint.sessions.tables
import entrypoint.tokens.tables  # noqa: F401 - the tables register themselves
from entrypoint.database import Base
from souk.database.migrations import run_env
from souk.events import tables as event_tables

run_env(Base.metadata, event_tables.metadata)
