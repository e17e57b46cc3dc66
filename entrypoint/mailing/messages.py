"""What a mail looks like: RFC 5322 with a plain and an HTML part, and how to stop it (RFC 2369, RFC 8058)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from jinja2 import Environment

from entrypoint.mailing.letters import LETTERS
from entrypoint.mailing.mailing import group_of, stop_token
from entrypoint.mailing.tables import MailKind
from entrypoint.notice_texts import shown, words
from entrypoint.settings import EntrypointSettings
from entrypoint.web.cookies import Signer
from entrypoint.web.reader import Languages, Reader
from entrypoint.web.templates import render
from souk.mailboxes import wire_address

SUBJECT_CHARS_MAX = 150


@dataclass(frozen=True)
class Notice:
    """A notification as a mail tells of it."""

    kind: str
    params: dict[str, Any]
    link: str


@dataclass(frozen=True)
class Outgoing:
    """A mail that is about to be sent, and to whom."""

    id: UUID
    user_id: UUID | None
    kind: MailKind
    created_at: datetime
    claimed_until: datetime
    tries: int
    recipient: str
    address: str
    """The user's present one, which the mail may speak of."""
    locale: str
    params: dict[str, Any]
    notices: Sequence[Notice]
    withdrawn: bool
    """Whether nobody is to have it any more."""
    token: str = ""
    """For the link in it."""

    def offered(self, tries: int, token: str) -> "Outgoing":
        """The same, as it is offered now."""
        return replace(self, tries=tries, token=token)


class Composer:
    """Writes mails in their readers' languages."""

    def __init__(
        self, settings: EntrypointSettings, signer: Signer, languages: Languages, templates: Environment
    ) -> None:
        self._settings, self._signer, self._languages, self._templates = settings, signer, languages, templates
        self._sender = settings.mail_sender

    def compose(self, mail: Outgoing) -> EmailMessage:
        """The mail. Nothing that users typed reaches a header with a line break in it."""
        reader = self._languages.reader("", mail.locale)
        local, _, domain = wire_address(mail.recipient).rpartition("@")
        # A local part beyond ASCII travels only as SMTPUTF8 (RFC 6531), and then headers are UTF-8 (RFC 6532).
        message = EmailMessage(policy=SMTP.clone(cte_type="7bit", utf8=not local.isascii()))
        message["Message-ID"] = f"<{mail.id}@{self._sender.domain}>"
        message["Date"] = format_datetime(mail.created_at)
        message["From"] = self._sender
        message["To"] = Address(username=local, domain=domain)
        message["Auto-Submitted"] = "auto-generated"
        template, subject, context = (
            self._notices(message, mail, reader) if mail.kind == "notices" else self._letter(mail, reader)
        )
        message["Subject"] = one_line(subject)
        context |= {"subject": one_line(subject), "shop": self._url("/"), "language": reader.language}
        message.set_content(render(self._templates, reader, f"{template}.txt", context), cte="quoted-printable")
        html = render(self._templates, reader, f"{template}.html", context)
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        return message

    def _letter(self, mail: Outgoing, reader: Reader) -> tuple[str, str, dict[str, Any]]:
        letter = LETTERS[mail.params.get("what", mail.kind)]
        about = {"address": mail.address, "recipient": mail.recipient} | shown(reader, mail.params)
        link = self._url(letter.path + (f"?token={mail.token}" if mail.token else ""))
        context = {
            "text": reader.gettext(letter.text).format_map(about),
            "action": reader.gettext(letter.action),
            "link": link,
            "small": reader.gettext(letter.small).format_map(about),
        }
        return "mail/letter", reader.gettext(letter.subject).format_map(about), context

    def _notices(self, message: EmailMessage, mail: Outgoing, reader: Reader) -> tuple[str, str, dict[str, Any]]:
        assert mail.user_id is not None
        groups = {group for notice in mail.notices if (group := group_of(notice.kind))}
        stop = self._url(f"/mail/stop?token={stop_token(self._signer, mail.user_id, groups)}")
        message["List-Unsubscribe"] = f"<{stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        told = [
            {"text": words(reader, notice.kind, notice.params), "link": self._url(notice.link)}
            for notice in mail.notices
        ]
        many = reader.translations.ngettext("%(num)s thing happened", "%(num)s things happened", len(told))
        subject = told[0]["text"] if len(told) == 1 else many % {"num": len(told)}
        return "mail/notices", subject, {"notices": told, "stop": stop, "choices": self._url("/account#mail")}

    def _url(self, path: str) -> str:
        return self._settings.public_url.rstrip("/") + path


def one_line(text: str) -> str:
    """A header's text: no line breaks or other control characters, and not too long."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    tidy = " ".join(plain.split())
    return tidy if len(tidy) <= SUBJECT_CHARS_MAX else tidy[: SUBJECT_CHARS_MAX - 1] + "…"
