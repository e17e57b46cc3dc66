"""The three tables every service's database has for its events."""

from sqlalchemy import Column, DateTime, Index, Integer, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import UUID

from souk.database.engine import make_metadata

metadata = make_metadata()

outbox = Table(
    "outbox",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("type", Text, nullable=False),
    Column("subject", UUID(as_uuid=True), nullable=False),
    Column("body", Text, nullable=False, comment="the CloudEvent as JSON"),
    Column("target", Text, comment="one consumer's name when a dead letter is replayed, else NULL: everybody"),
    Column("status", Text, nullable=False, server_default=text("'pending'")),
    Column("claimed_until", DateTime(timezone=True), nullable=False, server_default=text("'-infinity'")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("published_at", DateTime(timezone=True)),
)
"""What happened here and must be told. A row is written in the transaction that made it happen."""

Index("ix_outbox_pending", outbox.c.id, postgresql_where=outbox.c.status == "pending")
Index("ix_outbox_published_at", outbox.c.published_at, postgresql_where=outbox.c.status == "published")

inbox = Table(
    "inbox",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("event_id", UUID(as_uuid=True), primary_key=True),
    Column("handled_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)
"""Which events a consumer has handled; written in the handler's own transaction."""

Index("ix_inbox_handled_at", inbox.c.handled_at)

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("consumer", Text, nullable=False),
    Column("event_id", UUID(as_uuid=True)),
    Column("type", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'waiting'")),
    Column("died_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("resolved_at", DateTime(timezone=True)),
    Column("resolved_by", Text),
    UniqueConstraint("consumer", "event_id"),
)
"""Events that a consumer gave up on, until an operator replays or discards them."""

Index("ix_dead_letter_waiting", dead_letter.c.died_at, postgresql_where=dead_letter.c.status == "waiting")
