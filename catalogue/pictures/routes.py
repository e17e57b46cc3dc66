"""Public and internal routes of pictures."""

import re
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post, put
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Stream

from catalogue.listings.views import pictures_of
from catalogue.pictures import pictures
from catalogue.pictures.images import PICTURE_BYTES_MAX
from catalogue.pictures.keeping import PictureKeeper
from catalogue.pictures.storage import PictureStore, UnknownPicture
from souk.contracts.catalogue.pictures import PICTURES_MAX, KeptPicture, Picture, PictureChanges, PictureFile, Rotation
from souk.database import Session
from souk.errors import InvalidInput
from souk.http import Identity, Kernel
from souk.http.operations import sends

UPLOAD_BYTES_MAX = PICTURES_MAX * PICTURE_BYTES_MAX + 1024 * 1024
"""The largest request body with pictures: as many as a listing may have, and the form around them."""

FIELD = "pictures"
_NAME = re.compile(r"[0-9a-f]{40}\.(webp|avif)")
_FOR_EVER = "public, max-age=31536000, immutable"

PictureOrder = Annotated[list[UUID], Body(max_items=PICTURES_MAX)]


@dataclass
class Upload:
    """A form with picture files and, in the same order, their alternative texts."""

    pictures: list[UploadFile]
    alt: list[str] = field(default_factory=list)


UploadForm = Annotated[Upload, Body(media_type=RequestEncodingType.MULTI_PART)]


@post(
    "/listings/{listing_id:uuid}/pictures",
    tags=["Pictures"],
    operation_id="addPictures",
    summary="Add pictures",
    request_max_body_size=UPLOAD_BYTES_MAX,
)
async def add_pictures(
    *, kernel: Kernel, identity: Identity, keeper: PictureKeeper, listing_id: UUID, data: UploadForm
) -> list[Picture]:
    """Add JPEG, PNG, WebP, HEIC, AVIF, GIF, TIFF or BMP files (at most 10 MB and 64 megapixels each, 8 per listing) behind those that are there.

    Answers with all pictures of the listing.
    """
    seller_id = identity.user()
    alts = [pictures.clean_alt(alt) for alt in data.alt[: len(data.pictures)]]
    alts += [""] * (len(data.pictures) - len(alts))
    async with kernel.database.reading() as reader:
        await pictures.room_for(reader, seller_id, listing_id, len(data.pictures))
    # Decoding and storing take a while: no transaction is open meanwhile.
    files = [await _take(keeper, upload) for upload in data.pictures]
    async with kernel.database.transaction() as session:
        shown = list(zip(files, alts, strict=True))
        await pictures.add(session, seller_id, listing_id, shown, now=kernel.clock.now())
        return await pictures_of(session, listing_id)


@post("/internal/pictures", include_in_schema=False, request_max_body_size=UPLOAD_BYTES_MAX)
async def keep_picture(*, kernel: Kernel, identity: Identity, keeper: PictureKeeper, data: UploadForm) -> PictureFile:
    """Keep one picture for a listing that comes later."""
    require_entrypoint_or_admin(identity)
    if len(data.pictures) != 1:
        raise InvalidInput(FIELD, "Send one picture.", code="one-picture")
    return await _take(keeper, data.pictures[0])


@post("/internal/listings/{listing_id:uuid}/pictures", include_in_schema=False)
async def show_kept_picture(
    *, kernel: Kernel, identity: Identity, keeper: PictureKeeper, listing_id: UUID, data: KeptPicture
) -> list[Picture]:
    """Show a kept picture behind those the listing has. Answers with all pictures of the listing."""
    seller_id = identity.user()
    async with kernel.database.transaction() as session:
        await pictures.room_for(session, seller_id, listing_id, 0)
        file = await pictures.kept_file(session, data.name, now=kernel.clock.now())
    if data.degrees:
        file = await keeper.turned(data.name, data.degrees)
    async with kernel.database.transaction() as session:
        await pictures.add(session, seller_id, listing_id, [(file, data.alt)], now=kernel.clock.now())
        return await pictures_of(session, listing_id)


@delete(
    "/listings/{listing_id:uuid}/pictures/{picture_id:uuid}",
    tags=["Pictures"],
    operation_id="removePicture",
    summary="Remove a picture",
)
async def remove_picture(
    *, kernel: Kernel, identity: Identity, session: Session, listing_id: UUID, picture_id: UUID
) -> None:
    """Take a picture off a listing."""
    await pictures.remove(session, identity.user(), listing_id, picture_id, now=kernel.clock.now())


@patch(
    "/listings/{listing_id:uuid}/pictures/{picture_id:uuid}",
    tags=["Pictures"],
    operation_id="describePicture",
    summary="Describe a picture",
)
async def describe_picture(
    *, kernel: Kernel, identity: Identity, session: Session, listing_id: UUID, picture_id: UUID, data: PictureChanges
) -> list[Picture]:
    """Say what a picture shows, for those who cannot see it. Answers with all pictures of the listing."""
    await pictures.describe(session, identity.user(), listing_id, picture_id, data.alt, now=kernel.clock.now())
    return await pictures_of(session, listing_id)


@post(
    "/listings/{listing_id:uuid}/pictures/{picture_id:uuid}/rotation",
    tags=["Pictures"],
    operation_id="rotatePicture",
    summary="Turn a picture",
)
async def rotate_picture(
    *,
    kernel: Kernel,
    identity: Identity,
    keeper: PictureKeeper,
    listing_id: UUID,
    picture_id: UUID,
    data: Rotation,
) -> list[Picture]:
    """Turn a picture clockwise. Answers with all pictures of the listing."""
    seller_id = identity.user()
    async with kernel.database.reading() as reader:
        name = await pictures.name_of(reader, seller_id, listing_id, picture_id)
    file = await keeper.turned(name, data.degrees)
    async with kernel.database.transaction() as session:
        await pictures.replace(session, seller_id, listing_id, picture_id, file, now=kernel.clock.now())
        return await pictures_of(session, listing_id)


@put(
    "/listings/{listing_id:uuid}/pictures/order",
    tags=["Pictures"],
    operation_id="orderPictures",
    summary="Put pictures in order",
)
async def order_pictures(
    *, kernel: Kernel, identity: Identity, session: Session, listing_id: UUID, data: PictureOrder
) -> list[Picture]:
    """The ids of all pictures of the listing in their new order; the first one stands for the listing in lists."""
    await pictures.reorder(session, identity.user(), listing_id, data, now=kernel.clock.now())
    return await pictures_of(session, listing_id)


@get(
    "/pictures/{name:str}",
    tags=["Pictures"],
    operation_id="getPicture",
    summary="A picture file",
    operation_class=sends("image/webp", "image/avif", description="The picture, in the format that its name ends with"),
)
async def show_picture(request: Request, store: PictureStore, name: str) -> Response[None] | Stream:  # type: ignore[type-arg]
    """A picture by the name that a listing gives; it never changes, so it may be kept for ever."""
    if not _NAME.fullmatch(name):
        raise UnknownPicture("There is no such picture.")
    headers = {"cache-control": _FOR_EVER, "etag": f'"{name}"', "x-content-type-options": "nosniff"}
    if f'"{name}"' in request.headers.get("if-none-match", ""):
        return Response(None, status_code=304, headers=headers)
    stored = await store.read(name)
    kind = f"image/{name.rpartition('.')[2]}"
    return Stream(stored.chunks, media_type=kind, headers=headers | {"content-length": str(stored.size)})


async def _take(keeper: PictureKeeper, upload: UploadFile) -> PictureFile:
    return await keeper.take(await upload.read(PICTURE_BYTES_MAX + 1))


def require_entrypoint_or_admin(identity: Identity) -> None:
    """Only the entrypoint itself, or an admin, may bring data in for others; raises Forbidden."""
    if identity.user_id is None:
        identity.require_service("entrypoint")
    else:
        identity.require_role("admin")


ROUTES = (
    add_pictures,
    keep_picture,
    show_kept_picture,
    remove_picture,
    describe_picture,
    rotate_picture,
    order_pictures,
    show_picture,
)
