"""Doing a portion of a file's rows: set by set, so that a thousand take a moment, with the rules that hold for one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, insert, select, update

from catalogue.categories.categories import CategoryTree
from catalogue.house_rules import Allowance, HouseRules
from catalogue.importing.rows import Entry, Fault, Reader, faults_of
from catalogue.importing.sources import base_name
from catalogue.importing.tables import ImportLineRow, ImportPictureRow
from catalogue.listings.attribute_values import checked_attributes
from catalogue.listings.listings import change_words, news_of_change, note_prices, put_on_sale
from catalogue.listings.rules import LISTINGS_PER_SELLER_MAX, TooManyListings, clean_description, clean_title
from catalogue.listings.tables import ListingRow
from catalogue.sellers.sellers import copied, held
from catalogue.texts import slug_of
from souk.contracts import Event
from souk.contracts.catalogue.imports import ImportMapping
from souk.contracts.catalogue.listings import ListingChanges
from souk.database import Session
from souk.errors import InvalidInput, RuleBroken, fault
from souk.ids import derived_id
from souk.money import Money


@dataclass(frozen=True)
class Portion:
    """Whose rows these are, and of which file."""

    import_id: UUID
    seller_id: UUID
    content_hash: str
    currency: str
    dry_run: bool
    mapping: ImportMapping
    columns: Sequence[str] = ()
    """Its headings."""
    files: Sequence[str] = ()
    """The pictures that came with it."""


@dataclass
class Seller:
    """What the seller may still do in this transaction."""

    allowance: Allowance
    room: int
    """Listings they may still make."""
    copied: dict[str, Any]
    """What their listings carry of them."""


@dataclass
class Outcome:
    """What came of the rows."""

    made: int = 0
    changed: int = 0
    failed: int = 0
    news: list[Event] = field(default_factory=list)
    noted: dict[str, list[int]] = field(default_factory=dict)
    """Lines by the kind of what was done to them."""
    pictures: int = 0


async def do_portion(
    session: Session,
    portion: Portion,
    lines: Sequence[ImportLineRow],
    *,
    tree: CategoryTree,
    rules: HouseRules,
    now: datetime,
) -> Outcome:
    """Make, change or only check what these rows say; rows with faults change nothing and keep what is wrong."""
    allowance = await rules.allowance(session, portion.seller_id, now=now)
    reader = Reader(
        portion.mapping,
        portion.currency,
        tree,
        rules,
        allowance,
        columns=portion.columns,
        files=frozenset(map(base_name, portion.files)),
    )
    entries, faults = _understood(reader, lines)
    ids = {entry.line: entry.id or _new_id(portion, entry) for entry in entries}
    known = await held(session, portion.seller_id)
    locking = select(ListingRow).where(ListingRow.id.in_(ids.values())).order_by(ListingRow.id)
    there = {row.id: row for row in await session.scalars(locking.with_for_update(key_share=True))}
    seller = Seller(
        allowance=allowance,
        room=await _room(session, portion.seller_id),
        copied=copied(known),
    )
    outcome, new, seen = Outcome(), list[ListingRow](), set[UUID]()
    prices = [(row, row.price) for row in there.values()]
    wanted = list[dict[str, Any]]()
    for entry in entries:
        listing_id = ids[entry.line]
        if listing_id in seen:
            faults[entry.line] = [
                Fault(**fault("id", "Another row of this file has the same id.", code="row-id-twice"))
            ]
            continue
        seen.add(listing_id)
        row = there.get(listing_id)
        try:
            if row is None:
                row, news = _made(portion, entry, listing_id, seller, tree=tree, rules=rules, now=now)
                new.append(row)
                changed = False
            else:
                changed, news = _changed(session, portion, entry, row, seller, tree=tree, rules=rules, now=now)
        except RuleBroken as refused:
            faults[entry.line] = faults_of(refused)
            if row is not None:
                session.expire(row)  # forgets what was changed of it before the fault was found
            continue
        outcome.changed += changed
        outcome.news += news
        for kind in entry.notes:
            outcome.noted.setdefault(kind, []).append(entry.line)
        if entry.pictures:
            outcome.pictures += len(entry.pictures)
            wanted.append({"line": entry.line, "listing_id": listing_id, "sources": list(entry.pictures)})
    if portion.dry_run:
        session.expunge_all()
        outcome.news = []
    else:
        await note_prices(session, [(row, price) for row, price in prices if row in session.dirty], now)
        session.add_all(new)
        await session.flush()
        if wanted:
            waits = {"import_id": portion.import_id, "errors": [], "tries": 0, "due": now}
            await session.execute(insert(ImportPictureRow), [row | waits for row in wanted])
    outcome.made, outcome.failed = len(new), len(faults)
    await _settle(session, portion, lines, faults)
    return outcome


def _understood(reader: Reader, lines: Sequence[ImportLineRow]) -> tuple[list[Entry], dict[int, list[Fault]]]:
    entries, faults = list[Entry](), dict[int, list[Fault]]()
    for line in lines:
        entry, wrong = reader.read(line.line, line.entries)
        if entry is None:
            faults[line.line] = wrong
        else:
            entries.append(entry)
    return entries, faults


def _made(
    portion: Portion,
    entry: Entry,
    listing_id: UUID,
    seller: Seller,
    *,
    tree: CategoryTree,
    rules: HouseRules,
    now: datetime,
) -> tuple[ListingRow, list[Event]]:
    """A new listing; raises RuleBroken."""
    if entry.id is not None:
        raise _not_yours()
    if seller.room == 0:
        raise TooManyListings(
            "You may have {most} listings, and have that many.", code="listings-full", most=LISTINGS_PER_SELLER_MAX
        )
    category = tree.get(entry.category)
    title = clean_title(entry.title)
    row = ListingRow(
        id=listing_id,
        seller_id=portion.seller_id,
        slug=slug_of(title),
        title=title,
        description=clean_description(entry.description),
        price=entry.price,
        currency=portion.currency,
        category=entry.category,
        condition=entry.condition,
        language=entry.language,
        attributes=checked_attributes(entry.attributes or {}, category),
        accepts_offers=bool(entry.accepts_offers),
        **seller.copied,
        quantity=entry.quantity,
        available=entry.quantity,
        reserved=0,
        sold=0,
        status="draft",
        version=1,
        created_at=now,
        changed_at=now,
    )
    news = put_on_sale(row, rules=rules, allowance=seller.allowance, now=now) if entry.publish else []
    seller.room -= 1
    return row, news


def _changed(
    session: Session,
    portion: Portion,
    entry: Entry,
    row: ListingRow,
    seller: Seller,
    *,
    tree: CategoryTree,
    rules: HouseRules,
    now: datetime,
) -> tuple[bool, list[Event]]:
    """Whether the row changed a listing that is there, and what others are to be told; raises RuleBroken."""
    if row.seller_id != portion.seller_id:
        raise _not_yours()
    price_before, could_be_bought = Money(row.price, row.currency), row.available > 0
    changes = ListingChanges(
        title=entry.title,
        description=entry.description,
        price=Money(entry.price, portion.currency),
        category=entry.category,
        condition=entry.condition,
        quantity=entry.quantity,
        language=entry.language,
        attributes=entry.attributes,
        accepts_offers=entry.accepts_offers,
    )
    change_words(row, changes, tree=tree, rules=rules)
    news = news_of_change(row, price_before, could_be_bought)
    if entry.publish and row.status in ("draft", "withdrawn"):
        news = put_on_sale(row, rules=rules, allowance=seller.allowance, now=now)
    if not session.is_modified(row):
        return False, []
    row.version += 1
    row.changed_at = now
    return True, news


async def _settle(
    session: Session, portion: Portion, lines: Sequence[ImportLineRow], faults: dict[int, list[Fault]]
) -> None:
    """Rows that are done go; those with faults keep them."""
    fine = [line.line for line in lines if line.line not in faults]
    own = ImportLineRow.import_id == portion.import_id
    await session.execute(delete(ImportLineRow).where(own, ImportLineRow.line.in_(fine)))
    for line_number, wrong in faults.items():
        errors = msgspec.to_builtins(wrong)
        await session.execute(update(ImportLineRow).where(own, ImportLineRow.line == line_number).values(errors=errors))


def _not_yours() -> InvalidInput:
    return InvalidInput(
        "id", "You have no listing with this id. Leave it empty for a new one.", code="import-id-not-yours"
    )


async def _room(session: Session, seller_id: UUID) -> int:
    how_many = select(func.count()).select_from(ListingRow).where(ListingRow.seller_id == seller_id)
    return max(0, LISTINGS_PER_SELLER_MAX - int(await session.scalar(how_many) or 0))


def _new_id(portion: Portion, entry: Entry) -> UUID:
    return derived_id("import", portion.seller_id, portion.content_hash, entry.line)
