"""Who may use the operators' pages, and what every change there must say."""

from typing import Annotated

from msgspec import Meta

from entrypoint.context.layout import PageRequest
from entrypoint.context.request_context import current_user
from entrypoint.pages.fields import Fields, Label, Mend
from entrypoint.pages.member_context import MemberContext, member_context
from entrypoint.web.marking import N_
from souk.errors import NotFound

REASON_CHARS_MAX = 200


class Reasoned(Fields, frozen=True, kw_only=True):
    """What every change says."""

    reason: Annotated[
        str,
        Meta(min_length=1, max_length=REASON_CHARS_MAX),
        Label(N_("Reason")),
        Mend(N_("Say why, in a few words. Nothing was changed.")),
    ]


def admin_of(request: PageRequest) -> MemberContext:
    """The admin who asks; for everybody else these pages do not exist."""
    user = current_user(request)
    if user is None or "admin" not in user.roles:
        raise NotFound("The address may be mistyped, or what was here is gone.", code="no-such-page")
    return member_context(request)


def note(member: MemberContext, action: str, reason: str, **about: str) -> None:
    """Write down who did what, and why."""
    member.parts.kernel.log.info("admin action", action=action, admin_id=str(member.user.id), reason=reason, **about)
