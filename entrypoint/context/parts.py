"""What one instance of the entrypoint holds beside its kernel; made in `entrypoint.app`, nowhere else."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment
from litestar.connection import ASGIConnection

from entrypoint.accounts.passwords import Passwords
from entrypoint.clients.cached import Cached
from entrypoint.clients.clients import Clients
from entrypoint.key_figures.key_figures import KeyFigures
from entrypoint.limits.guesses import Guesses
from entrypoint.limits.limits import Limits, Rules
from entrypoint.live.live import Live
from entrypoint.openapi.openapi import Document
from entrypoint.sessions.remembered import RememberedTokens
from entrypoint.settings import EntrypointSettings
from entrypoint.view_counts.view_counts import ViewCounts
from entrypoint.web.assets import Assets
from entrypoint.web.categories import Categories
from entrypoint.web.cookies import Signer
from entrypoint.web.kept_pages import KeptPages
from entrypoint.web.reader import Languages
from entrypoint.web.tiles import Tiles
from souk.contracts.payment.wallets import Terms
from souk.http.kernel import Kernel


@dataclass
class Arriving:
    """What is still to come into a shop that is being filled, see `entrypoint.context.filling`."""

    left: int = 0
    """Listings that are still to come."""
    past: bool = False
    """Whether a demo's past is being told."""

    def begin(self, listings: int, *, past: bool) -> None:
        """So many listings are to come, and perhaps a past is to be told."""
        self.left, self.past = listings, past

    def came(self, listings: int) -> None:
        """So many of them are there."""
        self.left = max(0, self.left - listings)

    def told(self) -> None:
        """The past is over."""
        self.past = False


@dataclass
class Parts:
    """This service's own parts."""

    kernel: Kernel
    settings: EntrypointSettings
    passwords: Passwords
    limits: Limits
    guesses: Guesses
    rules: Rules
    clients: Clients
    remembered: RememberedTokens
    live: Live
    signer: Signer
    languages: Languages
    assets: Assets
    templates: Environment
    pages: KeptPages
    categories: Categories
    terms: Cached[Terms]
    """What the marketplace takes."""
    tiles: Tiles
    document: Document
    key_figures: KeyFigures
    view_counts: ViewCounts
    uploads: asyncio.Semaphore
    """Room for picture uploads that are being passed on."""
    arriving: Arriving = field(default_factory=Arriving)


def parts_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Parts:
    """The parts of the instance that got this request."""
    parts: Parts = connection.app.state.parts
    return parts
