"""The broker."""

from monitoring.grafana.parts import Dashboard, graph, stat

QUEUES = 'queue=~"souk[.].+"'


def board() -> Dashboard:
    """The broker."""
    return Dashboard(
        uid="souk-rabbitmq",
        title="4 RabbitMQ",
        about="Queues of the consumers, and the broker under them.",
        rows=(
            (
                stat(
                    "Does every queue have a consumer?",
                    f'min(sum by (queue) (rabbitmq_detailed_queue_consumers{{{QUEUES},queue!~".+[.]retry[.].+"}}))',
                    "short",
                    "The fewest that any queue has.",
                    good_above=1,
                    decimals=0,
                ),
                stat(
                    "How much waits?", f"sum(rabbitmq_detailed_queue_messages_ready{{{QUEUES}}})", "short", decimals=0
                ),
                stat(
                    "How much is being retried?",
                    'sum(rabbitmq_detailed_queue_messages{queue=~"souk[.].+[.]retry[.].+"})',
                    "short",
                    decimals=0,
                ),
                stat("How many connections?", "sum(rabbitmq_connections)", "short", decimals=0),
            ),
            (
                graph(
                    "Where do messages wait?",
                    {"{{queue}}": f"sum by (queue) (rabbitmq_detailed_queue_messages_ready{{{QUEUES}}})"},
                    "short",
                ),
                graph(
                    "What is delivered and not answered?",
                    {"{{queue}}": f"sum by (queue) (rabbitmq_detailed_queue_messages_unacked{{{QUEUES}}})"},
                    "short",
                ),
            ),
            (
                graph(
                    "How much passes through?",
                    {
                        "published": "sum(rate(rabbitmq_global_messages_received_total[$__rate_interval]))",
                        "delivered": "sum(rate(rabbitmq_global_messages_delivered_total[$__rate_interval]))",
                        "confirmed": "sum(rate(rabbitmq_global_messages_confirmed_total[$__rate_interval]))",
                    },
                    "ops",
                ),
                graph(
                    "Was anything unroutable or redelivered?",
                    {
                        "unroutable": "sum(rate(rabbitmq_global_messages_unroutable_returned_total[$__rate_interval]))",
                        "redelivered": "sum(rate(rabbitmq_global_messages_redelivered_total[$__rate_interval]))",
                    },
                    "ops",
                ),
            ),
            (
                graph(
                    "Is there memory left?",
                    {
                        "used": "sum(rabbitmq_process_resident_memory_bytes)",
                        "limit": "sum(rabbitmq_resident_memory_limit_bytes)",
                    },
                    "bytes",
                    "At the limit publishers are held back.",
                ),
                graph(
                    "Is there disk left?",
                    {
                        "free": "sum(rabbitmq_disk_space_available_bytes)",
                        "limit": "sum(rabbitmq_disk_space_available_limit_bytes)",
                    },
                    "bytes",
                ),
            ),
        ),
    )
