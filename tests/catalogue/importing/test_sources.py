"""Where a row says that its pictures come from."""

import pytest

from catalogue.importing.sources import fault_of, sources_of

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
    assert says in (fault_of(source, ()) or "")


def test_files_in_the_zip_are_found_without_folders_and_capitals() -> None:
    files = {"lamp.jpg"}
    assert fault_of("Pictures\\LAMP.JPG", files) is None
    assert fault_of("vase.jpg", files) == "The ZIP has no file vase.jpg."
    assert fault_of(ONE, ()) is None
