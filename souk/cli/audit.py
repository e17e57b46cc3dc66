"""`souk audit`: prove the invariants over all services."""

import asyncio
import re
import sys

import click

from souk.audit import PATIENCE_S, SECTIONS, ChainReport, Finding, audit_chains
from souk.audit import audit as run_audit
from souk.cli.home import all_databases


class KnownBlock(click.ParamType[tuple[int, str]]):
    """`NUMBER:HASH`, as the audit and the log print it."""

    name = "number:hash"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, str]:
        """Raise click's own error for anything else."""
        number, _, digest = value.partition(":")
        if not number.isdecimal() or not re.fullmatch("[0-9a-f]{64}", digest.lower()):
            self.fail(f"{value!r} is not a block's number and its hash, such as 12:{64 * '0'}", param, ctx)
        return int(number), digest.lower()


@click.command()
@click.option("--patience", default=PATIENCE_S, show_default=True, help="Seconds that work under way may take.")
@click.option("--chain", is_flag=True, help="Compute the hashes of all closed blocks of transfers anew as well.")
@click.option("--known", type=KnownBlock(), multiple=True, help="A block that must be there, from the log or a proof.")
def audit(patience: float, chain: bool, known: tuple[tuple[int, str], ...]) -> None:
    """Check every invariant; exits 1 and names each difference if something does not hold."""
    findings, chains = asyncio.run(_audit(patience, dict(known) if chain or known else None))
    for number, title in SECTIONS.items():
        mine = [finding for finding in findings if finding.section == number]
        click.echo(f"{'FAILED' if mine else 'ok':6}  {number}. {title}")
        for finding in mine:
            click.echo(f"        {finding.where}: {finding.name}: {finding.key}: {finding.detail}")
    for service, report in chains.items():
        click.echo(f"{'ok' if report.sound else 'FAILED':6}  {service} chain: {report.summary}")
    differences = len(findings) + sum(not report.sound for report in chains.values())
    if differences:
        click.echo(f"\n{differences} differences")
        sys.exit(1)
    click.echo("\nEverything adds up.")


async def _audit(patience: float, known: dict[int, str] | None) -> tuple[list[Finding], dict[str, ChainReport]]:
    async with all_databases() as databases:
        findings = await run_audit(databases, patience_s=patience)
        return findings, {} if known is None else await audit_chains(databases, known)
