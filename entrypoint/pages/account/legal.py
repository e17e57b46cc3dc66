"""Who one is on documents: the legal profile."""

from typing import Any

from litestar import Response, get, post

from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.request_context import asked_languages
from entrypoint.pages.buy.checkout import country_options
from entrypoint.pages.inputs import Form, form_of
from entrypoint.pages.member_context import MemberContext, member_context
from souk.contracts.payment.invoices import LegalProfile
from souk.contracts.store.events import Address
from souk.errors import RuleBroken

ADDRESS = ("name", "line1", "line2", "postcode", "city", "country")
NEEDED = ("name", "line1", "city", "country")
RATE_MAX = 5000
"""Basis points: 50 %."""


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
    member, form = member_context(request), await form_of(request)
    for name in NEEDED:
        if not form.text(name):
            form.refuse(name, member.gettext("This is needed on documents."))
    rate = _rate(form, member)
    if not form.errors:
        business = form.text("kind") == "business"
        try:
            profile = LegalProfile(
                address=Address(**{name: form.text(name) for name in ADDRESS}),
                is_business=business,
                # What only businesses have is not asked of others, whatever the fields still say.
                vat_id=form.text("vat_id") if business else "",
                tax_number=form.text("tax_number") if business else "",
                tax_category=_category(form) if business else "O",
                tax_rate=rate if business else 0,
                exemption_reason=form.text("exemption_reason") if business else "",
            )
            await member.payment.set_legal_profile(member.identity, profile, asked_languages(request))
        except RuleBroken as refusal:
            form.blame(refusal, member.ctx.reader, _labels(member))
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


def _rate(form: Form, member: MemberContext) -> int:
    """The rate in basis points; 0 if the field is empty, or wrong and then said so."""
    text = form.text("tax_rate").removesuffix("%").strip().replace(",", ".")
    whole, _, rest = text.partition(".")
    if not text or form.text("kind") != "business":
        return 0
    digits = whole + rest
    if digits.isascii() and digits.isdigit() and whole and len(rest) <= 2 and len(whole) <= 2:
        rate = int(whole) * 100 + int(rest.ljust(2, "0") or "0")
        if rate <= RATE_MAX:
            return rate
    form.refuse("tax_rate", member.gettext("Enter a rate in percent up to 50, such as 19 or 5.5."))
    return 0


def _category(form: Form) -> Any:
    chosen = form.text("tax_category")
    return chosen if chosen in ("S", "Z", "E") else "S"


def _labels(member: MemberContext) -> dict[str, str]:
    _ = member.gettext
    return {
        "name": _("Name or company"),
        "line1": _("Street and number"),
        "line2": _("Second line"),
        "postcode": _("Postcode"),
        "city": _("City"),
        "country": _("Country"),
        "vat_id": _("VAT number"),
        "tax_number": _("Tax number"),
        "tax_category": _("VAT on what you sell"),
        "tax_rate": _("Rate in percent"),
        "exemption_reason": _("Why no VAT is charged"),
    }


ROUTES = [show, save]
