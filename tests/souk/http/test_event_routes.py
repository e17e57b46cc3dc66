"""What operators may ask of a service's events, and that nobody else may."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from souk.clock import SystemClock
from souk.contracts.store.events import PurchaseCancelled
from souk.database import Database, Session
from souk.errors import NotFound
from souk.events import Consumer, Outbox
from souk.events.consumer import Message, Runner
from souk.events.embedded import EmbeddedTransport
from souk.events.outbox import claim, settle
from souk.http import Identity, Refused, ServiceClient, build_app, make_kernel
from souk.http.event_routes import Handlings, ToldEvent, handlings, told_about, try_again
from souk.http.identity import Signer, new_key_pair
from souk.ids import new_id
from souk.settings import Settings

LONG_AGO = UUID(int=0)


def cancelled() -> PurchaseCancelled:
    return PurchaseCancelled(purchase_id=new_id(), buyer_id=new_id(), reason="cancelled")


async def emit(database: Database, *events: PurchaseCancelled) -> None:
    async with database.transaction() as session:
        Outbox("store", SystemClock()).emit(session, *events)


async def told(database: Database, *ids: UUID, since: UUID = LONG_AGO) -> list[ToldEvent]:
    async with database.reading() as reader:
        return await told_about(reader, ids, since)


async def attempt(database: Database, row_id: UUID) -> None:
    async with database.transaction() as session:
        await try_again(session, row_id)


async def test_events_are_found_by_the_ids_that_stand_in_them(event_database: Database) -> None:
    first, other = cancelled(), cancelled()
    await emit(event_database, first, other)
    [found] = await told(event_database, first.purchase_id)
    assert (found.type, found.told_at, found.attempts) == (first.event_type, None, 1)
    assert found.row_id == found.event_id
    assert found.next_attempt_at is not None
    assert [event.event_id for event in await told(event_database, first.buyer_id)] == [found.event_id]
    assert len(await told(event_database, first.purchase_id, other.purchase_id)) == 2
    assert await told(event_database, first.purchase_id, since=new_id()) == []


async def test_what_waits_may_be_taken_at_once(event_database: Database) -> None:
    event = cancelled()
    await emit(event_database, event)
    assert await claim(event_database) == []  # it belongs to whoever wrote it, for a while
    [waiting] = await told(event_database, event.purchase_id)
    await attempt(event_database, waiting.row_id)
    [pending] = await claim(event_database)
    assert pending.id == waiting.row_id
    with pytest.raises(NotFound):
        await attempt(event_database, new_id())


async def test_an_event_is_told_again_and_handled_once(event_database: Database) -> None:
    seen = []

    async def take(session: Session, happened: PurchaseCancelled) -> None:
        session.after_commit(lambda: seen.append(happened.purchase_id))

    consumer = Consumer("store.test")
    consumer.on(PurchaseCancelled, take)
    runner = Runner(consumer, event_database)
    event = cancelled()
    await emit(event_database, event)
    [original] = await told(event_database, event.purchase_id)
    await settle(event_database, [original.row_id], [])
    await attempt(event_database, original.row_id)
    [first, again] = await told(event_database, event.purchase_id)
    assert (first.again, again.again) == (False, True)
    assert again.event_id == original.event_id
    assert [pending.target for pending in await claim(event_database)] == [None]
    for row_id in (again.row_id, original.row_id):
        async with event_database.reading() as reader:
            body = await reader.scalar(text("SELECT body FROM outbox WHERE id = :id"), {"id": row_id})
        assert await runner.handle([Message(str(body), 1)]) == ["done"]
    assert seen == [event.purchase_id]
    async with event_database.reading() as reader:
        made = await handlings(reader, [consumer], [original.event_id])
    assert made.wanted == {"store.test": [event.event_type]}
    assert [(one.consumer, one.event_id) for one in made.handled] == [("store.test", original.event_id)]


async def test_what_nobody_can_read_is_told_too(event_database: Database) -> None:
    wanted = new_id()
    values = {"id": new_id(), "subject": wanted, "body": f"no event, but about {wanted}"}
    async with event_database.transaction() as session:
        statement = "INSERT INTO outbox (id, type, subject, body) VALUES (:id, 'unknown', :subject, :body)"
        await session.execute(text(statement), values)
    [found] = await told(event_database, wanted)
    assert (found.event_id, found.next_attempt_at) == (values["id"], None)


@pytest.fixture
async def client(event_database: Database) -> AsyncIterator[ServiceClient]:
    """The entrypoint's client of a service."""
    private, public = new_key_pair()
    settings = Settings(
        database_url=event_database.engine.url.render_as_string(hide_password=False),
        identity_private_key=private,
        identity_public_keys={"entrypoint": public},
    )
    app = build_app(make_kernel("store", settings, transport=EmbeddedTransport()), [])
    made = ServiceClient("store", Signer("entrypoint", private), app=app)
    yield made
    await made.close()
    await app.state.kernel.database.close()


def somebody(*roles: str) -> Identity:
    return Identity(service="entrypoint", user_id=new_id(), roles=frozenset(roles))


async def test_only_admins_may_ask(client: ServiceClient, event_database: Database) -> None:
    event = cancelled()
    await emit(event_database, event)
    asked = {"about": str(event.purchase_id), "since": str(LONG_AGO)}
    [found] = await client.get("/internal/events", list[ToldEvent], identity=somebody("admin"), params=asked)
    path = f"/internal/events/{found.row_id}/attempts"
    made = await client.post("/internal/events/handlings", Handlings, identity=somebody("admin"), json=[found.event_id])
    assert (made.handled, made.given_up) == ([], [])
    for nobody in (somebody(), somebody("moderator")):
        for method, where, more in (
            ("GET", "/internal/events", {"params": asked}),
            ("POST", "/internal/events/handlings", {"json": [found.event_id]}),
            ("POST", path, {}),
        ):
            with pytest.raises(Refused) as refused:
                await client.call(method, where, object, identity=nobody, **more)
            assert refused.value.status == 403
    await client.call("POST", path, type(None), identity=somebody("admin"))
    assert len(await claim(event_database)) == 1
    assert datetime.now(UTC) > found.made_at
