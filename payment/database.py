"""The base of all tables of the payment service."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Text, Uuid
from sqlalchemy.orm import DeclarativeBase

from souk.database import make_metadata


class Base(DeclarativeBase):
    """Every table's base: text without length, also for a `Literal`; 64-bit numbers, aware times."""

    metadata = make_metadata()
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own name and shape
        str: Text,
        Literal: Text(),
        int: BigInteger,
        datetime: DateTime(timezone=True),
        UUID: Uuid,
    }
