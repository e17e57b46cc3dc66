"""What names a request, however a client writes it."""

import pytest

from souk.errors import InvalidInput
from souk.http.idempotency import KEY_HEADER, read_key


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("k", "k"),
        ('"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("8E03978E-40D5-43DD-BC93-6894A57F9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("Order-7", "Order-7"),
        (r'"a\"b\\c"', r'a"b\c'),
        ('"open', '"open'),
        ('"first try"', "first try"),
        ("x" * 255, "x" * 255),
        (f'"{"x" * 255}"', "x" * 255),
    ],
)
def test_what_is_read(sent: str, key: str) -> None:
    assert read_key(sent) == key


@pytest.mark.parametrize("sent", ["", " ", '""', "x" * 256, "a b", '" "', "käse", "a\x00", "a\tb"])
def test_what_names_nothing(sent: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_key(sent)
    assert refused.value.fields["errors"][0]["field"] == KEY_HEADER
