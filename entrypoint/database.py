"""The entrypoint's tables hang here."""

from sqlalchemy.orm import DeclarativeBase

from souk.database import make_metadata


class Base(DeclarativeBase):
    """What every table of this service derives from."""

    metadata = make_metadata()
