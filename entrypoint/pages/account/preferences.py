"""How the pages look and speak to one browser."""

from typing import Any

from litestar import Response, post

from entrypoint.context.layout import PageRequest, redirect, safe_next
from entrypoint.context.request_context import CHOICE_LASTS, LOCALE, THEME, THEMES, context_of
from entrypoint.pages.fields import Fields
from entrypoint.pages.forms import form_of


class ThemeEntry(Fields, frozen=True, kw_only=True):
    """How pages look, and the page to come back to."""

    theme: str = ""
    next: str = ""


class LanguageEntry(Fields, frozen=True, kw_only=True):
    """The language of pages, and the page to come back to."""

    locale: str = ""
    next: str = ""


@post("/theme")
async def choose_theme(request: PageRequest) -> Response[Any]:
    """Light, dark, or as the browser says."""
    entry = (await form_of(request, ThemeEntry)).entered
    if entry.theme in THEMES:
        context_of(request).set_cookie(THEME, entry.theme, CHOICE_LASTS)
    return redirect(safe_next(entry.next))


@post("/language")
async def choose_language(request: PageRequest) -> Response[Any]:
    """One of the shop's languages."""
    entry, ctx = (await form_of(request, LanguageEntry)).entered, context_of(request)
    if ctx.parts.languages.knows(entry.locale):
        ctx.set_cookie(LOCALE, entry.locale, CHOICE_LASTS)
    return redirect(safe_next(entry.next))


ROUTES = [choose_theme, choose_language]
