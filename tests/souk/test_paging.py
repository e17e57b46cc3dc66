"""A page begins where the one before ended, and only a cursor of the same list says where that is."""

import base64
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import DateTime, Integer, Uuid, column, select, table

from souk.ids import new_id
from souk.paging import (
    CURSOR_CHARS_MAX,
    BadCursor,
    KeyPlace,
    Place,
    behind,
    checksum,
    encode,
    next_cursor,
    page_behind,
    place_of,
    value_of,
)

LIST = checksum("a list")
ROWS = table("thing", column("id", Uuid()), column("price", Integer()), column("made_at", DateTime(timezone=True)))


@given(st.integers(0, 200_000_000_000_000_000), st.uuids())
def test_a_place_comes_back_as_it_was(microseconds: int, ident: UUID) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    place = KeyPlace.of(LIST, ident, at)
    cursor = encode(place)
    read = place_of(cursor, KeyPlace, LIST)
    assert read == place
    assert (read.time, len(cursor) <= CURSOR_CHARS_MAX) == (at, True)


def test_a_time_is_the_same_in_every_zone() -> None:
    there = timezone(timedelta(hours=-12))
    assert value_of(datetime(2026, 1, 1, tzinfo=UTC)) == value_of(datetime(2025, 12, 31, 12, tzinfo=there))


def _forged(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


IDENT = UUID("01a2284d-2c29-7393-bbe3-bcb2ce507ba0")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "\x00",
        "W10=",
        "7",
        "123456",
        str(IDENT),
        _forged(f"2026-01-01T00:00:00+00:00 {IDENT}"),
        _forged(f'[{LIST},"{IDENT}"]'),
        _forged(f'[{LIST},"{IDENT}",-1]'),
        _forged(f'[{LIST},"{IDENT}",{10**18}]'),
        _forged(f'[{LIST},"{IDENT}",1,2]'),
        _forged(f'[{LIST},"no id",1]'),
        _forged(f'{{"query":{LIST}}}'),
        encode(KeyPlace.of(checksum("another list"), IDENT, 1)),
    ],
)
def test_what_this_list_never_gave_is_refused_by_its_name(cursor: str) -> None:
    with pytest.raises(BadCursor) as refused:
        place_of(cursor, KeyPlace, LIST, field="before")
    assert (refused.value.status, refused.value.fields["errors"][0]["field"]) == (400, "before")


def test_without_a_cursor_a_list_is_read_from_its_beginning() -> None:
    assert place_of(None, Place, LIST) is place_of("", Place, LIST) is None
    assert behind(None, ROWS.c.id) == []


def test_a_page_goes_on_behind_its_place() -> None:
    query = page_behind(select(ROWS.c.id), KeyPlace(LIST, IDENT, 5), 10, ROWS.c.id, ROWS.c.price)
    text = str(query.compile(compile_kwargs={"literal_binds": True}))
    assert f"WHERE (thing.price, thing.id) < (5, '{IDENT.hex}')" in text
    assert "ORDER BY thing.price DESC, thing.id DESC" in text
    assert "LIMIT 11" in text
    [upward] = behind(KeyPlace.of(LIST, IDENT, datetime(2026, 1, 1, tzinfo=UTC)), ROWS.c.id, ROWS.c.made_at, up=True)
    assert str(upward).startswith("(thing.made_at, thing.id) > (")
    assert datetime(2026, 1, 1, tzinfo=UTC) in upward.compile().params.values()


def test_the_last_page_has_no_next() -> None:
    ids = [new_id() for _ in range(3)]
    assert next_cursor(ids, 3, lambda ident: Place(LIST, ident)) is None
    cursor = next_cursor(ids, 2, lambda ident: Place(LIST, ident))
    assert place_of(cursor, Place, LIST) == Place(LIST, ids[1])
