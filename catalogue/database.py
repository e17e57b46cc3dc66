"""What all tables of the catalogue have in common."""

from datetime import datetime
from typing import Literal

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import DeclarativeBase

from souk.database import make_metadata


class Base(DeclarativeBase):
    """A table of the catalogue: text without a length (limits are the rules'), also for a `Literal`; times with their
    zone."""

    metadata = make_metadata()
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way
        str: Text(),
        Literal: Text(),
        datetime: DateTime(timezone=True),
    }
