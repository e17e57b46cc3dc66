"""What the store counts."""

from prometheus_client import Counter, Gauge, Histogram

cart_lines = Counter("souk_cart_lines_added_total", "Listings put in a cart that were not in it before")
placed = Counter("souk_purchases_placed_total", "Purchases placed")
purchases = Counter("souk_purchases_total", "Purchases that came to an end", ["outcome"])
for _outcome in ("paid", "rejected", "declined", "cancelled", "expired", "captured_late"):
    purchases.labels(_outcome)  # from zero, so that the first one is seen as an increase
"""`cancelled`: by the buyer."""

purchase_duration = Histogram(
    "souk_purchase_duration_seconds",
    "From the click to the money in escrow",
    buckets=(0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 1, 2, 5, 10, 30, 120),
)
purchases_open = Gauge("souk_purchases_open", "Purchases under way", multiprocess_mode="mostrecent")
purchases_stuck = Gauge(
    "souk_purchases_stuck", "Purchases still open a minute after their deadline", multiprocess_mode="mostrecent"
)

offers = Counter("souk_offers_total", "Offers by what became of them", ["outcome"])
for _outcome in ("made", "accepted", "declined", "withdrawn", "expired", "bought"):
    offers.labels(_outcome)
"""`bought`: paid."""

reviews = Counter("souk_reviews_total", "Reviews by their stars when they were written first", ["stars"])
for _stars in range(1, 6):
    reviews.labels(str(_stars))

problems = Counter("souk_problems_total", "Problems of orders by what became of them", ["outcome"])
for _outcome in ("opened", "escalated", "appealed", "agreed", "unanswered", "decided", "undecided", "withdrawn"):
    problems.labels(_outcome)
"""`escalated`, `appealed`: wait for a moderator."""

problems_waiting = Gauge(
    "souk_problems_waiting_seconds",
    "How long the problem that has waited longest for a moderator has waited; 0 if none does",
    multiprocess_mode="mostrecent",
)

threads = Counter("souk_threads_total", "Threads of messages that were opened")
messages = Counter("souk_messages_total", "Messages by who wrote them", ["by"])
for _by in ("buyer", "seller"):
    messages.labels(_by)
