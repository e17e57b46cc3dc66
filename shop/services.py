"""The four services by name: their settings and their app.

Apps are imported when they are needed: all four take a second, which commands that only look something up do without.
"""

from collections.abc import Mapping

from litestar import Litestar

from catalogue.settings import CatalogueSettings
from entrypoint.settings import EntrypointSettings
from payment.settings import PaymentSettings
from souk.clock import Clock
from souk.events import Transport
from souk.settings import Settings
from store.settings import StoreSettings

SETTINGS: Mapping[str, type[Settings]] = {
    "catalogue": CatalogueSettings,
    "payment": PaymentSettings,
    "store": StoreSettings,
    "entrypoint": EntrypointSettings,
}


def load_services() -> None:
    """Import all services: that takes a second, which may be spent while a database starts."""
    import catalogue.app  # noqa: F401
    import entrypoint.app  # noqa: F401
    import payment.app  # noqa: F401
    import store.app  # noqa: F401


def create_app(
    settings: Settings,
    *,
    transport: Transport | None = None,
    clock: Clock | None = None,
    peers: Mapping[str, Litestar] | None = None,
) -> Litestar:
    """The app of the service whose settings these are, by its own factory."""
    match settings:
        case CatalogueSettings():
            from catalogue import app as catalogue

            return catalogue.create_app(settings, transport=transport, clock=clock, peers=peers)
        case PaymentSettings():
            from payment import app as payment

            return payment.create_app(settings, transport=transport, clock=clock, peers=peers)
        case StoreSettings():
            from store import app as store

            return store.create_app(settings, transport=transport, clock=clock, peers=peers)
        case EntrypointSettings():
            from entrypoint import app as entrypoint

            return entrypoint.create_app(settings, transport=transport, clock=clock, peers=peers)
    raise TypeError(f"{type(settings).__name__} are no service's settings")
