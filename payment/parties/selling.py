"""How documents name sellers, and what VAT their prices contain."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from payment.parties.party import Party, TaxCategory
from payment.parties.tables import LegalProfileRow, PartyRow
from payment.settings import PaymentSettings
from souk.database import Session, Statement
from souk.ids import derived_id
from souk.vat_numbers import EU_PREFIXES

MARKETPLACE_ID = derived_id("marketplace")
"""Whose series the invoices of fees are in."""

UNNAMED = "Seller"
"""What a document calls a seller whose registration has not been told."""

UNKNOWN_COUNTRY = "ZZ"
"""CLDR's unknown region."""


_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_PROFILES: Statement[LegalProfileRow] = Statement(select(LegalProfileRow).where(LegalProfileRow.user_id == any_(_IDS)))
_PARTIES: Statement[PartyRow] = Statement(select(PartyRow).where(PartyRow.user_id == any_(_IDS)))


@dataclass(frozen=True, slots=True)
class Supplier:
    """A seller as documents name them, and the VAT that is contained in their prices."""

    party: Party
    category: TaxCategory = "O"
    rate: int = 0
    exemption_reason: str = ""
    language: str = ""
    """How they read, as far as they have said; the language of documents that the marketplace gives them."""


async def suppliers(session: Session, user_ids: Iterable[UUID]) -> dict[UUID, Supplier]:
    """Each of these users: by the legal profile, else as a private person by what the account says."""
    wanted = set(user_ids)
    suppliers_by_id = {row.user_id: _by_profile(row) for row in await _PROFILES.all(session, ids=list(wanted))}
    parties = (
        await _PARTIES.all(session, ids=list(wanted - suppliers_by_id.keys()))
        if wanted - suppliers_by_id.keys()
        else []
    )
    suppliers_by_id |= {
        row.user_id: _private(row.user_id, row.display_name, row.country, row.language) for row in parties
    }
    return {user_id: suppliers_by_id.get(user_id) or _private(user_id, UNNAMED, UNKNOWN_COUNTRY) for user_id in wanted}


def marketplace(settings: PaymentSettings) -> Supplier:
    """The marketplace, which invoices its fees."""
    party = Party(
        name=settings.marketplace_name,
        country=settings.marketplace_country,
        address_lines=tuple(line for line in settings.marketplace_address.split("|") if line.strip()),
        postcode=settings.marketplace_postcode,
        city=settings.marketplace_city,
        vat_id=settings.marketplace_vat_id or None,
        is_business=True,
        identifier=str(MARKETPLACE_ID),
    )
    rate = settings.marketplace_vat_basis_points
    if not party.vat_id:
        return Supplier(party)
    return Supplier(party, "S" if rate else "Z", rate)


def fee_tax(supplier: Supplier, customer: Party) -> tuple[TaxCategory, int]:
    """The VAT on a fee: reverse charge between businesses of different EU states (Directive 2006/112/EC, art. 196)."""
    here, there = supplier.party.vat_id or "", customer.vat_id or ""
    if here[:2] in EU_PREFIXES and there[:2] in EU_PREFIXES and here[:2] != there[:2]:
        return "AE", 0
    return supplier.category, supplier.rate


def _private(user_id: UUID, name: str, country: str, language: str = "") -> Supplier:
    return Supplier(Party(name, country, identifier=str(user_id)), language=language)


def _by_profile(row: LegalProfileRow) -> Supplier:
    party = Party(
        name=row.name,
        country=row.country,
        address_lines=tuple(line for line in (row.line1, row.line2) if line),
        postcode=row.postcode,
        city=row.city,
        vat_id=row.vat_id or None,
        is_business=row.is_business,
        identifier=str(row.user_id),
        tax_number=row.tax_number,
    )
    return Supplier(party, row.tax_category, row.tax_rate, row.exemption_reason, row.language)
