"""Forms that come back: the page's title, the summary that has the focus, and its links to the fields."""

from pathlib import Path

import pytest
from selectolax.lexbor import LexborNode

import entrypoint
from entrypoint.pages.account import login
from entrypoint.web.reader import Languages, current_reader
from entrypoint.web.templates import make_environment
from souk.clock import SystemClock
from tests.entrypoint import conftest
from tests.entrypoint.conftest import Visitor, World
from tests.page import Page

TEMPLATES = Path(entrypoint.__file__).parent / "templates"


def focused(page: Page) -> list[LexborNode]:
    """What has the focus when the page is there."""
    return page.tree.css("[autofocus]")


@pytest.fixture(autouse=True)
def real_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "MORE_ROUTES", list(login.ROUTES))


async def test_the_summary_has_the_focus_and_leads_to_each_field(browser: Visitor) -> None:
    page = await browser.open("/register")
    assert not focused(page)
    assert page.title == "Open an account · Souk"
    sent = {"display_name": "", "email": "no address", "password": "short", "country": "IE"}
    page = await browser.press("Open the account", sent)
    assert browser.status == 422
    assert page.title == "Error: Open an account · Souk"
    assert [(one.attributes["id"], one.attributes["tabindex"]) for one in focused(page)] == [("refused", "-1")]
    assert page.has("#refused > [role=alert]")
    assert "No account was opened." in page.refused
    assert set(page.errors) == {"display_name", "email", "password"}
    for name, label in (("display_name", "Name"), ("email", "Email"), ("password", "Password")):
        [link] = page.part("#refused").all(f"li > a[href='#{name}']")
        assert link.startswith(label)
        assert len(link) > len(label) + 10, "it says how to mend it"
        [control] = page.tree.css(f"#{name}")
        assert control.attributes["aria-invalid"] == "true"
        described = str(control.attributes["aria-describedby"]).split()
        assert f"{name}-error" in described
        assert all(page.has(f"#{part}") for part in described)
    assert len(page.part("#refused").all("li > a")) == 3


async def test_what_is_wrong_with_the_whole_form_is_said_there_too(browser: Visitor) -> None:
    page = await browser.log_in("nobody@example.org", "wrong")
    assert page.title == "Error: Log in · Souk"
    assert len(focused(page)) == 1
    assert page.text.count("not right") <= 1


async def test_a_page_that_is_missing_is_no_refused_form(world: World, browser: Visitor) -> None:
    page = Page((await browser.http.get("/nowhere")).text)
    assert not focused(page)
    assert not page.title.startswith("Error:")


def test_every_page_leaves_its_refusals_to_the_frame() -> None:
    files = sorted((TEMPLATES / "pages").rglob("*.html"))
    assert len(files) > 50
    for file in files:
        text = file.read_text()
        assert "form.notice" not in text, file
        assert "error_summary" not in text, file
        assert '<p class="error"' not in text.replace('<p class="error" hidden', ""), (
            f"{file}: only the macros of forms show errors, as they tell the summary"
        )


def test_what_did_not_happen_is_said_once() -> None:
    macros = make_environment(TEMPLATES, lambda name: name).get_template("macros/forms.html").module
    reader = Languages(Path("nowhere"), "UTC", SystemClock()).reader("", "en")
    before = current_reader.set(reader)
    try:
        for text, times in (("It is wrong. Nothing was changed.", 1), ("It is wrong.", 1)):
            fields = [{"id": "a", "label": "A", "text": text}]
            html = macros.error_summary(fields, unchanged="Nothing was changed.")  # type: ignore[attr-defined]
            assert html.count("Nothing was changed.") == times
    finally:
        current_reader.reset(before)
