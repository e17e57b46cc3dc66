"""What one instance of the entrypoint holds beside its kernel; made in `entrypoint.app`, nowhere else."""

import asyncio
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from litestar.connection import ASGIConnection

from entrypoint.accounts.passwords import Passwords
from entrypoint.api.clients import Clients
from entrypoint.api.openapi import Document
from entrypoint.limits.limits import Limits, Rules
from entrypoint.live.live import Live
from entrypoint.seeing.seeing import Seeing
from entrypoint.settings import EntrypointSettings
from entrypoint.watching.figures import Figures
from entrypoint.web.assets import Assets
from entrypoint.web.categories import Categories
from entrypoint.web.cookies import Signer
from entrypoint.web.reader import Languages
from souk.http.kernel import Kernel


@dataclass
class Parts:
    """This service's own parts."""

    kernel: Kernel
    settings: EntrypointSettings
    passwords: Passwords
    limits: Limits
    rules: Rules
    clients: Clients
    live: Live
    signer: Signer
    languages: Languages
    assets: Assets
    templates: Environment
    categories: Categories
    document: Document
    figures: Figures
    seeing: Seeing
    uploads: asyncio.Semaphore
    """Room for picture uploads that are being passed on."""


def parts_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Parts:
    """The parts of the instance that got this request."""
    parts: Parts = connection.app.state.parts
    return parts
