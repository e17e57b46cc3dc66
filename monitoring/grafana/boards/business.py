"""How the marketplace does."""

from monitoring.grafana.parts import MINOR_UNITS, MONEY, Dashboard, bars, graph, quantile, stat


def board() -> Dashboard:
    """How the marketplace does."""
    views = 'sum(increase(http_server_requests_total{service="catalogue",route="/listings/{listing_id}",method="GET"}[$__range]))'
    added = "sum(increase(souk_cart_lines_added_total[$__range]))"
    return Dashboard(
        uid="souk-business",
        title="1 Business",
        about="Sales, money and people.",
        since="now-24h",
        rows=(
            (
                stat(
                    "What was sold?",
                    'sum(increase(souk_purchases_total{outcome="paid"}[$__range]))',
                    "short",
                    "Purchases paid in the time shown.",
                    decimals=0,
                ),
                stat(
                    "What did fees bring?",
                    f"(max(souk_fees_minor_units) - min(min_over_time(souk_fees_minor_units[$__range]))) / {MINOR_UNITS}",
                    MONEY,
                    "Revenue in the time shown.",
                ),
                stat(
                    "How much is in escrow?",
                    f"max(souk_escrow_minor_units) / {MINOR_UNITS}",
                    MONEY,
                    "Paid by buyers, not yet settled or refunded.",
                ),
                stat(
                    "Who is here?",
                    "max(souk_active_users)",
                    "short",
                    "Users who did something in the last 15 minutes.",
                    decimals=0,
                ),
                stat(
                    "How many views become a sale?",
                    f'sum(increase(souk_purchases_total{{outcome="paid"}}[$__range])) / {views}',
                    "percentunit",
                    "Paid purchases per view of a listing.",
                    decimals=1,
                ),
                stat(
                    "Is a purchase stuck?",
                    "max(souk_purchases_stuck)",
                    "short",
                    "Open a minute after their deadline.",
                    bad_above=1,
                    decimals=0,
                ),
            ),
            (
                graph(
                    "How do purchases end?",
                    {"{{outcome}}": "sum by (outcome) (rate(souk_purchases_total[$__rate_interval])) * 60"},
                    "opm",
                    "Per minute.",
                    stacked=True,
                ),
                graph(
                    "How long from the click to paid?",
                    {
                        "half": quantile(0.5, "souk_purchase_duration_seconds", ""),
                        "95 %": quantile(0.95, "souk_purchase_duration_seconds", ""),
                        "99 %": quantile(0.99, "souk_purchase_duration_seconds", ""),
                    },
                    "s",
                ),
            ),
            (
                graph(
                    "Where is the money?",
                    {
                        "wallets": f"max(souk_wallets_minor_units) / {MINOR_UNITS}",
                        "escrow": f"max(souk_escrow_minor_units) / {MINOR_UNITS}",
                        "fees": f"max(souk_fees_minor_units) / {MINOR_UNITS}",
                    },
                    MONEY,
                    stacked=True,
                ),
                bars(
                    "Where do buyers leave?",
                    {
                        "listings viewed": views,
                        "put in a cart": added,
                        "purchases placed": "sum(increase(souk_purchases_placed_total[$__range]))",
                        "purchases paid": 'sum(increase(souk_purchases_total{outcome="paid"}[$__range]))',
                    },
                    "short",
                    "In the time shown.",
                ),
            ),
            (
                graph(
                    "What becomes of offers?",
                    {"{{outcome}}": "sum by (outcome) (increase(souk_offers_total[1h]))"},
                    "short",
                    "In an hour. `bought` ones were `accepted` before.",
                ),
                graph(
                    "Are buyers content?",
                    {"{{stars}} stars": "sum by (stars) (increase(souk_reviews_total[1d]))"},
                    "short",
                    "Reviews in a day, by their stars.",
                    stacked=True,
                ),
                graph(
                    "Do people find what they look for?",
                    {"{{outcome}}": "sum by (outcome) (increase(souk_searches_total[1h]))"},
                    "short",
                    "Searches by words in an hour. What found `nothing` stands in the shop under Admin, Searches.",
                    stacked=True,
                ),
            ),
            (
                graph(
                    "Who is here over the day?",
                    {"active users": "max(souk_active_users)", "open pages": "sum(souk_live_streams)"},
                    "short",
                ),
                graph(
                    "Are invoices issued?",
                    {"documents": "sum(rate(souk_invoices_issued_total[$__rate_interval])) * 60"},
                    "opm",
                    "Invoices and credit notes per minute.",
                ),
                graph(
                    "Do mails go out?",
                    {"{{outcome}}": "sum by (outcome) (rate(souk_mails_total[$__rate_interval])) * 60"},
                    "opm",
                    "Per minute. `failed` ones are tried again for five hours, then `given_up`.",
                ),
            ),
            (
                graph(
                    "Do people talk to each other?",
                    {
                        "by {{by}}s": "sum by (by) (increase(souk_messages_total[1h]))",
                        "threads opened": "sum(increase(souk_threads_total[1h]))",
                    },
                    "short",
                    "Messages in an hour, by who wrote them.",
                ),
                graph(
                    "What becomes of problems?",
                    {"{{outcome}}": "sum by (outcome) (increase(souk_problems_total[1d]))"},
                    "short",
                    "In a day. `escalated` and `appealed` ones wait for a moderator.",
                ),
                graph(
                    "How long does somebody wait for a moderator?",
                    {"the longest": "max(souk_problems_waiting_seconds)"},
                    "s",
                    "Of problems and appeals that wait now; after 14 days they end without one.",
                ),
            ),
        ),
    )
