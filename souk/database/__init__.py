"""A service's database: engine, transaction boundary, migrations, and the embedded server."""

from souk.database.engine import Database, ReadSession, Session, make_metadata

__all__ = ["Database", "ReadSession", "Session", "make_metadata"]
