"""The demo's pictures."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from shop.demo.pictures import KINDS, draw
from shop.demo.spec import COLOURS, PictureSpec

SMALL = (240, 180)


def _image(spec: PictureSpec) -> Image.Image:
    return Image.open(BytesIO(draw(spec, size=SMALL))).convert("RGB")


def _difference(a: Image.Image, b: Image.Image) -> float:
    return sum(ImageStat.Stat(ImageChops.difference(a, b)).mean)


def test_the_full_size_decodes_as_jpeg() -> None:
    image = Image.open(BytesIO(draw(PictureSpec("lamp", 1))))
    image.load()
    assert (image.format, image.size) == ("JPEG", (1200, 900))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_draws_the_same_twice_and_is_no_plain_area(kind: str) -> None:
    for seed, view in ((1, 0), (2, 1), (3, 2)):
        spec = PictureSpec(kind, seed, view)
        data = draw(spec, size=SMALL)
        assert data == draw(spec, size=SMALL)
        image = Image.open(BytesIO(data))
        assert image.size == SMALL
        assert sum(ImageStat.Stat(image).stddev) > 20


@pytest.mark.parametrize("kind", ["mug", "jacket", "guitar"])
def test_seeds_views_and_colours_change_the_picture(kind: str) -> None:
    first = PictureSpec(kind, 10, colour="teal")
    for other in (
        PictureSpec(kind, 11, colour="teal"),
        PictureSpec(kind, 10, colour="brick"),
        first.with_view(1),
        first.with_view(2),
    ):
        assert _difference(_image(first), _image(other)) > 8


@pytest.mark.parametrize("colour", COLOURS)
def test_the_named_colour_is_seen(colour: str) -> None:
    wanted = COLOURS[colour]
    data = _image(PictureSpec("mug", 5, colour=colour)).tobytes()
    pixels = list(zip(data[::3], data[1::3], data[2::3], strict=True))
    near = sum(max(abs(a - b) for a, b in zip(p, wanted, strict=True)) < 16 for p in pixels)
    assert near > len(pixels) * 0.02


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        draw(PictureSpec("unheard-of", 1))
