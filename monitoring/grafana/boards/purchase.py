"""One purchase, from the click to its end."""

from monitoring.grafana.parts import SERVICES, Dashboard, Panel, counted, graph, lines, text_box, traces

OURS = f'{{service=~"{"|".join(SERVICES)}"}}'
ABOUT = f"{OURS} |= `$purchase` | json"


def board() -> Dashboard:
    """One purchase, from the click to its end."""
    return Dashboard(
        uid="souk-purchase",
        title="8 One purchase",
        about="Type the id of a purchase or an order above. The shop shows the same, and tries again what waits, under /admin/purchases/ID.",
        variables=(text_box("purchase", "Purchase (or order)"),),
        since="now-24h",
        rows=(
            (
                _oldest_first(
                    lines(
                        "Which steps did it take, and what comes next by when?",
                        f'{ABOUT} | event=~"purchase moved|order moved" | line_format `{{{{.event}}}} {{{{.order_number}}}} {{{{.state}}}} {{{{.by}}}} {{{{if .deadline}}}}next: {{{{.deadline_outcome}}}} at {{{{.deadline}}}}{{{{end}}}}`',
                        "The last line of the purchase, and of each order, says what happens at its deadline if nobody acts.",
                    )
                ),
                _oldest_first(
                    lines(
                        "Who handled what, and at which try?",
                        f'{ABOUT} | event="event" | line_format `{{{{.consumer}}}} {{{{.type}}}} {{{{.outcome}}}} try {{{{.attempt}}}}, {{{{.duration_ms}}}} ms`',
                    )
                ),
            ),
            (
                counted(
                    "How often was it tried in vain?",
                    f'sum by (consumer, type) (count_over_time({ABOUT} | event="event failed" [$__interval]))',
                    "{{consumer}} {{type}}",
                    "Each failure rests half a second, 2, 10, 60 and 300 seconds before the next try.",
                ),
                counted(
                    "How long did each step take?",
                    f'max by (consumer) (max_over_time({ABOUT} | event="event" | unwrap duration_ms [$__interval]))',
                    "{{consumer}}",
                    "Milliseconds of the transaction that handled it.",
                ),
            ),
            (
                lines(
                    "What failed, and why?",
                    f'{ABOUT} | event=~"event failed|dead letter" | line_format `{{{{.consumer}}}} {{{{.type}}}} try {{{{.attempt}}}}: {{{{.error}}}}`',
                ),
                traces(
                    "Which traces belong to it?",
                    '{ span.souk.purchase_id = "$purchase" || span.souk.order_id =~ ".*$purchase.*" }',
                ),
            ),
            (
                graph(
                    "Does anything wait just now?",
                    {
                        "{{service}}, oldest event": "max by (service) (souk_outbox_lag_seconds)",
                        "purchases past their deadline": "max(souk_purchases_stuck)",
                        "{{service}}, given up": "max by (service) (souk_dead_letters)",
                    },
                    "short",
                    "Of all purchases: seconds that the oldest event of each service has waited to be told, and how many need somebody.",
                ),
            ),
            (_oldest_first(lines("What else was written about it?", ABOUT, height=14)),),
        ),
    )


def _oldest_first(panel: Panel) -> Panel:
    panel["options"]["sortOrder"] = "Ascending"
    return panel
