"""VAT numbers: form and check digits, as far as a program can tell without asking the tax office."""

import re

from stdnum.ch import vat as ch_vat
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.gb import vat as gb_vat
from stdnum.no import mva as no_mva

from souk.errors import InvalidInput

EU_PREFIXES = frozenset({state.upper() for state in eu_vat.MEMBER_STATES} - {"GR"} | {"EL"})
"""Of VAT numbers within the European Union; Greece uses EL, Northern Ireland XI."""

PREFIXES = EU_PREFIXES | {"GB", "NO", "CH"}


def checked_vat_number(field: str, text: str, country: str) -> str:
    """The number without blanks and with its country's prefix, or "" for none; raises InvalidInput.

    Without a prefix it is taken for a number of `country` (ISO 3166-1). Numbers of the EU, the United Kingdom, Norway and
    Switzerland can be checked; others are refused, for nothing could vouch for them.
    """
    number = re.sub(r"[\s.\-/']", "", text.upper())
    if not number:
        return ""
    own = "EL" if country == "GR" else country
    number = number.replace("GR", "EL", 1) if number.startswith("GR") else number
    if number[:2] not in PREFIXES:
        number = own + number
    if number[:2] not in PREFIXES:
        raise InvalidInput(
            field, "VAT numbers of this country cannot be checked. Leave it empty.", code="vat-number-unchecked"
        )
    try:
        return _valid(number)
    except ValidationError:
        raise InvalidInput(
            field,
            "This is not a VAT number of {country}: its form or its check digits are wrong.",
            code="not-a-vat-number",
            country=number[:2],
        ) from None


def _valid(number: str) -> str:
    prefix, rest = number[:2], number[2:]
    if prefix == "CH":
        return str(ch_vat.validate(number))
    if prefix == "GB":
        return prefix + str(gb_vat.validate(rest))
    if prefix == "NO":
        return prefix + str(no_mva.validate(rest))
    eu_vat.validate(number)
    return number
