"""What demo buyers say of their orders, and what their sellers answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoReview:
    """One to five stars, and words; an empty answer is none."""

    stars: int
    text: str = ""
    answer: str = ""


REVIEWS = (
    DemoReview(5, "Exactly as described, and it came in two days.\n\nWell packed too."),
    DemoReview(4, "Good value. A little more worn than I had thought.", "Thank you. I will take closer pictures next time."),
    DemoReview(5, "Lovely. The pictures do not do it justice."),
    DemoReview(5),
    DemoReview(3, "It works, but the parcel had a dent and nobody answered for days.", "Sorry, I was away. It was sent as soon as I was back."),
    DemoReview(5, "A pleasure. The handwritten note made my day.", "That was the last one of my grandmother's. It is in good hands now."),
    DemoReview(4, "All fine, quick and friendly."),
    DemoReview(2, "Smells of smoke, which was not mentioned.", "I do not notice it any more, I am afraid. I gave back a part of the price."),
    DemoReview(5, "Bought here before and will again."),
    DemoReview(4, "As described."),
    DemoReview(5, "Sturdy, clean, cheaper than anywhere else."),
    DemoReview(1, "Another colour than in the picture."),
)  # fmt: skip


def review(count: int) -> DemoReview:
    """The count-th review, from 0 on; they come round again."""
    return REVIEWS[count % len(REVIEWS)]
