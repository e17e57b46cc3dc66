"""Whether the money is right."""

from monitoring.grafana.parts import MINOR_UNITS, MONEY, Dashboard, graph, quantile, signed, stat


def board() -> Dashboard:
    """Whether the money is right."""
    return Dashboard(
        uid="souk-ledger",
        title="3 Ledger",
        about="Issued = wallets + escrow + fees + receivables, always.",
        rows=(
            (
                stat(
                    "Does the money add up?",
                    f"max(souk_ledger_imbalance_minor_units) / {MINOR_UNITS}",
                    MONEY,
                    "Issued less all that is held: anything but zero is an alarm.",
                    bad_above=0.01,
                ),
                stat(
                    "How old is the proof?",
                    "time() - max(souk_ledger_proof_timestamp_seconds)",
                    "s",
                    bad_above=120,
                    decimals=0,
                ),
                stat(
                    "How long do transfers wait for a block?",
                    "max(souk_ledger_unchained_seconds)",
                    "s",
                    bad_above=120,
                    decimals=0,
                ),
                stat(
                    "How old is the newest block?",
                    "time() - max(souk_ledger_block_timestamp_seconds)",
                    "s",
                    "Blocks are closed while there are transfers.",
                    decimals=0,
                ),
                stat("How much was issued?", f"max(souk_issued_minor_units) / {MINOR_UNITS}", MONEY),
                stat(
                    "What do sellers owe?",
                    f"max(souk_receivables_minor_units) / {MINOR_UNITS}",
                    MONEY,
                    "Refunds that a wallet could not cover.",
                ),
            ),
            (
                graph(
                    "How much is posted?",
                    {
                        "{{kind}}": 'sum by (kind) (rate(souk_ledger_transfers_total{outcome="accepted"}[$__rate_interval]))'
                    },
                    "ops",
                    "Transfers per second.",
                ),
                graph(
                    "What is not posted, and why?",
                    {
                        "{{outcome}}": 'sum by (outcome) (rate(souk_ledger_transfers_total{outcome!="accepted"}[$__rate_interval]))'
                    },
                    "ops",
                ),
            ),
            (
                graph(
                    "How large are the batches?",
                    {
                        "mean": "sum(rate(souk_ledger_batch_size_sum[$__rate_interval])) / sum(rate(souk_ledger_batch_size_count[$__rate_interval]))",
                        "95 %": quantile(0.95, "souk_ledger_batch_size", ""),
                    },
                    "short",
                    "Transfers posted in one statement.",
                ),
                graph(
                    "Is there work for the sweepers?",
                    {"{{service}} {{sweeper}}": "sum by (service, sweeper) (rate(souk_swept_total[$__rate_interval]))"},
                    "ops",
                    "Roll-ups, deadlines, retention.",
                ),
            ),
            (
                signed(
                    graph(
                        "Was there ever a difference?",
                        {"difference": f"max(souk_ledger_imbalance_minor_units) / {MINOR_UNITS}"},
                        MONEY,
                    )
                ),
                graph(
                    "How much is held?",
                    {
                        "wallets": f"max(souk_wallets_minor_units) / {MINOR_UNITS}",
                        "escrow": f"max(souk_escrow_minor_units) / {MINOR_UNITS}",
                        "receivables": f"max(souk_receivables_minor_units) / {MINOR_UNITS}",
                    },
                    MONEY,
                ),
            ),
        ),
    )
