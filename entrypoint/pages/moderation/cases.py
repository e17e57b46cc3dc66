"""What the moderation of listings, reviews and threads has in common: reasons, the queue, and the story of a case."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Protocol, TypeVar
from urllib.parse import urlencode

from litestar import Response
from msgspec import Meta

from entrypoint.accounts import accounts
from entrypoint.context.layout import PageRequest, redirect, render_page
from entrypoint.context.request_context import current_user
from entrypoint.pages.fields import TOO_LONG, Label, Mend
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.web.marking import N_
from souk.contracts.catalogue.moderation import REPORT_CHARS_MAX, CaseStory
from souk.contracts.store.messages import ThreadCaseStory
from souk.contracts.store.reviews import ReviewCaseStory
from souk.errors import NotFound
from souk.http.client import Refused

PAGE_SIZE = 24
MODERATORS = frozenset({"moderator", "admin"})
CHOOSE_A_REASON = Mend(N_("Choose a reason."))

CaseText = Annotated[str, Meta(max_length=REPORT_CHARS_MAX), Label(N_("Text")), Mend(TOO_LONG, REPORT_CHARS_MAX)]
"""What somebody says to a case; those of reviews take as much as those of listings."""

Reason = TypeVar("Reason", bound=str)
OneCase = TypeVar("OneCase")


class Waiting(Protocol[OneCase]):
    """A page of cases."""

    @property
    def items(self) -> list[OneCase]: ...

    @property
    def next_cursor(self) -> str | None: ...


def moderator_of(request: PageRequest) -> MemberContext:
    """The moderator who asks; for everybody else these pages do not exist."""
    user = current_user(request)
    if user is None or not user.roles & MODERATORS:
        raise NotFound("The address may be mistyped, or what was here is gone.", code="no-such-page")
    return member_context(request)


def options(member: MemberContext, reasons: Mapping[Reason, str]) -> list[dict[str, str]]:
    """The reasons to choose from."""
    return [{"value": value, "label": member.gettext(label)} for value, label in reasons.items()]


async def queue_page(
    request: PageRequest,
    here: str,
    template: str,
    get: Callable[[MemberContext, int, str | None], Awaitable[Waiting[OneCase]]],
    shown: Callable[[MemberContext, OneCase], dict[str, Any]],
) -> Response[Any]:
    """What waits for a moderator, the longest first. `get` is given how many, and where to go on; a cursor that
    the service does not know leads back to the first page."""
    member = moderator_of(request)
    cursor = str(request.query_params.get("cursor") or "")
    try:
        found = await get(member, PAGE_SIZE, cursor or None)
    except Refused as refused:
        if not cursor or refused.status >= 500:
            raise
        return redirect(here)
    context = {
        "active": "moderation",
        "cases": [shown(member, case) for case in found.items],
        "next": f"{here}?{urlencode({'cursor': found.next_cursor})}" if found.next_cursor else "",
    }
    return await render_page(request, template, context)


async def history_of(
    member: MemberContext,
    story: CaseStory | ReviewCaseStory | ThreadCaseStory,
    reasons: Mapping[Any, str],
    actions: Mapping[str, str],
) -> dict[str, Any]:
    """The reports of a case and what was done about it, for `moderation/story.html`."""
    async with member.parts.kernel.database.reading() as reader:
        people = await accounts.names_of(reader, {record.actor_id for record in story.records})
    return {
        "reports": [
            {"reason": member.gettext(reasons[one.reason]), "text": one.text, "at": one.created_at}
            for one in story.reports
        ],
        "records": [
            {
                "what": member.gettext(actions[one.action]),
                "who": people.get(one.actor_id, member.gettext("Somebody")),
                "reason": member.gettext(reasons[one.reason]) if one.reason else "",
                "text": one.text,
                "at": one.created_at,
            }
            for one in story.records
        ],
    }
