"""Pictures of listings."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of a listing in its three sizes; each name is served under `/pictures/{name}` forever."""

    id: UUID
    small: str
    medium: str
    large: str
    width: int
    height: int
    """Pixels of the large one."""
    alt: str
    colour: str
    """The dominant colour, `#rrggbb`."""
    avif: bool = False
    """Whether each size is there as AVIF too, under the same name with `.avif` in place of `.webp`."""


ALT_CHARS_MAX = 300

PICTURES_MAX = 8
"""Pictures that one listing may have."""

Alt = Annotated[str, msgspec.Meta(max_length=ALT_CHARS_MAX)]
"""What a picture shows, for those who cannot see it."""


class PictureChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What to change of a listing's picture."""

    alt: Alt


class PictureFile(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that is kept but not shown yet (`POST /internal/pictures`)."""

    id: UUID
    small: str
    medium: str
    large: str
    width: int
    height: int
    colour: str
    avif: bool = False


class KeptPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A kept picture that a listing is to show from now on (`POST /internal/listings/{id}/pictures`)."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{40}\.webp$")]
    """Of its large file."""
    alt: Alt = ""
    degrees: Literal[0, 90, 180, 270] = 0
    """How far it is turned first, clockwise."""


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """How to turn a picture, clockwise."""

    degrees: Literal[90, 180, 270]
