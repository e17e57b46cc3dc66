"""Proves the invariants over all services. Each service says in its `audit.py` what must hold; here they are compared."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text

import catalogue.audit
import entrypoint.audit
import payment.audit
import store.audit
from souk.audit import COMMON_CHECKS, Check, Fact, Report
from souk.database import Database, ReadSession

AUDITS = {
    "catalogue": catalogue.audit,
    "store": store.audit,
    "payment": payment.audit,
    "entrypoint": entrypoint.audit,
}

FINDINGS_MAX = 20
"""Violations shown per check; one is enough to fail."""

PATIENCE_S = 5.0
"""How long a difference may be work under way before it counts."""

STATEMENT_TIMEOUT_MS = 600_000
"""A check reads whole tables, so it may take longer than what a user waits for."""

SECTIONS = {
    1: "each transfer sums to zero; all entries sum to zero",
    2: "cached balance = sum of entries; versions 1..n; no wallet below zero",
    3: "per order: escrow in = settled + refunded + still held; paid = captured; refund <= captured",
    4: "one capture per purchase, one settlement per order",
    5: "units listed = available + reserved + sold; no reservation without an open purchase",
    6: "invoice numbers are 1..n in every series; every paid order has one invoice, every refund its credit note",
    7: "the outboxes drain; nothing waits past its deadline",
    8: "what is A's is never B's",
    9: "nothing is settled under an open problem; postage in escrow = postage in order and document",
    10: "an issued document never changes; its hash is in a block of the ledger",
}
"""The invariants by number, as misc/design.md, “Invariants”, has them."""


@dataclass(frozen=True, order=True)
class Finding:
    """Something that does not hold."""

    section: int
    where: str
    name: str
    key: str
    detail: str


async def audit(databases: Mapping[str, Database], *, patience_s: float = PATIENCE_S) -> list[Finding]:
    """All that does not hold over these services, sorted; what only was under way and settles in time is no finding."""
    loop = asyncio.get_running_loop()
    until = loop.time() + patience_s
    found = await _once(databases)
    while found and loop.time() < until:
        await asyncio.sleep(min(0.25, patience_s))
        again = await _once(databases)
        lasting = {(f.section, f.where, f.name, f.key) for f in found}
        found = [f for f in again if (f.section, f.where, f.name, f.key) in lasting]
    return sorted(found)


async def audit_chains(databases: Mapping[str, Database], known: Mapping[int, str]) -> dict[str, Report]:
    """The report of every service that keeps a chain; it reads all that is in it.

    `known` are hashes by block number, from outside the database.
    """
    async with databases["payment"].reading() as reader:
        return {"payment": await payment.audit.verify_chain(reader, known)}


async def audit_documents(databases: Mapping[str, Database], *, everything: bool) -> dict[str, Report]:
    """The report of every service that keeps documents: a sample of them, or all."""
    return {"payment": await payment.audit.verify_documents(databases["payment"], everything=everything)}


async def _once(databases: Mapping[str, Database]) -> list[Finding]:
    findings: list[Finding] = []
    facts: dict[str, list[tuple[str, int, dict[str, int]]]] = {}
    for service, database in databases.items():
        said = AUDITS[service]
        async with database.reading() as session:
            await session.execute(text(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}"))
            for check in (*said.CHECKS, *COMMON_CHECKS):
                findings += await _violations(session, service, check)
            for fact in said.FACTS:
                facts.setdefault(fact.name, []).append((service, fact.section, await _relation(session, fact)))
    for name, known in facts.items():
        findings += _compare(name, known)
    return findings


async def _violations(session: ReadSession, service: str, check: Check) -> list[Finding]:
    rows = await session.execute(text(f"SELECT * FROM ({check.sql}) AS violation LIMIT {FINDINGS_MAX}"))  # noqa: S608
    return [Finding(check.section, service, check.name, str(key), str(detail)) for key, detail in rows]


async def _relation(session: ReadSession, fact: Fact) -> dict[str, int]:
    return {str(key): int(value) for key, value in await session.execute(text(fact.sql))}


def _compare(name: str, known: list[tuple[str, int, dict[str, int]]]) -> list[Finding]:
    findings: list[Finding] = []
    first, section, left = known[0]
    for second, _, right in known[1:]:
        different = [key for key in sorted(left.keys() | right.keys()) if left.get(key, 0) != right.get(key, 0)]
        findings += [
            Finding(
                section, f"{first}/{second}", name, key, f"{first}: {left.get(key, 0)}, {second}: {right.get(key, 0)}"
            )
            for key in different[:FINDINGS_MAX]
        ]
    return findings
