"""Who a call between services is made for: short-lived signed tokens (JWT, RFC 7519, EdDSA) with audience and scopes."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

import jwt
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from souk.clock import Clock, SystemClock
from souk.errors import Forbidden, Unauthenticated
from souk.recent import Recent

LIFETIME_S = 60
"""How long a token is good."""

REUSE_S = LIFETIME_S / 2
"""How long a signer gives out the same token again before it makes a new one: what it gives out is good for as long."""

SPEAKS_FOR_USERS = "entrypoint"
"""The only service whose word about users is taken, for only there they prove who they are."""

CLOCK_SKEW_S = 5

REMEMBERED_MAX = 4096
"""Tokens that a signer, and a verifier, remember: signing and checking one costs more than the rest of a small call."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: the service that signed, and the user it speaks for (None: a visitor, or the service itself)."""

    service: str
    user_id: UUID | None = None
    roles: frozenset[str] = frozenset()

    def user(self) -> UUID:
        """The user's id; raises Unauthenticated for visitors."""
        if self.user_id is None:
            raise Unauthenticated("Log in to do this.", code="log-in")
        return self.user_id

    def require_role(self, *roles: str) -> UUID:
        """The user's id if they have one of the roles; raises Forbidden if not."""
        user_id = self.user()
        if not self.roles.intersection(roles):
            raise Forbidden("Your account may not do this.", code="role-missing")
        return user_id

    def require_service(self, *services: str) -> None:
        """Only these services may ask; raises Forbidden for others."""
        if self.service not in services or self.user_id is not None:
            raise Forbidden("This is not open to users.", code="services-only")


class Signer:
    """Signs what one service says. The clock is the machine's in every service, whatever time it is in the shop's story:
    two processes must agree on how old a token is."""

    def __init__(self, service: str, private_key_pem: str, clock: Clock | None = None) -> None:
        self.service = service
        self._clock = clock or SystemClock()
        self._key = serialization.load_pem_private_key(private_key_pem.encode(), password=None)
        self._made = Recent[tuple[str, UUID | None, frozenset[str]], tuple[float, str]](REMEMBERED_MAX)

    def token(self, audience: str, user_id: UUID | None = None, roles: frozenset[str] = frozenset()) -> str:
        """A token for a call to `audience` on behalf of a user, or of nobody; signed at most once in REUSE_S."""
        key, now = (audience, user_id, roles), self._clock.now().timestamp()
        made = self._made.get(key)
        if made is not None and now - made[0] < REUSE_S:
            return made[1]
        claims = {
            "iss": self.service,
            "aud": audience,
            "iat": int(now),
            "exp": int(now) + LIFETIME_S,
            "scope": " ".join(sorted(roles)),
        }
        if user_id is not None:
            claims["sub"] = str(user_id)
        token = jwt.encode(claims, self._key, algorithm="EdDSA")  # type: ignore[arg-type]
        self._made.put(key, (now, token))
        return token


class Verified(NamedTuple):
    """What a token said whose signature was checked."""

    audience: str
    expires_at: float
    identity: Identity


class Verifier:
    """Checks what other services say to this one."""

    def __init__(self, audience: str, public_keys: Mapping[str, str], clock: Clock | None = None) -> None:
        self._audience = audience
        self._clock = clock or SystemClock()
        self._keys: dict[str, Ed25519PublicKey] = {}
        for service, pem in public_keys.items():
            key = serialization.load_pem_public_key(pem.encode())
            if not isinstance(key, Ed25519PublicKey):
                raise ValueError(f"the public key of {service} is not an Ed25519 key")
            self._keys[service] = key
        self._seen = Recent[str, Verified](REMEMBERED_MAX)

    def identity(self, token: str) -> Identity:
        """Who asks; raises Unauthenticated if the token is missing, forged, expired or meant for another service.

        A service other than the entrypoint is believed only what it asks for itself: whoever breaks into one of them
        cannot pass for its users, let alone for an admin. The signature of the very same token is checked once; whether
        it is still good, and meant for this service, each time.
        """
        seen, now = self._seen.get(token), self._clock.now().timestamp()
        if seen is not None:
            if seen.audience == self._audience and now < seen.expires_at:
                return seen.identity
            self._seen.forget(token)
        try:
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss", "")
            claims = jwt.decode(
                token,
                self._keys[issuer],
                algorithms=["EdDSA"],
                audience=self._audience,
                # The library knows the machine's clock only, so times are checked here.
                options={"require": ["iss", "aud", "exp", "iat"], "verify_exp": False, "verify_iat": False},
            )
            made_at, expires_at = float(claims["iat"]), float(claims["exp"])
            if not (made_at <= now + CLOCK_SKEW_S and now - CLOCK_SKEW_S < expires_at):
                raise Unauthenticated("The caller's identity was not given just now.", code="identity-old")
            subject = claims.get("sub")
            if issuer != SPEAKS_FOR_USERS and (subject or claims.get("scope")):
                raise Unauthenticated("The {issuer} may not speak for users.", code="identity-foreign", issuer=issuer)
            identity = Identity(
                service=issuer,
                user_id=UUID(subject) if subject else None,
                roles=frozenset(claims.get("scope", "").split()),
            )
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError) as wrong:
            raise Unauthenticated("The caller's identity could not be checked.", code="identity-unchecked") from wrong
        self._seen.put(token, Verified(claims["aud"], expires_at, identity))
        return identity


def new_key_pair() -> tuple[str, str]:
    """A fresh Ed25519 pair as PEM: (private, public)."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), public_key_of(private.decode())


def public_key_of(private_key: str) -> str:
    """The public half of a private key, both as PEM."""
    key = serialization.load_pem_private_key(private_key.encode(), password=None).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
