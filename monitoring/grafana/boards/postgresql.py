"""The databases."""

from monitoring.grafana.parts import Dashboard, graph, stat


def board() -> Dashboard:
    """The databases."""
    ours = 'datname=~"souk_.+"'
    return Dashboard(
        uid="souk-postgresql",
        title="5 PostgreSQL",
        about="Connections, transactions, locks, sizes.",
        rows=(
            (
                stat("Does it answer?", "min(pg_up)", "bool_yes_no", good_above=1),
                stat(
                    "Are there connections left?",
                    "sum(pg_stat_activity_count) / max(pg_settings_max_connections)",
                    "percentunit",
                    "Share taken.",
                    bad_above=0.8,
                    decimals=0,
                ),
                stat(
                    "How long is the longest transaction?",
                    "max(pg_stat_activity_max_tx_duration)",
                    "s",
                    bad_above=30,
                    decimals=1,
                ),
                stat(
                    "Is the cache large enough?",
                    f"sum(rate(pg_stat_database_blks_hit{{{ours}}}[$__rate_interval])) / (sum(rate(pg_stat_database_blks_hit{{{ours}}}[$__rate_interval])) + sum(rate(pg_stat_database_blks_read{{{ours}}}[$__rate_interval])))",
                    "percentunit",
                    "Share of pages found in memory.",
                    good_above=0.95,
                    decimals=1,
                ),
            ),
            (
                graph(
                    "How many transactions?",
                    {
                        "{{datname}}": f"sum by (datname) (rate(pg_stat_database_xact_commit{{{ours}}}[$__rate_interval]))"
                    },
                    "ops",
                    "Commits per second.",
                ),
                graph(
                    "How many are rolled back, or deadlock?",
                    {
                        "rolled back {{datname}}": f"sum by (datname) (rate(pg_stat_database_xact_rollback{{{ours}}}[$__rate_interval]))",
                        "deadlocks {{datname}}": f"sum by (datname) (rate(pg_stat_database_deadlocks{{{ours}}}[$__rate_interval]))",
                    },
                    "ops",
                    "Reads end by rolling back, which is harmless.",
                ),
            ),
            (
                graph(
                    "Who holds connections?",
                    {"{{datname}} {{state}}": f"sum by (datname, state) (pg_stat_activity_count{{{ours}}})"},
                    "short",
                    stacked=True,
                ),
                graph(
                    "Who holds locks?",
                    {"{{datname}} {{mode}}": f"sum by (datname, mode) (pg_locks_count{{{ours}}})"},
                    "short",
                ),
            ),
            (
                graph(
                    "How do the databases grow?",
                    {"{{datname}}": f"max by (datname) (pg_database_size_bytes{{{ours}}})"},
                    "bytes",
                ),
                graph(
                    "What is written?",
                    {
                        "{{datname}}": f"sum by (datname) (rate(pg_stat_database_tup_inserted{{{ours}}}[$__rate_interval]) + rate(pg_stat_database_tup_updated{{{ours}}}[$__rate_interval]) + rate(pg_stat_database_tup_deleted{{{ours}}}[$__rate_interval]))"
                    },
                    "wps",
                    "Rows inserted, updated, deleted per second.",
                ),
            ),
        ),
    )
