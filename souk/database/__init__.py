"""A service's database: engine, transaction boundary, migrations, and the embedded server."""

from souk.database.engine import AnySession, Database, ReadSession, Session, make_metadata
from souk.database.statements import Statement, as_columns, insert_rows

__all__ = [
    "AnySession",
    "Database",
    "ReadSession",
    "Session",
    "Statement",
    "as_columns",
    "insert_rows",
    "make_metadata",
]
