"""What a category asks of its listings, checked. Numbers are kept as JSON numbers, so that they can be compared."""

import re
from collections.abc import Mapping
from typing import Any

from catalogue.texts import plain_text
from souk.contracts.catalogue.categories import Category, CategoryAttribute
from souk.errors import InvalidInput

_NUMBER = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,3})?")


def checked_attributes(given: Mapping[str, str], category: Category) -> dict[str, Any]:
    """The values as they are stored; those that are empty are left out. Raises InvalidInput."""
    asked = {attribute.key: attribute for attribute in category.attributes}
    stored: dict[str, Any] = {}
    for key, text in given.items():
        attribute = asked.get(key)
        if attribute is None:
            raise InvalidInput(
                f"attributes.{key}",
                "{category} does not ask for this. Leave it out.",
                code="attribute-unasked",
                category=category.name,
            )
        tidy = " ".join(plain_text(f"attributes.{key}", text).split())
        if tidy:
            stored[key] = _checked(attribute, tidy)
    return stored


def _checked(attribute: CategoryAttribute, text: str) -> Any:
    field = f"attributes.{attribute.key}"
    if attribute.kind == "choice":
        if text not in attribute.options:
            raise InvalidInput(
                field,
                "{name}: choose one of {options}.",
                code="attribute-choice",
                name=attribute.name,
                options=", ".join(attribute.options),
            )
        return text
    if attribute.kind == "text":
        return text
    if not (text.isascii() and _NUMBER.fullmatch(text)):
        raise InvalidInput(
            field, "{name}: enter a number such as 12 or 12.5.", code="attribute-number", name=attribute.name
        )
    number = float(text.replace(",", "."))
    return int(number) if number.is_integer() else number


def still_asked(stored: Mapping[str, Any], category: Category) -> dict[str, Any]:
    """What of these another category asks for in the same way; the rest is dropped when a listing moves there."""
    kept: dict[str, Any] = {}
    for key, value in public_attributes(stored).items():
        try:
            kept |= checked_attributes({key: value}, category)
        except InvalidInput:
            continue
    return kept


def public_attributes(stored: Mapping[str, Any]) -> dict[str, str]:
    """All values as texts."""
    return {key: str(value) for key, value in stored.items()}
