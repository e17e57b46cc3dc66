"""Where a row says that its pictures come from."""

import re

import pytest

from catalogue.importing.sources import check_source, sources_of
from souk.errors import InvalidInput, RuleBroken

ONE, TWO = "https://a.example/1,2.jpg?size=a,b", "http://b.example/x;y.png"


@pytest.mark.parametrize("between", [",", ", ", "|", " | ", ";", "\n", " "])
def test_addresses_end_where_another_begins(between: str) -> None:
    assert sources_of([f"{ONE}{between}{TWO}"]) == [ONE, TWO]


def test_names_and_addresses_in_several_cells_each_once() -> None:
    assert sources_of(["a lamp.jpg, b.png|c.webp", "", f"{ONE},", ONE, "b.png"]) == [
        "a lamp.jpg", "b.png", "c.webp", ONE,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("lamp.jpg", "bring a ZIP with lamp.jpg"),
        ("ftp://a.example/lamp.jpg", "Write an address like"),
        ("file:///etc/passwd", "Write an address like"),
        ("https:///lamp.jpg", "Write an address like"),
        ("https://me:secret@a.example/lamp.jpg", "Leave name and password out"),
        ("http://127.0.0.1/lamp.jpg", "open to everybody"),
        ("http://[::1]/lamp.jpg", "open to everybody"),
        ("http://[::ffff:10.0.0.1]/lamp.jpg", "open to everybody"),
        ("https://a.example:8443/lamp.jpg", "open to everybody"),
        (f"https://a.example/{'x' * 2000}", "at most 2000"),
    ],
)
def test_what_can_not_be_fetched_is_told_before(source: str, says: str) -> None:
    with pytest.raises(RuleBroken, match=re.escape(says)):
        check_source(source, ())


def test_files_in_the_zip_are_found_without_folders_and_capitals() -> None:
    files = {"lamp.jpg"}
    check_source("Pictures\\LAMP.JPG", files)
    check_source(ONE, ())
    with pytest.raises(InvalidInput, match=r"The ZIP has no file vase\.jpg\."):
        check_source("vase.jpg", files)
