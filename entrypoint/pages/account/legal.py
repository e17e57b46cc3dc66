"""Who one is on documents: the legal profile."""

from typing import Annotated, Any, Literal

from litestar import Response, get, post
from msgspec import Meta

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.request_context import accepted_languages
from entrypoint.pages.buy.checkout import City, Line, Postcode, VatId, country_options
from entrypoint.pages.fields import TOO_LONG, Fields, Label, Mend, When
from entrypoint.pages.forms import Form, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.web.marking import N_
from souk.contracts.payment.invoices import EXEMPTION_REASON_CHARS_MAX, TAX_NUMBER_CHARS_MAX, LegalProfile
from souk.contracts.store.events import Address
from souk.errors import RuleBroken

ADDRESS = Address.__struct_fields__
NEEDED = Meta(min_length=1)
ON_DOCUMENTS = Mend(N_("This is needed on documents."))
BUSINESS = When("kind", "business")
"""What only businesses have is not asked of others, whatever the fields still say."""

RATE = Meta(pattern=r"^(([0-4]?[0-9]([.,][0-9]{0,2})?|50([.,]0{0,2})?)\s*%?)?$")
"""In percent, up to 50, with two decimal places."""


class LegalEntry(Fields, frozen=True, kw_only=True):
    """Who somebody is on documents."""

    kind: Literal["private", "business"] = "private"
    name: Annotated[Line, NEEDED, Label(N_("Name or company")), ON_DOCUMENTS]
    line1: Annotated[Line, NEEDED, Label(N_("Street and number")), ON_DOCUMENTS]
    line2: Annotated[Line, Label(N_("Second line"))] = ""
    postcode: Postcode = ""
    city: Annotated[City, NEEDED, Label(N_("City")), ON_DOCUMENTS]
    country: Annotated[str, NEEDED, Label(N_("Country")), ON_DOCUMENTS]
    vat_id: Annotated[VatId, BUSINESS] = ""
    tax_number: Annotated[
        str,
        Meta(max_length=TAX_NUMBER_CHARS_MAX),
        Label(N_("Tax number")),
        BUSINESS,
        Mend(TOO_LONG, TAX_NUMBER_CHARS_MAX),
    ] = ""
    tax_category: Annotated[Literal["S", "Z", "E"], Label(N_("VAT on what you sell")), BUSINESS] = "S"
    tax_rate: Annotated[
        str,
        RATE,
        Label(N_("Rate in percent")),
        BUSINESS,
        Mend(N_("Enter a rate in percent up to 50, such as 19 or 5.5.")),
    ] = ""
    exemption_reason: Annotated[
        str,
        Meta(max_length=EXEMPTION_REASON_CHARS_MAX),
        Label(N_("Why no VAT is charged")),
        BUSINESS,
        Mend(TOO_LONG, EXEMPTION_REASON_CHARS_MAX),
    ] = ""


@get("/account/legal")
async def show(request: PageRequest) -> Response[Any]:
    """What documents say of the user."""
    member = member_context(request)
    profile = await member.legal_profile()
    if profile is None:
        values = {"name": member.user.display_name, "country": member.user.country, "kind": "private"}
    else:
        values = _values(profile)
    return await _legal_page(request, member, Form(values))


@post("/account/legal")
async def save(request: PageRequest) -> Response[Any]:
    """Replace it; documents that were issued stay as they are."""
    member, form = member_context(request), await form_of(request, LegalEntry)
    if form.entry is not None:
        profile = _profile(form.entry)
        try:
            await member.payment.set_legal_profile(member.identity, profile, accepted_languages(request))
        except RuleBroken as refusal:
            form.blame(refusal)
        else:
            member.ctx.flash("success", member.gettext("Saved. Documents issued from now on name you so."))
            return redirect("/account/legal")
    return await _legal_page(request, member, form)


async def _legal_page(request: PageRequest, member: MemberContext, form: Form) -> Response[str]:
    context = {
        "active": "account",
        "form": form,
        "countries": country_options(member.ctx.reader.language),
    }
    return await render_page(request, "pages/account/legal.html", context, status=form.status)


def _values(profile: LegalProfile) -> dict[str, str]:
    address = {name: getattr(profile.address, name) for name in ADDRESS}
    rate = f"{profile.tax_rate / 100:g}" if profile.tax_rate else ""
    return address | {
        "kind": "business" if profile.is_business else "private",
        "vat_id": profile.vat_id,
        "tax_number": profile.tax_number,
        "tax_category": profile.tax_category,
        "tax_rate": rate,
        "exemption_reason": profile.exemption_reason,
    }


def _profile(entry: LegalEntry) -> LegalProfile:
    business = entry.kind == "business"
    return LegalProfile(
        address=Address(**{name: getattr(entry, name) for name in ADDRESS}),
        is_business=business,
        vat_id=entry.vat_id,
        tax_number=entry.tax_number,
        tax_category=entry.tax_category if business else "O",
        tax_rate=_basis_points(entry.tax_rate),
        exemption_reason=entry.exemption_reason,
    )


def _basis_points(percent: str) -> int:
    """5.5 % as 550; 0 if nothing is said."""
    whole, _, rest = percent.removesuffix("%").strip().replace(",", ".").partition(".")
    return int(whole or "0") * 100 + int(rest.ljust(2, "0"))


ROUTES = [show, save]
