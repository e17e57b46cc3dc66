"""How the pages look and speak to one browser."""

from typing import Any

from litestar import Response, post

from entrypoint.context.layout import PageRequest, redirect, safe_next
from entrypoint.context.request_context import CHOICE_LASTS, LOCALE, THEME, THEMES, context_of
from entrypoint.pages.inputs import form_of


@post("/theme")
async def choose_theme(request: PageRequest) -> Response[Any]:
    """Light, dark, or as the browser says."""
    form = await form_of(request)
    if form.text("theme") in THEMES:
        context_of(request).set_cookie(THEME, form.text("theme"), CHOICE_LASTS)
    return redirect(safe_next(form.text("next")))


@post("/language")
async def choose_language(request: PageRequest) -> Response[Any]:
    """One of the shop's languages."""
    form, ctx = await form_of(request), context_of(request)
    if ctx.parts.languages.knows(form.text("locale")):
        ctx.set_cookie(LOCALE, form.text("locale"), CHOICE_LASTS)
    return redirect(safe_next(form.text("next")))


ROUTES = [choose_theme, choose_language]
