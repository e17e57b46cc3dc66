"""How documents name who sells and who buys."""

from typing import Literal

import msgspec

TaxCategory = Literal["S", "Z", "E", "AE", "O"]
"""Of UNTDID 5305; what a seller may choose for a profile is without AE (`souk.contracts.payment.invoices.TaxCategory`)."""


class Party(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seller (BG-4) or buyer (BG-7) as they were when the document was issued.

    `country` is ISO 3166-1 alpha-2 (BT-40, BT-55), `vat_id` starts with a country prefix (BT-31, BT-48), `tax_number`
    is the one of a business without a VAT identifier (BT-32), `identifier` is Souk's own name for it (BT-29, BT-46),
    which a seller without any other must have (BR-CO-26), `contact` is the person at a company (BT-41, BT-56).
    """

    name: str  # BT-27, BT-44
    country: str
    address_lines: tuple[str, ...] = ()  # BT-35, BT-36, BT-162; BT-50, BT-51, BT-163
    postcode: str = ""  # BT-38, BT-53
    city: str = ""  # BT-37, BT-52
    vat_id: str | None = None
    email: str | None = None  # BT-43, BT-58
    is_business: bool = False
    identifier: str = ""
    contact: str = ""
    tax_number: str = ""
