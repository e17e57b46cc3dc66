"""Names and addresses as people have them, and what only looks like one."""

import pytest

from entrypoint.accounts.names import clean_name, is_reserved
from souk.mailboxes import clean_email, email_key, wire_address

NAMES = ["李", "علی\u200cرضا احمدی", "Ada", "Bo", "O'Neil", "क्\u200dष", "Łukasz Żak", "김", "J. R. R."]
NO_NAMES = [
    "x", "", " ", "...", "1984", "🔥🔥", "\u3164\u3164", "\u2800\u2800a\u2800", "a\u115fb", "evil\u202egnihton",
    "\u2066Ada\u2069", "nul\x00l", "Sou\u200ck", "Ada\u200d", "\u200dAda", "x" * 61,
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_that_people_have_are_taken_as_they_are(name: str) -> None:
    assert clean_name(name) == name and not is_reserved(name)


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_does_not_show_or_turns_the_line_is_no_name(name: str) -> None:
    assert clean_name(name) is None


def test_what_is_copied_along_is_left_out() -> None:
    assert clean_name("\u200eAda\u200b  Love\u00adlace\ufeff") == "Ada Lovelace"


@pytest.mark.parametrize(
    "name",
    [
        "Souk",
        "SUPPORT",
        "admin",
        "The Souk Support Team",
        "S o u k",
        "5ouk",
        "S\u043euk",
        "souk-official",
        "Ａｄｍｉｎ",
    ],
)
def test_nobody_is_called_like_the_shop(name: str) -> None:
    assert clean_name(name) and is_reserved(name)


@pytest.mark.parametrize("name", ["Souki", "Team Rocket", "Rootham", "Infante", "Helpmann", "Ann Admins", "Karim Souk"])
def test_names_that_only_sound_like_it_are_free(name: str) -> None:
    assert not is_reserved(name)


SAME = [
    ("x@bücher.example", "x@xn--bcher-kva.example"),
    ("x@BÜCHER.example", "x@bu\u0308cher.example"),
    ("Ada@Example.ORG", "ada@example.org"),
    (" jürgen@example.org ", "ju\u0308rgen@example.org"),
]
DIFFERENT = [
    ("straße@example.org", "strasse@example.org"),
    ("x@faß.example", "x@fass.example"),
    ("a.b@example.org", "ab@example.org"),
    ("ı@example.org", "i@example.org"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_mailbox_are_one(one: str, other: str) -> None:
    assert email_key(one) == email_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_mailboxes_that_only_look_alike_are_two(one: str, other: str) -> None:
    assert email_key(one) != email_key(other)


NO_ADDRESSES = [
    "a@b", "no address", "@example.org", "a@@example.org", "a@.example.org", "a@example..org", ".a@example.org",
    "a.@example.org", "a..b@example.org", '"a b"@example.org', "a@[127.0.0.1]", "a@127.0.0.1", "a@exa_mple.org",
    "a@-example.org", "a\x00@example.org", "a\u202e@example.org", "a@example.org.", "ü" * 33 + "@example.org",
    "a@" + "b" * 64 + ".org", "a@" + ".".join(["b" * 60] * 5), "a,b@example.org", "Ada <ada@example.org>",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_where_no_mail_can_go_is_no_address(text: str) -> None:
    assert clean_email(text) is None
    assert isinstance(email_key(text), str), "but it can be looked for"


@pytest.mark.parametrize(
    "text", ["o'neil+souk@example.co.uk", "jürgen@bücher.example", "李@例え.テスト", "a_b@x.museum"]
)
def test_addresses_beyond_ascii_are_addresses(text: str) -> None:
    assert clean_email(f" {text} ") == text


def test_a_domain_travels_in_ascii() -> None:
    assert wire_address("y@bücher.example") == "y@xn--bcher-kva.example"
    assert wire_address("jürgen@bücher.example") == "jürgen@xn--bcher-kva.example"
