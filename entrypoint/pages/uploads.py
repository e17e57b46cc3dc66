"""Pictures that people send with the selling form: passed on to the catalogue one by one, so that each can fail alone."""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any
from uuid import UUID

from entrypoint.limits.limits import TooMany
from entrypoint.pages.asking import Asker
from entrypoint.pages.cards import picture_href
from entrypoint.pages.forms import SentForm
from souk.contracts.catalogue import ALT_CHARS_MAX, PICTURES_MAX, Picture, PictureChanges, PictureFile, Rotation
from souk.errors import RuleBroken

PICTURE_BYTES_MAX = 10 * 1024 * 1024
"""The largest file that the catalogue takes."""

UPLOAD_BYTES_MAX = PICTURES_MAX * PICTURE_BYTES_MAX + 1024 * 1024
"""The largest form: as many pictures as a listing may have, and the fields around them."""

FIELD = "pictures"

Part = tuple[str, bytes, str]
"""A file as it is passed on: name, content, media type."""

_NAME = re.compile(r"[0-9a-f]{40}\.webp")


async def change_pictures(ask: Asker, form: SentForm, listing_id: UUID, there: Sequence[Picture]) -> None:
    """Do to a listing's pictures what the form says: remove, describe, put in order, add. What fails is noted in it."""
    base = f"/listings/{listing_id}/pictures"
    call, stay = ask.parts.clients.catalogue.call, []
    try:
        for picture in there:
            if form.text(f"turn-{picture.id}") in ("90", "180", "270") and not form.text(f"remove-{picture.id}"):
                turn = Rotation(degrees=int(form.text(f"turn-{picture.id}")))  # type: ignore[arg-type]
                path = f"{base}/{picture.id}/rotation"
                await call("POST", path, list[Picture], identity=ask.identity, json=turn)
            if form.text(f"remove-{picture.id}"):
                await call("DELETE", f"{base}/{picture.id}", type(None), identity=ask.identity)
                continue
            stay.append(picture)
            alt = form.text(f"alt-{picture.id}")[:ALT_CHARS_MAX]
            if f"alt-{picture.id}" in form and alt != picture.alt:
                changes = PictureChanges(alt=alt)
                await call("PATCH", f"{base}/{picture.id}", list[Picture], identity=ask.identity, json=changes)
        ids = [str(picture.id) for picture in stay]
        wanted = in_order(form, ids)
        if wanted != ids:
            await call("PUT", f"{base}/order", list[Picture], identity=ask.identity, json=wanted)
    except RuleBroken as refused:
        _note(form, refused)
    await _add_sent(ask, form, base)


async def attach_kept(ask: Asker, form: SentForm, listing_id: UUID) -> None:
    """Give a new listing the pictures that were kept while the rest of the form was wrong, then those sent now."""
    base, catalogue = f"/listings/{listing_id}/pictures", ask.parts.clients.catalogue
    for name in in_order(form, kept_names(form)):
        if form.text(f"remove-{name}"):
            continue
        answer = await catalogue.send("GET", picture_href(name))
        if answer.status_code == 200:
            await _send(ask, form, base, (name, answer.content, "image/webp"), form.text(f"alt-{name}"))
    await _add_sent(ask, form, base)


async def keep_sent(ask: Asker, form: SentForm) -> list[dict[str, str]]:
    """Keep the pictures of a form that cannot be used yet, so that nobody has to choose them again."""
    names = [name for name in in_order(form, kept_names(form)) if not form.text(f"remove-{name}")]
    shown = [shown_kept(name, form.text(f"alt-{name}")) for name in names]
    async with aclosing(_read(ask, form, PICTURES_MAX - len(shown))) as sent:
        async for part, alt in sent:
            try:
                file = await ask.parts.clients.catalogue.post("/internal/pictures", PictureFile, files=[(FIELD, part)])
            except RuleBroken as refused:
                _note(form, refused, part[0])
            else:
                shown.append(shown_kept(file.large, alt))
    return shown


def in_order(form: SentForm, ids: Sequence[str]) -> list[str]:
    """The ids by the places chosen for them: who was moved goes before those at that place, or behind if from before."""

    def key(item: tuple[int, str]) -> tuple[int, int, int]:
        was, picture_id = item
        text = form.text(f"place-{picture_id}")
        place = int(text) if re.fullmatch(r"[0-9]{1,2}", text) else was
        return place, (place > was) - (place < was), was

    return [picture_id for _, picture_id in sorted(enumerate(ids, start=1), key=key)]


def kept_names(form: SentForm) -> list[str]:
    """The kept pictures that the form names."""
    names = dict.fromkeys(name for name in form.texts("kept") if _NAME.fullmatch(name))
    return list(names)[:PICTURES_MAX]


def kept_in(text: str) -> list[str]:
    """The names of kept pictures in a text, as a saved form has them."""
    return list(dict.fromkeys(_NAME.findall(text)))[:PICTURES_MAX]


async def _add_sent(ask: Asker, form: SentForm, base: str) -> None:
    async with aclosing(_read(ask, form, PICTURES_MAX)) as sent:
        async for part, alt in sent:
            await _send(ask, form, base, part, alt)


async def _read(ask: Asker, form: SentForm, most: int) -> AsyncGenerator[tuple[Part, str], None]:
    """The sent files one by one with their descriptions. Each is held in memory, so only a few forms are taken at a time."""
    files, alts, room = form.files(FIELD), form.texts("alt"), ask.parts.uploads
    if not files:
        return
    if room.locked():
        form.refuse(FIELD, ask.words("Many pictures are being uploaded just now. Add yours again in a moment."))
        return
    try:
        await ask.parts.limits.hit((ask.parts.rules.upload, f"user {ask.user.id}"))
    except TooMany as refused:
        form.refuse(FIELD, ask.words(refused.message))
        return
    if len(files) > most:
        form.refuse(FIELD, ask.words("A listing may have %s pictures. Those beyond were left out.") % PICTURES_MAX)
    async with room:
        for place, upload in enumerate(files[:most]):
            content = await upload.read(PICTURE_BYTES_MAX + 1)
            yield (upload.filename, content, upload.content_type), alts[place] if place < len(alts) else ""


async def _send(ask: Asker, form: SentForm, base: str, part: Part, alt: str) -> None:
    try:
        await ask.parts.clients.catalogue.post(
            base, list[Picture], identity=ask.identity, files=[(FIELD, part)], data={"alt": alt[:ALT_CHARS_MAX]}
        )
    except RuleBroken as refused:
        _note(form, refused, part[0])


def shown_kept(name: str, alt: str) -> dict[str, str]:
    """A kept picture as the form shows it."""
    return {"id": name, "src": picture_href(name), "alt": alt[:ALT_CHARS_MAX], "kept": name}


def _note(form: SentForm, refused: RuleBroken, filename: str = "") -> None:
    errors: list[dict[str, Any]] = refused.fields.get("errors") or [{}]
    message = errors[0].get("message") or refused.message
    form.refuse(FIELD, f"{filename}: {message}" if filename else str(message))
    form.status = refused.status
