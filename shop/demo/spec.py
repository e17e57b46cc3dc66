"""What a picture shows, told in few words: small enough to keep beside every listing."""

from dataclasses import dataclass, replace

COLOURS: dict[str, tuple[int, int, int]] = {
    "terracotta": (205, 98, 67),
    "teal": (38, 128, 128),
    "mustard": (226, 166, 52),
    "sage": (136, 165, 128),
    "navy": (46, 66, 110),
    "blush": (232, 160, 152),
    "plum": (124, 70, 110),
    "cream": (245, 230, 203),
    "brick": (172, 62, 54),
    "sky": (122, 176, 208),
    "olive": (122, 124, 62),
    "charcoal": (64, 66, 78),
    "coral": (238, 118, 96),
    "mint": (142, 204, 180),
    "lilac": (172, 152, 208),
    "ochre": (204, 136, 52),
    "forest": (48, 98, 78),
    "white": (247, 243, 236),
}
"""Colour name → sRGB. Listings name these colours and pictures paint with them, so text and picture agree."""


@dataclass(frozen=True, slots=True)
class PictureSpec:
    """`kind` names a drawing; `seed` chooses its variants, backdrop and angle; `view` is 0 for the whole
    thing, 1 for a close detail, 2 for another setting. `colour` is a key of COLOURS, or "" for any."""

    kind: str
    seed: int
    view: int = 0
    colour: str = ""

    def with_view(self, view: int) -> "PictureSpec":
        """The same object, looked at in another way."""
        return replace(self, view=view)
