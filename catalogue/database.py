"""What all tables of the catalogue have in common."""

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import DeclarativeBase

from souk.database import make_metadata


class Base(DeclarativeBase):
    """A table of the catalogue: text without a length (limits are the rules'), times with their zone."""

    metadata = make_metadata()
    type_annotation_map = {str: Text(), datetime: DateTime(timezone=True)}  # noqa: RUF012 - SQLAlchemy's own way
