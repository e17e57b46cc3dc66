"""What a service says in its `audit.py` must hold; `shop/audit.py` asks all of them, and compares.

A `Check` is a query over one service's database that finds violations. A `Fact` is a relation (key → number)
that two services each know from their own tables; facts of the same name must be equal.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """A query whose every row is a violation: (key, what is wrong)."""

    section: int
    name: str
    sql: str


@dataclass(frozen=True)
class Fact:
    """A query of (key, whole number), for every key where the number is not zero."""

    section: int
    name: str
    sql: str


@dataclass(frozen=True)
class Report:
    """What came of computing something of a service anew: its chain of hashes, or its documents."""

    summary: str
    """The state in a line, or where and why it is broken."""
    sound: bool


COMMON_CHECKS = (
    Check(
        7,
        "outbox drains",
        """SELECT id::text, type || ' has waited since ' || created_at FROM outbox
           WHERE status = 'pending' AND created_at < now() - interval '60 seconds'""",
    ),
    Check(
        7,
        "no dead letters wait",
        "SELECT id::text, consumer || ' gave up on ' || type || ': ' || left(error, 200) FROM dead_letter WHERE status = 'waiting'",
    ),
)
