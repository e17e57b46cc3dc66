"""Asks a database for all that a service's audit would find, at once: most tests end with it."""

from collections.abc import Sequence

from souk.audit import Check

QUOTE = "'"


def violations_sql(checks: Sequence[Check]) -> str:
    """One query over all checks; every row is a violation: (check, key, what is wrong)."""
    return " UNION ALL ".join(
        f"SELECT '{check.name.replace(QUOTE, QUOTE * 2)}', found.key::text, found.detail::text FROM ({check.sql}) AS found (key, detail)"
        for check in checks
    )
