"""What was written."""

from monitoring.grafana.parts import SERVICES, Dashboard, choice, counted, lines, text_box

LOGGING = (*SERVICES, "edge", "postgres", "rabbitmq")


STORY = "service event method path status consumer type outcome problem reason by cause error"
"""What is shown of each line of a story."""


def formatted(names: str) -> str:
    """JSON lines with these fields of them; lines that are no JSON, such as PostgreSQL's, as they are."""
    fields = " ".join(f"{{{{.{name}}}}}" for name in names.split())
    return f"| json | line_format `{{{{ if .__error__ }}}}{{{{ __line__ }}}}{{{{ else }}}}{fields}{{{{ end }}}}`"


def board() -> Dashboard:
    """What was written."""
    services = "|".join(SERVICES)
    ours = f'{{service=~"{services}"}}'
    return Dashboard(
        uid="souk-logs",
        title="7 Logs",
        about="Open a line for its ids; `See the trace` leads to all that belongs to it, in every service.",
        variables=(
            choice("service", "Service", LOGGING),
            choice("level", "Level", ("info", "warning", "error", "critical")),
            text_box("id", "Order (id or number), purchase, user, request or trace"),
        ),
        rows=(
            (
                counted(
                    "Which services have errors?",
                    'sum by (service) (count_over_time({service=~".+",level=~"error|critical"}[$__interval]))',
                    "{{service}}",
                    "In the time shown; an hour unless another is chosen.",
                ),
                counted(
                    "What is refused most?",
                    f'sum by (problem) (count_over_time({ours} | json | event="request" | status>=400 | status<500 | problem!="" [$__interval]))',
                    "{{problem}}",
                ),
            ),
            (
                lines(
                    "What happened to this order (or user, or request), across services?",
                    f'{{service=~".+"}} |= `$id` {formatted(STORY)}',
                    "Type an id or an order's number above. Without one: everything. The oldest line comes first.",
                    height=14,
                    sort="Ascending",
                ),
            ),
            (
                counted(
                    "Which services fail, and why?",
                    f'sum by (service, cause) (count_over_time({ours[:-1]},level="error"}} | json | event="request" | status>=500 [$__interval]))',
                    "{{service}}: {{cause}}",
                    "Requests answered with 5xx, by the cause that their line names: a kind of error, or the service that failed.",
                ),
                counted(
                    "What had to be left out?",
                    f'sum by (service, cause) (count_over_time({ours[:-1]},level="warning"}} | json | event="request" | cause!="" [$__interval]))',
                    "{{service}}: {{cause}}",
                    "Pages that were shown all the same, without what another service would have said.",
                ),
            ),
            (
                lines("What went wrong?", '{service=~"$service",level=~"error|critical"}', "Errors of the time shown."),
                lines(
                    "Who was refused, and why?",
                    f'{ours} |= `$id` | json | event="request" | status>=400 | status<500 | problem!="" | line_format `{{{{.status}}}} {{{{.problem}}}} {{{{.method}}}} {{{{.path}}}} user={{{{.user_id}}}} request={{{{.request_id}}}}`',
                ),
            ),
            (
                lines(
                    "Which requests were slow?",
                    f'{ours} | json | event="request" | route!="/live" | duration_ms>500 | line_format `{{{{.duration_ms}}}} ms {{{{.service}}}} {{{{.method}}}} {{{{.path}}}} {{{{.status}}}} trace={{{{.trace_id}}}}`',
                    "Longer than half a second.",
                ),
                lines(
                    "Which events failed?",
                    f'{ours} | json | event=~"event failed|dead letter" | line_format `{{{{.consumer}}}} {{{{.type}}}} attempt={{{{.attempt}}}} {{{{.error}}}}`',
                ),
            ),
            (lines("What is written?", '{service=~"$service",level=~"$level"} |= `$id`', height=14),),
        ),
    )
