"""Environment → the entrypoint's settings."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from souk.settings import MailSettings, Settings


class EntrypointSettings(MailSettings, Settings):
    """What the service that browsers and API clients reach can be told."""

    registration_open: bool = True
    """Whether anybody may open an account; an operator can always make one with the command line."""

    password_memory_kib: int = 19456
    """Argon2id's memory for one password, in KiB (OWASP: at least 19456 with two passes)."""

    password_passes: int = 2
    """Argon2id's passes over that memory."""

    password_workers: int = 2
    """Passwords hashed at the same time."""

    password_queue_max: int = 32
    """Passwords that may wait for a worker; beyond, people are asked to try again (503)."""

    password_length_min: int = 10
    """The fewest characters of a new password."""

    session_idle_days: int = 14
    """A session not used for so many days has ended."""

    session_absolute_days: int = 60
    """A session ends after so many days in any case."""

    token_days: int = 365
    """An API token ends after so many days."""

    tokens_per_user_max: int = 20
    """The most API tokens one user may have."""

    login_tries_max: int = 10
    """Logins for one address from one place in 15 minutes, right or wrong."""

    login_tries_per_place_max: int = 60
    """Logins from one place (IPv4 address or IPv6 /64) in 15 minutes."""

    registrations_per_place_max: int = 20
    """Accounts opened from one place in an hour."""

    api_requests_per_minute: int = 1200
    """API requests of one user, or of one place without a token, in a minute."""

    uploads_per_user_max: int = 600
    """Requests and forms with pictures of one user in an hour."""

    recipients_per_user_max: int = 60
    """People whom one user may look up by their address in an hour, to send them money."""

    trusted_proxies: str = ""
    """The proxies in front whose `X-Forwarded-For` is believed: addresses, networks or host names, with commas between.
    Empty: nobody's; a request comes from whoever made the connection."""

    live_streams_per_user_max: int = 10
    """Live streams one user may hold at one instance."""

    live_streams_max: int = 2000
    """Live streams one instance holds."""

    uploads_at_once_max: int = 4
    """Picture uploads one instance passes on at the same time; each may need 80 MB."""

    mail_every_minutes: Annotated[int, Field(ge=1)] = 15
    """At most one mail with notices for one user in so many minutes; what happens meanwhile comes with the next."""

    time_zone: str = "UTC"
    """The zone in which pages show times (IANA name)."""

    @property
    def proxies(self) -> tuple[str, ...]:
        """The trusted proxies, one by one."""
        return tuple(name for part in self.trusted_proxies.split(",") if (name := part.strip()))

    @model_validator(mode="after")
    def _proxies_named(self) -> Self:
        if any(name.isdigit() for name in self.proxies):
            raise ValueError("SOUK_TRUSTED_PROXIES names the proxies (addresses, networks, host names), not how many")
        return self

    @property
    def keeps_mail(self) -> bool:
        """Whether mails lie in a page of the shop instead of being sent: only where it is tried without a mail server."""
        return self.size == "embedded" and not self.smtp_url

    @property
    def sends_mail(self) -> bool:
        """Whether people can be written to at all."""
        return bool(self.smtp_url) or self.keeps_mail

    @property
    def mail_every(self) -> timedelta:
        """The least time between two mails with notices for one user."""
        return timedelta(minutes=self.mail_every_minutes)

    @property
    def secure(self) -> bool:
        """Whether people come by https: cookies and HSTS follow it."""
        return self.public_url.startswith("https://")

    @property
    def session_idle(self) -> timedelta:
        """A session's idle lifetime."""
        return timedelta(days=self.session_idle_days)

    @property
    def session_absolute(self) -> timedelta:
        """A session's whole lifetime."""
        return timedelta(days=self.session_absolute_days)
