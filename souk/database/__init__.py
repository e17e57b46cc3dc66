"""A service's database: engine, transaction boundary, migrations, and the embedded server."""

from souk.database.engine import AnySession, Database, ReadSession, Session, make_metadata
from souk.database.statements import Statement

__all__ = ["AnySession", "Database", "ReadSession", "Session", "Statement", "make_metadata"]
