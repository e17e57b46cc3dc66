"""Pictures that people send with the selling form: passed on to the catalogue one by one, so that each can fail alone."""

import re
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Literal
from uuid import UUID

from entrypoint.clients.catalogue import File
from entrypoint.limits.limits import TooMany
from entrypoint.pages.cards import picture_href, shot
from entrypoint.pages.forms import SentForm
from entrypoint.pages.member_context import MemberContext
from entrypoint.pages.sell.form import SellForm
from souk.contracts.catalogue.pictures import (
    ALT_CHARS_MAX,
    PICTURES_MAX,
    KeptPicture,
    Picture,
    PictureChanges,
    Rotation,
)
from souk.errors import RuleBroken

PICTURE_BYTES_MAX = 10 * 1024 * 1024
"""The largest file that the catalogue takes."""

PICTURE_FORM_BYTES_MAX = PICTURE_BYTES_MAX + 1024 * 1024
"""One picture, and the form around it."""

UPLOAD_BYTES_MAX = PICTURES_MAX * PICTURE_BYTES_MAX + 1024 * 1024
"""The largest form: as many pictures as a listing may have, and the fields around them."""

MEMBERS_ONLY = {"members_only": True}
"""Tells the guard of pages to refuse visitors before it reads what they send."""

FIELD = "pictures"

PICTURE_NAME = re.compile(r"[0-9a-f]{40}\.webp")
"""What a kept picture is known by: the name of its large file."""


async def save_pictures(
    member: MemberContext, form: SentForm[SellForm], listing_id: UUID, there: Sequence[Picture] = ()
) -> None:
    """Do to a listing's pictures what the form says: remove, turn, describe, show kept ones, put all in order, add those
    that were sent with it. What fails is noted in the form."""
    try:
        await _save(member, form, listing_id, {str(picture.id): picture for picture in there})
    except RuleBroken as refused:
        _note(member, form, refused)
    async with aclosing(_read(member, form, PICTURES_MAX)) as sent:
        async for part in sent:
            try:
                await member.catalogue.add_picture(member.identity, listing_id, part)
            except RuleBroken as refused:
                _note(member, form, refused, part[0])


async def _save(
    member: MemberContext, form: SentForm[SellForm], listing_id: UUID, there: Mapping[str, Picture]
) -> None:
    catalogue, identity = member.catalogue, member.identity
    now: list[str] = []
    for key in there:  # first, which makes room
        if form.entered.removed.get(key):
            await catalogue.remove_picture(identity, listing_id, there[key].id)
        else:
            now.append(key)
    placed: list[str] = []
    for key in places(form, there):
        if form.entered.removed.get(key):
            continue
        old, alt, degrees = there.get(key), _alt(form, key), turn_of(form, key)
        if old is None:
            kept = KeptPicture(name=key, alt=alt or "", degrees=degrees)
            try:
                shown = await catalogue.show_kept_picture(identity, listing_id, kept)
            except RuleBroken as refused:
                _note(member, form, refused)
                continue
            now = [str(picture.id) for picture in shown]
            placed.append(next((str(one.id) for one in shown if one.large == key and not degrees), now[-1]))
            continue
        placed.append(key)
        if degrees:
            await catalogue.rotate_picture(identity, listing_id, old.id, Rotation(degrees=degrees))
        if alt is not None and alt != old.alt:
            await catalogue.describe_picture(identity, listing_id, old.id, PictureChanges(alt=alt))
    wanted = list(dict.fromkeys([*placed, *now]))
    if wanted != now:
        await catalogue.order_pictures(identity, listing_id, [UUID(key) for key in wanted])


async def keep_sent(
    member: MemberContext, form: SentForm[SellForm], there: Sequence[Picture] = ()
) -> list[dict[str, Any]]:
    """The pictures of a form that is shown again, with those that were sent with it: they are kept, so that nobody has
    to choose them again. Nothing of the listing changes."""
    shown = shown_in(form, there)
    room = PICTURES_MAX - sum(not picture["gone"] for picture in shown)
    async with aclosing(_read(member, form, room)) as sent:
        async for part in sent:
            try:
                file = await member.catalogue.keep_picture(part)
            except RuleBroken as refused:
                _note(member, form, refused, part[0])
            else:
                shown.append(_kept(form, file.large, file.colour))
    return shown


def shown_in(form: SentForm[SellForm], there: Sequence[Picture] = ()) -> list[dict[str, Any]]:
    """The listing's pictures and the kept ones, as the form says that they are to be. Kept ones that go are gone."""
    old = {str(picture.id): picture for picture in there}
    shown: list[dict[str, Any]] = []
    for key in places(form, old):
        gone = form.entered.removed.get(key, False)
        if key in old:
            said = _alt(form, key)
            how = {"alt": old[key].alt if said is None else said, "turn": turn_of(form, key), "gone": gone}
            shown.append((shot(old[key]) or {}) | how)
        elif not gone:
            shown.append(_kept(form, key))
    return shown


def places(form: SentForm[SellForm], there: Iterable[str]) -> list[str]:
    """The ids of the listing's pictures and the names of the kept ones, in the order that the form puts them in."""
    known = [*there, *kept_names(form)]
    said = [key for key in dict.fromkeys(form.entered.order) if key in known]
    return in_order(form, list(dict.fromkeys([*said, *known])))


def turn_of(form: SentForm[SellForm], key: str) -> Literal[0, 90, 180, 270]:
    """By how many degrees a picture is to be turned, clockwise."""
    turns: dict[str, Literal[90, 180, 270]] = {"90": 90, "180": 180, "270": 270}
    return turns.get(form.entered.turns.get(key, ""), 0)


def _alt(form: SentForm[SellForm], key: str) -> str | None:
    alt = form.entered.alts.get(key)
    return None if alt is None else alt[:ALT_CHARS_MAX]


def _kept(form: SentForm[SellForm], name: str, colour: str = "") -> dict[str, Any]:
    """A kept picture as the form shows it."""
    href, alt = picture_href(name), _alt(form, name) or ""
    return {
        "id": name,
        "src": href,
        "large": href,
        "alt": alt,
        "kept": name,
        "turn": turn_of(form, name),
        "gone": False,
        "colour": colour,
    }


def in_order(form: SentForm[SellForm], ids: Sequence[str]) -> list[str]:
    """The ids by the places chosen for them: who was moved goes before those at that place, or behind if from before."""

    def key(item: tuple[int, str]) -> tuple[int, int, int]:
        was, picture_id = item
        place = form.entered.places.get(picture_id, was)
        return place, (place > was) - (place < was), was

    return [picture_id for _, picture_id in sorted(enumerate(ids, start=1), key=key)]


def kept_names(form: SentForm[SellForm]) -> list[str]:
    """The kept pictures that the form names."""
    names = dict.fromkeys(form.entered.kept)
    return list(names)[:PICTURES_MAX]


async def _read(member: MemberContext, form: SentForm[SellForm], most: int) -> AsyncGenerator[File, None]:
    """The sent files one by one. Each is held in memory, so only a few forms are taken at a time."""
    files, room = form.files(FIELD), member.parts.uploads
    if not files:
        return
    if room.locked():
        form.refuse(FIELD, member.gettext("Many pictures are being uploaded just now. Add yours again in a moment."))
        return
    try:
        await member.parts.limits.hit((member.parts.rules.upload, f"user {member.user.id}"))
    except TooMany as refused:
        form.refuse(FIELD, member.message_of(refused))
        return
    if len(files) > most:
        form.refuse(FIELD, member.gettext("A listing may have %s pictures. Those beyond were left out.") % PICTURES_MAX)
    async with room:
        for upload in files[:most]:
            content = await upload.read(PICTURE_BYTES_MAX + 1)
            yield upload.filename, content, upload.content_type


def _note(member: MemberContext, form: SentForm[SellForm], refused: RuleBroken, filename: str = "") -> None:
    told = member.message_of(refused)
    form.refuse(FIELD, f"{filename}: {told}" if filename else told)
    form.status = refused.status
