"""From an uploaded file to three clean pictures."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms

from catalogue.pictures import images
from catalogue.pictures.images import Rendered, render
from souk.errors import InvalidInput
from tests.catalogue.harness import picture


def _size(rendered: Rendered, name: str) -> tuple[int, int]:
    return Image.open(io.BytesIO(rendered.contents[name])).size


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


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
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


def test_cmyk_and_a_colour_profile() -> None:
    assert render(picture((50, 50), "JPEG", (0, 0, 0, 0), "CMYK")).colour == "#ffffff"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert render(picture((50, 50), "JPEG", (9, 9, 9), icc_profile=profile)).width == 50
    assert render(picture((50, 50), "JPEG", (9, 9, 9), icc_profile=b"no profile")).width == 50


def test_a_long_thin_picture() -> None:
    rendered = render(picture((20_000, 2), "PNG"))
    assert (rendered.width, rendered.height) == (1600, 1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        picture(kind="GIF"),
        picture(kind="BMP"),
        picture(kind="TIFF"),
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
        _png_header(7000, 6000),
    ],
)
def test_what_is_no_usable_picture_is_named(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        render(content)
    assert refused.value.fields["errors"][0]["field"] == "pictures"


def test_a_bomb_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """40 megapixels and one row more: refused by the header alone."""
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(InvalidInput, match="40 megapixels"):
        render(_png_header(8000, 5001))


def test_the_limit_of_bytes() -> None:
    with pytest.raises(InvalidInput, match="10 MB"):
        render(b"\xff" * (images.PICTURE_BYTES_MAX + 1))
