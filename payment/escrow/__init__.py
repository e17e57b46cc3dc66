"""Escrow: what buyers paid, held per order until it is settled or refunded."""
