"""Categories and what they ask of listings."""

from typing import Annotated, Literal

import msgspec

AttributeKind = Literal["choice", "text", "number"]


class CategoryAttribute(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is asked of listings: their size, brand, storage …"""

    key: str
    name: str
    kind: AttributeKind
    unit: str = ""
    """Of a number: cm, W …"""
    options: list[str] = []
    """What a `choice` chooses from."""
    category: str = ""
    """Where in the tree it is asked for; all categories below ask for it too."""


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A node of the category tree."""

    slug: str
    name: str
    parent: str | None
    icon: str
    listings: int
    """Published listings in it and below."""
    attributes: list[CategoryAttribute] = []
    """What listings in it are asked for, its parents' first."""


ATTRIBUTE_CHARS_MAX = 60

ATTRIBUTES_MAX = 30
"""Attributes that one category may ask for, its parents' included."""

OPTIONS_MAX = 100
"""Options that a choice may have."""

Slug = Annotated[str, msgspec.Meta(max_length=60)]


NAME_CHARS_MAX = 60
"""Of a category's name."""


class NewCategory(msgspec.Struct, frozen=True, kw_only=True):
    """A category as an admin enters it."""

    name: Annotated[str, msgspec.Meta(min_length=2, max_length=NAME_CHARS_MAX)]
    parent: Slug | None = None
    icon: Slug = "tag"


class CategoryChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What to change of a category; a field left out stays as it is."""

    name: Annotated[str, msgspec.Meta(min_length=2, max_length=NAME_CHARS_MAX)] | None = None
    icon: Slug | None = None


class AttributeDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """What a category asks for, as an admin enters it."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    kind: AttributeKind
    unit: Annotated[str, msgspec.Meta(max_length=12)] = ""
    options: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1, max_length=ATTRIBUTE_CHARS_MAX)]],
        msgspec.Meta(max_length=OPTIONS_MAX),
    ] = []
