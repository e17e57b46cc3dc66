"""Pictures of listings: adding, ordering, describing and taking away. Each function runs inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, delete, false, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from catalogue.listings.listings import own
from catalogue.listings.tables import ListingRow
from catalogue.pictures.images import Rendered
from catalogue.pictures.tables import ListingPictureRow, PictureFileRow, PictureGarbageRow
from catalogue.texts import plain_text
from souk.contracts.catalogue.pictures import ALT_CHARS_MAX, PICTURES_MAX, PictureFile
from souk.database import AnySession, Session
from souk.errors import InvalidInput, NotFound, RuleBroken, Unavailable
from souk.ids import new_id


class TooManyPictures(RuleBroken):
    """A listing may have only so many pictures."""

    title = "Too many pictures"


class UnknownListingPicture(NotFound):
    """The listing has no such picture."""


class BeingDeleted(Unavailable):
    """A file that an upload needs is being deleted: it was there long ago, and nothing showed it."""


async def room_for(session: AnySession, seller_id: UUID, listing_id: UUID, more: int) -> None:
    """Raise unless the seller's own listing may have so many more pictures; asked before any is decoded."""
    await own(session, listing_id, seller_id)
    _check_room(len(await _ids(session, listing_id)), more)


async def known_file(session: Session, content_hash: str, *, now: datetime) -> PictureFile | None:
    """The record of an upload that came before; it is in use from now on, so that no sweeper takes it away."""
    same = PictureFileRow.content_hash == content_hash
    return await _touch(session, and_(same, PictureFileRow.stored.is_(True)), used_at=now)


async def kept_file(session: Session, name: str, *, now: datetime) -> PictureFile:
    """The record of a kept picture by the name of its large file, in use from now on. Raises InvalidInput."""
    some = select(PictureFileRow.id).where(PictureFileRow.large == name, PictureFileRow.stored.is_(True)).limit(1)
    found = await _touch(session, PictureFileRow.id == some.scalar_subquery(), used_at=now)
    if found is None:
        raise InvalidInput("name", "The picture is not there any more. Choose it again.", code="picture-gone")
    return found


async def expect_file(session: Session, rendered: Rendered, *, now: datetime) -> None:
    """Record a picture whose files are about to be stored; nobody deletes them after this.

    Raises BeingDeleted while a sweeper deletes one of them.
    """
    row = {name: getattr(rendered, name) for name in PictureFile.__struct_fields__ if name not in ("id", "avif")}
    row |= {"id": new_id(), "content_hash": rendered.content_hash, "created_at": now, "used_at": now}
    row |= {"avif": False, "avif_tries": 0, "avif_due": now}
    expecting = insert(PictureFileRow).values(row | {"stored": False, "kept": False})
    await session.execute(expecting.on_conflict_do_update(index_elements=["content_hash"], set_={"used_at": now}))
    # Recorded first: whoever claims a file after this finds that it is needed.
    noted = PictureGarbageRow.name.in_(sorted(rendered.contents))
    claimed = func.coalesce(PictureGarbageRow.claimed_until > now, false())
    await session.execute(delete(PictureGarbageRow).where(noted, ~claimed))
    if await session.scalar(select(PictureGarbageRow.name).where(noted).limit(1)):
        raise BeingDeleted("The same picture is just being deleted. Nothing was changed; try again in a minute.")


async def stored_file(session: Session, content_hash: str) -> PictureFile:
    """Record that its files are in the store."""
    found = await _touch(session, PictureFileRow.content_hash == content_hash, stored=True)
    assert found is not None
    return found


async def _touch(session: Session, this: ColumnElement[bool], **values: Any) -> PictureFile | None:
    columns = [getattr(PictureFileRow, name) for name in PictureFile.__struct_fields__]
    touching = update(PictureFileRow).where(this).values(**values).returning(*columns)
    row = (await session.execute(touching)).mappings().one_or_none()
    return PictureFile(**row) if row else None


async def add(
    session: Session, seller_id: UUID, listing_id: UUID, shown: Sequence[tuple[PictureFile, str]], *, now: datetime
) -> None:
    """Put pictures, each with its alternative text, behind those the listing has; one it shows already stays.

    Raises TooManyPictures and what `own` raises.
    """
    listing = await own(session, listing_id, seller_id, for_update=True)
    there = set(await session.scalars(_shown_files(listing_id)))
    new = {file.id: alt for file, alt in shown if file.id not in there}
    _check_room(len(there), len(new))
    if not new:
        return
    rows = [
        {"id": new_id(), "listing_id": listing_id, "position": position, "file_id": file_id, "alt": clean_alt(alt)}
        for position, (file_id, alt) in enumerate(new.items(), start=len(there))
    ]
    await session.execute(insert(ListingPictureRow), rows)
    await _changed(session, listing, now)


async def add_fitting(
    session: Session, seller_id: UUID, listing_id: UUID, files: Sequence[PictureFile], *, now: datetime
) -> int:
    """Like `add`, but of more than there is room for only the first; says how many of them the listing shows then."""
    await own(session, listing_id, seller_id, for_update=True)
    there = set(await session.scalars(_shown_files(listing_id)))
    new = {file.id: file for file in files if file.id not in there}
    fitting = list(new.values())[: PICTURES_MAX - len(there)]
    await add(session, seller_id, listing_id, [(file, "") for file in fitting], now=now)
    there.update(file.id for file in fitting)
    return sum(file.id in there for file in files)


async def remove(session: Session, seller_id: UUID, listing_id: UUID, picture_id: UUID, *, now: datetime) -> None:
    """Take a picture off the listing; of one that was on sale the file stays, for orders show it.

    Raises UnknownListingPicture.
    """
    listing = await own(session, listing_id, seller_id, for_update=True)
    mine = ListingPictureRow.listing_id == listing_id
    gone = delete(ListingPictureRow).where(mine, ListingPictureRow.id == picture_id)
    taken = (await session.execute(gone.returning(ListingPictureRow.position, ListingPictureRow.file_id))).one_or_none()
    if taken is None:
        raise UnknownListingPicture("The listing has no such picture.")
    position = taken.position
    await _keep_if_seen(session, listing, taken.file_id)
    behind = update(ListingPictureRow).where(mine, ListingPictureRow.position > position)
    await session.execute(behind.values(position=ListingPictureRow.position - 1))
    await _changed(session, listing, now)


async def reorder(session: Session, seller_id: UUID, listing_id: UUID, ids: Sequence[UUID], *, now: datetime) -> None:
    """Put the pictures in this order; raises InvalidInput unless it names each of them once."""
    listing = await own(session, listing_id, seller_id, for_update=True)
    there = await _ids(session, listing_id)
    if sorted(ids) != sorted(there):
        raise InvalidInput("order", "Name each picture of the listing once.", code="picture-order")
    if not ids:
        return
    places = case({picture_id: place for place, picture_id in enumerate(ids)}, value=ListingPictureRow.id)
    moving = update(ListingPictureRow).where(ListingPictureRow.listing_id == listing_id)
    await session.execute(moving.values(position=places))
    await _changed(session, listing, now)


async def describe(
    session: Session, seller_id: UUID, listing_id: UUID, picture_id: UUID, alt: str, *, now: datetime
) -> None:
    """Say what a picture shows. Raises UnknownListingPicture and InvalidInput."""
    listing = await own(session, listing_id, seller_id, for_update=True)
    this = update(ListingPictureRow).where(
        ListingPictureRow.listing_id == listing_id, ListingPictureRow.id == picture_id
    )
    if await session.scalar(this.values(alt=clean_alt(alt)).returning(ListingPictureRow.id)) is None:
        raise UnknownListingPicture("The listing has no such picture.")
    await _changed(session, listing, now)


async def name_of(session: AnySession, seller_id: UUID, listing_id: UUID, picture_id: UUID) -> str:
    """The large file of a picture of the seller's own listing. Raises UnknownListingPicture and what `own` raises."""
    await own(session, listing_id, seller_id)
    query = (
        select(PictureFileRow.large)
        .join(ListingPictureRow, ListingPictureRow.file_id == PictureFileRow.id)
        .where(ListingPictureRow.listing_id == listing_id, ListingPictureRow.id == picture_id)
    )
    name = await session.scalar(query)
    if name is None:
        raise UnknownListingPicture("The listing has no such picture.")
    return str(name)


async def replace(
    session: Session, seller_id: UUID, listing_id: UUID, picture_id: UUID, file: PictureFile, *, now: datetime
) -> None:
    """Show another file at the picture's place. Raises UnknownListingPicture."""
    listing = await own(session, listing_id, seller_id, for_update=True)
    mine = ListingPictureRow.listing_id == listing_id
    if await session.scalar(select(ListingPictureRow.id).where(mine, ListingPictureRow.file_id == file.id)):
        return  # turned once more to what it shows elsewhere, or not at all
    this = update(ListingPictureRow).where(mine, ListingPictureRow.id == picture_id).values(file_id=file.id)
    row = (await session.execute(this.returning(text("old.file_id")))).one_or_none()
    if row is None:
        raise UnknownListingPicture("The listing has no such picture.")
    await _keep_if_seen(session, listing, row[0])
    await _changed(session, listing, now)


async def _keep_if_seen(session: Session, listing: ListingRow, file_id: UUID) -> None:
    if listing.published_at is not None:
        await session.execute(update(PictureFileRow).where(PictureFileRow.id == file_id).values(kept=True))


def clean_alt(alt: str) -> str:
    """The alternative text on one line; raises InvalidInput if it is too long or unreadable."""
    tidy = " ".join(plain_text("alt", alt).split())
    if len(tidy) > ALT_CHARS_MAX:
        raise InvalidInput("alt", "At most {most} characters.", code="alt-too-long", most=ALT_CHARS_MAX)
    return tidy


def _check_room(there: int, more: int) -> None:
    if there + more > PICTURES_MAX:
        raise TooManyPictures(
            "A listing may have {most} pictures, this one has {there}. None was added.", most=PICTURES_MAX, there=there
        )


async def _ids(session: AnySession, listing_id: UUID) -> Sequence[UUID]:
    query = select(ListingPictureRow.id).where(ListingPictureRow.listing_id == listing_id)
    return (await session.scalars(query)).all()


def _shown_files(listing_id: UUID) -> Select[UUID]:
    return select(ListingPictureRow.file_id).where(ListingPictureRow.listing_id == listing_id)


async def _changed(session: Session, listing: ListingRow, now: datetime) -> None:
    listing.version += 1
    listing.changed_at = now
    await session.flush()
