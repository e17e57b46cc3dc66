"""`souk audit`: prove the invariants over all services."""

import asyncio
import re
import sys

import click
from pydantic import ValidationError

from payment.audit import noted_outside
from payment.settings import PaymentSettings
from shop.audit import PATIENCE_S, SECTIONS, Finding, audit_chains, audit_documents
from shop.audit import audit as run_audit
from shop.databases import all_databases, data_dir, explained
from souk.audit import Report
from souk.settings import load


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
@click.option(
    "--chain", is_flag=True, help="Compute the hashes of all closed blocks anew, and compare them with the file."
)
@click.option("--known", type=KnownBlock(), multiple=True, help="A block that must be there, from the log or a proof.")
@click.option("--documents", is_flag=True, help="Draw all documents anew, not only a sample, and compare them.")
def audit(patience: float, chain: bool, known: tuple[tuple[int, str], ...], documents: bool) -> None:
    """Check every invariant; exits 1 and names each difference if something does not hold."""
    outside = _noted_outside() if chain or known else {}
    for number, digest in known:
        if outside.setdefault(number, digest) != digest:
            raise click.ClickException(
                f"block {number} was noted outside the database as {outside[number]}, not {digest}"
            )
    findings, chains, drawn = asyncio.run(_audit(patience, outside if chain or known else None, everything=documents))
    for number, title in SECTIONS.items():
        mine = [finding for finding in findings if finding.section == number]
        click.echo(f"{'FAILED' if mine else 'ok':6}  {number}. {title}")
        for finding in mine:
            click.echo(f"        {finding.where}: {finding.name}: {finding.key}: {finding.detail}")
    for service, report in chains.items():
        click.echo(f"{'ok' if report.sound else 'FAILED':6}  {service} chain: {report.summary}")
    for service, report in drawn.items():
        click.echo(f"{'ok' if report.sound else 'FAILED':6}  {service} documents: {report.summary}")
    differences = len(findings) + sum(not report.sound for report in (*chains.values(), *drawn.values()))
    if differences:
        click.echo(f"\n{differences} differences")
        sys.exit(1)
    click.echo("\nEverything adds up.")


def _noted_outside() -> dict[int, str]:
    """What the ledger's newest blocks were noted as outside its database, and says where."""
    try:
        settings = load(PaymentSettings).model_copy(update={"data_dir": data_dir()})
    except ValidationError as wrong:
        raise click.ClickException(explained(wrong)) from wrong
    path, blocks = noted_outside(settings)
    told = f"{len(blocks)} blocks are noted in {path}" if blocks else f"no block is noted in {path}"
    click.echo(f"        payment chain: {told}")
    return dict(blocks)


async def _audit(
    patience: float, known: dict[int, str] | None, *, everything: bool
) -> tuple[list[Finding], dict[str, Report], dict[str, Report]]:
    async with all_databases() as databases:
        findings = await run_audit(databases, patience_s=patience)
        chains = {} if known is None else await audit_chains(databases, known)
        return findings, chains, await audit_documents(databases, everything=everything)
