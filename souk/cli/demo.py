"""`souk demo`: fill a shop with demo data."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import httpx
from litestar import Litestar
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import select

from souk.cli.home import LOGINS_FILE, data_dir
from souk.demo.fill import LISTINGS_DEFAULT, Customer, Filler, trade
from souk.demo.offers import bargain
from souk.demo.people import DemoPerson
from souk.http.kernel import Kernel
from souk.runtime import Shop, create_app, settings_type
from souk.settings import load

FUNDED = (("Maya Okafor", "maya@example.org"), ("Jonas Lind", "jonas@example.org"))
ADMIN = ("Robin Hale", "admin@example.org")
MONEY = 150_000
"""What the funded users start with, in minor units."""

SELLERS_MIN, SELLERS_MAX = 60, 500
WORDS = [
    "amber",
    "anchor",
    "apple",
    "arrow",
    "basil",
    "beacon",
    "bramble",
    "brass",
    "cedar",
    "cherry",
    "cinder",
    "clover",
    "copper",
    "coral",
    "cotton",
    "dune",
    "ember",
    "fennel",
    "fern",
    "flint",
    "garnet",
    "ginger",
    "harbor",
    "hazel",
    "heather",
    "indigo",
    "ivory",
    "juniper",
    "lagoon",
    "lantern",
    "lemon",
    "linen",
    "maple",
    "marble",
    "meadow",
    "mint",
    "moss",
    "nettle",
    "nutmeg",
    "oak",
    "olive",
    "onyx",
    "opal",
    "orchid",
    "pebble",
    "pepper",
    "pine",
    "plum",
    "poppy",
    "quartz",
    "quill",
    "reef",
    "river",
    "rowan",
    "saffron",
    "sage",
    "sienna",
    "silver",
    "slate",
    "spruce",
    "teal",
    "thistle",
    "timber",
    "topaz",
    "tulip",
    "velvet",
    "walnut",
    "willow",
]


@click.command()
@click.option("--listings", "count", type=click.IntRange(1, 1_000_000), default=LISTINGS_DEFAULT, show_default=True)
@click.option("--pictures/--no-pictures", default=True, show_default=True, help="Draw pictures for them.")
def demo(count: int, pictures: bool) -> None:
    """Fill the shop with demo data; what is there already stays as it is.

    Embedded, that is the shop in the data folder; in other sizes it needs the entrypoint's settings and network.
    """
    click.echo(asyncio.run(_demo(count, pictures)))


async def _demo(count: int, pictures: bool) -> str:
    settings = load(settings_type("entrypoint"))
    folder = data_dir()
    if settings.size == "embedded":
        from souk.cli.run import open_shop  # noqa: PLC0415 - run knows this module too

        async with open_shop(folder, log_level="WARNING") as shop:
            return await fill(shop.entrypoint, folder, count, pictures=pictures)
    entrypoint = create_app("entrypoint", settings)  # asked in this process; its events wait for a running one
    try:
        return await fill(entrypoint, folder, count, pictures=pictures)
    finally:
        await entrypoint.state.kernel.database.close()


async def fill_if_empty(shop: Shop, folder: Path) -> None:
    """Fill a shop in which nobody has an account yet."""
    users: Any = import_module("entrypoint.accounts.tables").UserRow
    async with shop.kernel("entrypoint").database.reading() as session:
        if await session.scalar(select(users.id).limit(1)) is not None:
            return
    await fill(shop.entrypoint, folder, LISTINGS_DEFAULT, pictures=True)


async def fill(entrypoint: Litestar, folder: Path, count: int, *, pictures: bool) -> str:
    """Fill the shop, with a progress bar, and keep the logins in the data folder; returns them, if they are new."""
    kernel: Kernel = entrypoint.state.kernel
    people = _People(kernel)
    catalogue = kernel.client("catalogue")
    with _bars() as report:
        filler = Filler(
            catalogue, people.account, now=kernel.clock.now(), currency=kernel.settings.currency, progress=report
        )
        try:
            sellers = await filler.sellers(min(SELLERS_MAX, max(SELLERS_MIN, count // 40)))
            if pictures:
                await filler.pictures(count)
            await filler.list_all(count, sellers)
        finally:
            await catalogue.close()
        logins = await people.logins()
        if not logins:
            return "Everybody has their accounts already."
        known = {str(seller.id): seller.person for seller in sellers}
        await _trade(entrypoint, people, known, report, pictures=pictures)
    _keep(folder, logins)
    return logins


def _keep(folder: Path, logins: str) -> None:
    """The logins beside the data, for their owner's eyes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LOGINS_FILE).touch(mode=0o600)
    (folder / LOGINS_FILE).write_text(logins)


async def _trade(
    entrypoint: Litestar,
    people: "_People",
    sellers: dict[str, DemoPerson],
    report: Callable[..., None],
    *,
    pictures: bool,
) -> None:
    currency = entrypoint.state.kernel.settings.currency
    transport = httpx.ASGITransport(app=entrypoint)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as http:

        async def customer(user_id: UUID, person: DemoPerson) -> Customer:
            return Customer(http, await people.token(user_id), person, currency)

        async def customer_of(user_id: str) -> Customer:
            return await customer(UUID(user_id), sellers[user_id])

        [(admin_id, admin)] = people.admins.items()
        issuer = await customer(admin_id, admin)
        buyers = []
        for user_id, person in people.funded.items():
            await issuer.issue_money(user_id, MONEY)
            buyers.append(await customer(user_id, person))
        await trade(buyers, customer_of, report)
        await bargain(buyers, customer_of, report, pictures=pictures)
    await people.forget_tokens()


class _People:
    """Accounts for demo people. Nobody knows the sellers' passwords; the funded users' and the admin's are printed."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._accounts: Any = import_module("entrypoint.accounts.accounts")
        self._tokens: Any = import_module("entrypoint.tokens.tokens")
        passwords: Any = import_module("entrypoint.accounts.passwords")
        self._passwords = passwords.Passwords(kernel.settings)
        self._issued: list[tuple[UUID, UUID]] = []
        self.funded: dict[UUID, DemoPerson] = {}
        self.admins: dict[UUID, DemoPerson] = {}

    async def account(self, person: DemoPerson, password: str = "") -> UUID:
        """The person's account, made if it is not there."""
        async with self._kernel.database.transaction() as session:
            found = await self._accounts.find_by_email(session, person.email)
            if found is None:
                new = self._accounts.NewUser(
                    email=person.email,
                    password=password or secrets.token_urlsafe(18),
                    display_name=person.name,
                    country=person.country,
                )
                found = await self._accounts.register(
                    session, self._kernel.outbox, self._passwords, new, self._kernel.clock.now()
                )
        user_id: UUID = found.id
        return user_id

    async def logins(self) -> str:
        """Make the two funded users and the admin; the text that tells how they log in, or nothing if they exist."""
        async with self._kernel.database.reading() as reader:
            if await self._accounts.find_by_email(reader, ADMIN[1]) is not None:
                return ""
        lines = []
        for name, email in (*FUNDED, ADMIN):
            password = "-".join(secrets.choice(WORDS) for _ in range(4))
            person = DemoPerson(0, name, email, "IE", "en", "Dublin", "D02 X285", "12 Fade Street", business=False)
            user_id = await self.account(person, password)
            if email == ADMIN[1]:
                await self._make_admin(user_id)
                self.admins[user_id] = person
            else:
                self.funded[user_id] = person
            role = "admin" if email == ADMIN[1] else "funded user"
            lines.append(f"  {role:12} {email:20} {password}")
        return "\n".join(lines) + "\n"

    async def _make_admin(self, user_id: UUID) -> None:
        async with self._kernel.database.transaction() as session:
            await self._accounts.grant_role(session, user_id, "admin", by="souk demo", now=self._kernel.clock.now())

    async def token(self, user_id: UUID) -> str:
        """An API token for the time of filling."""
        async with self._kernel.database.transaction() as session:
            issued = await self._tokens.issue(
                session, self._kernel.settings, user_id, "souk demo", self._kernel.clock.now()
            )
        self._issued.append((user_id, issued.id))
        return str(issued.token)

    async def forget_tokens(self) -> None:
        """Revoke what `token` gave out."""
        async with self._kernel.database.transaction() as session:
            for user_id, token_id in self._issued:
                await self._tokens.revoke(session, user_id, token_id)


class _Bars:
    """Progress bars, one for each kind of thing."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, Any] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        task = self._tasks.get(what)
        if task is None:
            task = self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.update(task, completed=done, total=total)


@contextmanager
def _bars() -> Iterator[_Bars]:
    columns = TextColumn("  {task.description:10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield _Bars(progress)
