"""Files of listings, and how far they are."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from souk.contracts.catalogue.listings import Condition

ImportStatus = Literal["mapping", "waiting", "done", "cancelled"]
"""`mapping`: what its columns are for has to be said before anything is done."""


class ImportFault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a row of an imported file."""

    line: int
    """As a text editor counts: the heading is line 1."""
    field: str
    """The column; empty if it is about the row as a whole."""
    message: str
    """What to mend."""
    code: str = ""
    """What was refused, to say it in other words; new ones may come."""
    params: dict[str, Any] = {}
    """What stands in the message, as values."""


ImportField = Literal[
    "id",
    "title",
    "description",
    "price",
    "currency",
    "category",
    "condition",
    "quantity",
    "language",
    "attributes",
    "accepts_offers",
    "status",
    "pictures",
]
"""What a column of a file can be for; only for pictures several columns can be."""


class ImportMapping(msgspec.Struct, frozen=True, kw_only=True):
    """What the columns of a file are for, and what holds for rows that do not say."""

    columns: Annotated[
        dict[Annotated[str, msgspec.Meta(max_length=500)], ImportField], msgspec.Meta(max_length=200)
    ] = msgspec.field(default_factory=dict)
    """By the column's heading; columns that are left out are left aside."""
    category: Annotated[str, msgspec.Meta(max_length=60)] = ""
    """For rows without a category that is known here."""
    condition: Condition | None = None
    """For rows without one."""


class ImportColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a file."""

    heading: str
    samples: list[str]
    """The first values, cut short."""
    field: ImportField | None
    """What it seems to be for."""


class ImportNote(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was assumed or left aside in a file."""

    kind: Literal[
        "encoding", "remembered", "ignored", "variants", "shortened", "no_stock", "default_category", "more_pictures"
    ]
    """`encoding`: it is not UTF-8, and read as `names` says. `remembered`: read as the last file with these columns.
    `ignored`: the columns `names` are left aside. `variants`: rows that go on with the product above are left aside.
    `shortened`: titles are cut at a word. `no_stock`: rows without stock are drafts. `default_category`: their own
    is not known here. `more_pictures`: they name more than a listing may have, and the first are taken."""
    count: int = 0
    """Rows."""
    names: list[str] = []
    """Columns; or the encoding; or the first lines that it is about."""


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """A file of listings, and how far it is."""

    id: UUID
    dry_run: bool
    """Only checked; nothing is made or changed."""
    status: ImportStatus
    rows: int
    done: int
    made: int
    """New listings; in a dry run those that would be made."""
    changed: int
    failed: int
    """Rows with faults, which changed nothing."""
    faults: list[ImportFault]
    """Of the first 200 faulty rows; ask with `after_line` for those behind."""
    created_at: datetime
    finished_at: datetime | None
    notes: list[ImportNote] = []
    columns: list[ImportColumn] = []
    """While its status is `mapping`: say with `PUT …/mapping` what these are for."""
    mapping: ImportMapping | None = None
    """What its columns are taken for."""
    pictures: int = 0
    """That its rows name; they are fetched after the rows are done, in a dry run never."""
    pictures_done: int = 0
    pictures_failed: int = 0
    picture_faults: list[ImportFault] = []
    """Why pictures of the first 200 such rows could not be had; the rows themselves are done."""
