"""Who may use the operators' pages, and what every change there must say."""

from entrypoint.context.layout import PageRequest
from entrypoint.context.request_context import current_user
from entrypoint.pages.member_context import MemberContext, member_context
from souk.errors import InvalidInput, NotFound

REASON_CHARS_MAX = 200


def admin_of(request: PageRequest) -> MemberContext:
    """The admin who asks; for everybody else these pages do not exist."""
    user = current_user(request)
    if user is None or "admin" not in user.roles:
        raise NotFound("The address may be mistyped, or what was here is gone.", code="no-such-page")
    return member_context(request)


def note(member: MemberContext, action: str, reason: str, **about: str) -> None:
    """Write down who did what, and why."""
    member.parts.kernel.log.info("admin action", action=action, admin_id=str(member.user.id), reason=reason, **about)


def reason_in(text: str) -> str:
    """Why something is done; raises InvalidInput if it is not said."""
    if not text or len(text) > REASON_CHARS_MAX:
        raise InvalidInput("reason", "Say why, in a few words. Nothing was changed.", code="operator-reason-needed")
    return text
