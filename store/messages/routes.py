"""Messages over HTTP: for the two people in a thread, and nobody else."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, delete, get, post, put
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from souk.contracts.store.messages import (
    NewMessage,
    NewThread,
    NewThreadReport,
    Seen,
    Sent,
    ThreadCasePage,
    ThreadCaseStory,
    ThreadDecision,
    ThreadMessages,
    ThreadPage,
)
from souk.database import ReadSession, Session
from souk.http import Identity, Kernel
from souk.http.idempotency import key_parameter, read_key
from souk.paging import CURSOR_CHARS_MAX, PAGE, PAGE_MAX
from store.messages import moderation, reading
from store.messages.messages import MessageDraft, Messages

MODERATORS = ("moderator", "admin")

Key = Annotated[str, key_parameter("Names the message, so that it is sent once.")]
Cursor = Annotated[str | None, Parameter(max_length=CURSOR_CHARS_MAX)]
PageSize = Annotated[int, Parameter(ge=1, le=PAGE_MAX)]


class MessageRoutes(Controller):
    """A thread stands between a listing's seller and one who asks, and goes on as the thread of their orders."""

    path = "/threads"
    tags = ("Messages",)

    @get(operation_id="listThreads", summary="Your threads, the one with the newest message first")
    async def page(
        self,
        *,
        identity: Identity,
        reader: ReadSession,
        listing_id: Annotated[UUID | None, Parameter(description="Only threads about this listing.")] = None,
        order_id: Annotated[UUID | None, Parameter(description="Only the thread of this order of yours.")] = None,
        cursor: Cursor = None,
        limit: PageSize = PAGE,
    ) -> ThreadPage:
        """With how each begins and what you have not read."""
        return await reading.page(
            reader, identity.user(), listing_id=listing_id, order_id=order_id, cursor=cursor, limit=limit
        )

    @post(
        operation_id="openThread",
        summary="Ask about a listing, or write about an order",
        responses={200: ResponseSpec(Sent, description="It was sent before with this key")},
    )
    async def open(
        self, *, kernel: Kernel, identity: Identity, messages: Messages, data: NewThread, key: Key
    ) -> Response[Sent]:
        """A first message to a listing's seller, or to the other side of an order. Where the two have a thread about it
        already, the message goes there."""
        return await _sent(kernel, messages, await messages.prepare_first(identity.user(), data, read_key(key)))

    @get("/{thread_id:uuid}", operation_id="getThread", summary="A thread with its messages")
    async def read(
        self,
        identity: Identity,
        reader: ReadSession,
        thread_id: UUID,
        before: Annotated[
            str | None, Parameter(max_length=CURSOR_CHARS_MAX, description="For earlier messages: `next_cursor`.")
        ] = None,
        limit: PageSize = PAGE,
    ) -> ThreadMessages:
        """The newest messages, or earlier ones. Reading it does not mark it as seen."""
        return await reading.read(reader, identity.user(), thread_id, before=before, limit=limit)

    @post(
        "/{thread_id:uuid}/messages",
        operation_id="sendMessage",
        summary="Write another message",
        responses={200: ResponseSpec(Sent, description="It was sent before with this key")},
    )
    async def send(
        self, *, kernel: Kernel, identity: Identity, messages: Messages, thread_id: UUID, data: NewMessage, key: Key
    ) -> Response[Sent]:
        """The other one is told, and by mail too if they have not read it after some time."""
        draft = await messages.prepare(identity.user(), thread_id, data, read_key(key))
        return await _sent(kernel, messages, draft)

    @put("/{thread_id:uuid}/seen", operation_id="seeThread", summary="Say how far you have read", status_code=204)
    async def see(
        self, *, kernel: Kernel, identity: Identity, messages: Messages, session: Session, thread_id: UUID, data: Seen
    ) -> None:
        """The other one sees that you have. What was seen stays seen; safe to repeat."""
        kernel.outbox.emit(session, *await messages.see(session, identity.user(), thread_id, data))

    @put("/{thread_id:uuid}/block", operation_id="blockOther", summary="Block the other one", status_code=204)
    async def block(self, identity: Identity, messages: Messages, session: Session, thread_id: UUID) -> None:
        """Neither of you can write to the other from then on, in no thread. Orders go on. Safe to repeat."""
        await messages.block(session, identity.user(), thread_id, blocked=True)

    @delete("/{thread_id:uuid}/block", operation_id="unblockOther", summary="Take the block back")
    async def unblock(self, identity: Identity, messages: Messages, session: Session, thread_id: UUID) -> None:
        """Safe to repeat. If the other one has blocked you too, that holds on."""
        await messages.block(session, identity.user(), thread_id, blocked=False)

    @post("/{thread_id:uuid}/reports", operation_id="reportThread", summary="Report a thread", status_code=204)
    async def report(
        self, *, kernel: Kernel, identity: Identity, session: Session, thread_id: UUID, data: NewThreadReport
    ) -> None:
        """Tell the moderators what is wrong; they can read the thread from then on. Once for each of its two people."""
        await moderation.report(session, identity.user(), thread_id, data, now=kernel.clock.now())


class ThreadCaseRoutes(Controller):
    """Threads that one of the two has reported, for moderators."""

    path = "/moderation/threads"
    tags = ("Moderation",)

    @get(operation_id="listThreadCases", summary="Threads that wait for a moderator")
    async def queue(
        self, identity: Identity, reader: ReadSession, cursor: Cursor = None, limit: PageSize = PAGE
    ) -> ThreadCasePage:
        """Reported threads, the longest waiting first. For moderators."""
        identity.require_role(*MODERATORS)
        return await moderation.queue(reader, cursor=cursor, limit=limit)

    @get("/{thread_id:uuid}", operation_id="getThreadCase", summary="One case of a thread")
    async def case(self, identity: Identity, reader: ReadSession, thread_id: UUID) -> ThreadCaseStory:
        """A case with the thread's newest messages, its reports and everything that was decided. For moderators."""
        identity.require_role(*MODERATORS)
        return await moderation.story(reader, thread_id)

    @post("/{thread_id:uuid}/decisions", operation_id="decideThreadCase", summary="Decide on a thread")
    async def decide(
        self, *, kernel: Kernel, identity: Identity, session: Session, thread_id: UUID, data: ThreadDecision
    ) -> ThreadCaseStory:
        """Close a thread, open it again, or leave it as it is. Both are told of the first two. For moderators."""
        moderator_id = identity.require_role(*MODERATORS)
        news = await moderation.decide(session, moderator_id, thread_id, data, now=kernel.clock.now())
        kernel.outbox.emit(session, *news)
        return await moderation.story(session, thread_id)


async def _sent(kernel: Kernel, messages: Messages, draft: MessageDraft) -> Response[Sent]:
    async with kernel.database.transaction() as session:
        sent, news = await messages.send(session, draft)
        kernel.outbox.emit(session, *news)
    return Response(sent, status_code=201 if news else 200)
