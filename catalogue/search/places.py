"""Where the next page of listings starts."""

from typing import Annotated

import msgspec

from souk.paging import KeyPlace


class ListingPlace(KeyPlace, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The last listing of a page, with what is not found out again on the next one."""

    total: Annotated[int, msgspec.Meta(ge=0, le=10_000)]
    """As it was on the first page, so that it is counted once."""
    tier: Annotated[int, msgspec.Meta(ge=0, le=5)]
    """How well it matches, with `relevance` or `loose`; 0 is best."""
    loose: bool = False
    """Whether more is shown than what has all words as they were said."""
