"""Forms: read as they are declared, and what does not fit or is refused stands beside its field."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from litestar.datastructures import UploadFile
from litestar.datastructures.multi_dicts import FormMultiDict
from msgspec import NODEFAULT, Meta

from entrypoint.devices.browsers import browser_name
from entrypoint.pages.fields import (
    MINOR,
    RAW,
    AmountMax,
    Field,
    Fields,
    Label,
    Mend,
    Param,
    Prefix,
    Units,
    When,
    can_misfit,
    fields_of,
)
from entrypoint.pages.forms import FieldsT, Form, SentForm
from entrypoint.web.reader import Languages, Reader
from souk.clock import SystemClock
from souk.errors import Forbidden, InvalidInput
from souk.money import Money


def reader_of_english() -> Reader:
    return Languages(Path("nowhere"), "UTC", SystemClock()).reader("", "en")


def sent(kind: type[FieldsT], *pairs: tuple[str, Any]) -> SentForm[FieldsT]:
    return SentForm(kind, FormMultiDict(pairs), reader_of_english(), "EUR")


class Part(Fields, frozen=True, kw_only=True):
    """A part of a form."""

    city: Annotated[str, Meta(min_length=1), Label("City"), Mend("Say where.")]


class Bid(Fields, frozen=True, kw_only=True):
    """A form as pages declare theirs."""

    name: Annotated[
        str, Meta(min_length=2, max_length=5), Label("Name"), Mend("Give a name of %s to %s letters.", 2, 5)
    ]
    word: Annotated[str, Meta(max_length=9), Mend("Too long."), Meta(pattern="^[a-z]*$"), Mend("Only letters.")] = ""
    sum: Annotated[Money, AmountMax(10_000), Label("Sum"), Param("amount"), Mend("At most a hundred.")]
    fee: Annotated[Money | None, MINOR] = None
    units: Units = 1
    language: Annotated[str, Meta(pattern="^(de|en)$")] = "en"
    urgent: bool = False
    secret: Annotated[str, RAW] = ""
    tags: Annotated[list[Annotated[int, Meta(le=9)]], Meta(max_length=3)]
    shares: Annotated[dict[str, Money | None], Prefix("share-"), Label("Shares")]
    why: Annotated[str, Meta(min_length=1), When("urgent"), Mend("Say why.")] = ""
    other: Annotated[Part | None, Prefix("other_"), When("name", "other")] = None


BID = (("name", " Ana "), ("sum", "12,50"), ("units", "3"), ("language", "de"))


def test_a_form_is_read_at_once() -> None:
    more = (
        ("fee", "7"),
        ("secret", " x\r\n"),
        ("tags", "1"),
        ("tags", "x"),
        ("tags", "2"),
        ("share-a", "1"),
        ("share-b", ""),
    )
    form = sent(Bid, *BID, *more)
    assert form.entry == Bid(
        name="Ana",
        sum=Money(1250, "EUR"),
        fee=Money(7, "EUR"),
        units=3,
        language="de",
        secret=" x\r\n",
        tags=[1, 2],
        shares={"a": Money(100, "EUR"), "b": None},
    )
    assert (form.errors, form.notice, form.status) == ({}, "", 200)


def test_what_was_not_sent_or_can_be_done_without_has_its_default() -> None:
    entry = sent(Bid, ("name", "Ana"), ("sum", "1"), ("language", "xx"), ("fee", "-1")).entered
    assert (entry.language, entry.units, entry.urgent, entry.fee, entry.tags, entry.shares) == (
        "en",
        1,
        False,
        None,
        [],
        {},
    )


@pytest.mark.parametrize("units", ["0", "-1", "1.0", "1e0", "three", "", "1000", "9" * 30, "\u0663"])
def test_every_field_that_does_not_fit_is_told(units: str) -> None:
    form = sent(Bid, ("name", "x" * 6), ("sum", "100.01"), ("units", units), ("word", "A"), ("share-a", "-"))
    assert form.entry is None
    assert form.errors == {
        "name": "Give a name of 2 to 5 letters.",
        "sum": "At most a hundred.",
        "units": "Enter a whole number from 1 to 999.",
        "word": "Only letters.",
        "share-a": "Enter an amount such as 12.50.",
    }
    assert form.status == 422
    assert form.text("units") == units, "what was typed stays"


def test_each_limit_has_its_own_words() -> None:
    assert sent(Bid, *BID, ("word", "x" * 10)).errors == {"word": "Too long."}


def test_what_is_asked_only_sometimes_is_read_only_then() -> None:
    assert sent(Bid, *BID, ("why", ""), ("other_city", "")).entered.other is None
    assert sent(Bid, *BID, ("why", ""), ("urgent", "yes")).errors == {"why": "Say why."}
    other = (("name", "other"), ("sum", "1"))
    assert sent(Bid, *other).errors == {"other_city": "Say where."}
    assert sent(Bid, *other, ("other_city", "Cork")).entered.other == Part(city="Cork")


def test_of_several_values_of_one_name_the_last_counts_and_files_are_no_texts() -> None:
    file = UploadFile(content_type="text/plain", filename="a", file_data=b"x")
    assert sent(Bid, ("name", "x"), *BID).entered.name == "Ana"
    assert sent(Bid, ("name", file), ("sum", "1")).errors == {"name": "Give a name of 2 to 5 letters."}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1.234", "€1.23 or €1,234.00? Write it with two decimal places."),
        ("0.500", "Write it with 2 decimal places at the most."),
        ("9" * 20, "That is more than can be booked."),
        ("0", "Enter an amount such as 12.50."),
        ("x", "Enter an amount such as 12.50."),
    ],
)
def test_an_amount_that_is_not_read_is_asked_about_beside_its_field(text: str, words: str) -> None:
    assert sent(Bid, ("name", "Ana"), ("sum", text)).errors == {"sum": words}


def test_a_hidden_field_that_was_tampered_with_is_told_above_the_form() -> None:
    class Hidden(Fields, frozen=True, kw_only=True):
        number: int

    form = sent(Hidden, ("number", "x"))
    assert (form.entry, form.errors, form.status) == (None, {}, 422)
    assert "tampered" in form.notice
    with pytest.raises(InvalidInput):
        _ = form.entered


@pytest.mark.parametrize(
    ("path", "errors"),
    [
        ("name", {"name": "Name is needed."}),
        ("amount", {"sum": "Sum is needed."}),
        ("lines.name", {"name": "Name is needed."}),
        ("other.address.city", {"other_city": "City is needed."}),
        ("shares.a", {"share-a": "Shares is needed."}),
        ("shares", {"shares": "Shares is needed."}),
    ],
)
def test_a_refusal_stands_beside_its_field_as_a_sentence(path: str, errors: dict[str, str]) -> None:
    form = sent(Bid, *BID)
    form.blame(InvalidInput(path, "is needed", code="needed"))
    assert (form.errors, form.notice, form.status) == (errors, "", 422)


def test_a_refusal_without_a_field_of_the_form_stands_above_it() -> None:
    form = sent(Bid, *BID)
    form.blame(Forbidden("Only the buyer can do this."))
    assert (form.errors, form.notice, form.status) == ({}, "Only the buyer can do this.", 403)
    form.blame(InvalidInput("elsewhere", "is needed", code="needed"))
    assert not form.errors


def kinds(of: type[Fields] = Fields) -> Iterator[type[Fields]]:
    """Every form that the pages declare."""
    for kind in of.__subclasses__():
        if kind.__module__.startswith("entrypoint."):
            yield kind
        yield from kinds(kind)


FORMS = sorted(set(kinds()), key=lambda kind: (kind.__module__, kind.__name__))
JUNK = (
    "",
    " ",
    "x",
    "-1",
    "1e9",
    "\x00",
    "\x01\x1b[31m",
    "\ud800",
    "\u202e\u0000\ufffe",
    "9" * 500,
    "<script>",
    "{label}%s{0}",
    "x" * 300_000,
)
LONG = JUNK[-1]


def names_of(field: Field, prefix: str = "") -> Iterator[tuple[str, Field]]:
    """The names under which a field is sent, with whose they are."""
    if field.shape is Fields:
        for inner in fields_of(field.bare):
            yield from names_of(inner, prefix + field.prefix)
    else:
        yield (field.prefix + "k" if field.shape is dict else prefix + field.name), field


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__name__)
def test_no_form_breaks_at_what_is_no_value_and_each_field_says_what_to_do(kind: type[Fields]) -> None:
    """Whatever is sent for whichever field, the form is read or says beside that field what is wrong."""
    asked = [pair for field in fields_of(kind) for pair in names_of(field)]
    switches = [
        (one.name, value) for field in fields_of(kind) if (one := field.mark(When)) is not None for value in one.values
    ]
    file = UploadFile(content_type="text/plain", filename="a", file_data=b"x")
    for junk in (*JUNK, file):
        for on in (switches, []):
            pairs = [(name, junk) for name, _ in asked if name not in dict(on)]
            form = sent(kind, *pairs, *pairs, *on)
            assert (form.entry is None) == bool(form.errors or form.notice)
            assert form.status == (422 if form.entry is None else 200)
            assert set(form.errors) <= {name for name, _ in asked}
            assert not any(re.search(r"%s|\{\w*\}", text) for text in form.errors.values()), "the numbers stand in it"
            assert not isinstance(junk, str) or all(
                form.text(name) == junk.replace("\x00", "").replace("\ud800", "?").strip() for name, _ in pairs
            )


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__name__)
def test_a_field_that_does_not_fit_is_refused_beside_it_unless_it_has_a_default(kind: type[Fields]) -> None:
    for field in fields_of(kind):
        for name, inner in names_of(field):
            if not can_misfit(inner):
                continue
            on = [(one.name, one.values[0]) for each in (field, inner) if (one := each.mark(When)) is not None]
            tries = [sent(kind, *on, (name, junk)) for junk in (LONG, "", "0")]
            form = next((one for one in tries if name in one.errors), tries[0])
            typed_amount = inner.bare is Money and MINOR not in inner.beside
            if inner.mend is not None or typed_amount:
                assert form.errors[name]
            else:
                assert name not in form.errors
                assert form.notice or inner.default is not NODEFAULT or inner.shape in (list, dict)


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__name__)
def test_what_a_service_refuses_of_a_form_stands_beside_its_field(kind: type[Fields]) -> None:
    for field in fields_of(kind):
        if field.shape is Fields:
            continue
        form = sent(kind)
        form.errors.clear()
        form.blame(InvalidInput(field.param + (".k" if field.shape is dict else ""), "is needed", code="needed"))
        assert set(form.errors) == {name for name, _ in names_of(field)}


def test_every_page_that_takes_a_form_reads_a_declared_one() -> None:
    """There is no other way to a form: nothing in the pages asks the request for it."""
    pages = Path(__file__).parents[3] / "entrypoint" / "pages"
    others = [path for path in pages.rglob("*.py") if ".form()" in path.read_text() and path.name != "forms.py"]
    assert not others
    assert len(FORMS) > 40


def test_a_page_that_is_opened_has_a_form_without_errors() -> None:
    form = Form({"name": " Ana "})
    assert (form.text("name"), form.text("other"), form.errors) == ("Ana", "", {})


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0 Safari/537.36 Edg/142.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.9", "curl/8.9"),
        ("", ""),
    ],
)
def test_browsers_have_names(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
