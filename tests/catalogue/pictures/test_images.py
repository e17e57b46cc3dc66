"""From an uploaded file to three clean pictures."""

import base64
import io
import itertools
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms

from catalogue.pictures import images
from catalogue.pictures.images import Rendered, render
from souk.errors import InvalidInput
from tests.catalogue.harness import picture


def _size(rendered: Rendered, name: str) -> tuple[int, int]:
    return Image.open(io.BytesIO(rendered.contents[name])).size


HEIC = (
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERA"
    "AAEAAQAAAAABoQABAAAAAAAAABoAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAA"
    "AHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq"
    "5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAA"
    "MAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAACJtZGF0AAAAFigBr1jm9Oq//8415H0t"
    "T/+gwh5Gp3w="
)
"""64 × 48 pixels of rgb(30, 120, 200): nothing here writes HEIC."""


def _saved(image: Image.Image, kind: str, **save: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **save)
    return out.getvalue()


def _shown(rendered: Rendered) -> Any:
    """What browsers get, large."""
    return Image.open(io.BytesIO(rendered.contents[rendered.large])).convert("RGB")


def _near(colour: Any, wanted: tuple[int, int, int]) -> bool:
    return all(abs(part - want) <= 8 for part, want in zip(colour, wanted, strict=True))


def _swapped_profile() -> bytes:
    """sRGB with red for green."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"?XYZ").replace(b"gXYZ", b"rXYZ").replace(b"?XYZ", b"gXYZ")


def _red_press() -> bytes:
    """The profile of a press whose cyan ink is red: CMYK to Lab (ICC.1, `mft1` with two points a channel)."""
    corners = bytearray()
    for cyan, *_, black in itertools.product((0, 1), repeat=4):
        corners += bytes((0, 128, 128)) if black else bytes((135, 209, 195)) if cyan else bytes((255, 128, 128))
    identity, ramp = struct.pack(">9i", *(65536 * (n % 4 == 0) for n in range(9))), bytes(range(256))
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + identity + ramp * 4 + corners + ramp * 3
    table += bytes(-len(table) % 4)
    head = struct.pack(
        ">4sI4s4s4s12x4s28x3i", b"lcms", 0x02400000, b"prtr", b"CMYK", b"Lab ", b"acsp", 63190, 65536, 54061
    )
    start = 128 + 4 + 12
    tags = struct.pack(">I4sII", 1, b"A2B0", start, len(table))
    return struct.pack(">I", start + len(table)) + head.ljust(124, b"\0") + tags + table


def _png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_three_sizes() -> None:
    rendered = render(picture((2000, 1000), "JPEG"))
    assert _size(rendered, rendered.small) == (320, 160)
    assert _size(rendered, rendered.medium) == (800, 400)
    assert _size(rendered, rendered.large) == (1600, 800) == (rendered.width, rendered.height)
    assert all(Image.open(io.BytesIO(content)).format == "WEBP" for content in rendered.contents.values())
    assert render(picture((2000, 1000), "JPEG")) == rendered


def test_a_small_picture_is_kept_once_and_not_blown_up() -> None:
    rendered = render(picture((40, 30)))
    assert rendered.small == rendered.medium == rendered.large
    assert _size(rendered, rendered.large) == (40, 30)
    medium = render(picture((500, 400)))
    assert medium.small != medium.medium == medium.large


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP"])
def test_the_dominant_colour(kind: str) -> None:
    colour = render(picture((400, 300), kind, (30, 120, 200))).colour
    assert all(abs(int(colour[n : n + 2], 16) - want) <= 3 for n, want in ((1, 30), (3, 120), (5, 200)))


def test_metadata_is_dropped_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned to the right
    exif[0x010E] = "A secret place"
    content = picture((400, 200), "JPEG", exif=exif, comment=b"A secret note")
    assert b"secret" in content
    rendered = render(content)
    assert (rendered.width, rendered.height) == (200, 400)
    for kept in rendered.contents.values():
        assert b"secret" not in kept
        assert not Image.open(io.BytesIO(kept)).getexif()
        assert b"EXIF" not in kept
        assert b"ICCP" not in kept


@pytest.mark.parametrize(
    ("mode", "colour"),
    [("L", 90), ("RGBA", (255, 0, 0, 0)), ("P", 1), ("LA", (10, 128)), ("1", 1), ("I;16", 40_000)],
)
def test_every_kind_of_png(mode: str, colour: object) -> None:
    assert render(picture((50, 50), "PNG", colour, mode)).width == 50


def test_transparency_is_shown_on_white() -> None:
    assert render(picture((50, 50), "PNG", (255, 0, 0, 0), "RGBA")).colour == "#ffffff"


def test_what_is_nearly_white_is_shown_on_grey() -> None:
    assert render(picture((50, 50), "PNG", (250, 250, 250, 255), "RGBA")).colour == "#fafafa"
    logo = Image.new("RGBA", (100, 100), (255, 255, 255, 0))
    logo.paste((255, 255, 255, 255), (40, 40, 60, 60))
    assert render(_saved(logo, "PNG")).colour == "#767676"
    logo.paste((20, 20, 20, 255), (40, 40, 60, 55))
    assert render(_saved(logo, "PNG")).colour == "#ffffff"


def test_a_photo_of_an_iphone() -> None:
    rendered = render(base64.b64decode(HEIC))
    assert (rendered.width, rendered.height) == (64, 48)
    assert _near(_shown(rendered).getpixel((32, 24)), (30, 120, 200))


def test_a_phones_largest_photo() -> None:
    photo = Image.radial_gradient("L").resize((8064, 6048)).convert("RGB")
    assert (rendered := render(_saved(photo, "JPEG", quality=60))).width == 1600
    assert rendered.height == 1200


def test_what_moves_stands_still() -> None:
    first, second = (Image.new("RGB", (60, 40), colour) for colour in ("#1e78c8", "#c81e1e"))
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        moving = _saved(first, kind, save_all=True, append_images=[second])
        assert _near(_shown(render(moving)).getpixel((30, 20)), (30, 120, 200)), kind


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_of_grey_keep_their_shades(kind: str) -> None:
    shades = Image.new("I;16", (256, 8))
    for x, y in itertools.product(range(256), range(8)):
        shades.putpixel((x, y), x * 257)
    shown = _shown(render(_saved(shades, kind)))
    assert all(_near(shown.getpixel((x, 4)), (x, x, x)) for x in range(0, 256, 15))


def test_only_what_turns_a_picture_in_browsers_turns_it_here() -> None:
    """They heed EXIF, and no XMP."""
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    for kind in ("JPEG", "WEBP", "AVIF"):
        assert render(picture((400, 200), kind, xmp=xmp)).width == 400, kind


def test_colours_are_those_of_the_profile() -> None:
    """A profile whose red is green and the other way round, also where the picture can be seen through."""
    profile = _swapped_profile()
    for kind, mode, colour in (("JPEG", "RGB", (200, 40, 30)), ("PNG", "RGBA", (200, 40, 30, 255))):
        shown = _shown(render(picture((50, 50), kind, colour, mode, icc_profile=profile)))
        red, green, _ = shown.getpixel((25, 25))
        assert red < 90 and green > 150, (kind, red, green)


def test_cmyk_and_a_colour_profile() -> None:
    assert render(picture((50, 50), "JPEG", (0, 0, 0, 0), "CMYK")).colour == "#ffffff"
    red = _shown(render(picture((50, 50), "JPEG", (255, 0, 0, 0), "CMYK", icc_profile=_red_press())))
    assert _near(red.getpixel((25, 25)), (255, 0, 0)), red.getpixel((25, 25))
    assert render(picture((50, 50), "JPEG", (9, 9, 9), icc_profile=b"no profile")).width == 50


def test_a_long_thin_picture() -> None:
    rendered = render(picture((20_000, 2), "PNG"))
    assert (rendered.width, rendered.height) == (1600, 1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        picture((300, 300), "GIF")[:60],
        picture((300, 300), "TIFF")[:60],
        picture((300, 300), "AVIF")[:200],
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        b"%PDF-1.4",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture((300, 300), "JPEG")[:500],
        picture((300, 300), "PNG")[:60],
        picture((300, 300), "WEBP")[:40],
        picture(kind="PNG")[:8],
        picture(kind="JPEG")[:3],
        _png_header(100, 100),
        _png_header(0, 0),
        _png_header(100_000, 100_000),
        _png_header(2**31 - 1, 1),
        _png_header(8000, 8001),
    ],
)
def test_what_is_no_usable_picture_is_named(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        render(content)
    assert refused.value.fields["errors"][0]["field"] == "pictures"


def test_a_bomb_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """64 megapixels and one row more: refused by the header alone."""
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(InvalidInput, match="64 megapixels"):
        render(_png_header(8000, 8001))


def test_the_limit_of_bytes() -> None:
    with pytest.raises(InvalidInput, match="10 MB"):
        render(b"\xff" * (images.PICTURE_BYTES_MAX + 1))
