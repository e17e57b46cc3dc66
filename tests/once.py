"""What every app makes anew at its start and is the same each time is made once per test worker: the table of routes,
templates' code, the SQL of statements.

Four apps take 0.7 s of a core, nearly all of it for routes, and there are two thousand tests. What a test gets is still wired
for it alone: only what depends on nothing but the code is shared.
"""

from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemBytecodeCache
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.events import SimpleEventEmitter
from litestar.stores.registry import StoreRegistry
from litestar.utils import ensure_async_callable
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import create_async_engine

import entrypoint.web.templates
import souk.database.engine
import souk.http.app
from souk.database.provision import SERVICES

SINGLETONS = "tests.singletons"
"""Key of an app's state: what its own `dependencies` give, by name."""

AGREE = frozenset({"exception_handlers", "request_max_body_size", "request_class", "debug", "logging_config"})
"""Arguments that apps over one table of routes must have in common."""

OWN = frozenset({"route_handlers", "dependencies", "lifespan", "state", "before_send", "middleware", "openapi_config"})
"""Arguments that each has for itself, or that follow from its service's name."""


def _singleton(name: str) -> Provide:
    """Gives what the asked app has under this name."""

    def find(state: State) -> Any:
        return state[SINGLETONS][name]

    return Provide(find, sync_to_thread=False)


class Laid:
    """Makes apps as `Litestar` does, over routes that are laid once for all with the same ones."""

    def __init__(self) -> None:
        self._laid: dict[Any, tuple[Litestar, Any]] = {}

    def __call__(
        self,
        *,
        route_handlers: Sequence[Any],
        dependencies: dict[str, Provide],
        lifespan: Sequence[Any],
        middleware: Sequence[Any],
        state: State,
        before_send: Sequence[Callable[..., Any]] = (),
        **more: Any,
    ) -> Litestar:
        given = {"route_handlers": route_handlers, "dependencies": dependencies, "lifespan": lifespan}
        given |= {"middleware": middleware, "state": state, "before_send": before_send, **more}
        service = more["openapi_config"].title.removeprefix("Souk ")
        unusual = {name for name in more if name not in AGREE | OWN and more[name]}
        if unusual or len(middleware) > 1 or service not in SERVICES:
            return Litestar(**given)  # type: ignore[arg-type]
        singletons = {name: provide.dependency() for name, provide in dependencies.items() if provide.use_cache}
        handlers = more["exception_handlers"]
        flags = [cell.cell_contents for cell in middleware[0].__closure__ if isinstance(cell.cell_contents, bool)]
        shape = (
            service,
            tuple(map(id, route_handlers)),
            tuple((name, None if name in singletons else provide.dependency) for name, provide in dependencies.items()),
            tuple((kind, id(handler)) for kind, handler in handlers.items()),
            more["request_max_body_size"],
            *flags,
        )
        if shape not in self._laid:
            own = {name: _singleton(name) for name in singletons}
            first = Litestar(**(given | {"dependencies": dependencies | own}))  # type: ignore[arg-type]
            self._laid[shape] = first, given  # ids stay taken
        app = copy(self._laid[shape][0])
        app.state = State(state.dict() | {SINGLETONS: singletons})
        app._lifespan_managers = list(lifespan)
        app.before_send = [ensure_async_callable(hook) for hook in before_send]
        app.on_startup, app.on_shutdown = [], []
        app.event_emitter = SimpleEventEmitter([])
        app.stores = StoreRegistry()
        app.asgi_handler = app._create_asgi_handler()
        return app


class EqualDialect(PGDialect_asyncpg):
    """Speaks as any other of its kind: what one has compiled, the others may send."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


def share(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Share it all from now on; templates' code between workers too, in this folder."""
    patch.setattr(souk.http.app, "Litestar", Laid())
    kept = FileSystemBytecodeCache(str(folder))
    patch.setattr(entrypoint.web.templates, "Environment", partial(Environment, bytecode_cache=kept))
    registry.register("postgresql.asyncpg", __name__, EqualDialect.__name__)
    kept_sql: dict[Any, Any] = {}
    patch.setattr(
        souk.database.engine,
        "create_async_engine",
        partial(create_async_engine, execution_options={"compiled_cache": kept_sql}),
    )
