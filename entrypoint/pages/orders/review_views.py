"""Reviews as the macros of `macros/reviews.html` take them."""

from typing import Any

from entrypoint.pages.cards import listing_href
from entrypoint.web.marking import N_
from entrypoint.web.reader import Reader
from souk.contracts.store.events import ReviewRemovalReason
from souk.contracts.store.reviews import Review, ReviewRemoval

STARS = {1: N_("Bad"), 2: N_("Poor"), 3: N_("All right"), 4: N_("Good"), 5: N_("Very good")}

REASONS: dict[ReviewRemovalReason, str] = {
    "offensive": N_("It is offensive"),
    "personal": N_("It gives away somebody's personal details"),
    "not_about_order": N_("It is not about the purchase"),
    "advertising": N_("It is advertising"),
    "untrue": N_("It is not true"),
    "other": N_("Something else"),
}


def shown(reader: Reader, review: Review) -> dict[str, Any]:
    """A review for the macro `review`."""
    answer = review.answer
    return {
        "id": review.id,
        "stars": review.stars,
        "text": review.text,
        "author": review.author_name,
        "title": review.title,
        "href": listing_href(review.listing_id),
        "written_at": review.written_at,
        "changed_at": review.changed_at,
        "answer": {
            "text": answer.text,
            "answered_at": answer.answered_at,
            "changed_at": answer.changed_at,
            "removal": _removal(reader, answer.removal),
        }
        if answer
        else None,
        "removal": _removal(reader, review.removal),
    }


def _removal(reader: Reader, removal: ReviewRemoval | None) -> dict[str, str] | None:
    return {"reason": reader.gettext(REASONS[removal.reason]), "text": removal.text} if removal else None


def star_options(reader: Reader) -> list[dict[str, Any]]:
    """One to five stars, for the macro `stars_field`."""
    return [{"value": stars, "label": reader.gettext(label)} for stars, label in STARS.items()]
