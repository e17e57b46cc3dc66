"""A service's database: engine, transaction boundary, migrations, and the embedded server."""

from souk.database.engine import AnySession, Database, ReadSession, Session, make_metadata

__all__ = ["AnySession", "Database", "ReadSession", "Session", "make_metadata"]
