"""What messages make of notifications: open pages hear of each, and who has not read for a while gets a notice."""

from typing import Any
from uuid import UUID

from entrypoint.accounts.tables import UserRow
from entrypoint.inbox import inbox
from entrypoint.notifications.notify import insert_notifications, sign
from souk.clock import Clock
from souk.contracts.store.thread_events import MessageSent, ThreadModerated, ThreadSeen, ThreadWaited
from souk.database import Session
from souk.events import Consumer
from souk.ids import new_id


class MessageNotices:
    """Handles the store's events of messages. Each only adds to what is known, so their order does not matter."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def consumer(self) -> Consumer:
        """The consumer `entrypoint.messages`."""
        consumer = Consumer("entrypoint.messages")
        consumer.on(MessageSent, self.sent)
        consumer.on(ThreadSeen, self.seen)
        consumer.on(ThreadWaited, self.waited)
        consumer.on(ThreadModerated, self.moderated)
        return consumer

    async def sent(self, session: Session, event: MessageSent) -> None:
        """One more to read."""
        await inbox.mark(session, event.recipient_id, event.thread_id, last_message=event.message)
        sign(session, "message", [event.sender_id, event.recipient_id], thread=event.thread_id)

    async def seen(self, session: Session, event: ThreadSeen) -> None:
        """Nothing to read up to there; the other one sees that it was seen."""
        await inbox.mark(session, event.user_id, event.thread_id, seen_up_to=event.message)
        sign(session, "message", [event.user_id, event.sender_id], thread=event.thread_id)

    async def waited(self, session: Session, event: ThreadWaited) -> None:
        """A notice, and by mail if they want it; none if they have read it meanwhile."""
        await inbox.mark(session, event.recipient_id, event.thread_id, last_message=event.message)
        if not await inbox.waits(session, event.recipient_id, event.thread_id):
            return
        sender = await session.get(UserRow, event.sender_id)
        name = sender.display_name if sender else "Souk"
        row = self._row(event.recipient_id, "message_waits", event.thread_id, name=name, title=event.title)
        await insert_notifications(session, [row])
        sign(session, "notice", [event.recipient_id])

    async def moderated(self, session: Session, event: ThreadModerated) -> None:
        """Both learn of it; its page says what it means."""
        people = (event.buyer_id, event.seller_id)
        kind = f"thread_{event.outcome}"
        await insert_notifications(
            session, [self._row(user_id, kind, event.thread_id, title=event.title) for user_id in people]
        )
        sign(session, "message", people, thread=event.thread_id)

    def _row(self, user_id: UUID, kind: str, thread_id: UUID, **params: str) -> dict[str, Any]:
        row = {"id": new_id(), "user_id": user_id, "kind": kind, "params": params, "link": f"/messages/{thread_id}"}
        return row | {"created_at": self._clock.now()}
