"""Logging in and out, and opening an account."""

from typing import Any

from litestar import Response, get, post

from entrypoint.accounts.accounts import NewUser
from entrypoint.pages.checkout import country_options
from entrypoint.pages.inputs import Form, form_of
from entrypoint.web.frame import PageRequest, page, redirect, safe_next
from entrypoint.web.sign_in import sign_in, sign_out, sign_up_and_in
from entrypoint.web.visits import current_user, visit_of
from souk.errors import RuleBroken


@get("/login")
async def login_form(request: PageRequest, next: str = "") -> Response[Any]:
    """Log in; `next` is the page to go on with."""
    target = safe_next(next)
    if current_user(request) is not None:
        return redirect(target)
    return await _login_page(request, Form({"next": target}))


@post("/login")
async def login(request: PageRequest) -> Response[Any]:
    """Check the address and the password."""
    form = await form_of(request)
    try:
        await sign_in(request, form.text("email"), form.raw("password"))
    except RuleBroken as refusal:
        form.blame(refusal, {"email": visit_of(request).reader.gettext("Email")})
        return await _login_page(request, form, refusal)
    return redirect(safe_next(form.text("next")))


@get("/register")
async def register_form(request: PageRequest, next: str = "") -> Response[Any]:
    """Open an account."""
    target = safe_next(next)
    if current_user(request) is not None:
        return redirect(target)
    return await _register_page(request, Form({"country": _likely_country(request), "next": target}))


@post("/register")
async def register(request: PageRequest) -> Response[Any]:
    """Open the account, and be logged in."""
    form = await form_of(request)
    new = NewUser(
        email=form.text("email"),
        password=form.raw("password"),
        display_name=form.text("display_name"),
        country=form.text("country"),
    )
    visit = visit_of(request)
    try:
        user = await sign_up_and_in(request, new)
    except RuleBroken as refusal:
        _ = visit.reader.gettext
        labels = {"email": _("Email"), "password": _("Password"), "display_name": _("Name"), "country": _("Country")}
        form.blame(refusal, labels)
        return await _register_page(request, form, refusal)
    visit.flash("success", visit.reader.gettext("Welcome, {name}.").format(name=user.display_name))
    if visit.parts.settings.sends_mail:
        visit.flash("info", visit.reader.gettext("We sent you a mail. Open its link, and news comes by email too."))
    return redirect(safe_next(form.text("next")))


@post("/logout")
async def logout(request: PageRequest) -> Response[Any]:
    """End this browser's session."""
    await sign_out(request)
    visit = visit_of(request)
    visit.flash("info", visit.reader.gettext("You are logged out."))
    return redirect("/")


async def _login_page(request: PageRequest, form: Form, refusal: RuleBroken | None = None) -> Response[str]:
    return slowed(await page(request, "pages/login/login.html", {"form": form}, status=form.status), refusal)


async def _register_page(request: PageRequest, form: Form, refusal: RuleBroken | None = None) -> Response[str]:
    visit = visit_of(request)
    context = {
        "form": form,
        "countries": country_options(visit.reader.language),
        "open": visit.parts.settings.registration_open,
        "length_min": visit.parts.settings.password_length_min,
    }
    return slowed(await page(request, "pages/login/register.html", context, status=form.status), refusal)


def slowed(response: Response[str], refusal: RuleBroken | None) -> Response[str]:
    """Say in a header as well when it may be tried again (RFC 9110, section 10.2.3)."""
    seconds = refusal.fields.get("retry_after") if refusal else None
    if seconds:
        response.headers["retry-after"] = str(seconds)
    return response


def _likely_country(request: PageRequest) -> str:
    """The region of the reader's formats, e.g. DE of `de_DE`, if the browser named one."""
    wanted = request.headers.get("accept-language", "").split(",")[0].partition(";")[0]
    region = wanted.rpartition("-")[2]
    return region if len(region) == 2 and region.isupper() else ""


ROUTES = [login_form, login, register_form, register, logout]
