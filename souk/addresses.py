"""Where a parcel or a document can go."""

from functools import cache

from babel import Locale

from souk.contracts.store import Address
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
        raise InvalidInput(f"{field}.country", "is not a country's two-letter code (ISO 3166-1)")
    return Address(
        name=line_of_text(f"{field}.name", address.name, required=True),
        line1=line_of_text(f"{field}.line1", address.line1, required=True),
        line2=line_of_text(f"{field}.line2", address.line2),
        postcode=line_of_text(f"{field}.postcode", address.postcode),
        city=line_of_text(f"{field}.city", address.city, required=True),
        country=address.country,
    )
