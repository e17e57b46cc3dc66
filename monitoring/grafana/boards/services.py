"""How the services do: requests, events, pools."""

from monitoring.grafana.parts import REQUESTS, SERVICES, Dashboard, choice, graph, quantile, stat, with_exemplars

ANY_SERVICE = choice("service", "Service", SERVICES)


def board() -> Dashboard:
    """How the services do: requests, events, pools."""
    chosen = 'service=~"$service"'
    asked = f'{chosen},route!~"/metrics|/health.*"'
    return Dashboard(
        uid="souk-services",
        title="2 Services",
        about="Requests and events: how many, how fast, how many fail.",
        variables=(ANY_SERVICE,),
        rows=(
            (
                stat(
                    "Is everybody up?",
                    "min(job:up:sum >= bool job:instances:expected)",
                    "bool_yes_no",
                    "Every service, with as many instances as the settings say.",
                    good_above=1,
                ),
                stat(
                    "Is the shop reachable?",
                    "min(probe_success)",
                    "bool_yes_no",
                    "Asked as a visitor would.",
                    good_above=1,
                ),
                stat(
                    "Which share of requests fails?",
                    "souk:request_errors:ratio_5m",
                    "percentunit",
                    "5xx of the public requests in 5 minutes; 0.1 % is promised.",
                    bad_above=0.001,
                    decimals=2,
                ),
                stat(
                    "Which share is slow?",
                    "souk:request_slow:ratio_5m",
                    "percentunit",
                    "Public requests longer than half a second, without streams and those that asked to wait; 1 % is promised.",
                    bad_above=0.01,
                    decimals=2,
                ),
                stat(
                    "Does an event wait?",
                    "max(souk_outbox_lag_seconds)",
                    "s",
                    "Age of the oldest event not yet told.",
                    bad_above=30,
                ),
                stat(
                    "Are there dead letters?",
                    "sum(max by (service) (souk_dead_letters))",
                    "short",
                    "Events given up on.",
                    bad_above=1,
                    decimals=0,
                ),
                stat(
                    "Which alerts fire?",
                    'sum(ALERTS{alertstate="firing"}) or vector(0)',
                    "short",
                    bad_above=1,
                    decimals=0,
                ),
            ),
            (
                graph(
                    "How much is asked?",
                    {
                        "by people": "sum(rate(souk_public_requests_total[$__rate_interval]))",
                        "{{service}}": f"sum by (service) (rate(http_server_requests_total{{{asked}}}[$__rate_interval]))",
                    },
                    "reqps",
                    "People ask the entrypoint, which asks the others. Without /metrics and /health.",
                ),
                graph(
                    "What fails?",
                    {
                        "{{service}} {{method}} {{route}} {{outcome}}": f'sum by (service, method, route, outcome) (rate(http_server_requests_total{{{asked},outcome!="answered"}}[$__rate_interval])) > 0'
                    },
                    "reqps",
                    "Requests that were refused (4xx) or failed (5xx), by route.",
                ),
            ),
            (
                with_exemplars(
                    graph(
                        "How long do requests take?",
                        {
                            "half {{service}}": quantile(0.5, REQUESTS, "service", asked),
                            "99 % {{service}}": quantile(0.99, REQUESTS, "service", asked),
                        },
                        "s",
                        "Without streams, and requests that asked to wait. Dots are single requests: click one for its trace.",
                    )
                ),
                graph(
                    "Which routes are slowest?",
                    {
                        "{{service}} {{method}} {{route}}": f"topk(8, {quantile(0.95, REQUESTS, 'service, method, route', asked)})"
                    },
                    "s",
                    "95 % are faster.",
                ),
            ),
            (
                graph(
                    "How far behind are consumers?",
                    {"{{consumer}}": quantile(0.95, "souk_event_lag_seconds", "consumer", chosen)},
                    "s",
                    "From an event's emission until it is handled, 95 %.",
                ),
                graph(
                    "What becomes of events?",
                    {
                        "{{consumer}} {{outcome}}": f"sum by (consumer, outcome) (rate(souk_events_handled_total{{{chosen}}}[$__rate_interval]))"
                    },
                    "ops",
                    "`failed` ones are tried again; `dead` ones wait for an operator.",
                ),
            ),
            (
                graph(
                    "How many events share a transaction?",
                    {
                        "{{consumer}}": f"sum by (consumer) (rate(souk_event_batch_size_sum{{{chosen}}}[$__rate_interval])) / sum by (consumer) (rate(souk_event_batch_size_count{{{chosen}}}[$__rate_interval]))"
                    },
                    "short",
                ),
                graph(
                    "Are there connections left?",
                    {
                        "{{service}}": f"sum by (service) (souk_database_connections{{{chosen}}}) / sum by (service) (souk_database_connections_max{{{chosen}}})"
                    },
                    "percentunit",
                    "Share of the pools in use.",
                ),
                graph("Do passwords queue?", {"being hashed or waiting": "sum(souk_argon2_queue)"}, "short"),
            ),
            (
                graph(
                    "How much processor do they take?",
                    {
                        "{{job}} {{instance}}": 'rate(process_cpu_seconds_total{job=~"entrypoint|catalogue|store|payment"}[$__rate_interval])'
                    },
                    "percentunit",
                    "1 is one core.",
                ),
                graph(
                    "How much memory do they take?",
                    {
                        "{{job}} {{instance}}": 'process_resident_memory_bytes{job=~"entrypoint|catalogue|store|payment"}'
                    },
                    "bytes",
                ),
            ),
        ),
    )
