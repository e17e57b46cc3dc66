"""Every form of every page, sent with junk: refused with words, never broken, and nothing is changed by it."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import text

from entrypoint.accounts import accounts
from entrypoint.pages import ROUTES
from entrypoint.pages.fields import fields_of
from entrypoint.pages.forms import SentForm
from shop.runtime import Shop
from souk.database.embedded import ServiceUrls
from tests.entrypoint.pages.test_forms import FORMS, names_of
from tests.journeys.conftest import embedded_world
from tests.journeys.people import logged_in

NAMES = sorted({name for kind in FORMS for field in fields_of(kind) for name, _ in names_of(field)})
"""Of every field of every form: each route gets junk in all that it may ask for."""

JUNK = ("", "x", "-1", "\x00\x01\x1b[31m", "\u202e\ufffe", "9" * 500, "<b>{label}%s{0}", "x" * 20_000)

EVENTS = ("outbox", "inbox", "notification", "mail", "kept_mail", "link", "sealed_document")
VISITS = ("hit", "guess", "session", "device", "listing_day", "search_word", "search_vocabulary", "block", "unrolled")
BY_ITSELF = frozenset((*EVENTS, *VISITS))
"""Tables that change without anybody's doing: events on their way, tries and visits that are counted, the chain."""


def posts() -> Iterator[str]:
    """Where the pages' forms are sent to, but those that are proof enough by their address and have no fields."""
    for handler in ROUTES:
        assert isinstance(handler, HTTPRouteHandler)
        if "POST" in handler.http_methods and not handler.opt.get("signed_link"):
            yield from handler.paths


def bodies(token: str) -> Iterator[tuple[str, bytes]]:
    """Each kind of junk, twice in each field, with its content type."""
    for junk in JUNK:
        pairs = [(name, junk) for name in NAMES]
        yield "application/x-www-form-urlencoded", urlencode([("csrf_token", token), *pairs, *pairs]).encode()
    part = '--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
    own = part.format(name="csrf_token", more="", value=token)
    for more, value in (
        ('; filename="a.txt"\r\nContent-Type: text/plain', "x"),
        ("\r\nContent-Type: text/plain; charset=utf-7", "+2AA-"),  # half a character
    ):
        parts = "".join(part.format(name=name, more=more, value=value) for name in NAMES)
        yield "multipart/form-data; boundary=b", f"{own}{parts}--b--\r\n".encode()


async def rows(shop: Shop) -> dict[str, int]:
    """How many rows each table has."""
    counted: dict[str, int] = {}
    for service, database in shop.databases.items():
        async with database.reading() as reader:
            listed = await reader.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"))
            tables = [table for table in listed.all() if table not in BY_ITSELF]
            parts = (f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables)
            found = (await reader.execute(text(" UNION ALL ".join(parts)))).all()
            counted |= {f"{service}.{table}": count for table, count in found}
    return counted


@pytest.fixture
def read_forms(monkeypatch: pytest.MonkeyPatch) -> list[SentForm[Any]]:
    """The forms that the pages have read."""
    found: list[SentForm[Any]] = []
    whole = SentForm.__init__

    def noting(self: SentForm[Any], *args: Any) -> None:
        whole(self, *args)
        found.append(self)

    monkeypatch.setattr(SentForm, "__init__", noting)
    return found


async def test_junk_in_any_form_is_refused_with_words_and_then_nothing_is_changed(
    urls: dict[str, ServiceUrls], tmp_path: Path, read_forms: list[SentForm[Any]]
) -> None:
    async with embedded_world(urls, tmp_path) as (world, shop):
        boss, seller = await world.person("Boss", 5000), await world.person("Sela")
        kernel = shop.kernel("entrypoint")
        async with kernel.database.transaction() as session:
            found = await accounts.find_by_email(session, boss.email)
            assert found
            await accounts.grant_role(session, found.id, "admin", by="test", now=kernel.clock.now())
        listing, other = await seller.sell("Copper pan", 500, accepts_offers=True), await seller.sell("Lamp", 500)
        await boss.put_in_cart(other)
        purchase = await boss.check_out()
        ids = {"listing_id": listing, "order_id": purchase["orders"][0]["id"], "purchase_id": purchase["id"]}
        ids |= {"user_id": seller.id, "service": "store", "slug": "lighting"}
        browser = await logged_in(boss)
        token = browser.page.token
        refused, silent = 0, []
        for path in sorted(posts()):
            if path == "/logout":
                continue
            where = re.sub(r"\{(\w+):\w+\}", lambda match: ids.get(match[1], str(uuid4())), path)
            before, all_refused = await rows(shop), True
            for content_type, body in bodies(token):
                read_forms.clear()
                answer = await browser.http.post(where, content=body, headers={"content-type": content_type})
                assert answer.status_code < 500, f"{where}: {body[:200]!r}"
                page = html.unescape(answer.text)
                for form in read_forms:
                    wrong = bool(form.entry is None or form.errors or form.notice)
                    all_refused &= wrong
                    told = [*form.errors.values(), form.notice]
                    if (
                        wrong
                        and answer.status_code not in (303, 403, 404)
                        and not any(one and one in page for one in told)
                    ):
                        silent.append((where, answer.status_code, told, body[:60]))
            if all_refused:
                refused += 1
                assert await rows(shop) == before, where
        assert not silent
        assert refused > 20
        await world.audit()
