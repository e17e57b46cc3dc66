"""`souk demo`: fill a shop with demo data. `souk run` fills a new shop in the same way, while it is open."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from shop.cli.filling import Filling, Settled
from shop.databases import data_dir
from shop.demo.fill import LISTINGS_DEFAULT
from shop.embedded import only_one, open_shop, settling
from shop.services import SETTINGS, create_app
from souk.database.fixed_settings import CurrencyDiffers
from souk.observability.logging import get_logger
from souk.settings import load


@click.command()
@click.option("--listings", "count", type=click.IntRange(1, 1_000_000), default=LISTINGS_DEFAULT, show_default=True)
@click.option("--pictures/--no-pictures", default=True, show_default=True, help="Draw pictures for them.")
def demo(count: int, pictures: bool) -> None:
    """Fill the shop with demo data; what is there already stays as it is.

    Embedded, that is the shop in the data folder, and its people have a past of two months. In other sizes the services'
    clocks cannot be turned back: there all that the past tells happens now. That needs the entrypoint's settings and
    network. A filling that was interrupted goes on at the next call, or start. An embedded shop must not be open meanwhile.
    """
    try:
        click.echo(asyncio.run(_demo(count, pictures)))
    except CurrencyDiffers as differs:
        raise click.ClickException(str(differs)) from differs


async def _demo(count: int, pictures: bool) -> str:
    settings = load(SETTINGS["entrypoint"])
    folder = data_dir()
    async with AsyncExitStack() as stack:
        settled: Settled | None = None
        if settings.size == "embedded":
            stack.enter_context(only_one(folder))
            shop = await stack.enter_async_context(open_shop(folder, log_level="WARNING"))
            entrypoint, settled = shop.entrypoint, settling(shop)
        else:
            entrypoint = create_app(settings)  # its events wait for one that runs
            stack.push_async_callback(entrypoint.state.kernel.database.close)
        filling = await Filling.begin(entrypoint, folder, count, pictures=pictures, settled=settled)
        if filling is None:
            return "Everybody has their accounts already, and all listings are there."
        with _bars() as report:
            await filling.run(report)
        return filling.logins.text()


@asynccontextmanager
async def meanwhile(filling: Filling) -> AsyncIterator[asyncio.Task[None]]:
    """Fill while the shop is open, in a task; leaving ends it, and the next start goes on."""
    work = asyncio.create_task(_fill_and_tell(filling))
    try:
        yield work
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def _fill_and_tell(filling: Filling) -> None:
    count, started = filling.state.listings, time.monotonic()
    click.echo(f"  {count:,} demo listings are on their way, and two months of their people's past.\n", err=True)
    try:
        await filling.run(lambda *_: None)
    except Exception as failure:
        get_logger("demo").error("filling stopped", error=repr(failure), exc_info=failure)
        click.echo(f"  The demo is not complete: {_cause(failure)!r}. The next start goes on with it.\n", err=True)
    else:
        click.echo(f"  The demo is complete, after {time.monotonic() - started:.0f} s.\n", err=True)


def _cause(failure: Exception) -> BaseException:
    """What went wrong first, of all that failed together."""
    cause: BaseException = failure
    while isinstance(cause, BaseExceptionGroup):
        cause = cause.exceptions[0]
    return cause


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
