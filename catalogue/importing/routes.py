"""Public routes of bringing listings in, and taking them out, as files."""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter
from litestar.response import Stream

from catalogue.importing import importing
from catalogue.importing.shapes import FILE_BYTES_MAX, read
from catalogue.importing.zipped_pictures import ZIP_BYTES_MAX, Brought
from souk.contracts.catalogue.imports import Import, ImportMapping
from souk.database import ReadSession, Session
from souk.http import Identity, Kernel
from souk.http.operations import takes
from souk.ids import new_id

AfterLine = Annotated[int, Parameter(ge=0, le=10_000_000, description="Faults of rows behind this line")]


@post(
    "/me/imports",
    tags=["Import and export"],
    operation_id="importListings",
    summary="Bring a file of listings",
    operation_class=takes("text/csv", "The file"),
    request_max_body_size=FILE_BYTES_MAX,
)
async def begin_import(
    request: Request[Any, Any, Any], kernel: Kernel, identity: Identity, session: Session, dry_run: bool = False
) -> Import:
    """Send CSV (at most 10,000 rows) as the body; the rows are done in the background.

    Columns are recognised by their names, in the shop's languages and as Shopify, WooCommerce, Etsy, eBay and Amazon
    write them: title, price, category, condition; and if you like id (of your listing to change), description,
    quantity, language, attributes, accepts_offers, status (draft or published), pictures (addresses, fetched after the rows are done). If one that is needed is not
    recognised, the status is `mapping`: say with `PUT …/mapping` what the columns are for. The same file sent again
    makes nothing twice. With `dry_run` it is only checked.
    """
    seller_id, content = identity.user(), await request.body()
    table, content_hash = await asyncio.to_thread(lambda: (read(content), hashlib.sha256(content).hexdigest()))
    now = kernel.clock.now()
    import_id = await importing.begin(session, seller_id, table, content_hash, dry_run=dry_run, now=now)
    return await importing.one(session, seller_id, import_id)


@dataclass
class FileAndPictures:
    """A form with a table and a ZIP."""

    file: UploadFile
    pictures: UploadFile


@post(
    "/me/imports/with-pictures",
    tags=["Import and export"],
    operation_id="importListingsWithPictures",
    summary="Bring a file of listings and its pictures",
    request_max_body_size=FILE_BYTES_MAX + ZIP_BYTES_MAX,
)
async def begin_import_with_pictures(
    *,
    kernel: Kernel,
    identity: Identity,
    brought: Brought,
    data: Annotated[FileAndPictures, Body(media_type=RequestEncodingType.MULTI_PART)],
    dry_run: bool = False,
) -> Import:
    """Send the CSV as `file` and a ZIP of pictures (at most 64 MB and 2,000 files) as `pictures`.

    Columns for pictures name files in the ZIP, several with a comma between; addresses may stand there too. All else is
    as with `POST /me/imports`.
    """
    seller_id, content = identity.user(), await data.file.read(FILE_BYTES_MAX + 1)
    table, content_hash = await asyncio.to_thread(lambda: (read(content), hashlib.sha256(content).hexdigest()))
    import_id = new_id()
    files = await brought.keep(import_id, data.pictures.file)  # while no transaction is open
    async with kernel.database.transaction() as session:
        await importing.begin(
            session,
            seller_id,
            table,
            content_hash,
            dry_run=dry_run,
            now=kernel.clock.now(),
            import_id=import_id,
            files=files,
        )
        return await importing.one(session, seller_id, import_id)


@get("/me/imports", tags=["Import and export"], operation_id="listImports", summary="My files")
async def list_imports(identity: Identity, reader: ReadSession) -> list[Import]:
    """Your latest files and how far they are, without their faults."""
    return await importing.list_of(reader, identity.user())


@get(
    "/me/imports/{import_id:uuid}",
    tags=["Import and export"],
    operation_id="getImport",
    summary="How far a file is",
)
async def show_import(identity: Identity, reader: ReadSession, import_id: UUID, after_line: AfterLine = 0) -> Import:
    """How far it is, and what has to be mended in which line."""
    return await importing.one(reader, identity.user(), import_id, after_line=after_line)


@put(
    "/me/imports/{import_id:uuid}/mapping",
    tags=["Import and export"],
    operation_id="mapImport",
    summary="What a file's columns are for",
)
async def map_import(
    kernel: Kernel, identity: Identity, session: Session, import_id: UUID, data: ImportMapping
) -> Import:
    """For a file whose status is `mapping`; its rows are done then. Files with the same columns are read so, too."""
    await importing.say_mapping(session, identity.user(), import_id, data, now=kernel.clock.now())
    return await importing.one(session, identity.user(), import_id)


@delete(
    "/me/imports/{import_id:uuid}",
    tags=["Import and export"],
    operation_id="stopImport",
    summary="Stop a file",
)
async def stop_import(kernel: Kernel, identity: Identity, session: Session, import_id: UUID) -> None:
    """Do no more of its rows; those that are done stay."""
    await importing.cancel(session, identity.user(), import_id, now=kernel.clock.now())


@get(
    "/me/listings/export",
    tags=["Import and export"],
    operation_id="exportListings",
    summary="My listings as a file",
    media_type="text/csv",
)
async def export_listings(kernel: Kernel, identity: Identity) -> Stream:
    """All your listings as CSV, to be edited and brought back."""
    headers = {"content-disposition": 'attachment; filename="souk-listings.csv"'}
    content = importing.export(kernel.database, identity.user())
    return Stream(content, media_type="text/csv", headers=headers)


ROUTES = (
    begin_import,
    begin_import_with_pictures,
    list_imports,
    show_import,
    map_import,
    stop_import,
    export_listings,
)
