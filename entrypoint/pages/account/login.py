"""Logging in and out, and opening an account."""

from typing import Annotated, Any

from litestar import Response, get, post

from entrypoint import links
from entrypoint.accounts import suspensions
from entrypoint.accounts.accounts import NewUser
from entrypoint.accounts.suspensions import Suspended
from entrypoint.context.layout import PageRequest, redirect, render_page, safe_next
from entrypoint.context.request_context import context_of, current_user
from entrypoint.context.sign_in import sign_in, sign_out, sign_up_and_in
from entrypoint.pages.buy.before_login import waiting
from entrypoint.pages.buy.checkout import country_options
from entrypoint.pages.fields import RAW, Fields, Label
from entrypoint.pages.forms import Form, form_of
from entrypoint.web.marking import N_
from souk.errors import InvalidInput, RuleBroken


class LoginEntry(Fields, frozen=True, kw_only=True):
    """Who logs in, and the page to go on with."""

    email: Annotated[str, Label(N_("Email"))]
    password: Annotated[str, RAW]
    next: str = ""


class RegistrationEntry(Fields, frozen=True, kw_only=True):
    """Who opens an account, and the page to go on with."""

    email: Annotated[str, Label(N_("Email"))]
    password: Annotated[str, RAW, Label(N_("Password"))]
    display_name: Annotated[str, Label(N_("Name"))]
    country: Annotated[str, Label(N_("Country"))]
    next: str = ""


class AccountAppealEntry(Fields, frozen=True, kw_only=True):
    """What is wrong with a suspension, by the link of a mail."""

    token: Annotated[str, RAW]
    text: str


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
    form = await form_of(request, LoginEntry)
    if form.entry is None:
        return await _login_page(request, form)
    try:
        await sign_in(request, form.entry.email, form.entry.password)
    except Suspended as refusal:
        return await suspended_page(request, refusal.fields["reason"], refusal.fields["appeal"], Form({}))
    except RuleBroken as refusal:
        form.blame(refusal)
        return await _login_page(request, form, refusal)
    return redirect(safe_next(form.entry.next))


@get("/register")
async def register_form(request: PageRequest, next: str = "") -> Response[Any]:
    """Open an account; `next` is the page to go on with."""
    target = safe_next(next)
    if current_user(request) is not None:
        return redirect(target)
    return await _register_page(request, Form({"country": _likely_country(request), "next": target}))


@post("/register")
async def register(request: PageRequest) -> Response[Any]:
    """Open the account, and be logged in."""
    form = await form_of(request, RegistrationEntry)
    entry = form.entry
    if entry is None:
        return await _register_page(request, form)
    new = NewUser(email=entry.email, password=entry.password, display_name=entry.display_name, country=entry.country)
    ctx = context_of(request)
    try:
        user = await sign_up_and_in(request, new)
    except RuleBroken as refusal:
        form.blame(refusal)
        return await _register_page(request, form, refusal)
    ctx.flash("success", ctx.reader.gettext("Welcome, {name}.").format(name=user.display_name))
    if ctx.parts.settings.sends_mail:
        ctx.flash("info", ctx.reader.gettext("We sent you a mail. Open its link, and news comes by email too."))
    return redirect(safe_next(entry.next))


@post("/logout")
async def logout(request: PageRequest) -> Response[Any]:
    """End this browser's session."""
    await sign_out(request)
    ctx = context_of(request)
    ctx.flash("info", ctx.reader.gettext("You are logged out."))
    response = redirect("/")
    # Nobody goes back to what was shown here (ASVS 5.0 V14.3.1); the session's cookie is ended by name.
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response


@get("/appeal")
async def offer_appeal(request: PageRequest, token: str = "") -> Response[Any]:
    """Say what is wrong with the suspension of one's account."""
    return await _appeal_page(request, token, Form({}))


@post("/appeal")
async def appeal(request: PageRequest) -> Response[Any]:
    """Have the operators look at it again."""
    form, kernel = await form_of(request, AccountAppealEntry), context_of(request).parts.kernel
    entry = form.entered
    try:
        async with kernel.database.transaction() as session:
            await suspensions.appeal(session, entry.token, entry.text, kernel.clock.now())
    except InvalidInput as refusal:
        form.blame(refusal)
        return await _appeal_page(request, entry.token, form)
    ctx = context_of(request)
    ctx.flash("success", ctx.reader.gettext("The operators have your words, and will look at them."))
    return redirect("/login")


async def _appeal_page(request: PageRequest, token: str, form: Form) -> Response[Any]:
    kernel = context_of(request).parts.kernel
    async with kernel.database.reading() as reader:
        link = await links.read(reader, "appeal", token, kernel.clock.now())
        found = await suspensions.of(reader, link.user_id)
    if found is None:
        return redirect("/login")
    return await suspended_page(request, found.reason, f"/appeal?token={token}", form)


async def suspended_page(request: PageRequest, reason: str, where: str, form: Form) -> Response[str]:
    """Why the account is suspended, and how to appeal; without `where` that was done."""
    context = {
        "reason": reason,
        "token": where.partition("token=")[2],
        "form": form,
        "chars_max": suspensions.APPEAL_CHARS_MAX,
    }
    status = form.status if form.errors else 403
    response = await render_page(request, "pages/account/suspended.html", context, status=status)
    response.headers["referrer-policy"] = "same-origin"  # the address may hold the token; the form needs its Origin
    return response


async def _login_page(request: PageRequest, form: Form, refusal: RuleBroken | None = None) -> Response[str]:
    context = {"form": form, "waits": await _waits(request, form)}
    return slowed(await render_page(request, "pages/account/login.html", context, status=form.status), refusal)


async def _waits(request: PageRequest, form: Form) -> dict[str, Any] | None:
    return await waiting(request, safe_next(form.text("next")))


async def _register_page(request: PageRequest, form: Form, refusal: RuleBroken | None = None) -> Response[str]:
    ctx = context_of(request)
    context = {
        "form": form,
        "waits": await _waits(request, form),
        "countries": country_options(ctx.reader.language),
        "open": ctx.parts.settings.registration_open,
        "length_min": ctx.parts.settings.password_length_min,
    }
    return slowed(await render_page(request, "pages/account/register.html", context, status=form.status), refusal)


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


ROUTES = [login_form, login, offer_appeal, appeal, register_form, register, logout]
