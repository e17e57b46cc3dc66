"""From an uploaded file to three clean pictures, and from those to AVIF. Runs in threads; touches neither database nor store.

Everything is decoded and encoded anew, so that nothing of the file itself, its metadata above all, is ever served.
"""

import hashlib
import io
from dataclasses import dataclass

import pi_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from souk.errors import InvalidInput

pi_heif.register_heif_opener()  # what iPhones take; Pillow knows all the others itself

PICTURE_BYTES_MAX = 10 * 1024 * 1024
"""The largest file that may be uploaded."""

PICTURE_PIXELS_MAX = 64_000_000
"""The most pixels a picture may have (phones take up to 50 million); read from its header, before anything is decoded."""

SIZES = (320, 800, 1600)
"""The longer side of the three sizes, in pixels; a smaller picture is not blown up."""

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "TIFF", "BMP")
"""As Pillow names them; of what moves or has several pages the first is taken."""

QUALITY = 80

AVIF_QUALITY = 60
AVIF_SPEED = 8
"""From 0 to 10. Three sizes take about as long as decoding a photo; one step slower takes twice that for a tenth less."""

_TURNS = {
    90: Image.Transpose.ROTATE_270,  # Pillow turns the other way
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
_XMP = ("xmp", "XML:com.adobe.xmp")
_WHITE = (255, 255, 255)
_GREY = (118, 118, 118)
_NEARLY_WHITE = 225
_SOLID = 128
_DEEP_MAX = 65535


@dataclass(frozen=True)
class Rendered:
    """A picture ready to be kept: content by name, the names by size, pixels of the large one."""

    content_hash: str
    contents: dict[str, bytes]
    small: str
    medium: str
    large: str
    width: int
    height: int
    colour: str


def hash_of(content: bytes) -> str:
    """What an upload is known by."""
    return hashlib.sha256(content).hexdigest()


def render(content: bytes, degrees: int = 0, field: str = "pictures") -> Rendered:
    """Make the three sizes, turned clockwise by so many degrees (a multiple of 90).

    Raises InvalidInput naming the field if this is no usable picture.
    """
    try:
        large = _decode(content, field)
        if degrees % 360:
            large = large.transpose(_TURNS[degrees % 360])
    except InvalidInput:
        raise
    except Exception as wrong:  # a decoder fed with hostile bytes may raise anything
        raise InvalidInput(
            field, "The picture is damaged or incomplete. Save it again and retry.", code="picture-damaged"
        ) from wrong
    contents: dict[str, bytes] = {}
    for side in SIZES:
        encoded = _encode(_fit(large, side))
        contents[f"{hashlib.sha256(encoded).hexdigest()[:40]}.webp"] = encoded
    names = list(contents)  # a small picture is the same in all sizes, and kept once
    return Rendered(
        content_hash=hash_of(content + (f"turned {degrees % 360}".encode() if degrees % 360 else b"")),
        contents=contents,
        small=names[0],
        medium=names[min(1, len(names) - 1)],
        large=names[-1],
        width=large.width,
        height=large.height,
        colour=_dominant_colour(large),
    )


def avif(content: bytes) -> bytes:
    """A WebP of ours as AVIF, in the same size: about half as large, for browsers that read it."""
    image = Image.open(io.BytesIO(content), formats=("WEBP",))
    out = io.BytesIO()
    image.save(out, "AVIF", quality=AVIF_QUALITY, speed=AVIF_SPEED, max_threads=1)
    return out.getvalue()


def avif_name(name: str) -> str:
    """The name of the same picture as AVIF: it follows from the WebP's, whose content it is made of."""
    return f"{name.removesuffix('.webp')}.avif"


def _decode(content: bytes, field: str) -> Image.Image:
    if len(content) > PICTURE_BYTES_MAX:
        raise InvalidInput(
            field, "A picture may have at most {most} MB.", code="picture-too-large", most=PICTURE_BYTES_MAX // 1024**2
        )
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError as wrong:
        raise _too_many_pixels(field) from wrong
    except UnidentifiedImageError as wrong:
        raise InvalidInput(
            field,
            "This is not a picture that can be used. JPEG, PNG, WebP, HEIC, AVIF, GIF, TIFF and BMP can.",
            code="not-a-picture",
        ) from wrong
    if image.width * image.height > PICTURE_PIXELS_MAX:
        raise _too_many_pixels(field)
    image.draft("RGB", (SIZES[-1], SIZES[-1]))  # a large JPEG is decoded at a fraction of its size
    image.load()
    for name in _XMP:  # browsers turn pictures by their EXIF alone, so whoever chose one saw it like that
        image.info.pop(name, None)
    plain = _fit(_unpacked(ImageOps.exif_transpose(image)), SIZES[-1])
    return _opaque(_in_srgb(plain, image.info.get("icc_profile")))


def _too_many_pixels(field: str) -> InvalidInput:
    most = PICTURE_PIXELS_MAX // 1_000_000
    return InvalidInput(
        field, "A picture may have at most {most} megapixels. Make it smaller.", code="picture-too-detailed", most=most
    )


def _unpacked(image: Image.Image) -> Image.Image:
    """The picture with eight bits a channel and its own colours, so that it can be made smaller."""
    if image.mode.startswith(("I", "F")):
        image = image.convert("F")
        low, high = image.getextrema()
        assert isinstance(low, float) and isinstance(high, float)
        # 16 bits of grey; whatever goes beyond is spread over what there is.
        low, high = (0.0, _DEEP_MAX) if 1.0 < high <= _DEEP_MAX and low >= 0 else (low, high if high > low else low + 1)
        scale = 255 / (high - low)
        return image.point(lambda value: value * scale - low * scale).convert("L")
    if "A" in image.getbands() or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB") if image.mode in ("P", "1", "YCbCr", "HSV") else image


def _opaque(image: Image.Image) -> Image.Image:
    """The picture over white; over grey if it is nearly white itself, so that it shows."""
    if image.mode != "RGBA":
        return image
    alpha = image.getchannel("A")
    shows = image.convert("L").histogram(alpha.point(lambda value: 255 * (value >= _SOLID)))
    ground = Image.new("RGB", image.size, _GREY if 2 * sum(shows[_NEARLY_WHITE:]) > sum(shows) else _WHITE)
    ground.paste(image, mask=alpha)
    return ground


def _fit(image: Image.Image, side: int) -> Image.Image:
    scale = min(1.0, side / max(image.size))
    if scale == 1.0:
        return image
    width, height = (max(1, round(length * scale)) for length in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as the camera or the printer meant them, for the profile is not kept. RGB, or RGBA if it was."""
    colours = image.convert("RGB") if image.mode == "RGBA" else image
    meant = _converted(colours, profile) or colours.convert("RGB")
    if image.mode == "RGBA":
        meant.putalpha(image.getchannel("A"))
    return meant


def _converted(image: Image.Image, profile: bytes | None) -> Image.Image | None:
    """None if there is no profile for this kind of picture, or a broken one: the plain colours will do."""
    if not profile:
        return None
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _encode(image: Image.Image) -> bytes:
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    out = io.BytesIO()
    clean.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()


def _dominant_colour(image: Image.Image) -> str:
    """The colour that most of a coarse version of the picture has."""
    coarse = image.resize((32, 32), Image.Resampling.BOX).quantize(6)
    counts = coarse.histogram()
    index = counts.index(max(counts))
    palette = coarse.getpalette() or []
    red, green, blue = palette[3 * index : 3 * index + 3]
    return f"#{red:02x}{green:02x}{blue:02x}"
