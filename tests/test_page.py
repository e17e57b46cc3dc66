"""The tests' own reader of pages: that it sends what a browser would, and refuses what nobody could fill in."""

import pytest

from tests.form import TOKEN, Upload, body_in_parts
from tests.page import Page

PAGE = f"""<!doctype html><title>Sell &amp; buy</title><body><a href="/cart" aria-label="Cart, 2 in it"><svg></svg></a>
<main><div role="status"><p>It is saved.</p></div><h1>A <mark>brass</mark> lamp</h1><p hidden>Secret</p>
<form id="sell" method="post" action="/sell" enctype="multipart/form-data">
<input type="hidden" name="{TOKEN}" value="t"><input type="hidden" name="offers" value="no">
<input type="checkbox" name="offers" value="yes"><input name="title" id="title" value="Lamp">
<p class="error" id="title-error">Too short.</p><p class="error" id="price-error" hidden>Never.</p>
<textarea name="text">
one
two</textarea><select name="where"><option value="a">A<option value="b" selected>B</select>
<input type="radio" name="stars" value="1"><input type="radio" name="stars" value="2" checked>
<input type="file" name="picture"><input name="off" value="x" disabled>
<button name="act" value="save">Save</button><button name="act" value="publish" formaction="/publish">Put on sale</button>
</form><input form="sell" name="outside" value="o"><table><tbody><tr><td>€1<td>2</table>
<form action="/browse"><input name="q" value="x"><button>Search</button></form></main>"""


def test_what_is_read_is_what_stands_there() -> None:
    page = Page(PAGE)
    assert "A brass lamp" in page and "Cart, 2 in it" in page
    assert "Secret" not in page and "Never" not in page
    assert (page.title, page.told, page.errors) == ("Sell & buy", "It is saved.", {"title": "Too short."})
    assert (page.link("Cart"), page.rows) == ("/cart", [["€1", "2"]])


def test_a_form_is_sent_as_a_browser_sends_it() -> None:
    form = Page(PAGE).form("Save").fill({"title": "Pan", "offers": "yes", "stars": "1"})
    empty = Upload("", b"", "application/octet-stream")
    assert form.sent() == [
        (TOKEN, "t"), ("offers", "no"), ("offers", "yes"), ("title", "Pan"), ("text", "one\r\ntwo"), ("where", "b"),
        ("stars", "1"), ("picture", empty), ("act", "save"), ("outside", "o"),
    ]  # fmt: skip
    other = Page(PAGE).form("Put on sale")
    assert (other.action, other["act"], other.all("offers"), other.posts) == ("/publish", "publish", ["no"], True)
    assert not Page(PAGE).form("Search").posts


def test_files_go_in_parts() -> None:
    form = Page(PAGE).form("Save").fill({}, [("picture", Upload("a.png", b"\x00"))])
    body = body_in_parts(form.sent(), "b")
    assert b'name="picture"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\x00\r\n--b\r\n' in body
    assert body.endswith(b"\r\no\r\n--b--\r\n")


@pytest.mark.parametrize(
    "fields",
    [{"nothing": "x"}, {"where": "c"}, {"stars": "3"}, {TOKEN: "forged"}, {"title": ["a", "b"]}, {"off": "y"}],
)
def test_what_nobody_can_fill_in_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(AssertionError):
        Page(PAGE).form("Save").fill(fields)


def test_what_is_not_there_is_not_found() -> None:
    for ask in (lambda page: page.form("Delete"), lambda page: page.link("Delete"), lambda page: page.part("#no")):
        with pytest.raises(AssertionError, match="no "):
            ask(Page(PAGE))
