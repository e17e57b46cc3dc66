"""The engine and the one transaction boundary."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import MetaData, text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection, PGDialect_asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import QueuePool

STATEMENT_TIMEOUT_MS = 15_000
"""No statement may run longer; a stuck query must not hold its locks for ever."""

LOCK_TIMEOUT_MS = 5_000
"""No statement waits longer for somebody else's lock: whoever asked is told before the caller gives up on it
(`souk.http.client.ANSWER_S_MAX`)."""

CONNECT_TIMEOUT_S = 5.0
"""How long the server may take to welcome a connection."""

POOL_TIMEOUT_S = 7.0
"""How long a request waits for one of the pool's connections."""

IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000
"""No transaction may wait longer for its code."""

BEFORE_COMMIT = "souk.before_commit"
"""Key of `Session.info`: what writes the last statements of the transaction."""

AFTER_COMMIT = "souk.after_commit"
"""Key of `Session.info`: callables to run once the transaction is committed."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraint names, so that migrations can speak of them."""


_dialect: Any = PGDialect_asyncpg  # SQLAlchemy leaves it untyped
DIALECT: Any = _dialect(
    dbapi=_dialect.import_dbapi(),
    json_serializer=lambda value: msgspec.json.encode(value).decode(),
    json_deserializer=msgspec.json.decode,
)
"""How SQLAlchemy speaks to this driver, without an engine."""


async def _connect(*arguments: Any, **more: Any) -> asyncpg.Connection:
    """Connect; a server that is not there (no port, no socket, no answer) fails as one that says it is not ready."""
    try:
        return await asyncpg.connect(*arguments, **more)
    except (OSError, TimeoutError) as absent:
        raise asyncpg.CannotConnectNowError(f"the database server cannot be reached: {absent!r}") from absent


def make_metadata() -> MetaData:
    """Metadata for one service's tables (`class Base(DeclarativeBase): metadata = make_metadata()`)."""
    return MetaData(naming_convention=NAMING)


@contextmanager
def wrapped(sql: str, driver: asyncpg.Connection | None) -> Iterator[None]:
    """Failures of the driver are raised as SQLAlchemy raises them, so that there is one kind of database error; `driver`
    is None while there is no connection yet."""
    translate: Any = AsyncAdapt_asyncpg_connection._handle_exception_no_connection
    try:
        yield
    except (
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        DIALECT.loaded_dbapi.Error,
    ) as failure:
        known: Any = failure
        try:
            translate(DIALECT.loaded_dbapi, failure)
        except DIALECT.loaded_dbapi.Error as translated:
            known = translated
        raise DBAPIError.instance(
            sql,
            None,
            known,
            DIALECT.loaded_dbapi.Error,
            hide_parameters=True,
            # The driver lost its way when the server ended the connection in between two statements.
            connection_invalidated=isinstance(failure, asyncpg.InternalClientError)
            or (driver is not None and driver.is_closed()),
            dialect=DIALECT,
        ) from failure


def give_up(pool: Any, connection: Any, failure: BaseException) -> None:
    """A connection is of no more use. If it is gone, so may be all that the pool got before: they are made anew."""
    if connection.driver_connection is None or connection.driver_connection.is_closed():
        pool._invalidate(connection, failure)
    else:
        connection.invalidate(failure)


class _Driven(AsyncSession):
    """A session that also lets statements reach the driver without SQLAlchemy, see `souk.database.statements`."""

    _adapted: Any = None

    async def driver(self) -> asyncpg.Connection:
        """The driver's connection, ready for a statement of this session."""
        raise NotImplementedError

    async def begun(self) -> asyncpg.Connection:
        """The same with BEGIN sent, which SQLAlchemy does not do before its own first statement: what is set for the
        transaction then holds until its end."""
        adapted = self._adapted
        if adapted is None or adapted._transaction is None:
            adapted = await self._connect()  # refused, if a failed flush has ended the session's transaction
        if adapted._transaction is None:
            try:
                with wrapped("BEGIN", adapted.driver_connection):
                    await adapted._start_transaction()
            except BaseException as failure:
                await self.give_up(failure)
                raise
        driver: asyncpg.Connection = adapted.driver_connection
        return driver

    async def _connect(self) -> Any:
        """SQLAlchemy's side of the connection."""
        connection = (await self.connection()).sync_connection
        assert connection is not None
        self._adapted = connection.connection.dbapi_connection
        return self._adapted

    async def give_up(self, failure: BaseException) -> None:
        """The connection is broken, or nobody knows what it still does: it goes, and the session with it."""
        self._adapted = None

        def invalidate(held: Any) -> None:
            connection = held.connection()
            give_up(connection.engine.pool, connection.connection, failure)
            connection.invalidate(failure)

        await self.run_sync(invalidate)


class ReadSession(_Driven):
    """A session that may only read: the database itself refuses writes on its connections. Each statement sees what is
    committed by then, whether there is a transaction or not: without one, BEGIN and ROLLBACK are saved."""

    async def driver(self) -> asyncpg.Connection:
        """The driver's connection."""
        adapted = self._adapted or await self._connect()
        driver: asyncpg.Connection = adapted.driver_connection
        return driver


class Session(_Driven):
    """A session inside a transaction that the boundary commits. Code that gets one flushes, never commits."""

    async def driver(self) -> asyncpg.Connection:
        """The driver's connection inside the transaction. What the session still holds back is written first."""
        held = self.sync_session
        if held.new or held.dirty or held.deleted:
            await self.flush()
        return await self.begun()

    def before_commit(self, write: Callable[["Session"], Awaitable[None]]) -> None:
        """Have `write` say what is said last, when all else is done. If it raises, nothing is committed."""
        self.info.setdefault(BEFORE_COMMIT, []).append(write)

    def after_commit(self, call: Callable[[], None]) -> None:
        """Run `call` once everything is committed; never if it is not. Calling twice with one callable runs it once."""
        self.info.setdefault(AFTER_COMMIT, {})[call] = None


AnySession = Session | ReadSession
"""For what only reads, and is called from both kinds of transactions."""


class Database:
    """One service's connection pool and transaction boundary."""

    def __init__(self, url: str, *, service: str, pool_max: int = 16) -> None:
        """At most `pool_max` connections: half of them only read. There is one of each at least."""
        self.service = service
        read_max = max(1, pool_max // 2)
        self.engine = _engine(url, service, max(1, pool_max - read_max), read_only=False)
        self.readers = _engine(url, service, read_max, read_only=True)
        self.changes = 0
        """Transactions of this instance that may have left something to do; who looks for work compares it."""
        self._changed = asyncio.Event()
        self._sessions = async_sessionmaker(self.engine, class_=Session, expire_on_commit=False)
        self._read_sessions = async_sessionmaker(self.readers, class_=ReadSession, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self, *, leaves_work: bool = True) -> AsyncIterator[Session]:
        """The boundary: begins with the first statement, commits at the end, rolls back on any exception.

        `leaves_work` is False for those who only look for something to do, or mark it as done.
        """
        async with self._sessions() as session:
            yield session
            for write in session.info.pop(BEFORE_COMMIT, ()):
                await write(session)
            await session.commit()
            if leaves_work:
                self.note_change()
            for call in session.info.pop(AFTER_COMMIT, {}):
                call()

    def note_change(self) -> None:
        """Something may be left to do: whoever waits for that looks."""
        self.changes += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed_since(self, known: int, within_s: float) -> None:
        """Wait until there is a change beyond the `known` ones, or for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self.changes == known:
                    await self._changed.wait()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """For what only reads, one snapshot per statement."""
        async with self._read_sessions() as session:
            yield session

    @property
    def in_use(self) -> int:
        """Connections of the pools that somebody holds now."""
        pools = (self.engine.pool, self.readers.pool)
        return sum(pool.checkedout() for pool in pools if isinstance(pool, QueuePool))

    async def ping(self) -> None:
        """Raise if the database does not answer."""
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()
        await self.readers.dispose()


def _engine(url: str, service: str, pool_max: int, *, read_only: bool) -> AsyncEngine:
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=pool_max,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        pool_recycle=1800,
        hide_parameters=True,  # errors go to the logs, and values may be secrets or addresses
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
        connect_args={
            "async_creator_fn": _connect,
            "timeout": CONNECT_TIMEOUT_S,
            "server_settings": {
                "application_name": f"souk-{service}",
                "default_transaction_read_only": "on" if read_only else "off",
                "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                "lock_timeout": str(LOCK_TIMEOUT_MS),
                "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_TIMEOUT_MS),
                "timezone": "UTC",
                "jit": "off",
            },
        },
    )
