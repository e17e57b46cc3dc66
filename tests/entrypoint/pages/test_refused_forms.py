"""Forms that come back: the page's title, the summary that has the focus, and its links to the fields."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import entrypoint
from entrypoint.pages.account import login
from entrypoint.web.reader import Languages, current_reader
from entrypoint.web.templates import make_environment
from souk.clock import SystemClock
from tests.entrypoint import conftest
from tests.entrypoint.conftest import Browser, World

TEMPLATES = Path(entrypoint.__file__).parent / "templates"


class Page(HTMLParser):
    """What a page says to whom its form came back to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.focused: list[dict[str, str | None]] = []
        self.controls: dict[str, dict[str, str | None]] = {}
        self.ids: set[str] = set()
        self.feed(text)
        title = re.search(r"<title>(.*?)</title>", text)
        self.title = title[1] if title else ""
        self.links = dict(re.findall(r'<li><a href="#([^"]+)">([^<]+)</a></li>', text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if "autofocus" in found:
            self.focused.append(found)
        if found.get("id"):
            self.ids.add(str(found["id"]))
        if tag in ("input", "select", "textarea") and found.get("id"):
            self.controls[str(found["id"])] = found


@pytest.fixture(autouse=True)
def real_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "MORE_ROUTES", list(login.ROUTES))


async def test_the_summary_has_the_focus_and_leads_to_each_field(browser: Browser) -> None:
    first = Page((await browser.http.get("/register")).text)
    assert not first.focused
    assert first.title == "Open an account · Souk"
    sent = {"display_name": "", "email": "no address", "password": "short", "country": "IE"}
    answer = await browser.submit("/register", **sent)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.title == "Error: Open an account · Souk"
    assert [(one["id"], one["tabindex"]) for one in page.focused] == [("refused", "-1")]
    assert re.search(r'id="refused"[^>]*><div role="alert"', answer.text)
    assert "No account was opened." in answer.text
    assert set(page.links) == {"display_name", "email", "password"}
    for name, label in (("display_name", "Name"), ("email", "Email"), ("password", "Password")):
        assert page.links[name].startswith(label)
        assert len(page.links[name]) > len(label) + 10, "it says how to mend it"
        control = page.controls[name]
        assert control["aria-invalid"] == "true"
        described = str(control["aria-describedby"]).split()
        assert f"{name}-error" in described
        assert set(described) <= page.ids


async def test_what_is_wrong_with_the_whole_form_is_said_there_too(browser: Browser) -> None:
    answer = await browser.submit("/login", email="nobody@example.org", password="wrong")
    page = Page(answer.text)
    assert page.title == "Error: Log in · Souk"
    assert len(page.focused) == 1
    assert answer.text.count("not right") <= 1


async def test_a_page_that_is_missing_is_no_refused_form(world: World, browser: Browser) -> None:
    page = Page((await browser.http.get("/nowhere")).text)
    assert not page.focused
    assert not page.title.startswith("Error:")


def test_every_page_leaves_its_refusals_to_the_frame() -> None:
    files = sorted((TEMPLATES / "pages").rglob("*.html"))
    assert len(files) > 50
    for file in files:
        text = file.read_text()
        assert "form.notice" not in text, file
        assert "error_summary" not in text, file
        shown = re.findall(r'<p class="error"(?! hidden)', text)
        assert not shown, f"{file}: only the macros of forms show errors, as they tell the summary"


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
