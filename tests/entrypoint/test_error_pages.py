"""Error pages: where one goes on, how long to wait, whom to quote; and a fault's page needs nothing that may be broken."""

from typing import Any

import pytest
from litestar import Request, get, post

from entrypoint.context import errors
from entrypoint.limits.limits import TooMany
from souk.errors import Forbidden, Unavailable
from tests.entrypoint import conftest
from tests.entrypoint.conftest import Visitor, World
from tests.page import Page

FAULTS: dict[str, Exception] = {
    "forbidden": Forbidden("Only the buyer can do this."),
    "often": TooMany("You tried too often.", retry_after=90),
    "away": Unavailable("The catalogue does not answer."),
    "broken": RuntimeError("a secret detail"),
}
SEARCH = "form.hero-search[role=search]"


@get("/t/{fault:str}")
async def ask(fault: str) -> None:
    raise FAULTS[fault]


@post("/t/{fault:str}")
async def send(request: Request[Any, Any, Any], fault: str) -> None:
    await request.form()
    raise FAULTS[fault]


@pytest.fixture(autouse=True)
def faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "MORE_ROUTES", [ask, send])


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nowhere", 404), ("/t/forbidden", 403), ("/t/often", 429), ("/t/away", 503), ("/t/broken", 500)],
)
async def test_every_error_page_has_a_search_and_the_way_back(browser: Visitor, path: str, status: int) -> None:
    base = str(browser.http.base_url).rstrip("/")
    page = await browser.http.get(path, headers={"referer": f"{base}/browse?q=lamp&sort=newest"})
    assert page.status_code == status
    assert Page(page.text).has(SEARCH)
    assert Page(page.text).link("Back to where you were") == "/browse?q=lamp&sort=newest"
    for foreign in ("", "https://evil.example/browse", f"{base}//evil.example/"):
        page = await browser.http.get(path, headers={"referer": foreign})
        assert "Back to where" not in Page(page.text), foreign


async def test_who_is_too_fast_reads_how_long_to_wait(browser: Visitor) -> None:
    page = await browser.http.get("/t/often?page=2")
    assert page.headers["retry-after"] == "90"
    assert "Try again in 90 seconds." in Page(page.text)
    assert Page(page.text).link("Load the page again") == "/t/often?page=2"


async def test_what_is_sent_to_nobody_is_not_sent_again_by_a_link(browser: Visitor) -> None:
    page = await browser.submit("/t/away")
    assert page.status_code == 503
    assert page.headers["retry-after"] == "1"
    assert "Try again in 1 second." in Page(page.text)
    assert "Nothing was changed." in Page(page.text)
    assert "Load the page again" not in Page(page.text)


async def test_a_way_that_takes_no_such_request_and_what_is_too_large(browser: Visitor) -> None:
    page = await browser.http.request("DELETE", "/t/away")
    assert page.status_code == 405
    assert page.headers["allow"]
    assert Page(page.text).has(SEARCH)
    page = await browser.submit("/t/away", text="x" * 11_000_000)
    assert page.status_code == 413
    assert "Go back and send less at once" in Page(page.text)
    assert Page(page.text).has(SEARCH)


async def test_a_fault_has_a_reference_and_asks_nobody(world: World, browser: Visitor) -> None:
    for peer in world.peers.values():
        peer.fails = True
    page = await browser.http.get("/t/broken", headers={"x-request-id": "ask-me-0815"})
    assert page.status_code == 500
    assert "quote ask-me-0815" in Page(page.text)
    assert "secret" not in page.text
    assert not any(peer.seen for peer in world.peers.values())


async def test_a_fault_of_the_templates_has_a_page_too(
    world: World, browser: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("no template")

    monkeypatch.setattr(errors, "render_page_without_numbers", broken)
    page = await browser.http.get("/t/broken", headers={"x-request-id": "ask-me-0815"})
    assert page.status_code == 500
    assert page.headers["content-type"].startswith("text/html")
    assert "quote ask-me-0815" in Page(page.text)
    assert Page(page.text).has(SEARCH)
    assert "/" in Page(page.text).leads_to
    assert "style=" not in page.text, "the content security policy forbids it"


async def test_a_fault_does_not_tell_a_user_to_log_in(world: World, browser: Visitor) -> None:
    await world.register()
    await browser.sign_in()
    page = await browser.http.request("DELETE", "/t/away")
    assert page.status_code == 405
    assert "/login" not in Page(page.text).leads_to
    assert "souk_visit" not in page.headers.get("set-cookie", ""), "the forms of the page are the session's"
