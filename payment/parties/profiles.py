"""Legal profiles: who users are on the documents that are issued from now on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from payment.parties.tables import LegalProfileRow
from souk.addresses import checked
from souk.contracts.payment.invoices import LegalProfile
from souk.contracts.store.events import Address
from souk.database import ReadSession, Session
from souk.errors import InvalidInput, NotFound
from souk.texts import line_of_text
from souk.vat_numbers import checked_vat_number


async def get(reader: ReadSession, user_id: UUID) -> LegalProfile:
    """The user's profile; raises NotFound before they have given one."""
    row = await reader.get(LegalProfileRow, user_id)
    if row is None:
        raise NotFound("You have not said yet who you are on documents.", code="no-legal-profile")
    return LegalProfile(
        address=Address(
            name=row.name, line1=row.line1, line2=row.line2, postcode=row.postcode, city=row.city, country=row.country
        ),
        is_business=row.is_business,
        vat_id=row.vat_id,
        tax_number=row.tax_number,
        tax_category=row.tax_category,
        tax_rate=row.tax_rate,
        exemption_reason=row.exemption_reason,
    )


async def put(session: Session, user_id: UUID, wanted: LegalProfile, language: str, now: datetime) -> LegalProfile:
    """Replace the user's profile; raises InvalidInput. Documents that were issued before stay as they are.

    `language` is how the user reads now (BCP 47), for documents that the marketplace gives them; empty if unknown.
    """
    profile = _checked(wanted)
    address = profile.address
    values = {
        "user_id": user_id,
        "name": address.name,
        "line1": address.line1,
        "line2": address.line2,
        "postcode": address.postcode,
        "city": address.city,
        "country": address.country,
        "is_business": profile.is_business,
        "vat_id": profile.vat_id,
        "tax_number": profile.tax_number,
        "tax_category": profile.tax_category,
        "tax_rate": profile.tax_rate,
        "exemption_reason": profile.exemption_reason,
        "language": language,
        "changed_at": now,
    }
    statement = insert(LegalProfileRow).values(values)
    await session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))
    return profile


def _checked(wanted: LegalProfile) -> LegalProfile:
    address = checked(wanted.address)
    profile = LegalProfile(
        address=address,
        is_business=wanted.is_business,
        vat_id=checked_vat_number("vat_id", wanted.vat_id, address.country),
        tax_number=line_of_text("tax_number", wanted.tax_number),
        tax_category=wanted.tax_category,
        tax_rate=wanted.tax_rate,
        exemption_reason=line_of_text("exemption_reason", wanted.exemption_reason),
    )
    if profile.is_business:
        _check_business(profile)
    else:
        _check_private(profile)
    return profile


def _check_business(profile: LegalProfile) -> None:
    if not (profile.vat_id or profile.tax_number):
        raise InvalidInput(
            "vat_id", "A business needs its VAT number here, or its tax number below.", code="tax-id-needed"
        )
    if profile.tax_category == "O":
        raise InvalidInput(
            "tax_category", "A business charges VAT, or says why not: choose S, Z or E.", code="business-charges-vat"
        )
    if (profile.tax_rate > 0) != (profile.tax_category == "S"):
        raise InvalidInput(
            "tax_rate", "Category S has a rate above zero, every other category the rate zero.", code="rate-of-category"
        )
    if bool(profile.exemption_reason) != (profile.tax_category == "E"):
        raise InvalidInput(
            "exemption_reason", "Category E, and no other, says why no VAT is charged.", code="exemption-of-category"
        )


def _check_private(profile: LegalProfile) -> None:
    """Nothing is dropped silently: who names a VAT number but not a business has to decide."""
    for field in ("vat_id", "tax_number", "tax_rate", "exemption_reason"):
        if getattr(profile, field):
            raise InvalidInput(
                field, "Only a business has this. Leave it empty, or choose business.", code="business-only"
            )
    if profile.tax_category != "O":
        raise InvalidInput(
            "tax_category", "A private person charges no VAT: the category is O.", code="private-charges-no-vat"
        )
